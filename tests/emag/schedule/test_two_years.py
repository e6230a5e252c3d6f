"""104 weeks: what the calendar said is what ran, whatever rhythm, holidays and editors did."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from emag.dates.calendar import DateStatus, spoken
from emag.desk import approve, arrange, edit
from emag.issues import store
from emag.issues.draft import draft_special
from emag.issues.issue import Issue
from emag.newsroom import Newsroom
from emag.schedule import calendar
from emag.schedule.calendar import CalendarDate
from emag.schedule.tick import ALL, DESK, SENDING, tick
from emag.settings.times import read
from tests.weeks import Writers, assert_no_story_twice_and_none_lost, assert_one_copy_each

LONDON = ZoneInfo("Europe/London")
READERS = 2
MINUTE = timedelta(minutes=1)
WEDNESDAY = 2


def at(text: str) -> datetime:
    """A local time such as “2026-01-05 12:00”, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


BEGINS, ENDS = at("2026-01-05 00:00"), at("2028-01-03 00:00")
LAST_STORY = at("2027-11-25 00:00")  # the issue of 3 December takes what is left
OUTAGE = (at("2026-06-17 11:00"), at("2026-06-20 11:00"))  # neither drafted nor sent
MONTHLY = at("2027-08-30 00:00")
MISSED = date(2026, 6, 19)
# The rhythm from a time on. Each meets holidays of England.
RHYTHMS = {
    "2026-01-05 00:00": {"draft": "thu 16:00", "send": "friday 7.30am", "on_holiday": "before"},
    "2026-08-03 00:00": {
        "draft": "fri 15:00",
        "send": "mon 09:00",
        "on_holiday": "after",
        "skip": ["2026-10-12"],
    },
    "2027-01-05 00:00": {"draft": "fri 15:00", "send": "mon 09:00", "on_holiday": "skip"},
    "2027-05-11 00:00": {
        "draft": "thu 16:00",
        "send": "fri 07:30",
        "every": 2,
        "from": "2027-05-14",
    },
    "2027-08-30 00:00": {"draft": "wed 16:00", "send": "first fri 07:30"},
}


@dataclass
class House:
    """A publication that lives through the weeks, and what its calendar said of each date."""

    newsroom: Newsroom
    forecast: dict[date, CalendarDate] = field(default_factory=dict)
    opened_late: dict[date, datetime] = field(default_factory=dict)  # after the draft's own time
    specials: list[datetime] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)  # title and the issue it was held in

    def look(self, *changed: date) -> None:
        """Reads the calendar. No date may be another than it was, but for the `changed` ones."""
        for line in self._dates():
            before = self.forecast.get(line.usual)
            if before and line.usual not in changed and line.status is not DateStatus.BEGUN:
                assert plan_of(line) == plan_of(before)
            self.forecast[line.usual] = line

    def begin_rhythm(self, settings) -> None:
        self.newsroom = replace(self.newsroom, settings=settings)
        now = self.newsroom.now()
        self.forecast = {usual: line for usual, line in self.forecast.items() if line.send <= now}
        self.look()
        for line in self._dates():
            if line.draft and line.draft < now:
                self.opened_late[line.usual] = now

    def change(self, verb: Callable[..., object], day: str, *more: object) -> None:
        """Skips, moves or unskips a date."""
        usual, room = date.fromisoformat(day), self.newsroom
        verb(room.database, room.settings, usual, *more, now=room.now(), by="Ann")
        self.look(usual)
        draft = self.forecast[usual].draft
        if verb is calendar.unskip and draft and draft < room.now():
            self.opened_late[usual] = room.now()

    def hold_two_stories(self) -> None:
        room = self.newsroom
        with room.database.reading() as conn:
            issue = store.get(conn, "next")
        stories = issue.picks[:2]
        self.held |= {pick.story.title: issue.number for pick in stories}
        numbers = [pick.candidate for pick in stories]
        arrange.hold(room.database, room.settings, issue.number, numbers, now=room.now(), by="Ann")

    def send_a_special_edition(self, send_at: datetime) -> None:
        """Writes and approves one with a note and no story, on a day that has its own issue."""
        room = self.newsroom
        more = {"now": room.now(), "by": "Ann"}
        number = draft_special(room.database, room.settings, title="A special", **more).number
        edit.write(room.database, room.settings, number, note="Words from the editors.", **more)
        approve.approve(room.database, room.settings, number, send_at=send_at, **more)
        [line] = [line for line in self._lines() if line.issue == number]
        assert line.send == send_at
        self.specials.append(send_at)

    def _dates(self) -> list[CalendarDate]:
        """The lines of the rhythm's dates, without special editions."""
        return [line for line in self._lines() if "special" not in line.reason]

    def _lines(self) -> list[CalendarDate]:
        room = self.newsroom
        ends = next((at(b) for b in RHYTHMS if at(b) > room.now()), ENDS)
        lines = calendar.listing(room.database, room.settings, now=room.now(), weeks=40)
        return [line for line in lines if line.send < ends]


