"""So many on the first day, more on the next, then as many as there are."""

from datetime import date

import pytest

from emag.mailing.sending.warmup import WarmUp


class Days:
    def __init__(self):
        self.day = date(2026, 3, 5)

    def __call__(self):
        return self.day


@pytest.fixture
def days():
    return Days()


@pytest.fixture
def take(database, days):
    def take(plan, want, *, sent=None):
        warm_up = WarmUp(plan, days)
        with database.transaction() as conn:
            granted = warm_up.grant(conn, want)
            warm_up.count(conn, granted if sent is None else sent)
        return granted, warm_up.is_used_up

    return take


def test_without_a_plan_there_is_no_limit(take):
    assert take((), 1_000_000) == (1_000_000, False)


def test_a_day_has_its_share_for_all_senders_together(take):
    assert take((10, 20), 6) == (6, False)
    assert take((10, 20), 6) == (4, False)
    assert take((10, 20), 6) == (0, True)


def test_the_share_grows_with_days_on_which_something_left(take, days):
    take((10, 20), 10)
    days.day = date(2026, 3, 9)
    assert take((10, 20), 100) == (20, False)
    days.day = date(2026, 3, 10)
    assert take((10, 20), 100) == (100, False), "the plan is over"


def test_a_day_on_which_nothing_left_does_not_count(take, days):
    assert take((10, 20), 5, sent=0) == (5, False)
    days.day = date(2026, 3, 6)
    assert take((10, 20), 100) == (10, False)


def test_what_did_not_leave_after_all_is_given_back(database, days, take):
    take((10,), 10)
    warm_up = WarmUp((10,), days)
    with database.transaction() as conn:
        warm_up.count(conn, -4)
        assert warm_up.grant(conn, 10) == 4
