"""What became of an issue that went through a real mail server, and whose bounces came back."""

import re
import xml.etree.ElementTree as ET
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from emag import bootstrap
from emag.mailing.tables import DELIVERIES
from emag.settings import load

NAMES = ("ann", "ben", "cat", "dan", "eve", "fay")
BOUNCE = """From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Fri, 6 Mar 2026 07:31:00 +0000

Final-Recipient: rfc822; {reader}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 The mailbox does not exist

--b--
"""
STATUSES = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


@pytest.fixture
def sent(emag, drafted, join, catching):
    """Issue 1 at 10 readers: six at one domain, four at others, of whom one is refused."""
    join(*(f"{name}@example.org" for name in NAMES))
    join("gus@a.example.net", "hal@b.example.net", "gone@c.example.net", "ivy@d.example.net")
    with catching() as catcher:
        emag("issue", "approve", "1", "--as", "Ann")
        emag("issue", "send", "1")
        yield catcher


@pytest.fixture
def bounce(emag, publication, sent, tmp_path):
    """Feeds the bounce of a reader's copy back, as their mail server would send it."""

    def bounce(reader: str) -> None:
        [sender] = [env for to, env in sent.senders if to == reader]
        file = tmp_path / f"{reader}.eml"
        file.write_text(BOUNCE.format(to=sender, reader=reader))
        messages = emag("feedback", "read", file, "--json").json["messages"]
        assert messages[0]["outcome"] == "hard"

    return bounce


def test_a_report_adds_up_and_names_what_came_back(emag, publication, sent, bounce):
    bounce("ben@example.org")
    bounce("cat@example.org")
    emag("subscriber", "unsubscribe", "dan@example.org")
    with closing(bootstrap.connect(load(publication))) as database, database.transaction() as conn:
        one = select(DELIVERIES.c.id).where(DELIVERIES.c.status == "accepted")
        last = conn.execute(one.order_by(DELIVERIES.c.id.desc())).scalars().first()
        conn.execute(update(DELIVERIES).where(DELIVERIES.c.id == last).values(status="doubtful"))
    report = emag("issue", "report", "1", "--json").json
    counts = report["counts"]
    assert counts["planned"] == sum(counts[status] for status in STATUSES) == 10
    assert (counts["accepted"], counts["refused"], counts["doubtful"]) == (8, 1, 1)
    assert counts["bounced"] == 2
    assert [(d["domain"], d["planned"], d["bounced"]) for d in report["domains"]] == [
        ("example.org", 6, 2),
        ("others", 4, 0),
    ]
    assert sum(d["planned"] for d in report["domains"]) == 10
    [reason] = report["bounces"]
    assert reason["count"] == 2
    assert "The mailbox does not exist" in reason["reason"]
    assert report["refusals"] == [{"reason": "550 5.1.1 no such mailbox", "count": 1}]
    assert report["left"] == 1
    assert report["edition"] == 1
    assert report["doubtful"] == ["ivy@d.example.net"]
    text = emag("issue", "report", "1").out
    assert "10 copies = 8 accepted + 1 refused + 1 doubtful" in text
    assert "1 reader unsubscribed within 7 days" in text
    assert "ivy@d.example.net" in text


def test_who_leaves_after_seven_days_left_for_another_reason(emag, publication, sent):
    with closing(bootstrap.connect(load(publication))) as database, database.transaction() as conn:
        long_ago = datetime.now(UTC) - timedelta(days=7, minutes=1)
        one = DELIVERIES.c.subscriber == 1
        conn.execute(update(DELIVERIES).where(one).values(settled_at=long_ago))
    emag("subscriber", "unsubscribe", "ann@example.org")
    assert emag("issue", "report", "1", "--json").json["left"] == 0
    emag("subscriber", "erase", "ben@example.org")
    assert emag("issue", "report", "1", "--json").json["left"] == 1


def test_a_reader_is_shown_with_the_issues_and_reasons(emag, sent, bounce):
    reader = emag("subscriber", "show", "ann@example.org", "--json").json
    assert reader["issues"] == [1]
    bounce("ben@example.org")
    reader = emag("subscriber", "show", "ben@example.org", "--json").json
    assert reader["issues"] == []
    [copy] = reader["copies"]
    assert (copy["issue"], copy["edition"], copy["status"]) == (1, 1, "bounced")
    assert "The mailbox does not exist" in copy["reason"]
    assert "The mailbox does not exist" in emag("subscriber", "show", "ben@example.org").out


def test_the_report_of_an_issue_that_has_not_left_says_so(emag, drafted):
    assert "has not begun to leave" in emag("issue", "report", "1").out
    assert emag("issue", "report", "1", "--json").json["counts"]["planned"] == 0
    assert "There is no issue 9" in emag("issue", "report", "9", code=1).err


@pytest.mark.parametrize("command", [("issue", "report", "1"), ("stats", "--weeks", "4")])
def test_a_chart_is_an_image_with_a_sentence_and_no_script(emag, sent, tmp_path, command):
    file = tmp_path / "chart.svg"
    assert str(file) in emag(*command, "--svg", file).out
    root = ET.fromstring(file.read_text())
    names = {element.tag.partition("}")[2] for element in root.iter()}
    assert {"title", "desc"} <= names
    assert "script" not in names
    assert re.search(r"\d", root.findtext("{http://www.w3.org/2000/svg}desc"))
    assert not re.search(r"(?i)\bon\w+=|javascript:|href", file.read_text())


def test_a_chart_that_cannot_be_written_is_said_in_one_sentence(emag, sent, tmp_path):
    result = emag("issue", "report", "1", "--svg", tmp_path / "no" / "chart.svg", code=1)
    assert "cannot be written" in result.err
