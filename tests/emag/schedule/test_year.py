"""A year of weeks: one issue each, no story twice, none lost, one copy for each reader."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from emag.issues import store
from emag.issues.issue import Status
from emag.schedule.tick import tick
from tests.weeks import Writers, assert_no_story_twice_and_none_lost, assert_one_copy_each

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 1, 5)
WEEKS = 52
QUIET = 4  # weeks at the end with one story each, for what still waits
READERS = 3
WEDNESDAY, THURSDAY, FRIDAY, SUNDAY = 2, 3, 4, 6
LONG = timedelta(days=3)
OUTAGES = (
    datetime(2026, 3, 26, 17, 0, tzinfo=UTC),  # before the clocks go forward: drafted, not sent
    datetime(2026, 10, 21, 10, 0, tzinfo=UTC),  # before they go back: neither drafted nor sent
)
HELD, MISSED = "2026-03-27", "2026-10-23"
ROUNDS = {WEDNESDAY: time(12), THURSDAY: time(16), FRIDAY: time(7, 30), SUNDAY: time(12)}


def rounds():
    """Mid-week, when something is due, and at the week's end: the real clock comes round more."""
    for day in range(WEEKS * 7):
        today = MONDAY + timedelta(days=day)
        if at := ROUNDS.get(today.weekday()):
            yield datetime.combine(today, at, tzinfo=LONDON).astimezone(UTC)


def stories_of(chance, now):
    """How many stories are written: at times more than an issue holds, and few at the end."""
    if now.date() >= MONDAY + timedelta(weeks=WEEKS - QUIET):
        return int(now.weekday() == WEDNESDAY)
    return chance.choice([0, 1, 2, 4, 10])


@pytest.fixture
def live_through_it(clock, shelf):
    """Runs the year, but for the outages; gives how many stories were written."""

    def _run(open_newsroom, settings):
        clock.at = datetime.combine(MONDAY, time(9), tzinfo=LONDON).astimezone(UTC)
        newsroom = open_newsroom(settings, readers=READERS)
        writers = Writers(shelf)
        writers.fill_archive(clock())
        tick(newsroom)
        for now in rounds():
            clock.at = now
            writers.write(now, stories_of(writers.chance, now))
            if any(begins <= now < begins + LONG for begins in OUTAGES):
                continue
            lines = tick(newsroom)
            assert [line for line in lines if line.startswith("Could not")] == []
        return writers.written

    return _run


@pytest.fixture
def issues(database):
    def _issues(*statuses: Status):
        with database.reading() as conn:
            return [store.get(conn, bare.number) for bare in store.listing(conn, *statuses)]

    return _issues


def test_a_year_with_two_outages_of_three_days(
    live_through_it, open_newsroom, configure, database, issues, mail
):
    written = live_through_it(open_newsroom, configure(approval="automatic"))
    sent = issues(Status.SENT)
    fridays = [MONDAY + timedelta(days=FRIDAY, weeks=week) for week in range(WEEKS)]
    weeks = [friday.isoformat() for friday in fridays]
    assert [i.local_date for i in sent] == [w for w in weeks if w not in {HELD, MISSED}]
    assert [issue.local_date for issue in issues(Status.HELD)] == [HELD]
    assert len(issues()) == WEEKS - 1
    assert {issue.send_at.astimezone(LONDON).time() for issue in sent} == {time(7, 30)}
    assert {issue.send_at.hour for issue in sent} == {6, 7}  # summer time and winter time
    assert_no_story_twice_and_none_lost(sent, database, written)
    assert_one_copy_each(sent, mail, READERS)
    notices = Counter(subject for _, subject in mail("ann@"))
    assert notices[f"Issue {issues(Status.HELD)[0].number} is held: too late"] == 1
    assert notices["No issue was sent"] == 1
    assert notices["No issue this time: too few stories"] == 0
