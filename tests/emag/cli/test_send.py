"""An issue is sent from the command line: the counts add up, and every end is safe."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import update

from emag import bootstrap
from emag.desk.dispatch import OUTAGE, Outage
from emag.issues import life
from emag.mailing.sending import address, deliver
from emag.mailing.tables import DELIVERIES
from emag.settings import load
from subscribers import membership, roll

ROOT = Path(__file__).parents[3]
REPORTS = ("delivered", "bounced", "complained")
FIRST = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


def outbox(publication) -> list[str]:
    files = sorted((publication / "outbox").glob("*.eml"))
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return sorted(str(mail["To"]) for mail in mails)


def test_sending_to_everybody(emag, approved, publication):
    counts = emag("issue", "send", "1", "--json").json
    assert counts["status"] == "sent"
    assert counts["planned"] == counts["accepted"] == 3
    assert counts == emag("issue", "status", "1", "--json").json
    assert set(counts) >= {"number", "status", "planned", *FIRST, *REPORTS}
    assert outbox(publication) == ["ann@example.org", "ben@example.org", "cat@example.org"]
    assert "3 readers planned = 3 accepted" in emag("issue", "status", "1").out
    assert "sent already" in emag("issue", "send", "1", code=1).err
    assert len(outbox(publication)) == 3


def test_only_an_approved_issue_is_sent(emag, drafted, publication):
    result = emag("issue", "send", "1", "--yes", code=1)
    assert "emag issue approve 1" in result.err
    assert not (publication / "outbox").exists()


def test_a_dry_run_renders_for_everybody_and_sends_nothing(emag, approved, publication):
    rows = emag("issue", "send", "1", "--dry-run", "--json").json
    assert (rows["planned"], rows["rendered"], rows["faults"]) == (3, 3, [])
    assert not (publication / "outbox").exists()
    assert emag("issue", "show", "1", "--json").json["status"] == "approved"
    assert "sent to none" in emag("issue", "send", "1", "--dry-run").out


@pytest.fixture
def prefer(publication):
    """Lets readers choose their topics, as they do on their page."""

    def prefer(**choices: list[str]) -> None:
        newsroom = bootstrap.open_newsroom(publication, now=lambda: datetime.now(UTC))
        with newsroom.database.transaction() as conn:
            for name, topics in choices.items():
                member = roll.find(conn, f"{name}@example.org")
                membership.set_preferences(
                    conn, newsroom.keys, member.ref, topics=topics, now=newsroom.now()
                )
        newsroom.database.close()

    return prefer


def test_readers_of_topics_without_a_story_get_no_mail(emag, approved, publication, prefer):
    before = emag("issue", "send", "1", "--dry-run").out
    assert "all of it" not in before, "everybody gets the same"
    prefer(ann=["jobs"], ben=["posts"])
    rows = emag("issue", "send", "1", "--dry-run", "--json").json
    assert (rows["planned"], rows["rendered"], rows["nothing"]) == (3, 2, 1)
    [variant] = rows["variants"]
    assert (variant["topics"], variant["all"], variant["readers"]) == (["posts"], True, 2)
    data = emag("issue", "send", "1", "--dry-run").out
    assert "2 readers: all of it (posts)" in data
    assert "1 reader: no mail, it has no story of their topics" in data
    counts = emag("issue", "send", "1", "--json").json
    assert (counts["planned"], counts["accepted"], counts["skipped"]) == (3, 2, 1)
    assert outbox(publication) == ["ben@example.org", "cat@example.org"]
    [skipped] = emag("deliveries", "1", "--status", "skipped", "--json").json["deliveries"]
    assert skipped["address"] == "ann@example.org"
    assert skipped["reason"] == "the issue has no story of the topics that the reader chose"


def test_a_test_copy_is_marked(emag, drafted, publication):
    result = emag("issue", "test", "1", "--to", "editor@example.org", "--json").json
    assert (result["outcome"], result["to"]) == ("accepted", "editor@example.org")
    [file] = (publication / "outbox").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert str(mail["Subject"]).startswith("[Test]")
    assert emag("issue", "status", "1", "--json").json["planned"] == 0


def test_a_test_copy_that_is_refused_is_a_failure(emag, drafted, catching):
    with catching() as catcher:
        result = emag("issue", "test", "1", "--to", "gone@example.org", "--json", code=1).json
    assert result["outcome"] == "refused"
    assert catcher.caught == []


def test_pause_resume_cancel(emag, approved):
    assert "approved" in emag("issue", "pause", "1", code=1).err
    assert emag("issue", "cancel", "1", "--yes", "--json").json["status"] == "cancelled"
    assert emag("issue", "status", "1", "--json").json["status"] == "cancelled"
    emag("issue", "resume", "1", code=1)


def test_deferred_messages_do_not_keep_the_command_waiting(
    emag, approved, publication, catching, join
):
    join("busy@example.org", "gone@example.org")
    addressed(publication, attempts=1)  # the second refusal for now means minutes
    with catching() as catcher:
        result = emag("issue", "send", "1", "--json")
    counts = result.json
    assert sorted(catcher.caught) == ["ann@example.org", "ben@example.org", "cat@example.org"]
    assert (counts["accepted"], counts["deferred"], counts["refused"]) == (3, 1, 1)
    assert counts["status"] == "sent", "a deferred reader does not hold the issue up"
    assert "put off 1 reader until" in result.err


def addressed(publication, *, attempts) -> None:
    """The sending has begun, and everybody was tried so often already."""
    newsroom = bootstrap.open_newsroom(publication, now=lambda: datetime.now(UTC))
    address.address(newsroom.database, 1, now=newsroom.now(), by="ann")
    with newsroom.database.transaction() as conn:
        conn.execute(update(DELIVERIES).values(attempts=attempts))
    newsroom.database.close()


def test_deliveries_list_each_reader_s_copy(emag, approved, publication, catching, join):
    join("gone@example.org")
    with catching():
        emag("issue", "send", "1")
    listed = emag("deliveries", "1", "--json").json["deliveries"]
    assert [(d["address"], d["status"], d["attempts"]) for d in listed] == [
        ("ann@example.org", "accepted", 1),
        ("ben@example.org", "accepted", 1),
        ("cat@example.org", "accepted", 1),
        ("gone@example.org", "refused", 1),
    ]
    assert "5.1.1" in listed[-1]["reason"]
    refused = emag("deliveries", "--status", "refused", "latest", "--json").json["deliveries"]
    assert refused == listed[-1:]
    assert "gone@example.org" in emag("deliveries", "1").out
    assert "no doubtful deliveries" in emag("deliveries", "1", "--status", "doubtful").out
    emag("deliveries", "1", "--status", "lost", code=2)
    settled = emag("deliveries", "settle", "1", "--as", "accepted", "--json").json
    assert settled == {"number": 1, "settled": 0, "as": "accepted"}
    emag("deliveries", "settle", "1", code=2)


def start(publication, *words) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "emag", *words],
        cwd=ROOT,
        env=os.environ | {"EMAG_DIR": str(publication)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(true, seconds=20.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_pauses_and_the_rest_is_sent_later(emag, approved, publication, catching, join, how):
    join(*(f"reader{number}@example.org" for number in range(37)))
    with catching(pause=0.03) as catcher:
        sending = start(publication, "issue", "send", "1", "--json")
        until(lambda: len(catcher.caught) > 3)
        sending.send_signal(how)
        _, err = sending.communicate(timeout=60)
        assert sending.returncode == 1, err
        assert "emag issue resume 1" in err
        assert "Traceback" not in err
        paused = emag("issue", "status", "1", "--json").json
        assert paused["status"] == "paused"
        assert 0 < paused["accepted"] == len(catcher.caught) < 40
        assert paused["doubtful"] == 0
        assert sum(paused[name] for name in FIRST) == paused["planned"] == 40
        assert "resume 1" in emag("issue", "send", "1", code=1).err
        emag("issue", "resume", "1")
        assert emag("issue", "send", "1", "--json").json["status"] == "sent"
    assert len(catcher.caught) == len(set(catcher.caught)) == 40


def test_a_pause_by_a_person_is_not_blamed_on_the_mail_server(
    emag, approved, publication, catching, join
):
    join(*(f"reader{number}@example.org" for number in range(37)))
    with catching(pause=0.03) as catcher:
        sending = start(publication, "issue", "send", "1")
        until(lambda: len(catcher.caught) > 3)
        emag("issue", "pause", "1")
        _, err = sending.communicate(timeout=60)
    assert sending.returncode == 1
    assert "Issue 1 is paused. It was paused by" in err
    assert "mail server" not in err


def test_an_unreachable_mail_server_ends_the_command_after_a_while(approved, publication, catching):
    with catching():
        pass  # its port is closed again
    clock = [datetime.now(UTC)]
    newsroom = bootstrap.open_newsroom(publication, now=lambda: clock[0])
    address.address(newsroom.database, 1, now=clock[0], by="ann")
    outage = Outage(newsroom, 1)
    counts = deliver.deliver(
        newsroom.sender,
        1,
        settings=newsroom.settings,
        keys=newsroom.keys,
        wait=False,
    )
    assert counts["queued"] == 3
    assert not outage.lasts(counts)
    clock[0] += OUTAGE
    assert not outage.lasts(counts)
    clock[0] += timedelta(seconds=1)
    assert not outage.lasts(counts | {"accepted": 1, "queued": 2})  # something left meanwhile
    clock[0] += OUTAGE + timedelta(seconds=1)
    assert outage.lasts(counts | {"accepted": 1, "queued": 2})
    assert "cannot be reached" in outage.reason
    newsroom.database.close()


def test_after_a_kill_nobody_gets_two_copies(emag, approved, publication, catching, join):
    join(*(f"reader{number}@example.org" for number in range(37)))
    with catching(pause=0.02) as catcher:
        sending = start(publication, "issue", "send", "1")
        until(lambda: len(catcher.caught) > 10)
        sending.kill()
        sending.communicate()
        counts = emag("issue", "send", "1", "--json").json
        assert counts["status"] == "sent"
        assert counts["accepted"] + counts["doubtful"] == 40
        assert len(catcher.caught) == len(set(catcher.caught))
        doubtful = emag("deliveries", "1", "--status", "doubtful", "--json").json["deliveries"]
        assert len(doubtful) == counts["doubtful"]
        settled = emag("deliveries", "settle", "1", "--as", "accepted", "--json").json
        assert settled["settled"] == counts["doubtful"]
    counts = emag("issue", "status", "1", "--json").json
    assert counts["accepted"] == counts["planned"] == 40


def test_who_started_the_sending_is_on_record(emag, approved, publication):
    emag("issue", "send", "1", "--as", "Ben")
    assert [(step.move, step.by) for step in steps(publication)][1:2] == [("send", "Ben")]


def test_who_paused_resumed_and_cancelled_is_on_record(emag, approved, publication):
    addressed(publication, attempts=0)
    emag("issue", "pause", "1", "--as", "Ann")
    emag("issue", "resume", "1", "--as", "Ben")
    emag("issue", "cancel", "1", "--yes", "--as", "Cat")
    assert [(step.move, step.by) for step in steps(publication)][2:] == [
        ("pause", "Ann"),
        ("resume", "Ben"),
        ("cancel", "Cat"),
    ]
    assert "needs the name" in emag("issue", "pause", "1", "--as", " ", code=2).err


def steps(publication) -> list[life.LifeStep]:
    with closing(bootstrap.open_database(load(publication))) as database, database.reading() as c:
        return life.history(c, 1)


def test_a_cancellation_without_a_terminal_needs_yes_and_says_how_many_have_the_issue(
    emag, approved, publication
):
    refused = emag("issue", "cancel", "1", code=1)
    assert "“emag issue cancel 1 --yes”" in refused.err
    assert "No reader has it." in refused.err
    assert emag("issue", "show", "1", "--json").json["status"] == "approved"
    addressed(publication, attempts=0)
    with (
        closing(bootstrap.open_database(load(publication))) as database,
        database.transaction() as c,
    ):
        c.execute(update(DELIVERIES).where(DELIVERIES.c.id == 1).values(status="accepted"))
    refused = emag("issue", "cancel", "1", "--json", code=1)
    assert "1 of 3 readers already have it" in refused.json["error"]
    assert emag("issue", "status", "1", "--json").json["status"] == "sending"
    assert "1 of 3 readers" in emag("issue", "cancel", "1", "-y").out
    counts = emag("issue", "status", "1", "--json").json
    assert (counts["status"], counts["accepted"], counts["skipped"]) == ("cancelled", 1, 2)


def test_next_is_never_an_issue_that_has_begun_to_leave(emag, approved, publication):
    addressed(publication, attempts=0)
    refused = emag("issue", "cancel", "next", "--yes", code=1)
    assert "no unsent issue" in refused.err
    emag("issue", "cancel", "1", "--yes")
    assert "“cancel” is not possible" in emag("issue", "cancel", "1", code=1).err
    assert emag("issue", "status", "latest", "--json").json["status"] == "cancelled"


def test_a_test_copy_goes_to_each_address(emag, drafted, catching):
    with catching() as catcher:
        to = ("--to", "one@example.org", "--to", "gone@example.org", "--to", "two@example.org")
        result = emag("issue", "test", "1", *to, code=1)
        assert result.out.splitlines()[0].endswith("was sent to one@example.org")
        assert "gone@example.org was not sent (refused): 550" in result.out
        assert catcher.caught == ["one@example.org", "two@example.org"]
        data = emag("issue", "test", "1", *to[:2], *to[4:], "--json").json
    assert [(copy["to"], copy["outcome"]) for copy in data["copies"]] == [
        ("one@example.org", "accepted"),
        ("two@example.org", "accepted"),
    ]
    emag("issue", "test", "1", code=2)


def test_the_status_says_why_it_waits(emag, approved, publication, catching):
    with catching():
        pass  # its port is closed again
    newsroom = bootstrap.open_newsroom(publication, now=lambda: datetime.now(UTC))
    address.address(newsroom.database, 1, now=newsroom.now(), by="Ann")
    deliver.deliver(
        newsroom.sender,
        1,
        settings=newsroom.settings,
        keys=newsroom.keys,
        wait=False,
    )
    newsroom.database.close()
    result = emag("issue", "status", "1", "--json")
    assert "cannot be reached" in result.json["waits"]
    assert "3 messages still queued." in result.err


BOUNCE = """From: MAILER-DAEMON@mx.example.org
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; ann@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown in virtual mailbox table