def plan_of(line: CalendarDate):
    return (line.draft, line.send, line.status is DateStatus.SKIPPED)


# What editors do.
ACTS: dict[str, Callable[[House], None]] = {
    "2026-01-20 12:00": lambda house: house.change(calendar.skip, "2026-01-30"),
    "2026-02-10 12:00": lambda house: house.change(
        calendar.move, "2026-02-20", read("thursday 9am")
    ),
    "2026-02-26 18:00": lambda house: house.hold_two_stories(),
    # The issue is drafted and approved already.
    "2026-03-05 18:00": lambda house: house.change(calendar.skip, "2026-03-06"),
    "2026-03-12 18:00": lambda house: house.change(
        calendar.move, "2026-03-13", at("2026-03-14 10:00")
    ),
    "2026-04-17 06:00": lambda house: house.send_a_special_edition(at("2026-04-17 12:00")),
    "2026-05-04 09:00": lambda house: house.change(calendar.skip, "2026-05-08"),
    "2026-05-05 09:00": lambda house: house.change(calendar.unskip, "2026-05-08"),
    "2026-05-14 18:00": lambda house: house.change(calendar.skip, "2026-05-15"),
    "2026-05-14 19:00": lambda house: house.change(calendar.unskip, "2026-05-15"),
    "2026-11-03 12:00": lambda house: house.change(
        calendar.move, "2026-11-16", at("2026-11-18 09:00")
    ),
    "2027-02-05 20:00": lambda house: house.hold_two_stories(),
    "2027-04-20 12:00": lambda house: house.change(calendar.unskip, "2027-05-03"),
    "2027-06-01 12:00": lambda house: house.change(calendar.skip, "2027-06-11"),
    "2027-09-01 12:00": lambda house: house.change(calendar.move, "2027-10-01", read("mon 08:00")),
}
SKIPPED = {
    date(2026, 1, 30),
    date(2026, 3, 6),
    date(2026, 10, 12),  # in the settings
    date(2027, 3, 29),  # Easter Monday
    date(2027, 6, 11),
}


def rounds():
    """Times when stories are written: before the drafts, and between a draft and its send."""
    day = BEGINS.date()
    while day < ENDS.date():
        if day.weekday() in {2, 3, 6}:
            yield datetime.combine(day, time(20), tzinfo=LONDON).astimezone(UTC)
        day += timedelta(days=1)


def stories_of(writers: Writers, now: datetime) -> int:
    """How many stories are written: always some before a draft and after it, few in a month."""
    if now >= MONTHLY:
        return int(now.weekday() == WEDNESDAY)
    return writers.chance.choice([3, 3, 8] if now.weekday() == WEDNESDAY else [1, 1, 2])


