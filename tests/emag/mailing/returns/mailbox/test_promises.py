"""Tests what every mailbox promises: no mail is lost, and no mail is read again and again."""

import pytest

from emag import bootstrap
from emag.errors import ReportError, Unreachable
from emag.mailing.returns import mailbox as port
from emag.mailing.returns.collect import Collected, collect
from emag.mailing.returns.mailbox import MAX_BYTES, MAX_MAILS
from emag.mailing.tables import EVENTS
from subscribers.tokens import Keys
from tests.conftest import SECRET
from tests.emag.mailing.returns.mailbox.conftest import Stored

REPORT = """From: mailer-daemon@example.net
To: bounces+{mark}@example.org
Subject: failure notice

Your mail could not be delivered:

<ann@example.net>: user unknown
.a line that starts with a dot
"""
LETTER = b"From: Ann <ann@example.net>\nTo: bounces@example.org\nSubject: Hello\n\nNice issue!\n"


@pytest.fixture
def reader(clock):
    return bootstrap.bounces(Keys(SECRET), clock)


def report(number: int) -> bytes:
    return REPORT.format(mark=Keys(SECRET).short("bounce", number)).encode()


def marks(database) -> list[int]:
    """The numbers of the deliveries with a report."""
    with database.reading() as conn:
        rows = conn.execute(EVENTS.select().order_by(EVENTS.c.id))
        return [int(row.mark.partition("-")[0]) for row in rows]


def bodies(box) -> list[bytes]:
    with box.visit() as visit:
        return [letter.body.replace(b"\r\n", b"\n") for letter in visit.mails()]


def test_reading_alone_changes_nothing(account):
    account.store.add(LETTER)
    box = account.mailbox()
    assert bodies(box) == bodies(box) == [LETTER]


def test_reports_are_recorded_and_all_mails_stay(account, database, reader):
    for body in (report(1), LETTER, report(2)):
        account.store.add(body)
    box = account.mailbox()
    assert collect(database, box, reader) == Collected(read=3, reports=2)
    assert marks(database) == [1, 2]
    assert account.store.bodies() == [report(1), LETTER, report(2)]
    assert collect(database, box, reader) == Collected(read=0, reports=0)
    account.store.add(report(3))
    assert collect(database, box, reader) == Collected(read=1, reports=1)


def test_only_reports_about_our_messages_are_removed_and_only_on_demand(account, database, reader):
    for body in (report(1), LETTER, report(2)):
        account.store.add(body)
    assert collect(database, account.mailbox(remove=True), reader).reports == 2
    assert account.store.bodies() == [LETTER]


def test_a_new_process_counts_no_report_twice(account, database, reader):
    account.store.add(report(1))
    for _ in range(2):
        for mail in account.store.mails:
            mail.flags.clear()
        assert collect(database, account.mailbox(), reader).reports == 1
    assert marks(database) == [1]


STAGES = {
    "imap": ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "UID EXPUNGE"],
    "pop3": ["USER", "PASS", "LIST", "UIDL", "RETR", "DELE", "QUIT"],
}


@pytest.mark.parametrize("stage", range(7))
@pytest.mark.parametrize("after", [0, 1])
def test_a_lost_connection_loses_no_mail(account, database, reader, stage, after):
    if stage >= len(STAGES[account.kind]):
        pytest.skip("this protocol has fewer stages")
    for number in (1, 2, 3):
        account.store.add(report(number))
    account.store.fail, account.store.after = STAGES[account.kind][stage], after
    box = account.mailbox(remove=True)
    try:
        collect(database, box, reader)
    except Unreachable:
        assert set(account.store.bodies()) >= {
            report(n) for n in (1, 2, 3) if n not in marks(database)
        }
    account.store.fail = ""
    collect(database, account.mailbox(remove=True), reader)
    assert marks(database) == [1, 2, 3]


def test_a_wrong_password_is_named_and_not_repeated(account):
    with pytest.raises(ReportError, match="EMAG_MAILBOX_PASSWORD") as caught:
        bodies(account.mailbox("hunter2"))
    assert "hunter2" not in str(caught.value)


def test_a_closed_port_is_unreachable(closed_port, account):
    account.port = closed_port
    with pytest.raises(Unreachable, match="cannot be reached"):
        bodies(account.mailbox())


def test_a_missing_folder_is_named(account):
    if account.kind == "pop3":
        pytest.skip("there are no folders")
    with pytest.raises(ReportError, match="no folder “Elsewhere”"):
        bodies(account.mailbox(folder="Elsewhere"))


def test_without_uidplus_no_mail_is_removed(account, database, reader):
    if account.kind == "pop3":
        pytest.skip("every server can")
    account.server.uidplus = False
    account.store.add(report(1))
    account.store.mails.append(account.store.mails[0].__class__(99, b"x", {"\\Deleted"}))
    assert collect(database, account.mailbox(remove=True), reader).reports == 1
    assert len(account.store.mails) == 2


def test_a_mail_that_is_too_long_is_cut(account, database, reader):
    account.store.add(report(1) + b"a line of filling\n" * (MAX_BYTES // 10))
    account.store.add(report(2))
    [long, short] = bodies(account.mailbox())
    assert len(long) <= MAX_BYTES
    assert short == report(2)
    assert collect(database, account.mailbox(), reader).reports == 2


def test_a_visit_ends_after_the_largest_number_of_mails(account):
    for _ in range(MAX_MAILS + 3):
        account.store.add(LETTER)
    assert len(bodies(account.mailbox())) == port.MAX_MAILS


def test_a_mail_that_cannot_be_fetched_does_not_stop_the_others(account, database, reader):
    account.store.locked = {account.store.add(report(1))}
    account.store.add(report(2))
    box = account.mailbox(remove=True)
    assert collect(database, box, reader) == Collected(read=1, reports=1)
    assert marks(database) == [2]
    assert account.store.bodies() == [report(1)], "it stays there for a person"


@pytest.mark.parametrize("length", [5_000, 3 * MAX_BYTES])
def test_a_line_of_any_length_is_read(account, database, reader, length):
    """The POP3 library alone gives up at 2,048 bytes."""
    account.store.add(report(1) + b"y" * length + b"\n")
    account.store.add(report(2))
    assert collect(database, account.mailbox(), reader) == Collected(read=2, reports=2)
    assert marks(database) == [1, 2]


def test_ten_thousand_mails_are_read_a_visit_at_a_time(account, database, reader):
    for number in range(1, 10_001):
        account.store.mails.append(Stored(number, LETTER))
    if account.kind == "imap":  # mails that are seen are not fetched
        for mail in account.store.mails:
            mail.flags.add("\\Seen")
    account.store.add(report(1), number=10_001)
    box = account.mailbox()
    read = [collect(database, box, reader).read for _ in range(2)]
    assert read == ([1, 0] if account.kind == "imap" else [MAX_MAILS, MAX_MAILS])
    assert marks(database) == ([1] if account.kind == "imap" else [])


def test_reading_stops_on_demand(account, database, reader):
    class Stop:
        def is_set(self) -> bool:
            return True

    account.store.add(report(1))
    assert collect(database, account.mailbox(), reader, stop=Stop()) == Collected(0, 0)
    assert marks(database) == []