--b
Content-Type: message/rfc822

{message}
--b--
"""


def test_the_reason_of_a_bounce_is_shown_in_the_server_s_words(
    emag, approved, publication, tmp_path
):
    emag("issue", "send", "1")
    files = {message_from_bytes(f.read_bytes())["To"]: f for f in publication.rglob("*.eml")}
    message = files["ann@example.org"].read_text().replace("\r\n", "\n")
    (tmp_path / "bounce.eml").write_text(BOUNCE.format(message=message))
    emag("feedback", "read", tmp_path / "bounce.eml")
    [bounced] = emag("deliveries", "1", "--status", "bounced", "--json").json["deliveries"]
    assert bounced["address"] == "ann@example.org"
    assert "User unknown in virtual mailbox table" in bounced["reason"]
    reader = emag("subscriber", "show", "ann@example.org", "--json").json
    assert reader["status"] == "bounced"
    assert "User unknown in virtual mailbox table" in reader["reason"]
    assert "User unknown" in emag("subscriber", "show", "ann@example.org").out
    assert emag("subscriber", "show", "ben@example.org", "--json").json["reason"] == ""


def test_check_dry_run_and_show_agree_on_the_size(emag, drafted):
    emag("issue", "edit", "1", "--note", "word " * 21_000)
    [fault] = [
        fault
        for fault in emag("issue", "check", "1", "--json", code=1).json["faults"]
        if fault["rule"] == "size"
    ]
    size = emag("issue", "show", "1", "--json").json["html_bytes"]
    assert f"{size:,} bytes and mail programs cut it off at 102,000" in fault["message"]
    rehearsal = emag("issue", "send", "1", "--dry-run", "--json", code=1).json
    assert fault["message"] in rehearsal["faults"]
    assert fault["message"] in emag("issue", "approve", "1", code=1).err
