"""Finds the last moment for applications in an advert, in English and Welsh."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain, islice

from emag.content.vacancies import closing_words as words
from emag.content.when import clock, moment
from emag.content.when.clock import Clock, Hours
from emag.content.when.zone import BRITAIN

_LONGEST = 30_000  # characters of an advert
_LAST_MINUTE = time(23, 59)  # “midnight on Sunday” is the end of Sunday
_LOOK_BACK = timedelta(days=60)  # a post may be announced again after it has closed
_BEGINNINGS = (". ", "\n", "! ", "? ", "|", "(", "; ")
_SENTENCE = 160  # characters of a sentence that are looked at, on each side
_MOST = 100  # places of a text that are looked at
_FIGURE = re.compile(r"\d")
_LINES = 4  # before a date: “Closing date”, an empty line, a rule
_REACH = 110  # characters between the word and its date
_BEGINS = re.compile(r"\b(?:from|between|o)\s+(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ClosingTime:
    """The last day for applications, and the moment where a time is written."""

    day: date | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Advert:
    text: str
    published: date | None
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class _Named:
    """A day that the text names, its time, and where it stands."""

    day: date
    at: datetime | None
    start: int
    end: int
    is_range: bool


def read(text: str, *, published: date | None, zone: tzinfo = BRITAIN) -> ClosingTime:
    """The last day for applications, with its time; empty where the advert does not say.

    Where the year is missing, the weekday decides, or else the first such day that is not long
    before `published`. Without either the date is not known.
    """
    text = _dated(text[:_LONGEST].replace("\u00a0", " ").replace("\u202f", " "))
    if not text:
        return ClosingTime()
    advert = _Advert(text, published, zone)
    named = _moved(advert) or _named_after(advert)
    named = named or next(chain(*(_after(advert, leading) for leading in words.CLOSING)), None)
    if named is None:
        return ClosingTime()
    return ClosingTime(named.day, named.at or _labelled_time(advert, named))


def _labelled_time(advert: _Advert, named: _Named) -> datetime | None:
    """The time after “Closing time:” behind the date."""
    label = words.CLOSING_TIME.match(advert.text, named.end, named.end + 40)
    following = clock.after(advert.text, label.end(), limit=len(advert.text)) if label else None
    return _at(named.day, following[0], advert.zone)[1] if following else None


def _days(text: str, advert: _Advert) -> Iterator[_Named]:
    """The days of a text; of a range the last one, for then applications close."""
    for m in moment.moments(text, published=advert.published, back=_LOOK_BACK):
        day, at = _at(m.last or m.first, m.hours, advert.zone)
        yield _Named(day, at, m.start, m.end, bool(m.last))


def _at(day: date, hours: Hours | None, zone: tzinfo) -> tuple[date, datetime | None]:
    """The day and the time. A range is no time, and 00:00 is how programs write “no time”."""
    if hours is None or hours.last or hours.first == Clock(0):
        return day, None
    if hours.first.ends_day:
        return day, datetime.combine(day, _LAST_MINUTE, zone)
    at = moment.at(day, hours.first, written_zone=hours.zone, zone=zone)
    if at is None:
        return day, None
    return at.date(), (at if (at.hour, at.minute) != (0, 0) else None)


def _dated(text: str) -> str:
    """The lines around figures. A date has figures, and its words stand near it."""
    lines = text.split("\n")
    near: set[int] = set()
    for number, line in enumerate(lines):
        if _FIGURE.search(line):
            near.update(range(max(0, number - _LINES), number + 2))
    if not near:
        return ""
    pieces, last = [], -1
    for number in sorted(near & set(range(len(lines)))):
        pieces += [" " * _REACH] if number > last + 1 else []  # what was apart stays apart
        pieces.append(lines[number])
        last = number
    return "\n".join(pieces)


def _moved(advert: _Advert) -> _Named | None:
    """The new date of a deadline that was extended."""
    text = advert.text
    for extended in islice(words.EXTENDED.finditer(text), _MOST):
        around = text[max(0, extended.start() - 80) : extended.end()]
        around += re.split(r"[.\n]", text[extended.end() : extended.end() + 30])[0]
        if not re.search(r"clos|deadline|applications?|cau", around, re.IGNORECASE):
            continue
        start = extended.end()
        if origin := words.EXTENDED_FROM.match(text, start):  # “extended from 6 March to 13 March”
            start = origin.end()
        elif re.match(r"\s+from\b", text[start:]):
            continue
        if named := _first(advert, start):
            return named
    return None


def _named_after(advert: _Advert) -> _Named | None:
    """The date in “Friday 20 March is the closing date”."""
    for match in islice(words.IS_CLOSING.finditer(advert.text), _MOST):
        start = max(0, match.start() - 60)
        before = list(_days(advert.text[start : match.start()], advert))
        if before and match.start() - start - before[-1].end <= len(" at noon "):
            return before[-1]
    return None


def _after(advert: _Advert, leading: re.Pattern[str]) -> Iterator[_Named]:
    is_weak = leading is words.CLOSING[1]
    for match in islice(leading.finditer(advert.text), _MOST):
        is_else = _is_else(advert.text, match, is_weak=is_weak)
        named = None if is_else else _first(advert, match.end())
        if named and (named.is_range or not words.OF_A_RANGE.match(match[0])):
            yield named


def _is_else(text: str, leading: re.Match[str], *, is_weak: bool) -> bool:
    """True where something else closes, or something else is due."""
    first, last = max(0, leading.start() - _SENTENCE), leading.end() + _SENTENCE
    begin = max(first, *(text.rfind(mark, first, leading.start()) + 1 for mark in _BEGINNINGS))
    ends = (text.find(mark, leading.end(), last) for mark in (". ", "\n", "|"))
    end = min((end for end in ends if end >= 0), default=last)
    before, sentence = text[begin : leading.start()], text[begin:end]
    if re.search(r"original|previous|\bold\b|was\b", before[-30:], re.IGNORECASE):
        return True
    if words.HOLIDAY.search(sentence) and not words.APPLYING.search(sentence):
        return True
    if is_weak:
        earlier = text[max(0, begin - _SENTENCE) : begin]
        sentence = earlier + sentence if words.REFERS_BACK.match(sentence) else sentence
        return _is_other_sending(leading[0], before, sentence)
    if re.match(r"deadline", leading[0], re.IGNORECASE):
        rest = text[leading.end() : leading.end() + 40]
        is_other = words.OTHER_DEADLINE.match(rest) or words.OF_SOMEBODY.search(before)
        return bool(words.ELSE.search(before) or is_other)
    if words.OF_ANOTHER.search(before):
        return True
    return bool(words.ELSE.search(before) and not words.OF_A_VACANCY.search(leading[0]))


def _is_other_sending(leading: str, before: str, sentence: str) -> bool:
    """True where what is due is no application."""
    if leading.lower().startswith("clos") and words.IN_A_LIST.search(before):
        return False
    if words.VERB.match(leading) and not words.SENT.search(sentence):
        return True
    is_bare = leading.lower() in {"closes", "closing"}
    if is_bare and words.SUBJECT.search(before) and not words.OF_A_VACANCY.search(before):
        return True
    other = words.ELSE if "clos" in leading.lower() else words.NOT_SENDING
    before = "" if words.APPLY.match(leading) else before
    return bool(other.search(before) or other.search(before + leading))


def _first(advert: _Advert, start: int) -> _Named | None:
    """The first date within reach, unless other words claim it."""
    reach = advert.text[start : start + _REACH]
    ends = (pattern.search(reach) for pattern in (words.OTHER, words.NEXT_SENTENCE))
    end = min((match.start() for match in ends if match), default=_REACH)
    head = max(0, start - 40)  # “by noon on Monday”: the time may stand in the words themselves
    text = advert.text[head : start + end]
    for named in _days(text, advert):
        is_near = named.end > start - head
        is_near = is_near and named.start >= start - head - len("12 midnight on ")
        if is_near and (named.is_range or not _BEGINS.search(text[: named.start])):
            return replace(named, start=named.start + head, end=named.end + head)
    return None
