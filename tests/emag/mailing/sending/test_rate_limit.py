"""One allowance for everybody who sends from a database."""

import threading
import time

import pytest
from sqlalchemy import text

from emag.database import Database
from emag.mailing.sending.rate_limit import RateLimit


def test_without_a_rate_nobody_waits(database):
    allowance = RateLimit(database, 0)
    assert [allowance.acquire(1000) for _ in range(3)] == [0.0] * 3


def test_a_rate_spreads_groups_evenly(database):
    allowance = RateLimit(database, 2)
    waits = [allowance.acquire(messages) for messages in (100, 50, 1, 1)]
    assert waits == [pytest.approx(wait, abs=0.4) for wait in (0.0, 50.0, 75.0, 75.5)]


def test_idle_senders_save_up_a_second_and_no_more(database):
    RateLimit(database, 10).acquire(1)
    with database.transaction() as conn:
        conn.execute(text("UPDATE allowances SET free_at = free_at - 3600"))
    senders = [RateLimit(database, 10) for _ in range(3)]
    waits = [sender.acquire(10) for sender in senders]
    assert waits[:2] == [0.0, 0.0]
    assert 0.5 < waits[2] <= 1.0


def test_a_high_rate_costs_few_transactions(database):
    """A quarter of a second is taken at once, and given out message by message."""

    def taken():
        with database.reading() as conn:
            return conn.execute(text("SELECT free_at FROM allowances")).scalar()

    allowance = RateLimit(database, 1000, clock=lambda: 0.0)
    waits = [allowance.acquire(10)]
    before = taken()
    waits += [allowance.acquire(10) for _ in range(24)]
    assert waits == [pytest.approx(n / 100, abs=0.005) for n in range(25)]
    assert taken() == before
    allowance.acquire(10)
    assert taken() == pytest.approx(before + 0.25)


def test_all_senders_share_it(database):
    """Two of them with threads each, as two processes have: nobody shares a place in line."""
    waits, began = [], time.monotonic()

    def send(own: Database):
        allowance = RateLimit(own, 1)
        waits.extend(allowance.acquire(1) + time.monotonic() - began for _ in range(10))

    others = [Database(database.url.render_as_string(hide_password=False)) for _ in range(2)]
    threads = [threading.Thread(target=send, args=(own,)) for own in others * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in others:
        own.close()
    assert sorted(waits) == [pytest.approx(place, abs=0.5) for place in range(40)]
