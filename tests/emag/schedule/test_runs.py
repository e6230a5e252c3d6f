"""Runs are claimed by a row: two processes never do one twice, and a dead one's is taken over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from emag.schedule import runs

KEY = ("draft thu 16:00", "2026-03-05")
GATHER = ("gather", "")
HOUR = timedelta(hours=1)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def finished(database):
    with database.reading() as conn:
        return runs.finished(conn, since=LONG_AGO)


def test_one_of_many_gets_the_run(database, clock):
    with ThreadPoolExecutor(8) as hands:
        won = list(hands.map(lambda _: runs.claim(database, KEY, now=clock()), range(16)))
    assert won.count(True) == 1


def test_a_finished_run_is_never_claimed_again(database, clock):
    assert runs.claim(database, KEY, now=clock())
    assert finished(database) == {}
    runs.finish(database, KEY, "done", now=clock())
    assert not runs.claim(database, KEY, now=clock.forward(days=30))
    assert finished(database) == {KEY: "done"}


def test_a_run_that_died_is_taken_over_once(database, clock):
    assert runs.claim(database, KEY, now=clock())
    assert not runs.claim(database, KEY, now=clock.forward(minutes=14))
    clock.forward(minutes=2)
    with ThreadPoolExecutor(4) as hands:
        won = list(hands.map(lambda _: runs.claim(database, KEY, now=clock()), range(8)))
    assert won.count(True) == 1


def test_what_comes_round_by_the_hour_comes_once_an_hour(database, clock):
    def due():
        return runs.claim_every(database, GATHER, HOUR, now=clock())

    assert due()
    assert not due()
    clock.forward(minutes=59)
    assert not due()
    clock.forward(minutes=1)
    assert due()
    assert not due()


def test_a_clock_that_was_ahead_does_not_stop_the_line(database, clock):
    assert runs.claim_every(database, GATHER, HOUR, now=clock() + timedelta(days=365))
    assert runs.claim_every(database, GATHER, HOUR, now=clock())


def test_the_beginning_is_remembered(database, clock):
    first = runs.begun(database, "fri", now=clock())
    assert runs.begun(database, "fri", now=clock.forward(days=3)) == first
    changed = runs.begun(database, "mon", now=clock.forward(days=3))
    assert changed == clock()
    assert runs.begun(database, "mon", now=clock.forward(days=3)) == changed
