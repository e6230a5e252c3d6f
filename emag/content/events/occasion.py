"""Finds the day, the time and the place of an event in what a post says of it.

A day without a year is the one nearest to the day of publication. A weekday that contradicts its
date, and a date that is a deadline, make no event: a missing date is better than a wrong one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from emag.content.events import timing
from emag.content.events.venue import is_online, venue
from emag.content.when import moment
from emag.content.when.clock import Clock, Hours
from emag.content.when.zone import BRITAIN

LONGEST_TEXT = 20_000  # characters; the day of an event stands at the start of its post
LONGEST_LINE = 600
LOOK_BACK = timedelta(days=90)  # of a day without a year

_LABEL = re.compile(
    r"^\W*(?:when|(?:event |start )?dates?(?:\s*(?:and|&|/)\s*times?)?|day|pryd|dyddiad)"
    r"\s*[:?–-]\s*",
    re.IGNORECASE,
)
_PLACE_LABEL = re.compile(
    r"^\W*(?:where|venue|location|place|address|lleoliad|ble)\s*[:?–-]\s*(?P<place>\S.*)$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\W*(?:event |start )?(?:when|where|dates?|times?|day|venue|location|place|address|pryd"
    r"|dyddiad|lleoliad|amser|ble)(?:\s*(?:and|&|/)\s*times?)?\W*",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:by|before|until|till|since|deadline|clos(?:es?|ing)|ends?|expires?|due|rsvp|published"
    r"|posted|updated|after|last|previous|cyn|erbyn)\b[\s\w]{0,18}\W*$",
    re.IGNORECASE,
)
_AT = re.compile(
    r"^[\s.)]*(?:(?:[,;|·•@(–—-]|\b(?:at|in|yn|ym|on|via|daily|each day|every day)\b)\s*)+"
    r"(?:the\s+(?=[A-Z]))?"
)
_END = re.compile(
    r"\s[–—|·•(]|[;|()\n]|(?<=[a-z)\d])[.!?](?:\s|$)|https?://"
    r"|,\s(?=(?:from |at )?\d{1,2}(?:[.:]\d\d)?\s?(?:[ap]\.?m|[–-]\s?\d))"
)
_PLACE_NAME = re.compile(r"^(?:where|venue|location|place|lleoliad|ble)\s*[:?–-]\s*", re.IGNORECASE)
_NEXT_LABEL = re.compile(r"[.;|]\s+[A-Z][a-z]+(?: [a-z]+){0,2}:\s")
_UNTIL = re.compile(r"\s*(?:[–—-]|\bto\b|\buntil\b|\btan\b)\s*")
# “5, 12 and” before “19 December”.
_DAYS_BEFORE = re.compile(
    r"(?:^|\s)(\d{1,2})(?:st|nd|rd|th)?(?:,\s*\d{1,2}(?:st|nd|rd|th)?)*,?\s*(?:and|&|a)\s+(?:\w+day\s+)?$"
)
_JOINT = re.compile(r"\s*(?:,|&|/|\band\b|\bor\b|\ba\b)+\s*")
_NOT_PLACES = re.compile(
    r"(?:book|join|register|sign|find|read|come|tickets?|free|click|see|save|we|you|it|this|that"
    r"|please|all|everyone|with|how|why|what|who|when|and|doors?|here|there|our|for|cost|price"
    r"|\d{1,2}(?:[:.]\d\d)?\s?[ap]m|more|details|rsvp|email|call|contact|speakers?|members|mae"
    r"|am ddim)\b|[£€$]|\d+\W*$",
    re.IGNORECASE,
)
_LONGEST_PLACE = 90


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where, in local time. Midnight stands for a day without a time."""

    starts: datetime
    ends: datetime | None = None
    place: str = ""
    online: bool = False


@dataclass(frozen=True, slots=True)
class _DateMention:
    weight: int
    first: date
    last: date | None
    hours: Hours | None
    line: int
    tail: str
    is_joint: bool = False  # with the day before it: “5 January and 12 January, 10am”
    is_end: bool = False  # of the day before it: “15 January 6pm – 17 January 4pm”


def find(
    title: str, text: str, *, published: date | None, zone: tzinfo = BRITAIN
) -> Occasion | None:
    """The occasion that a post announces; None where it names no day plainly."""
    lines = [title, *text[:LONGEST_TEXT].split("\n")]
    lines = [timing.without_arrival(" ".join(line[:LONGEST_LINE].split())) for line in lines]
    lines = _labelled(lines)
    mentions = [m for n, line in enumerate(lines) for m in _mentions(n, line, published)]
    if not mentions:
        return None
    mention = _first_of(mentions, max(mentions, key=lambda m: m.weight))  # the first of equal ones
    below = lines[mention.line + 1 :]
    hours, tail = mention.hours or timing.labelled(below), mention.tail
    if hours is None and (following := timing.bare(tail)):
        hours, tail = following[0], tail[following[1] :]
    hours = hours or timing.beside(tail) or timing.nearby(tail, below)
    starts, ends = _times(mention, hours, zone)
    where = venue(_labelled_place(lines) or _place(tail))
    online = where.online or (not where.place and is_online(f"{title}. {lines[mention.line]}"))
    return Occasion(starts, ends, where.place, online)


