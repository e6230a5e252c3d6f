"""The rate limit: one token bucket for all senders on a database."""

import threading
import time

import pytest
from sqlalchemy import text

from emag.database import Database
from emag.mailing.sending.rate_limit import RateLimit


def test_without_a_rate_nothing_waits(database):
    limit = RateLimit(database, 0)
    assert [limit.acquire(1000) for _ in range(3)] == [0.0] * 3


def test_a_rate_spreads_groups_evenly(database):
    limit = RateLimit(database, 2)
    waits = [limit.acquire(messages) for messages in (100, 50, 1, 1)]
    assert waits == [pytest.approx(wait, abs=0.4) for wait in (0.0, 50.0, 75.0, 75.5)]


def test_idle_senders_save_up_a_second_and_no_more(database):
    RateLimit(database, 10).acquire(1)
    with database.transaction() as conn:
        conn.execute(text("UPDATE rate_limits SET free_at = free_at - 3600"))
    senders = [RateLimit(database, 10) for _ in range(3)]
    waits = [sender.acquire(10) for sender in senders]
    assert waits[:2] == [0.0, 0.0]
    assert 0.5 < waits[2] <= 1.0


def test_a_high_rate_costs_few_transactions(database):
    """The tokens of a quarter of a second are taken at once and used message by message."""

    def free_at():
        with database.reading() as conn:
            return conn.execute(text("SELECT free_at FROM rate_limits")).scalar()

    limit = RateLimit(database, 1000, clock=lambda: 0.0)
    waits = [limit.acquire(10)]
    before = free_at()
    waits += [limit.acquire(10) for _ in range(24)]
    assert waits == [pytest.approx(n / 100, abs=0.005) for n in range(25)]
    assert free_at() == before
    limit.acquire(10)
    assert free_at() == pytest.approx(before + 0.25)


def test_all_senders_share_it(database):
    """Two databases with two threads each stand for two processes: no token is used twice."""
    waits, began = [], time.monotonic()

    def send(database: Database):
        limit = RateLimit(database, 0.05)
        waits.extend(limit.acquire(1) + time.monotonic() - began for _ in range(10))

    others = [Database(database.url.render_as_string(hide_password=False)) for _ in range(2)]
    threads = [threading.Thread(target=send, args=(other,)) for other in others * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert sorted(waits) == [pytest.approx(20 * n, abs=10) for n in range(40)]
