"""A year of weeks: one issue each, no story twice, none lost, one copy for each reader."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from emag.content import store as pool
from emag.issues import approval, store
from emag.issues.issue import Status
from emag.schedule.tick import tick

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 1, 5)
WEEKS = 52
QUIET = 4  # weeks at the end with one story each, for what still waits
READERS = 3
ARCHIVE = 36  # stories from long before the publication: the first issue takes the newest of them
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


class Writers:
    """Write at random, under true dates, old dates and none; at times more than an issue holds."""

    def __init__(self, shelf) -> None:
        self.shelf, self.chance, self.written = shelf, random.Random(7), 0

    def write(self, now: datetime) -> None:
        for _ in range(self._stories(now)):
            self.written += 1
            dated = self.chance.choice([now, now, None, now - timedelta(days=40)])
            self.shelf.put(f"Story {self.written}", published=dated)

    def _stories(self, now: datetime) -> int:
        if now.date() >= MONDAY + timedelta(weeks=WEEKS - QUIET):
            return int(now.weekday() == WEDNESDAY)
        return self.chance.choice([0, 1, 2, 4, 10])


@pytest.fixture
def live_through_it(clock, shelf):
    """Runs the year, but for the outages; gives how many stories were written."""

    def _run(open_newsroom, settings):
        clock.at = datetime.combine(MONDAY, time(9), tzinfo=LONDON).astimezone(UTC)
        newsroom = open_newsroom(settings, readers=READERS)
        for number in range(ARCHIVE):
            shelf.put(f"Archive {number}", published=clock() - timedelta(days=30 + number))
        tick(newsroom)
        writers = Writers(shelf)
        for now in rounds():
            clock.at = now
            writers.write(now)
            if any(begins <= now < begins + LONG for begins in OUTAGES):
                continue
            said = tick(newsroom)
            assert [line for line in said if line.startswith("Could not")] == []
        return writers.written

    return _run


@pytest.fixture
def issues(database):
    def _issues(*statuses: Status):
        with database.reading() as conn:
            return [store.get(conn, bare.number) for bare in store.listing(conn, *statuses)]

    return _issues


def assert_nothing_twice_and_nothing_lost(sent, database, written):
    titles = Counter(pick.story.title for issue in sent for pick in issue.picks)
    assert max(titles.values()) == 1
    archive = {title for title in titles if title.startswith("Archive")}
    assert set(titles) - archive == {f"Story {number}" for number in range(1, written + 1)}
    assert archive <= {pick.story.title for pick in sent[0].picks}, "only the first issue's"
    with database.reading() as conn:
        assert len(pool.candidates(conn)) == written + ARCHIVE
        assert len(approval.used(conn)) == len(titles)


def assert_one_copy_each(sent, mail):
    copies = Counter(to for to, _ in mail("reader"))
    assert copies == {f"reader{number}@example.org": len(sent) for number in range(READERS)}


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
    assert_nothing_twice_and_nothing_lost(sent, database, written)
    assert_one_copy_each(sent, mail)
    told = Counter(subject for _, subject in mail("ann@"))
    assert told[f"Issue {issues(Status.HELD)[0].number} is held: too late"] == 1
    assert told["No issue was sent"] == 1
    assert told["No issue this time: too few stories"] == 0