def _labelled(lines: Sequence[str]) -> list[str]:
    """The lines with “Date”, “3 February” on two of them as “Date: 3 February” on one."""
    result: list[str] = []
    for line in filter(None, lines):
        if len(result) > 1 and _ALONE.fullmatch(result[-1]):
            result[-1] = f"{result[-1].rstrip(' :?–-')}: {line}"
        else:
            result.append(line)
    return [*lines[:1], *result[1:]] if lines[0] else ["", *result]


def _first_of(mentions: Sequence[_DateMention], mention: _DateMention) -> _DateMention:
    """The first of several days that share their times; of two that are a range, both."""
    place = mentions.index(mention)
    while place and mentions[place].is_joint:
        place -= 1
    if place and mentions[place].is_end and mentions[place - 1].hours:
        place -= 1
        mention = mentions[place]
    first, following = mentions[place], mentions[place + 1 :][:1]
    if first is mention and mention.hours and following and following[0].is_end:
        [end] = following
        until = end.hours.first if end.hours else None
        hours = Hours(mention.hours.first, until, mention.hours.zone)
        return replace(mention, last=end.first, hours=hours, tail=end.tail)
    return replace(first, hours=mention.hours, tail=mention.tail)


def _mentions(number: int, line: str, published: date | None) -> Iterator[_DateMention]:
    """The dates of a line that are not deadlines, each with how plainly it is one of an event."""
    label = _LABEL.match(line)
    end = len(line)  # of the day before
    for m in moment.moments(line, published=published, back=LOOK_BACK):
        head = line[max(0, m.start - 60) : m.start]
        if not label and _DEADLINE.search(head) and not _UNTIL.fullmatch(line, end, m.start):
            continue
        is_named = m.has_weekday or bool(m.last)
        hours = m.hours or timing.beside(line[m.end :])
        weight = 8 * bool(label) + 4 * (number == 0) + 2 * bool(hours) + is_named
        is_joint = bool(_JOINT.fullmatch(line, end, m.start))
        is_end = bool(_UNTIL.fullmatch(line, end, m.start))
        end = m.end if weight else len(line)
        if weight:
            first, tail = _first_listed(m.first, head), line[m.end :]
            yield _DateMention(weight, first, m.last, m.hours, number, tail, is_joint, is_end)


def _first_listed(day: date, head: str) -> date:
    """The 5th of “5, 12 and 19 December”, where the last of the days is read."""
    before = _DAYS_BEFORE.search(head)
    first = int(before[1]) if before else day.day
    return day.replace(day=first) if 0 < first < day.day else day


def _times(
    mention: _DateMention, hours: Hours | None, zone: tzinfo
) -> tuple[datetime, datetime | None]:
    """When it starts and ends, in local time. A time in a foreign zone is none."""
    starts = _local(mention.first, hours.first, hours, zone) if hours else None
    if hours is None or starts is None:
        last = mention.last
        midnight = datetime.combine(mention.first, time())
        return midnight, (datetime.combine(last, time()) if last else None)
    last = mention.last or mention.first
    ends = _local(last, hours.last, hours, zone) if hours.last else None
    if ends is None:
        return starts, (datetime.combine(mention.last, time()) if mention.last else None)
    return starts, (ends if ends > starts else ends + timedelta(days=1))


def _local(day: date, time_of_day: Clock, hours: Hours, zone: tzinfo) -> datetime | None:
    at = moment.at(day, time_of_day, written_zone=hours.zone, zone=zone)
    return at.replace(tzinfo=None) if at else None


def _labelled_place(lines: list[str]) -> str:
    for line in lines:
        if match := _PLACE_LABEL.match(line):
            place = _NEXT_LABEL.split(match["place"], maxsplit=1)[0]
            return place.strip(" .")[:_LONGEST_PLACE]
    return ""


def _place(rest: str) -> str:
    """The place that follows a date and time, up to the end of its clause."""
    lead = _AT.match(rest)
    if not lead:
        return ""
    rest = _PLACE_NAME.sub("", rest[lead.end() :])
    clause = _END.split(rest, maxsplit=1)[0].strip(" ,.:–-")
    is_name = bool(clause) and (clause[0].isupper() or clause[0].isdigit() or _is_online(clause))
    if not is_name or len(clause) > _LONGEST_PLACE or _NOT_PLACES.match(clause):
        return ""
    return clause


def _is_online(clause: str) -> bool:
    return venue(clause).online
