"""Special editions from the command line, sent by real SMTP."""

from datetime import UTC, datetime

import pytest

from emag.demo.catcher import Catcher

EVERYONE = ("ann@example.org", "ben@example.org", "cat@example.org")


@pytest.fixture
def catcher(publication):
    """The publication sends by SMTP to this server."""
    with Catcher(now=lambda: datetime.now(UTC)) as catcher:
        toml = publication / "emag.toml"
        server = f'kind = "smtp"\nhost = "{catcher.host}"\nport = {catcher.port}\n'
        before = '[transport]\nkind = "folder"\n'
        text = toml.read_text()
        assert before in text
        toml.write_text(text.replace(before, f'[transport]\n{server}security = "none"\n'))
        yield catcher


@pytest.fixture
def sent(emag, join, catcher):
    """Issue 1, sent to three readers."""
    join(*EVERYONE)
    emag("gather")
    emag("issue", "draft")
    emag("issue", "approve", "1", "--as", "Ann")
    emag("issue", "send", "1")
    assert len(catcher.caught()) == 3
    return 1


def addressees(mails):
    return sorted(str(mail.message["To"]) for mail in mails)


def test_a_correction_goes_to_exactly_those_with_a_copy(emag, join, sent, catcher):
    join("new@example.org")  # has no copy of issue 1
    emag("subscriber", "unsubscribe", "ben@example.org")
    options = ("--title", "A correction", "--audience", "issue:1")
    special = emag("issue", "draft", "--special", *options, "--json").json
    assert special["number"] == 2
    assert (special["special"], special["audience"], special["edition"]) == (True, "issue:1", None)
    assert (special["subject"], special["send_at"]) == ("A correction", None)
    assert [section["picks"] for section in special["sections"]] == [[], [], []]
    emag("issue", "note", "2", "The bridge opens on *Monday*.")
    emag("issue", "approve", "2")
    assert emag("issue", "send", "2", "--dry-run", "--json").json["planned"] == 2
    counts = emag("issue", "send", "2", "--json").json
    assert (counts["planned"], counts["accepted"], counts["audience"]) == (2, 2, "issue:1")
    copies = catcher.caught()[3:]
    assert addressees(copies) == ["ann@example.org", "cat@example.org"]
    for copy in copies:
        assert copy.message["Subject"] == "A correction"
        assert "Issue 2" in copy.part("plain")
        assert "[[" not in copy.part("html") + copy.part("plain")


def test_who_unsubscribes_before_the_send_gets_none(emag, sent, catcher):
    emag("issue", "draft", "--special", "--audience", "issue:latest")
    emag("issue", "note", "2", "A correction.")
    emag("issue", "approve", "2")
    emag("subscriber", "unsubscribe", "cat@example.org")
    emag("issue", "send", "2")
    assert addressees(catcher.caught()[3:]) == ["ann@example.org", "ben@example.org"]


def test_an_audience_that_cannot_be_is_a_sentence(emag, sent):
    emag("issue", "draft", "--special", "--title", "Not yet")
    result = emag("issue", "draft", "--special", "--audience", "issue:2", code=1)
    assert result.err.strip() == "Issue 2 has not been sent, so no reader has got it."
    assert (
        "There is no issue 9"
        in emag("issue", "draft", "--special", "--audience", "issue:9", code=1).err
    )
    emag("issue", "draft", "--special", "--audience", "some", code=2)
    emag("issue", "draft", "--title", "No special", code=2)
    assert len(emag("issue", "list", "--json").json["issues"]) == 2


def test_editions_are_consecutive_in_the_order_of_leaving(emag, sent, catcher):
    for title in ("Never sent", "Leaves third", "Leaves second"):
        emag("issue", "draft", "--special", "--title", title)
    for number in ("2", "3", "4"):
        emag("issue", "note", number, "Read this.")
        emag("issue", "approve", number)
    emag("issue", "cancel", "2", "--yes")
    for number in ("4", "3"):
        emag("issue", "send", number)
    editions = {i["number"]: i["edition"] for i in emag("issue", "list", "--json").json["issues"]}
    assert editions == {1: 1, 2: None, 4: 2, 3: 3}
    printed = {m.message["Subject"]: m.part("html") for m in catcher.caught()[3:]}
    assert "Issue 2<" in printed["Leaves second"]
    assert "Issue 3<" in printed["Leaves third"]
    assert "edition 3" in emag("issue", "show", "3").out


def test_a_story_that_a_sent_issue_had_is_picked_again_on_purpose(emag, sent):
    emag("issue", "draft", "--special", "--title", "The best of")
    story = emag("issue", "show", "1", "--json").json["sections"][0]["picks"][0]["story"]
    emag("issue", "pick", "2", story, "--as", "Ann")
    items = {i["story"]: i for i in emag("issue", "explain", "2", "--json").json["items"]}
    assert items[story]["reason"] == "in: picked again by Ann; it was in issue 1"
    emag("issue", "approve", "2")
    emag("issue", "send", "2")
    assert emag("issue", "show", "2", "--json").json["edition"] == 2
