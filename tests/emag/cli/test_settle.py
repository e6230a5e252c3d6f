"""An editor settles doubtful deliveries, and releases a copied publication for sending."""

import shutil
from email import message_from_bytes

import pytest

from tests.emag.mailing.hostile import CUT, Fault, Hostile

SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


@pytest.fixture
def by_smtp(publication):
    """Lets the publication send by a mail server that misbehaves as it is told to."""

    def by_smtp(server):
        text = (publication / "emag.toml").read_text().partition("[transport]")[0]
        text += f'[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {server.port}\n'
        (publication / "emag.toml").write_text(f'{text}security = "none"\nconnections = 1\n')

    return by_smtp


@pytest.fixture
def unanswered(emag, approved, by_smtp):
    """The mail server, which has all three messages and hung up on one of them."""
    with Hostile([Fault("answer", CUT)]).serving() as server:
        by_smtp(server)
        counts = emag("issue", "send", "1", "--json").json
        assert (counts["status"], counts["accepted"], counts["doubtful"]) == ("sent", 2, 1)
        yield server


def counted(emag):
    counts = emag("issue", "status", "1", "--json").json
    assert counts["planned"] == sum(counts[name] for name in SUMMED) == 3
    return {name: counts[name] for name in SUMMED if counts[name]}


def doubtful(emag):
    listed = emag("deliveries", "1", "--status", "doubtful", "--json").json["deliveries"]
    return [delivery["address"] for delivery in listed]


def test_a_doubtful_delivery_is_listed_and_not_sent_again_by_itself(emag, unanswered):
    assert doubtful(emag) == unanswered.received[:1]
    assert "sent already" in emag("issue", "send", "1", code=1).err
    assert len(unanswered.received) == 3


def test_a_doubtful_delivery_is_taken_as_accepted(emag, unanswered):
    data = {"number": 1, "settled": 1, "as": "accepted"}
    assert emag("deliveries", "settle", "1", "--as", "accepted", "--json").json == data
    assert counted(emag) == {"accepted": 3}
    assert doubtful(emag) == []
    emag("issue", "send", "1", code=1)
    assert len(unanswered.received) == 3


def test_a_second_copy_has_the_same_message_id(emag, unanswered):
    """The same Message-ID: whoever has both is shown one by most mail programs."""
    [again] = doubtful(emag)
    data = {"number": 1, "settled": 1, "as": "resend"}
    assert emag("deliveries", "settle", "1", "--as", "resend", "--json").json == data
    assert counted(emag) == {"accepted": 2, "queued": 1}
    assert emag("issue", "send", "1", "--json").json["status"] == "sent"
    assert counted(emag) == {"accepted": 3}
    assert unanswered.received[3:] == [again]
    fields = [message_from_bytes(head) for head in unanswered.heads]
    numbers = [field["Message-ID"] for field in fields]
    assert numbers[3] == numbers[0]
    assert len(set(numbers)) == 3
    assert fields[3]["To"] == fields[0]["To"]


def test_a_copied_publication_sends_once_it_is_released(
    emag, approved, publication, tmp_path, monkeypatch
):
    copy = shutil.copytree(publication, tmp_path / "copy")
    monkeypatch.setenv("EMAG_DIR", str(copy))
    refused = emag("issue", "send", "1", "--yes", code=1)
    assert "emag db release" in refused.err
    assert not list(copy.rglob("*.eml"))
    assert emag("issue", "show", "1", "--json").json["status"] == "approved"

    assert emag("db", "release", "--json").json["was_held"] is True
    assert emag("db", "release", "--json").json == {"was_held": False, "reason": ""}
    assert emag("issue", "send", "1", "--yes", "--json").json["accepted"] == 3
    assert len(list(copy.rglob("*.eml"))) == 3
    assert not list(publication.rglob("*.eml")), "the original is not concerned"


def test_a_delivery_is_settled_by_address_and_the_decision_is_on_record(emag, unanswered):
    [address] = doubtful(emag)
    other = next(reader for reader in unanswered.received if reader != address)
    refused = emag("deliveries", "settle", "1", "--as", "accepted", "--address", other, code=1)
    assert f"no doubtful delivery to {other}" in refused.err
    words = ("--as", "accepted", "--address", address.upper(), "--by", "Ann")
    assert emag("deliveries", "settle", "1", *words, "--json").json["settled"] == 1
    [settled] = emag("issue", "status", "1", "--json").json["settled"]
    assert (settled["by"], settled["as"], settled["deliveries"]) == ("Ann", "accepted", 1)
    assert "1 doubtful delivery taken as accepted by Ann" in emag("issue", "status", "1").out
