"""How fast, and how patient."""

import threading

import pytest

from emag.mailing.pace import Pace, patience


class Watch:
    def __init__(self):
        self.at = 100.0

    def __call__(self):
        return self.at


def test_without_a_rate_nobody_waits():
    pace = Pace(0)
    assert [pace.reserve(1000) for _ in range(3)] == [0.0] * 3


def test_a_rate_spreads_messages_evenly():
    pace = Pace(10, clock=Watch())
    assert [pytest.approx(pace.reserve(1)) for _ in range(4)] == [0.0, 0.1, 0.2, 0.3]


def test_groups_count_as_many():
    pace = Pace(10, clock=Watch())
    assert [pytest.approx(pace.reserve(5)) for _ in range(3)] == [0.0, 0.5, 1.0]


def test_an_idle_sender_saves_up_a_second_and_no_more():
    watch = Watch()
    pace = Pace(10, clock=watch)
    watch.at += 3600
    waits = [pace.reserve(1) for _ in range(13)]
    assert waits[:11] == [0.0] * 11
    assert waits[11] > 0


def test_all_threads_share_one_allowance():
    pace, watch = Pace(100, clock=Watch()), []

    def work():
        watch.extend(pace.reserve(1) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(round(wait, 6) for wait in watch) == [round(n / 100, 6) for n in range(200)]


def test_patience_doubles_to_a_minute():
    assert [patience(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert patience(1000) == 60


def test_a_time_that_was_named_is_kept():
    assert patience(1, asked=300) == 300
    assert patience(3, asked=2) == 4
