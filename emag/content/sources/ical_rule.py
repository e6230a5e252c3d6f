"""Bounds the rule of a recurring event, so that reckoning its next date takes little time."""

import re
from datetime import date, datetime, timedelta

from emag.content.left_out import LeftOut
from emag.content.sources.entry import Unusable
from emag.content.sources.ical_text import EventText, day_of, property_name

MOST_RULES = 5
MOST_DATES = 2_000  # that a series names one by one
MOST_TIMES = 8  # a day
LARGEST_COUNT = 3_000
_RECENT = timedelta(days=100)
_STEPS = {"DAILY": 1, "WEEKLY": 7}  # days
_SLOW = {"MONTHLY", "YEARLY"}
_ODD = {"BYSETPOS", "BYYEARDAY", "BYWEEKNO"}  # in a daily or weekly rule no program writes them
_VALUE = re.compile(r"(\d{8})(T\d{6}Z?)?$")

Rule = dict[str, str]


def bounded(event: EventText, *, today: date) -> EventText:
    """The event with a start that is near, where its rule allows it. Raises Unusable."""
    rules = [_parts(line) for line in event.values("RRULE")]
    dates = sum(line.count(",") + 1 for n in ("RDATE", "EXDATE") for line in event.values(n))
    title = event.value("SUMMARY")[:80]
    if len(rules) > MOST_RULES or dates > MOST_DATES:
        raise Unusable(f"the event “{title}” has too many rules or dates to be read", LeftOut.RULE)
    for rule in rules:
        if reason := _fault(rule):
            raise Unusable(f"the event “{title}” {reason}", LeftOut.RULE)
    return _forward(event, rules[0], today) if len(rules) == 1 else event


def _parts(line: str) -> Rule:
    pairs = (part.partition("=") for part in line.partition(":")[2].strip().split(";"))
    return {name.strip().upper(): value.strip().upper() for name, _, value in pairs if value}


def _fault(rule: Rule) -> str:
    """Why a rule is not reckoned; "" where it is."""
    frequency = rule.get("FREQ", "")
    if frequency not in _STEPS and frequency not in _SLOW:
        return "repeats more often than daily, or by a rule that cannot be read"
    times = [rule.get(name, "").count(",") + 1 for name in ("BYHOUR", "BYMINUTE", "BYSECOND")]
    if times[0] * times[1] * times[2] > MOST_TIMES:
        return f"repeats more than {MOST_TIMES} times a day"
    numbers = [rule.get(name, "1") for name in ("INTERVAL", "COUNT")]
    if not all(re.fullmatch(r"[1-9]\d{0,3}", number) for number in numbers):
        return "repeats by a rule that cannot be read"
    if int(numbers[1]) > LARGEST_COUNT:
        return f"repeats more than {LARGEST_COUNT:,} times"
    if frequency in _STEPS and _ODD & set(rule):
        return "repeats by a rule that cannot be read"
    return "" if _is_on_a_calendar(rule) else "repeats on days that no calendar has"


def _is_on_a_calendar(rule: Rule) -> bool:
    """False for 30 February, which would be looked for until the year 9999."""
    months = [int(m) for m in re.findall(r"\d+", rule.get("BYMONTH", ""))] or list(range(1, 13))
    days = [int(d) for d in re.findall(r"-?\d+", rule.get("BYMONTHDAY", ""))] or [1]
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    return any(
        1 <= month <= 12 and 1 <= abs(day) <= longest.get(month, 31)  # noqa: PLR2004 - a calendar
        for month in months
        for day in days
    )


def _forward(event: EventText, rule: Rule, today: date) -> EventText:
    """Moves the start of an old series by whole steps, to shortly before today."""
    start = _VALUE.search(event.value("DTSTART"))
    first = day_of(start[1]) if start else None
    step = _STEPS.get(rule["FREQ"], 0) * int(rule.get("INTERVAL", "1"))
    if first is None or not step or "COUNT" in rule or first > today - _RECENT:
        return event
    days = timedelta(days=(today - _RECENT - first).days // step * step)
    return EventText(tuple(_moved(line, days) for line in event.lines))


def _moved(line: str, days: timedelta) -> str:
    if property_name(line) not in {"DTSTART", "DTEND"}:
        return line
    head, colon, value = line.partition(":")
    if not (match := _VALUE.search(value.strip())):
        return line
    moved = datetime.strptime(match[1], "%Y%m%d") + days  # noqa: DTZ007 - a day of any zone
    return f"{head}{colon}{moved:%Y%m%d}{match[2] or ''}"
