"""Calendars as common programs export them, and calendars that mean harm."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from emag.cli.story_output import story_data
from emag.content.closing import WITHDRAWN
from emag.content.gather import gather
from emag.content.sources import Memory
from emag.content.sources.calendar import CalendarSource
from emag.content.store import candidates
from emag.content.story import Kind
from emag.errors import SourceError

REAL = Path(__file__).parents[1] / "real" / "calendars"
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 4, 2, 7, tzinfo=UTC)  # a Thursday in British Summer Time
HOME = "https://club.example/calendar"


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def calendar(tmp_path):
    """A source that reads a file with these events."""

    def build(*events, now=lambda: NOW, page=HOME, head="", **settings):
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *head.splitlines()]
        for number, event in enumerate(events):
            uid = "" if "UID:" in event else f"UID:{number}\n"
            lines += ["BEGIN:VEVENT", *(uid + event).splitlines(), "END:VEVENT"]
        file = tmp_path / "c.ics"
        file.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]))
        return CalendarSource("c", "", "events", now, LONDON, path=file, page=page, **settings)

    return build


def at(*, days=0, hours=0):
    return f"{NOW + timedelta(days=days, hours=hours):%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize("file", sorted(REAL.glob("*.[ih]*")), ids=lambda file: file.name)
def test_calendars_of_common_programs_are_read_as_a_sub_editor_would(file):
    expected = json.loads(file.with_suffix(".json").read_text())
    source = CalendarSource("c", "", "events", lambda: NOW, LONDON, path=file, page=HOME)
    reading = source.read(Memory())
    assert reading.title == expected["title"]
    assert len(reading.notes) == reading.refused == expected.get("notes", 0), reading.notes
    assert [s.title for s in reading.cancelled] == expected["cancelled"]
    assert [s.title for s in reading.stories] == [s["title"] for s in expected["stories"]]
    for story, wanted in zip(reading.stories, expected["stories"], strict=True):
        printed = story_data(story) | {"price": story.price}
        for name, value in wanted.items():
            if name in {"starts", "ends"}:
                assert printed[name] == (value and utc(value)), (story.title, name)
            else:
                assert (printed[name] or "") == value, (story.title, name)
        assert story.kind is Kind.EVENT
    assert len({s.identity for s in reading.stories}) == len(reading.stories)


def utc(text):
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def test_an_event_that_has_ended_is_over_and_one_that_runs_is_not(calendar):
    over = f"SUMMARY:Over\nDTSTART:{at(hours=-3)}\nDTEND:{at(hours=-1)}"
    runs = f"SUMMARY:Runs\nDTSTART:{at(hours=-1)}\nDTEND:{at(hours=1)}"
    today = f"SUMMARY:Today\nDTSTART;VALUE=DATE:{NOW:%Y%m%d}"
    reading = calendar(over, runs, today).read(Memory())
    assert {s.title for s in reading.stories} == {"Runs", "Today"}


def test_a_recurring_event_moves_to_its_next_date_in_an_unchanged_calendar(calendar):
    clock = Clock()
    weekly = f"SUMMARY:Weekly\nDTSTART:{at(hours=2)}\nRRULE:FREQ=WEEKLY"
    source = calendar(weekly, now=clock)
    first = source.read(Memory())
    clock.at += timedelta(hours=1)
    assert source.read(first.memory).unchanged
    clock.at += timedelta(hours=2)
    second = source.read(first.memory)
    assert second.stories[0].starts - first.stories[0].starts == timedelta(days=7)
    assert second.stories[0].identity == first.stories[0].identity


def test_times_follow_the_wall_clock_through_summer_time(calendar):
    event = "SUMMARY:A\nDTSTART;TZID=Europe/London:20251204T100000\nRRULE:FREQ=WEEKLY"
    for day, hour in ((datetime(2026, 3, 24, tzinfo=UTC), 10), (NOW, 9)):
        story = calendar(event, now=lambda day=day: day).read(Memory()).stories[0]
        assert story.starts.hour == hour


def test_custom_zones_of_two_calendars_do_not_mix(calendar):
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
        "TZOFFSETFROM:{0}\nTZOFFSETTO:{0}\nEND:STANDARD\nEND:VTIMEZONE"
    )
    event = "SUMMARY:A\nDTSTART;TZID=Ours:20260601T120000"
    hours = [
        calendar(event, head=zone.format(offset)).read(Memory()).stories[0].starts.hour
        for offset in ("+0300", "-0500")
    ]
    assert hours == [9, 17]


def test_a_series_whose_next_instances_are_cancelled_has_the_one_after(calendar):
    series = f"UID:s\nSUMMARY:S\nDTSTART:{at(days=-6)}\nRRULE:FREQ=WEEKLY"
    off = [
        f"UID:s\nSUMMARY:S\nDTSTART:{at(days=d)}\nRECURRENCE-ID:{at(days=d)}\nSTATUS:CANCELLED"
        for d in (1, 8, 15)
    ]
    reading = calendar(series, *off).read(Memory())
    assert [s.starts for s in reading.stories] == [NOW + timedelta(days=22)]
    assert not reading.cancelled


def test_a_cancelled_event_is_no_story_and_one_that_was_gathered_is_over(
    calendar, database, tmp_path
):
    event = f"UID:a\nSUMMARY:A walk\nDTSTART:{at(days=9)}\nURL:https://club.example/walk"
    gather(database, [calendar(event)], now=NOW)
    [gathered] = gather(database, [calendar(f"{event}\nSTATUS:CANCELLED")], now=NOW)
    assert (gathered.ok, gathered.new, gathered.changed) == (True, 0, 1)
    with database.reading() as conn:
        [candidate] = candidates(conn)
    assert candidate.story.cancelled
    gather(database, [calendar(event)], now=NOW)
    with database.reading() as conn:
        [candidate] = candidates(conn)
    assert not candidate.story.cancelled


def pooled(database):
    with database.reading() as conn:
        return {c.story.title: (c.closed, c.story.starts) for c in candidates(conn)}


def test_an_event_that_was_deleted_from_its_calendar_is_withdrawn(calendar, database):
    walk, talk = (f"UID:{n}\nSUMMARY:{n}\nDTSTART:{at(days=9)}" for n in ("Walk", "Talk"))
    old = f"UID:Old\nSUMMARY:Old\nDTSTART:{at(hours=1)}"
    gather(database, [calendar(walk, talk, old)], now=NOW)
    later = NOW + timedelta(days=1)
    gather(database, [calendar(walk, now=lambda: later)], now=later)
    closed = {title: closed for title, (closed, _) in pooled(database).items()}
    assert closed == {"Walk": "", "Talk": WITHDRAWN, "Old": ""}  # what is over is no news
    gather(database, [calendar(walk, talk, now=lambda: later)], now=later)
    assert pooled(database)["Talk"][0] == ""


def test_an_event_that_cannot_be_read_any_more_and_one_too_many_stay(calendar, database):
    walk = f"UID:w\nSUMMARY:Walk\nDTSTART:{at(days=9)}"
    gather(database, [calendar(walk)], now=NOW)
    broken = "UID:w\nSUMMARY:Walk\nDTSTART;TZID=Nowhere/Land:20260410T090000"
    gather(database, [calendar(broken)], now=NOW)
    assert pooled(database)["Walk"][0] == ""


def test_an_event_whose_date_was_moved_to_the_past_is_withdrawn(calendar, database):
    walk = "UID:w\nSUMMARY:Walk\nDTSTART:"
    gather(database, [calendar(walk + at(days=9))], now=NOW)
    gather(database, [calendar(walk + at(days=-9))], now=NOW)
    assert pooled(database)["Walk"][0] == WITHDRAWN


def test_a_recurring_event_has_the_date_that_is_still_to_come(calendar, database):
    weekly = f"UID:w\nSUMMARY:Walk\nDTSTART:{at(hours=2)}\nRRULE:FREQ=WEEKLY"
    for days, passed in ((0, 0), (1, 1), (6, 1), (8, 2)):
        now = NOW + timedelta(days=days)
        gather(database, [calendar(weekly, now=lambda now=now: now)], now=now)
        [(closed, starts)] = pooled(database).values()
        assert (closed, starts) == ("", NOW + timedelta(hours=2, weeks=passed))


EVENTS = [  # lines of the event, what is printed of it
    ("DTSTART:20260410T090000Z", {"starts": "2026-04-10T09:00+00:00"}),
    ("DTSTART:20260410T090000", {"starts": "2026-04-10T08:00+00:00"}),  # in the publication's zone
    ("DTSTART;TZID=Europe/Paris:20260410T090000", {"starts": "2026-04-10T07:00+00:00"}),
    ("DTSTART;TZID=America/New_York:20260410T090000", {"starts": "2026-04-10T13:00+00:00"}),
    ("DTSTART;TZID=GMT Standard Time:20260410T090000", {"starts": "2026-04-10T08:00+00:00"}),
    ("DTSTART;VALUE=DATE:20260410", {"starts": "2026-04-09T23:00+00:00", "ends": None}),
    (
        "DTSTART;VALUE=DATE:20260410\nDTEND;VALUE=DATE:20260413",
        {"starts": "2026-04-09T23:00+00:00", "ends": "2026-04-11T23:00+00:00"},
    ),
    ("DTSTART:20260410T090000Z\nDURATION:PT90M", {"ends": "2026-04-10T10:30+00:00"}),
    ("DTSTART:20260331T090000Z\nDTEND:20260430T090000Z", {"starts": "2026-03-31T09:00+00:00"}),
    ("DTSTART:20260410T090000Z\nLOCATION:Town Hall\\, Leeds\\, UK", {"place": "Town Hall, Leeds"}),
    ("DTSTART:20260410T090000Z\nLOCATION:Online", {"place": "", "online": True}),
    ("DTSTART:20260410T090000Z\nLOCATION:https://zoom.us/j/1", {"place": "", "online": True}),
    ("DTSTART:20260410T090000Z\nLOCATION:Leeds and online", {"place": "Leeds", "online": True}),
    ("DTSTART:20260410T090000Z\nDESCRIPTION:Tickets: £8.50", {"price": "£8.50"}),
    ("DTSTART:20260410T090000Z\nDESCRIPTION:A free event", {"price": "Free"}),
    ("DTSTART:20260410T090000Z\nX-COST:£5", {"price": "£5"}),
    ("DTSTART:20260410T090000Z\nDESCRIPTION:Feel free to come", {"price": ""}),
    # Nothing of these is printed.
    ("DTSTART:20260401T090000Z", None),
    ("DTSTART:20260402T060000Z\nDTEND:20260402T065900Z", None),
    ("DTSTART:20260402T060000Z", None),
    ("DTSTART;VALUE=DATE:20260401", None),
    ("DTSTART:20260410T090000Z\nSTATUS:CANCELLED", None),
    ("DTSTART:20260410T090000Z\nCLASS:PRIVATE", None),
    ("DTSTART:20270510T090000Z", None),
    ("DTSTART;TZID=Nowhere/Land:20260410T090000", None),
]


def test_what_is_printed_of_an_event(calendar):
    wrong = []
    for lines, expected in EVENTS:
        stories = calendar(f"SUMMARY:A walk\n{lines}").read(Memory()).stories
        if bool(stories) != bool(expected):
            wrong.append((lines, stories))
        for name, value in (expected or {}).items() if stories else ():
            printed = getattr(stories[0], name)
            printed = (
                printed.isoformat(timespec="minutes") if isinstance(printed, datetime) else printed
            )
            wrong += [] if printed == value else [(lines, name, printed)]
    assert wrong == []


def test_a_cancelled_event_that_is_new_does_not_enter_the_pool(calendar, database):
    gather(database, [calendar(f"SUMMARY:A\nDTSTART:{at(days=9)}\nSTATUS:CANCELLED")], now=NOW)
    with database.reading() as conn:
        assert candidates(conn) == []


def test_events_without_an_address_link_to_the_calendar_and_all_enter_the_pool(calendar, database):
    events = [f"SUMMARY:Event {n}\nDTSTART:{at(days=n + 1)}" for n in range(5)]
    [gathered] = gather(database, [calendar(*events)], now=NOW)
    assert (gathered.new, gathered.notes) == (5, ())
    [again] = gather(database, [calendar(*events)], now=NOW)
    assert (again.new, again.changed) == (0, 0)
    with database.reading() as conn:
        assert {candidate.story.link for candidate in candidates(conn)} == {HOME}


def test_a_link_to_a_meeting_is_not_the_address_of_an_event(calendar):
    text = f"SUMMARY:A\nDTSTART:{at(days=1)}\nDESCRIPTION:Register: https://zoom.us/j/1?pwd=x"
    assert calendar(text).read(Memory()).stories[0].link == HOME
    url = f"SUMMARY:A\nDTSTART:{at(days=1)}\nURL:https://teams.microsoft.com/l/meetup-join/1"
    assert calendar(url).read(Memory()).stories[0].link == HOME


BOMBS = [
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=MINUTELY;COUNT=100000000",
    "RRULE:FREQ=HOURLY",
    "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))),
    "RRULE:FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(60))),
    "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31",
    "RRULE:FREQ=DAILY;INTERVAL=0",
    "RRULE:FREQ=DAILY;COUNT=99999999",
    "RRULE:FREQ=DAILY;BYSETPOS=400",
    "RRULE:FREQ=MONTHLY;BYDAY=9MO",
    "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=40",
    "RRULE:FREQ=YEARLY;BYWEEKNO=60",
    "RRULE:FREQ=YEARLY;BYYEARDAY=400",
    "RRULE:NONSENSE",
    "RRULE:FREQ=DAILY\n" * 20,
    "RDATE:" + ",".join([at(days=1)] * 3_000),
]


@pytest.mark.parametrize("rule", BOMBS, ids=lambda rule: rule[:50])
def test_rules_that_would_never_end_are_refused_in_little_time(calendar, rule):
    started = time.perf_counter()
    bomb = f"SUMMARY:Bomb\nDTSTART:16010101T000000Z\n{rule}"
    reading = calendar(bomb, f"SUMMARY:Good\nDTSTART:{at(days=1)}").read(Memory())
    assert time.perf_counter() - started < 100
    assert [s.title for s in reading.stories] == ["Good"]


@pytest.mark.parametrize("rule", ["DAILY", "WEEKLY;INTERVAL=2;BYDAY=TH", "MONTHLY", "YEARLY"])
def test_a_series_that_began_centuries_ago_is_read_in_little_time(calendar, rule):
    started = time.perf_counter()
    old = f"SUMMARY:Old\nDTSTART;TZID=Europe/London:16010104T190000\nRRULE:FREQ={rule}"
    reading = calendar(*[f"UID:{n}\n{old} {n}".replace(f" {n}", "") for n in range(20)]).read(
        Memory()
    )
    assert reading.stories
    assert reading.stories[0].starts.astimezone(LONDON).hour == 19
    assert time.perf_counter() - started < 100


def test_two_thousand_events_are_read_and_the_rest_counted(calendar):
    events = [f"SUMMARY:Event {n}\nDTSTART:{at(days=1 + n % 300)}" for n in range(2_100)]
    past = [f"SUMMARY:Past {n}\nDTSTART:{at(days=-9 - n)}" for n in range(3_000)]
    started = time.perf_counter()
    reading = calendar(*past, *events).read(Memory())
    assert len(reading.stories) + reading.refused == 2_000
    assert "100 of them were not read" in reading.notes[0]
    assert time.perf_counter() - started < 100


def test_a_thousand_daily_series_take_bounded_time(calendar):
    daily = "DTSTART;TZID=Europe/London:20100104T190000\nRRULE:FREQ=DAILY;COUNT=3000"
    events = [f"SUMMARY:Event {n}\n{daily}" for n in range(1_000)]
    started = time.perf_counter()
    calendar(*events).read(Memory())
    assert time.perf_counter() - started < 100


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "ends in its middle"),
        (b"hello", "no calendar"),
        (b"", "no calendar"),
        (b"<html><body>Log in</body></html>", "describes no events"),
        (b'{"a": 1}', "describes no events"),
        (b"BEGIN:VCALENDAR\r\n" + b"x" * 2_000 + b"\r\nEND:VCALENDAR\r\n", "larger than"),
    ],
)
def test_what_is_no_calendar_is_one_sentence(tmp_path, body, sentence):
    file = tmp_path / "c.ics"
    file.write_bytes(body)
    source = CalendarSource("c", "", "events", lambda: NOW, LONDON, path=file, max_bytes=1_000)
    with pytest.raises(SourceError, match=sentence):
        source.read(Memory())


def test_an_empty_calendar_is_a_reading_without_entries(calendar):
    reading = calendar().read(Memory())
    assert (reading.entries, reading.stories, reading.notes) == (0, (), ())


def test_a_calendar_is_read_over_http_and_once_only(site):
    site.serve("/c.ics", (REAL / "the-events-calendar.ics").read_bytes(), ETag='"1"')
    url = f"{site.url}/c.ics"
    source = CalendarSource("c", url, "events", lambda: NOW, LONDON, allow_private=True)
    reading = source.read(Memory())
    assert len(reading.stories) == 2
    assert source.read(reading.memory).unchanged
    assert not replace(source, section="other").read(reading.memory).unchanged
