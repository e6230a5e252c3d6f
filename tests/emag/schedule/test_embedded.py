"""The embedded engine: comes round by itself, outlives trouble, ends safely."""

import logging
import threading
import time
from dataclasses import replace

import pytest

from emag.issues import store
from emag.issues.issue import Status
from emag.schedule.embedded import EmbeddedEngine


@pytest.fixture
def run(request):
    """Starts an engine and stops it at the end."""

    def _run(newsroom) -> EmbeddedEngine:
        engine = EmbeddedEngine(lambda: newsroom, every=0.05)
        request.addfinalizer(engine.stop)
        engine.start()
        return engine

    return _run


def wait_for(condition, seconds=90.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def status(newsroom):
    with newsroom.database.reading() as conn:
        issues = store.listing(conn)
    return issues[0].status if issues else None


def test_an_issue_goes_all_the_way_by_itself(automatic, clock, shelf, run, mail):
    shelf.put("One")
    run(automatic)
    clock.forward(hours=7)  # Thursday 16:00
    assert wait_for(lambda: status(automatic) is Status.APPROVED)
    clock.forward(hours=15, minutes=30)  # Friday 07:30
    assert wait_for(lambda: status(automatic) is Status.SENT)
    assert len(mail("reader")) == 3


def test_trouble_is_one_sentence_told_once_and_the_next_round_comes(newsroom, clock, run, caplog):
    calls = []

    def broken_clock():
        calls.append(1)
        if len(calls) < 60:
            raise ZeroDivisionError("reader1@example.org")
        return clock()

    caplog.set_level(logging.INFO, logger="emag.schedule")
    run(replace(newsroom, now=broken_clock))
    assert wait_for(lambda: len(calls) > 100)
    lines = [record.getMessage() for record in caplog.records if "Could not" in record.getMessage()]
    assert "Could not draft: there is a fault in emag, see errors.log" in lines
    assert len(lines) < 20
    assert not any(record.exc_info for record in caplog.records)
    assert "reader1" not in caplog.text


def test_a_long_send_does_not_hold_up_the_rest(automatic, clock, shelf, run, mail):
    """Confirmations and notices leave while a send is under way."""
    gate, reached = threading.Event(), threading.Event()

    class Slow:
        name, batch = "slow", 20

        def send(self, messages):
            if messages[0].encoded.label.startswith("issue"):
                reached.set()
                assert gate.wait(20)
            return automatic.transport.send(messages)

        def close(self):
            automatic.transport.close()

    shelf.put("One")
    clock.forward(hours=7)
    run(replace(automatic, sender=automatic.sender.using(Slow())))
    assert wait_for(lambda: status(automatic) is Status.APPROVED)
    clock.forward(hours=15, minutes=30)
    try:
        assert reached.wait(20)
        assert wait_for(lambda: mail("ann@"))
        assert mail("reader") == []
        reads = shelf.reads
        clock.forward(hours=1)
        assert wait_for(lambda: shelf.reads > reads)
    finally:
        gate.set()
    assert wait_for(lambda: status(automatic) is Status.SENT)


def test_it_can_be_stopped_and_started_again(newsroom, shelf, clock):
    engine = EmbeddedEngine(lambda: newsroom, every=0.05)
    engine.stop()  # not started: nothing to do
    for _ in range(2):
        engine.start()
        engine.start()
        reads = shelf.reads
        clock.forward(hours=1)
        assert wait_for(lambda: shelf.reads > reads)  # noqa: B023 - used at once
        engine.stop()
    reads = shelf.reads
    clock.forward(hours=1)
    time.sleep(0.2)
    assert shelf.reads == reads
