"""Finds the last moment for applications in an advert, in English and Welsh."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from emag.content.clock import Moment, moments, time_of

BRITAIN = ZoneInfo("Europe/London")
_LONGEST = 30_000  # characters of an advert


@dataclass(frozen=True, slots=True)
class ClosingTime:
    """The last day for applications, and the moment where a time is written."""

    day: date | None = None
    at: datetime | None = None


_ADVERT = (
    r"(?:vacancy|vacancies|advert|advertisement|job|post|role|posting|listing|position"
    r"|opportunity|applications?|it|this|which)"
)
_SENDING = (
    r"(?:apply|applying|applications?|cv|cvs|résumé|covering letter|cover letter|letter|forms?"
    r"|statement"
    r"|submit\w*|send|sent|e-?mail|return\w*|receive\w*|receipt|expressions? of interest"
    r"|in touch|us|reach"
    r"|tell us|complete[ds]?|interest)"
)
_STRONG = (
    r"closing date(?: ?(?:/|and|&) ?time)?|closing time and date|close date|date of closing"
    r"|dyddiad(?:au)? cau"
    r"|(?:vacancy|advert|advertisement|job advert|posting|listing|application|advertising"
    r"|recruitment)s?"
    r" (?:end|expiry|closing|close|deadline|expiration) ?date|vacancy (?:ends|expires)"
    r"|(?:application|submission|applications) (?:deadline|window|period)|deadlines?"
    r"|(?:last|final|latest) (?:date|day|time)(?: and time)? (?:for|to|of)(?: the)?(?: \w+){0,3}"
    rf"|(?:{_ADVERT}) (?:will |is due to |is set to |now )?(?:closes?|closing|expires?|shuts?)"
    r"|(?:vacancy|advert|advertisement|listing|applications?) (?:will )?ends?|close applications"
    r"|applications? (?:are )?(?:due|end)|end date for (?:applications?|applying)|dyddiad olaf"
    r"|(?:window|portal)(?: for applications)? (?:shuts|closes)"
    r"|expiry date|expires|(?:advertised|live|online) (?:until|till)"
    rf"|open(?: for applications)? (?:until|till)|{_ADVERT}[^.\n]{{0,40}} open (?:until|till)"
    r"|bydd y (?:swydd|hysbyseb) (?:hon )?yn cau|ceisiadau yn cau|yn cau (?:ar|am)"
)
_BY = (
    r"(?:by|before|until|till|no later than|not later than|on or before|erbyn|cyn|prior to"
    r"|up to|up until)"
)
_WEAK = (
    rf"\b{_SENDING}\b[^.\n!?;]{{0,110}}?\b{_BY}"
    r"|(?:you(?:’ve| have|'ve)(?: got)?|accept\w*[^.\n]{0,30}|yours[^.\n]{0,30}"
    r"|invited[^.\n]{0,20}) (?:until|till)"
    r"|applications?[^.\n]{0,60}\b(?:after|past)"
    r"|^\W{0,3}by(?= (?:\d|noon|mid))|\bby(?= (?:\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m|(?:12 ?)?noon"
    r"|midday|midnight)\b)"
    r"|mae gennych(?: chi)? (?:tan|hyd)|(?:rhaid|ceisiadau|anfonwch|cais"
    r"|gwnewch)[^.\n]{0,80}\berbyn"
    r"|\bcloses|\bclosing(?=\s*(?::|[–—|-]|on\b|at\b|by\b|midnight|noon|mon|tue|wed|thu|fri"
    r"|sat|sun|\d))"
    r"|\b(?:and|will) close(?: on| at)?"
)
_CLOSING = [
    re.compile(rf"\b(?:{_STRONG})\b", re.IGNORECASE),
    re.compile(_WEAK, re.IGNORECASE | re.MULTILINE),
]
_EXTENDED = re.compile(
    r"\b(?:extended|moved|changed|put back)(?: now)?(?: (?:to|until|till))?\b"
    r"|\bnew (?:closing date|deadline)\b"
    r"|\bestyn\w*(?: (?:i|hyd|tan))?\b",
    re.IGNORECASE,
)
_ORIGIN = re.compile(
    r"\s+(?:(?:the|our) [a-z ]{4,20})?\bfrom\b[^.\n]{3,40}?\b(?:to|until)\b", re.IGNORECASE
)
# What else an advert dates. A word like this between “closing” and a date takes the date.
_OTHER = re.compile(
    r"\b(?:interview\w*|shortlist\w*|sift\w*|assessments?|start(?:s|ing)?(?: date)?|starts on"
    r"|publish\w*|posted|date posted"
    r"|probation|reopens?|christmas|nadolig|festive|bank holiday|new year|cyfweld\w*|cyfweliad\w*"
    r"|contract|fixed term|stated date|the day (?:before|after)|questions?|chat|discussion"
    r"|report|notified|hear from us"
    r"|available to start|in post|induction|opens?(?: on)?|from the)\b",
    re.IGNORECASE,
)
# Who closes, but is no vacancy; and what has a deadline, but is no application.
_ELSE = re.compile(
    r"\b(?:offices?|buildings?|switchboard|reception|helpline|help ?line|phone lines?|shops?"
    r"|museum|gallery|library|centre"
    r"|schools?|council|consultation|exhibition|survey|nominations?|awards?|registration"
    r"|tickets?|fund|grants?|entries"
    r"|contract|contracts|we|budget|festival|exhibits?|show|season|scheme|project|campaign"
    r"|bookings?|bids?|tenders?"
    r"|polls?|petition|swyddfa|swyddfeydd|report|reports|first draft|publication|print|copy"
    r"|course|term)\b[^.\n;|]{0,70}$",
    re.IGNORECASE,
)
_HOLIDAY = re.compile(
    r"\b(?:christmas|festive|holidays?|reopens?|re-opens?|bank holiday|new year’s|nadolig"
    r"|gwyliau|closure)\b",
    re.IGNORECASE,
)
_APPLYING = re.compile(
    r"\b(?:appl(?:y|ying|ications?)|vacanc\w+|closing date|dyddiad cau|cv)\b", re.IGNORECASE
)
# “Must be received by” needs to say what: the application.
_VERB = re.compile(
    r"(?:submit|send|sent|e-?mail|return|receive|reach|us\b|complete|letter|forms?\b|statement)",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"\b(?:appl(?:y|ying|ications?)|cvs?|résumé|letters?|forms?|expressions? of interest"
    r"|submissions?"
    r"|the job|vacanc\w+|portfolio|details|statement)\b",
    re.IGNORECASE,
)
_NOT_SENDING = re.compile(
    r"\b(?:let you know|hear[ds]?(?: from)?|if you are appointed|nominations?|shortlist\w*"
    r"|notif\w+|interview\w*|start\b|started"
    r"|probation|in post|available to"
    r"|questions?|chat|informal|discussion|conversation|informed|contact(?:ed)?|decision"
    r"|qualified|completed their|report"
    r"|achieve|deliver|contract|funded|fixed term|rwy’n)\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\bis (?:the |our )?(?:closing date|deadline|last day"
    r"|final day)\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b(?:closing time|time)\b[ \t]*[:|–-]?\s*", re.IGNORECASE)
_BEGINNINGS = (". ", "\n", "! ", "? ", "|", "(")
_SENTENCE = 160  # characters of a sentence that are looked at, on each side
_MOST = 100  # places of a text that are looked at
_FIGURE = re.compile(r"\d")
_LINES = 4  # before a date: “Closing date”, an empty line, a rule
_REACH = 110  # characters between the word and its date


def read(text: str, *, published: date | None, zone: tzinfo = BRITAIN) -> ClosingTime:
    """The last day for applications, with its time; empty where the advert does not say.

    Where the year is missing, the weekday decides, or else the first such day that is not long
    before `published`. Without either the date is not known.
    """
    text = _dated(text[:_LONGEST].replace("\u00a0", " ").replace("\u202f", " "))
    if not text:
        return ClosingTime()
    moment = _moved(text, published, zone) or _named_after(text, published, zone)
    for words in _CLOSING:
        if moment:
            break
        moment = next(_after(words, text, published, zone), None)
    if moment is None:
        return ClosingTime()
    if moment.at is None and (label := _TIME.search(text, moment.end, moment.end + 40)):
        return ClosingTime(moment.day, time_of(text[label.end() :], moment.day, zone))
    return ClosingTime(moment.day, moment.at)


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


def _moved(text: str, published: date | None, zone: tzinfo) -> Moment | None:
    """The new date of a deadline that was extended."""
    for words in islice(_EXTENDED.finditer(text), _MOST):
        around = text[max(0, words.start() - 80) : words.end()]
        around += re.split(r"[.\n]", text[words.end() : words.end() + 30])[0]
        if not re.search(r"clos|deadline|applications?|cau", around, re.IGNORECASE):
            continue
        start = words.end()
        if origin := _ORIGIN.match(text, start):  # “extended from 6 March to 13 March”
            start = origin.end()
        elif re.match(r"\s+from\b", text[start:]):
            continue
        if moment := _first(text, start, published, zone):
            return moment
    return None


def _named_after(text: str, published: date | None, zone: tzinfo) -> Moment | None:
    """The date in “Friday 20 March is the closing date”."""
    for words in islice(_DATED.finditer(text), _MOST):
        start = max(0, words.start() - 60)
        before = list(moments(text[start : words.start()], published=published, zone=zone))
        if before and words.start() - start - before[-1].end <= len(" at noon "):
            return before[-1]
    return None


def _after(
    words: re.Pattern[str], text: str, published: date | None, zone: tzinfo
) -> Iterator[Moment]:
    is_weak = words is _CLOSING[1]
    for match in islice(words.finditer(text), _MOST):
        if _is_else(text, match, is_weak=is_weak):
            continue
        if moment := _first(text, match.end(), published, zone):
            yield moment


def _is_else(text: str, words: re.Match[str], *, is_weak: bool) -> bool:
    """True where something else closes, or something else is due."""
    first, last = max(0, words.start() - _SENTENCE), words.end() + _SENTENCE
    begin = max(first, *(text.rfind(mark, first, words.start()) + 1 for mark in _BEGINNINGS))
    ends = (text.find(mark, words.end(), last) for mark in (". ", "\n", "|"))
    end = min((end for end in ends if end >= 0), default=last)
    before, sentence = text[begin : words.start()], text[begin:end]
    if re.search(r"original|previous|\bold\b|was\b", before[-30:], re.IGNORECASE):
        return True
    if _HOLIDAY.search(sentence) and not _APPLYING.search(sentence):
        return True
    if is_weak:
        if _VERB.match(words[0]) and not _SENT.search(sentence):
            return True
        other = _ELSE if "clos" in words[0].lower() else _NOT_SENDING
        return bool(other.search(before) or other.search(text[begin : words.end()]))
    if re.match(r"deadline", words[0], re.IGNORECASE):
        rest = text[words.end() : words.end() + 40]
        elsewhere = re.match(
            r"s? (?:for|to) (?:the |your |a |our )?(?!appl|receipt|submi|cv|this|all|expr)", rest
        )
        return bool(_ELSE.search(before) or elsewhere)
    return bool(
        _ELSE.search(before) and not re.search(r"date|appl|vacanc|advert", words[0], re.IGNORECASE)
    )


def _first(text: str, start: int, published: date | None, zone: tzinfo) -> Moment | None:
    """The first date within reach, unless other words claim it."""
    reach = text[start : start + _REACH]
    claimed = _OTHER.search(reach)
    end = claimed.start() if claimed else _REACH
    head = max(0, start - 40)  # “by noon on Monday”: the time may stand in the words themselves
    for moment in moments(text[head : start + end], published=published, zone=zone):
        if moment.end > start - head and moment.start >= start - head - len("12 midnight on "):
            return _last_of_range(text, moment, head, published, zone)
    return None


def _last_of_range(
    text: str, moment: Moment, head: int, published: date | None, zone: tzinfo
) -> Moment:
    """The end of “2 March – 19 March”; without a range the moment itself."""
    end = moment.end + head
    dash = re.match(r"\s*(?:[–—-]|to|until)\s*", text[end:])
    if dash:
        start = end + dash.end()
        following = next(moments(text[start : start + 40], published=published, zone=zone), None)
        if following and not following.start and following.day > moment.day:
            return Moment(following.day, following.at, start, start + following.end)
    return Moment(moment.day, moment.at, moment.start + head, end)
