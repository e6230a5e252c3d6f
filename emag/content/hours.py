"""Reads the time of day as posts write it: “10am–12noon”, “6pm to 8.30pm”, “19:00”."""

import re
from datetime import time

_NOON = 12

Clock = tuple[time, time | None]

_HALF = r"(?:\s?(?:[ap]\.?\s?m\b\.?|noon\b|midday\b|midnight\b|(?:y\.?[bh]\b\.?)))"
_WORD = r"noon\b|midday\b|midnight\b|hanner\s+dydd\b|hanner\s+nos\b"
_CLOCK = rf"(?:(?:\d{{1,2}})(?:[:.]\d{{2}})?{_HALF}?|{_WORD})"
TIME = re.compile(
    rf"(?P<first>{_CLOCK})(?:\s*(?:-|–|—|\bto\b|\buntil\b|\btill?\b|\band\b|\btan\b)\s*(?P<last>{_CLOCK}))?"
    r"(?:\s*\(?(?P<zone>GMT|BST|UTC|UK\s+time|CES?T|[ECMP][SD]?T|EES?T|IST)\b\)?)?",
    re.IGNORECASE,
)


def clock(match: re.Match[str]) -> Clock | None:
    """The times of a match; None for bare numbers and for other zones."""
    zone = (match["zone"] or "").upper()
    if zone and zone not in {"GMT", "BST"} and not zone.startswith("UK"):
        return None
    first, last = _parsed(match["first"]), _parsed(match["last"] or "")
    if first is None:
        return None
    (hour, minute, half, is_exact) = first
    if not last:
        return (time(_hour(hour, half), minute), None) if half or is_exact else None
    if not (half or last[2] or (is_exact and last[3])):
        return None
    end_hour = _hour(last[0], last[2])
    start = hour * 60 + minute if not half else _hour(hour, half) * 60 + minute
    if not half and last[2]:  # “10–11.30am”, “11–1pm”
        late = _hour(hour, last[2]) * 60 + minute
        start = late if late < end_hour * 60 + last[1] or not end_hour else start
    if half and not last[2] and end_hour * 60 + last[1] <= start and end_hour < _NOON:
        end_hour += _NOON  # “2pm–4”
    return time(start // 60, start % 60), time(end_hour, last[1])


def _parsed(text: str) -> tuple[int, int, str, bool] | None:
    """Hour, minute, half of the day, and whether the minutes are written."""
    words = text.strip().lower()
    if not words:
        return None
    if "nos" in words or words == "midnight":
        return 0, 0, "midnight", True
    if not words[0].isdigit():
        return _NOON, 0, "noon", True
    digits = re.match(r"(\d{1,2})(?:[:.](\d{2}))?\s*(.*)", words)
    hour, minute = (int(digits[1]), int(digits[2] or 0)) if digits else (99, 0)
    rest = digits[3].replace(".", "") if digits else ""
    half = {"a": "a", "p": "p", "yb": "a", "yh": "p", "no": "noon", "mi": "noon"}
    name = half.get(rest[:2]) or half.get(rest[:1], "") if rest else ""
    if rest.startswith("midn"):
        name = "midnight"
    if minute > 59 or hour > (_NOON if name else 23):  # noqa: PLR2004 - a clock
        return None
    return hour, minute, name, bool(digits and digits[2])


def _hour(hour: int, half: str) -> int:
    if half in {"noon", "midnight"}:
        return _NOON if half == "noon" else 0
    return hour % _NOON + (_NOON if half == "p" else 0) if half else hour
