"""A sending from beginning to end, with every way to stop in its middle."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser

import pytest
from sqlalchemy import select

from emag.errors import PressError, SenderRefused, Unreachable, WrongMove
from emag.issues import approval, life, store
from emag.issues.issue import Move, Status
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending import rehearse as rehearsal
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.folder import FolderTransport
from emag.mailing.transports.smtp import SmtpTransport
from emag.press.document import Document
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tables import LETTERS
from tests.emag.mailing.conftest import DOCUMENT

SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


class Scripted:
    """A transport that ships a folder inside, and does as it is told before it sends."""

    name = "scripted"

    def __init__(self, folder, *, batch=5, before=None, receipts=None):
        self.inner, self.batch = FolderTransport(folder), batch
        self.before, self.receipts, self.calls = before, receipts, 0
        self.lock = threading.Lock()

    def send(self, messages):
        with self.lock:
            self.calls += 1
            if self.before:
                self.before(self.calls)
            if self.receipts and (scripted := self.receipts(self.calls, messages)) is not None:
                return scripted
        return self.inner.send(messages)

    def close(self):
        pass


@pytest.fixture
def begin(database, approved, readers, clock):
    """An issue that was addressed to so many."""

    def begin(many, document=DOCUMENT):
        readers(many)
        number = approved(document)
        address(database, number, now=clock(), by="ann")
        return number

    return begin


@pytest.fixture
def run(database, quick, keys, clock):
    def run(number, transport, *, connections=2, rate=0, now=clock, **more):
        settings = quick(connections=connections, rate=rate)
        counts = deliver.deliver(
            Sender(database, transport, Terms.of(settings), now),
            number,
            settings=settings,
            keys=keys,
            **more,
        )
        assert counts["planned"] == sum(counts[name] for name in SUMMED)
        return {name: many for name, many in counts.items() if many}

    return run


@pytest.fixture
def status(database):
    def status(number):
        with database.reading() as conn:
            return store.get(conn, number).status

    return status


def copies(folder):
    """How many copies each delivery has: a second one has a name of its own."""
    return Counter(file.name.split("-")[2][:7] for file in folder.glob("*.eml"))


def test_everybody_gets_one_copy_and_the_issue_is_sent(begin, run, status, outbox):
    number = begin(57)
    observed = []
    counts = run(number, FolderTransport(outbox), progress=lambda c: observed.append(dict(c)))
    assert counts == {"planned": 57, "accepted": 57}
    assert status(number) is Status.SENT
    assert set(copies(outbox).values()) == {1}
    assert len(copies(outbox)) == 57
    assert observed[-1]["accepted"] == 57
    assert run(number, FolderTransport(outbox)) == counts, "again sends nothing"
    assert len(list(outbox.iterdir())) == 57


def test_over_real_smtp(begin, run, relay, keys):
    number = begin(40)
    server = relay()
    transport = SmtpTransport("127.0.0.1", server.port, "none", timeout=5.0)
    assert run(number, transport, connections=3) == {"planned": 40, "accepted": 40}
    transport.close()
    assert len(set(server.recipients)) == len(server.received) == 40
    assert 1 <= server.connections <= 3
    for received in server.received:
        local = received.sender.partition("@")[0]
        assert keys.read_short("bounce", local.removeprefix("bounces+")) is not None


def test_an_issue_without_readers_is_sent_at_once(begin, run, status, outbox):
    number = begin(0)
    assert run(number, FolderTransport(outbox)) == {}
    assert status(number) is Status.SENT


def test_an_issue_that_was_not_addressed_is_not_finished(
    database, approved, readers, run, status, clock, outbox
):
    """Between the step of the issue and its addressing, nobody may call it sent."""
    readers(3)
    number = approved()
    with database.transaction() as conn:
        life.move(conn, number, Move.SEND, now=clock(), by="ann")
    assert run(number, FolderTransport(outbox)) == {}
    assert status(number) is Status.SENDING


def test_an_issue_that_is_not_on_its_way(approved, run, outbox):
    with pytest.raises(WrongMove):
        run(approved(), FolderTransport(outbox))


def test_who_leaves_in_the_middle_gets_nothing(begin, run, database, keys, clock, outbox):
    number = begin(20)

    def leave(call):
        if call == 1:
            with database.transaction() as conn:
                membership.unsubscribe(
                    conn, keys, ref="ref-000020", evidence=Evidence("link"), now=clock()
                )

    counts = run(number, Scripted(outbox, before=leave), connections=1)
    assert counts == {"planned": 20, "accepted": 19, "skipped": 1}
    assert "0000020" not in copies(outbox)


@pytest.mark.parametrize(
    ("move", "then"), [(Move.PAUSE, Status.PAUSED), (Move.CANCEL, Status.CANCELLED)]
)
def test_pause_and_cancel_are_seen_between_groups(
    begin, run, status, database, clock, outbox, move, then
):
    number = begin(30)

    def stop(call):
        if call == 2:
            with database.transaction() as conn:
                life.move(conn, number, move, now=clock(), by="ann")

    counts = run(number, Scripted(outbox, before=stop), connections=1)
    assert status(number) is then
    rest = "queued" if move is Move.PAUSE else "skipped"
    assert counts == {"planned": 30, "accepted": 10, rest: 20}
    assert run(number, FolderTransport(outbox)) == counts, "stopped is stopped"
    assert len(copies(outbox)) == 10


def test_a_paused_issue_goes_on_where_it_was(begin, run, status, database, clock, outbox):
    number = begin(30)

    def pause(call):
        if call == 2:
            with database.transaction() as conn:
                life.move(conn, number, Move.PAUSE, now=clock(), by="ann")

    run(number, Scripted(outbox, before=pause), connections=1)
    with database.transaction() as conn:
        life.move(conn, number, Move.RESUME, now=clock(), by="ann")
    assert run(number, FolderTransport(outbox)) == {"planned": 30, "accepted": 30}
    assert status(number) is Status.SENT
    assert set(copies(outbox).values()) == {1}


def test_cancel_skips_the_rest_at_once(begin, run, database, clock, outbox):
    number = begin(5)
    issue = deliver.cancel(database, number, now=clock(), by="ann")
    assert issue.status is Status.CANCELLED
    with database.reading() as conn:
        assert ledger.counts(conn, number)["skipped"] == 5
        assert {e.reason for e in ledger.listing(conn, number)} == {"the issue was cancelled"}


def test_a_stop_returns_what_is_not_under_way(begin, run, status, outbox):
    number = begin(50)
    stop = threading.Event()
    transport = Scripted(outbox, before=lambda call: stop.set() if call == 2 else None)
    counts = run(number, transport, connections=1, stop=stop)
    assert counts == {"planned": 50, "accepted": 10, "queued": 40}
    assert status(number) is Status.SENDING
    assert run(number, FolderTransport(outbox)) == {"planned": 50, "accepted": 50}
    assert set(copies(outbox).values()) == {1}


def test_a_deferred_reader_waits_for_the_next_attempt(begin, run, status, clock, outbox):
    number = begin(3)
    later = [Receipt(Outcome.DEFERRED, "451 greylisted")] * 3
    transport = Scripted(outbox, receipts=lambda call, _: later if call < 3 else None)
    assert run(number, transport, wait=False) == {"planned": 3, "deferred": 3}
    assert status(number) is Status.SENT, "it is sent, and the deferred ones are tried afterwards"
    assert run(number, transport, wait=False) == {"planned": 3, "deferred": 3}
    assert transport.calls == 1, "not before its time"
    clock.forward(minutes=1)
    assert run(number, transport, wait=False) == {"planned": 3, "deferred": 3}
    clock.forward(minutes=4)
    assert run(number, transport, wait=False) == {"planned": 3, "deferred": 3}
    clock.forward(minutes=2)
    assert run(number, transport, wait=False) == {"planned": 3, "accepted": 3}
    assert status(number) is Status.SENT


def test_in_the_foreground_the_next_attempt_is_waited_for(begin, run, status, outbox):
    number = begin(3)
    began = time.monotonic()

    def fast() -> datetime:
        """A clock on which a minute is a second."""
        return datetime.fromtimestamp(1772701200 + 60 * (time.monotonic() - began), UTC)

    later = [Receipt(Outcome.DEFERRED, "451 busy")] * 3
    transport = Scripted(outbox, receipts=lambda call, _: later if call == 1 else None)
    assert run(number, transport, now=fast, retry=True) == {"planned": 3, "accepted": 3}
    assert status(number) is Status.SENT


def test_in_the_foreground_a_deferred_reader_is_not_waited_for(begin, run, status, clock, outbox):
    number = begin(3)
    busy = Receipt(Outcome.DEFERRED, "452 4.2.2 the mailbox is full")
    received = Receipt(Outcome.ACCEPTED)
    transport = Scripted(outbox, batch=3, receipts=lambda *_: [received, busy, received])
    assert run(number, transport) == {"planned": 3, "accepted": 2, "deferred": 1}
    assert status(number) is Status.SENT


def test_the_archives_date_is_when_the_first_message_was_accepted(
    begin, run, database, clock, outbox
):
    number = begin(2)
    began = clock()
    busy = [Receipt(Outcome.DEFERRED, "451 busy")] * 2
    transport = Scripted(outbox, receipts=lambda call, _: busy if call == 1 else None)
    run(number, transport)
    with database.reading() as conn:
        issue = store.get(conn, number)
    assert (issue.began_at, issue.first_accepted_at) == (began, None)
    clock.forward(days=1)
    run(number, transport, retry=True)
    with database.reading() as conn:
        assert store.get(conn, number).first_accepted_at == clock()
    clock.forward(days=1)
    run(number, transport)
    with database.reading() as conn:
        issue = store.get(conn, number)
    assert issue.first_accepted_at == clock() - timedelta(days=1)


def test_whoever_watches_may_end_the_wait(begin, run, outbox):
    """With a clock that stands still, a deferred reader would be waited for for ever."""
    number, stop = begin(2), threading.Event()
    later = [Receipt(Outcome.DEFERRED, "451 busy")] * 2
    counts = run(
        number,
        Scripted(outbox, receipts=lambda *_: later),
        retry=True,
        stop=stop,
        progress=lambda observed: stop.set() if observed["deferred"] == 2 else None,
    )
    assert counts == {"planned": 2, "deferred": 2}


def test_given_up_after_the_last_attempt(begin, run, status, database, clock, outbox):
    number = begin(1)
    transport = Scripted(outbox, receipts=lambda *_: [Receipt(Outcome.DEFERRED, "451 busy")])
    for _ in range(12):
        counts = run(number, transport, wait=False)
        clock.forward(hours=13)
    assert counts == {"planned": 1, "refused": 1}
    assert transport.calls == 9
    assert status(number) is Status.SENT
    with database.reading() as conn:
        [entry] = ledger.listing(conn, number)
    assert entry.reason == "given up after 9 attempts: 451 busy"


def test_a_server_that_is_away_is_waited_for(begin, run, status, outbox):
    number = begin(12)

    def away(call):
        if call <= 2:
            raise Unreachable("nobody answers")

    began = time.monotonic()
    counts = run(number, Scripted(outbox, before=away), connections=1)
    assert counts == {"planned": 12, "accepted": 12}
    assert time.monotonic() - began > 2.5, "a second, then two"
    assert set(copies(outbox).values()) == {1}


def test_the_schedule_does_not_wait_for_a_server_that_is_away(begin, run, status, outbox):
    number = begin(12)

    def away(_call):
        raise Unreachable("nobody answers")

    counts = run(number, Scripted(outbox, before=away), connections=1, wait=False)
    assert counts == {"planned": 12, "queued": 12}
    assert status(number) is Status.SENDING


def test_waiting_is_interrupted(begin, run, outbox):
    number, stop = begin(3), threading.Event()

    def away(_call):
        stop.set()
        raise Unreachable("nobody answers", retry_after=600)

    began = time.monotonic()
    counts = run(number, Scripted(outbox, before=away), stop=stop)
    assert counts == {"planned": 3, "queued": 3}
    assert time.monotonic() - began < 60


def notices(database):
    with database.reading() as conn:
        columns = (LETTERS.c.address, LETTERS.c.subject, LETTERS.c.text)
        return conn.execute(select(*columns).where(LETTERS.c.kind == "notice")).all()


def test_a_server_that_refuses_us_stops_the_issue(begin, run, status, database, outbox):
    number = begin(30)

    def refuse(call):
        if call == 2:
            raise SenderRefused("relay refuses our user name or password (535)")

    counts = run(number, Scripted(outbox, before=refuse), connections=1)
    assert counts == {"planned": 30, "accepted": 5, "queued": 25}
    assert status(number) is Status.PAUSED
    [(editor, subject, text)] = notices(database)
    assert editor == "ann@example.org"
    assert "refuses us" in subject
    assert "535" in text


def test_three_refusals_of_the_sender_stop_the_issue(begin, run, status, database, outbox):
    number = begin(40)
    refusal = Receipt(Outcome.REFUSED, "550 5.7.1 reputation", sender_fault=True)
    transport = Scripted(outbox, batch=1, receipts=lambda call, _: [refusal] if call > 5 else None)
    counts = run(number, transport, connections=1)
    assert counts == {"planned": 40, "accepted": 5, "deferred": 3, "queued": 32}
    assert status(number) is Status.PAUSED
    assert len(notices(database)) == 1


def test_refusals_with_a_success_between_stop_nothing(begin, run, status, clock, outbox):
    number = begin(9)
    refusal = Receipt(Outcome.REFUSED, "550 5.7.1 policy", sender_fault=True)
    transport = Scripted(outbox, batch=1, receipts=lambda call, _: [refusal] if call % 3 else None)
    counts = run(number, transport, connections=1, wait=False)
    assert counts == {"planned": 9, "accepted": 3, "deferred": 6}
    assert status(number) is Status.SENT


def test_a_transport_that_breaks_leaves_doubt_for_its_group_alone(begin, run, database, outbox):
    number = begin(20)

    def broken(call):
        if call == 2:
            raise RuntimeError("a fault in the program")

    with pytest.raises(RuntimeError):
        run(number, Scripted(outbox, before=broken), connections=1)
    assert run(number, FolderTransport(outbox)) == {"planned": 20, "accepted": 15, "doubtful": 5}
    assert set(copies(outbox).values()) == {1}


def test_the_rate_is_kept_by_all_threads_together(begin, run, outbox):
    number = begin(30)
    began = time.monotonic()
    counts = run(number, FolderTransport(outbox), connections=4, rate=20)
    assert counts == {"planned": 30, "accepted": 30}
    assert time.monotonic() - began > 1.2


def test_a_document_that_is_not_what_was_approved_is_not_sent(begin, run, database, clock, outbox):
    number = begin(2)
    with database.transaction() as conn:
        frozen = approval.frozen(conn, number)
        approval.freeze(
            conn, number, type(frozen)("other", "", "<p>x</p>", "x", frozen.hash), record=""
        )
    with pytest.raises(Exception, match="not what was approved"):
        run(number, FolderTransport(outbox))
    assert not outbox.exists()


def test_a_slot_that_nobody_fills_is_found_before_the_first_message(begin, run, outbox):
    odd = Document("s", "", "<p>[[shoe_size]] [[unsubscribe_url]]</p>", "[[unsubscribe_url]]")
    number = begin(2, odd)
    with pytest.raises(PressError, match="shoe_size"):
        run(number, FolderTransport(outbox))
    assert not outbox.exists()


def test_a_rehearsal_renders_for_everybody_and_sends_nothing(
    database, approved, readers, settings, keys, clock
):
    readers(25)
    number = approved()
    progress = []
    result = rehearsal.rehearse(
        database,
        number,
        DOCUMENT,
        edition=1,
        settings=settings,
        keys=keys,
        now=clock,
        progress=progress.append,
    )
    assert (result.planned, result.rendered, result.faults) == (25, 25, ())
    assert result.bytes > 25 * len(DOCUMENT.html)
    assert result.longest_line <= 998
    with database.reading() as conn:
        assert ledger.counts(conn, number)["planned"] == 0
        assert store.get(conn, number).status is Status.APPROVED
    assert progress


def test_a_rehearsal_that_is_stopped_says_who_is_left_out(
    database, approved, readers, settings, keys, clock
):
    readers(2)
    stop = threading.Event()
    stop.set()
    result = rehearsal.rehearse(
        database,
        approved(),
        DOCUMENT,
        edition=1,
        settings=settings,
        keys=keys,
        now=clock,
        stop=stop,
    )
    assert result.faults == ("2 readers were not rendered",)


def test_a_test_copy_says_that_it_is_one(database, approved, settings, keys, clock, relay):
    number, server = approved(), relay()
    transport = SmtpTransport("127.0.0.1", server.port, "none", timeout=5.0)
    receipt = rehearsal.send_test(
        database,
        number,
        DOCUMENT,
        edition=1,
        to="ann@example.org",
        transport=transport,
        settings=settings,
        keys=keys,
        now=clock(),
    )
    transport.close()
    assert receipt.outcome is Outcome.ACCEPTED
    [received] = server.received
    assert received.recipient == "ann@example.org"
    read = BytesParser(policy=policy.default).parsebytes(received.data)
    assert read["Subject"] == "[Test] Märkte and news – no. 1"
    with database.reading() as conn:
        assert ledger.counts(conn, number)["planned"] == 0


def test_a_server_that_refuses_the_sender_of_a_sent_issue_is_tried_again_an_hour_later(
    begin, run, status, clock, outbox
):
    number = begin(3)
    busy = [Receipt(Outcome.DEFERRED, "451 busy")] * 3
    refusal = [Receipt(Outcome.DEFERRED, "451 4.7.1 your address is listed", sender_fault=True)] * 3
    scripts = {1: busy, 2: refusal}
    transport = Scripted(outbox, receipts=lambda call, _: scripts.get(call))
    assert run(number, transport, wait=False) == {"planned": 3, "deferred": 3}
    clock.forward(minutes=5)
    run(number, transport, wait=False)
    assert status(number) is Status.SENT
    clock.forward(minutes=59)
    assert run(number, transport, wait=False) == {"planned": 3, "deferred": 3}
    assert transport.calls == 2
    clock.forward(minutes=1)
    assert run(number, transport, wait=False) == {"planned": 3, "accepted": 3}