def live(house: House, clock, writers: Writers, configure) -> None:
    """Goes from one moment at which something happens to the next."""
    fixed = {*rounds(), *map(at, RHYTHMS), *map(at, ACTS)}
    now = BEGINS - MINUTE
    while now < ENDS:
        due = {
            moment
            for line in house.forecast.values()
            for moment in (line.draft, line.send)
            if moment and moment > now
        } | {moment for moment in house.specials if moment > now}
        ahead = fixed | due | {moment - MINUTE for moment in due}
        now = min((moment for moment in ahead if moment > now), default=ENDS)
        clock.at = now
        local = f"{now.astimezone(LONDON):%Y-%m-%d %H:%M}"
        if local in RHYTHMS:
            house.begin_rhythm(configure(approval="automatic", holidays="GB-ENG", **RHYTHMS[local]))
        if now in fixed and now < LAST_STORY:
            writers.write(now, stories_of(writers, now))
        if local in ACTS:
            ACTS[local](house)
        if not OUTAGE[0] <= now < OUTAGE[1]:
            stages = (*DESK, *SENDING) if now + MINUTE in due else ALL  # nothing may come early
            lines = tick(house.newsroom, stages=stages)
            assert [line for line in lines if line.startswith("Could not")] == []


def begun(database) -> list[Issue]:
    """The issues that have begun to leave, in the order of leaving."""
    with database.reading() as conn:
        issues = [store.get(conn, bare.number) for bare in store.listing(conn)]
    return sorted((issue for issue in issues if issue.began_at), key=lambda issue: issue.began_at)


def assert_the_calendar_told_the_truth(house: House, left: list[Issue]) -> None:
    planned = {
        u: line for u, line in house.forecast.items() if line.status is not DateStatus.SKIPPED
    }
    assert set(house.forecast) - set(planned) == SKIPPED
    weekly = [issue for issue in left if not issue.is_special]
    ran = {date.fromisoformat(issue.local_date): issue for issue in weekly}
    assert len(ran) == len(weekly)
    assert set(ran) == set(planned) - {MISSED}
    for usual, issue in ran.items():
        line = planned[usual]
        assert (usual, issue.began_at) == (usual, line.send)
        assert (usual, issue.until) == (usual, house.opened_late.get(usual, line.draft))


def assert_special_editions_leave_and_editions_are_consecutive(
    house: House, left: list[Issue]
) -> None:
    assert [issue.began_at for issue in left if issue.is_special] == house.specials
    assert [issue.edition for issue in left] == list(range(1, len(left) + 1))


def assert_held_stories_come_in_the_next_issue(house: House, left: list[Issue]) -> None:
    numbers = [issue.number for issue in left]
    places = {pick.story.title: issue.number for issue in left for pick in issue.picks}
    assert len(house.held) == 4
    for title, number in house.held.items():
        assert places[title] == numbers[numbers.index(number) + 1]


def assert_the_editors_knew(mail) -> None:
    notices = Counter(subject for _, subject in mail("ann@"))
    for day in SKIPPED:
        assert notices[f"No issue on {spoken(day)}"] == 1
    assert notices["No issue was sent"] == 1


def test_what_the_calendar_said_is_what_ran(open_newsroom, configure, clock, shelf, database, mail):
    clock.at = BEGINS - timedelta(hours=1)
    writers = Writers(shelf)
    writers.fill_archive(clock())
    house = House(open_newsroom(configure(send="off", draft="off"), readers=READERS))
    tick(house.newsroom)
    shelf.shows = 20  # as many as were never written between two reads
    live(house, clock, writers, configure)
    left = begun(database)
    assert_the_calendar_told_the_truth(house, left)
    assert_no_story_twice_and_none_lost(left, database, writers.written)
    assert_held_stories_come_in_the_next_issue(house, left)
    assert_special_editions_leave_and_editions_are_consecutive(house, left)
    assert_the_editors_knew(mail)
    assert_one_copy_each(left, mail, READERS)
