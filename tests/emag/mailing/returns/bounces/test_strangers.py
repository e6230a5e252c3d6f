"""Tests that mails to the bounce address count only with our own mark."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from emag import bootstrap
from emag.mailing.returns import reports
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import roll
from subscribers.tokens import Keys
from tests.conftest import SECRET, START
from tests.emag.mailing.returns.conftest import events_of

VICTIM, OTHER = "reader1@example.net", "reader2@example.net"
REPORT = """From: MAILER-DAEMON@relay.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
{extra}MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="cut"

--cut
Content-Type: text/plain

Your mail could not be delivered:

<{address}>: 550 5.1.1 user unknown

--cut
Content-Type: message/{part}

{report}

--cut
Content-Type: message/rfc822

Return-Path: <{to}>
From: crier@example.org
To: {address}
Message-ID: <{name}>
List-Unsubscribe: <{link}>
Subject: The Town Crier

News
--cut--
"""
STATUS = """Reporting-MTA: dns; relay.example.net

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1"""
ABUSE = "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: {address}"
PLAIN = """From: Mailer-Daemon@relay.example.net
To: bounces@example.org
X-Failed-Recipients: {address}
Subject: Mail delivery failed

The following address failed:

  {address}
    550 user unknown
"""
NOTIFIED = """From: no-reply@sns.amazonaws.com
To: bounces@example.org
Subject: AWS Notification Message

{{"notificationType": "Bounce", "bounce": {{"bounceType": "Permanent", "bouncedRecipients":
[{{"emailAddress": "{address}", "status": "5.1.1"}}]}}, "mail": {{"source": "crier@example.org"}}}}
"""


def dsn(address: str = VICTIM, **fields: str) -> str:
    fields = {
        "to": "bounces@example.org",
        "name": "x@example.org",
        "link": "x",
        "extra": "",
        **fields,
    }
    kind = {
        "kind": "delivery-status",
        "part": "delivery-status",
        "report": STATUS.format(address=address),
    }
    return REPORT.format(address=address, **{**kind, **fields})


def complaint(address: str = VICTIM, **fields: str) -> str:
    kind = {
        "kind": "feedback-report",
        "part": "feedback-report",
        "report": ABUSE.format(address=address),
    }
    return dsn(address, **{**kind, **fields})


KEYS, FORGER = Keys(SECRET), Keys("another-secret-0123456789-0123456789")
LEAVE = "https://mail.example.org/unsubscribe/"
STRANGERS = {
    "a report": dsn(),
    "a complaint": complaint(),
    "a notice": PLAIN.format(address=VICTIM),
    "a notification": NOTIFIED.format(address=VICTIM),
    "a mark of another secret": dsn(to=f"bounces+{FORGER.short('bounce', 7)}@example.org"),
    "a Message-ID of another secret": dsn(name=f"{FORGER.short('bounce', 7)}@example.org"),
    "a mark for another purpose": dsn(to=f"bounces+{KEYS.short('unsubscribe', 7)}@example.org"),
    "a mark of a delivery that is none": dsn(to=f"bounces+{KEYS.short('bounce', 999)}@example.org"),
    "a mark for another number": dsn(to=f"bounces+8{KEYS.short('bounce', 7)[1:]}@example.org"),
    "a link of another secret": complaint(link=LEAVE + FORGER.sign("unsubscribe", "ref-000001")),
    "a link to confirm": complaint(link=LEAVE + KEYS.sign("confirm", "ref-000001")),
    "a link for nobody": complaint(link=LEAVE + KEYS.sign("unsubscribe", "ref-999999")),
    "a mark in the words of the notice": PLAIN.format(address=VICTIM)
    + f"see <{KEYS.short('bounce', 7)}@example.org>\n",
}


@pytest.fixture
def sent(database, readers):
    """Two readers' copies: deliveries 7 and 8."""
    readers(2)
    with database.transaction() as conn:
        for number, subscriber in ((7, 1), (8, 2)):
            row = {"id": number, "issue": 1, "subscriber": subscriber, "status": "accepted"}
            conn.execute(insert(DELIVERIES).values(**row, reason="", not_before=START))


def standing(database) -> dict[str, str]:
    with database.reading() as conn:
        return {address: roll.find(conn, address).status for address in (VICTIM, OTHER)}


def apply_mails(database, clock, *mails: str) -> None:
    reader = bootstrap.bounces(KEYS, clock)
    with database.transaction() as conn:
        for mail in mails:
            reports.record(conn, events_of(reader, mail.encode("utf-8", "replace")))
    reports.apply(database, keys=KEYS, now=clock())


@pytest.mark.parametrize("case", STRANGERS)
def test_a_mail_that_only_names_a_reader_changes_nothing(database, clock, sent, case):
    apply_mails(database, clock, *[STRANGERS[case]] * 4)
    assert standing(database) == {VICTIM: "active", OTHER: "active"}
    with database.reading() as conn:
        assert set(conn.scalars(select(DELIVERIES.c.report))) == {""}


@pytest.mark.parametrize("make", [dsn, complaint])
def test_a_real_mark_changes_only_its_own_reader(database, clock, sent, make):
    """The owner of a copy can report on that copy only."""
    apply_mails(database, clock, make(VICTIM, to=f"bounces+{KEYS.short('bounce', 8)}@example.org"))
    assert standing(database)[VICTIM] == "active"
    assert standing(database)[OTHER] != "active"


MARKS = st.from_regex(r"[0-9]{1,3}-[0-9a-f]{28}", fullmatch=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    make=st.sampled_from([dsn, complaint]),
    mark=MARKS,
    field=st.sampled_from(["to", "name", "link", "extra"]),
)
def test_a_guessed_mark_changes_no_reader(database, clock, make, mark, field):
    values = {
        "to": f"bounces+{mark}@example.org",
        "name": f"{mark}@example.org",
        "link": f"{LEAVE}{mark}",
        "extra": f"Delivered-To: bounces+{mark}@example.org\n",
    }
    apply_mails(database, clock, make(**{field: values[field]}))
    with database.reading() as conn:
        assert conn.scalar(select(func.count()).select_from(EVENTS)) == 0
