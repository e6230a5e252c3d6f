"""Finds the times of an event where they do not stand right beside its day."""

import re
from collections.abc import Sequence

from emag.content.when import clock
from emag.content.when.clock import Clock, Hours

_ARRIVAL = re.compile(
    r"\b\d{1,2}(?:[.:]\d\d)?\s?(?:[ap]m)?\s(?:for|i) (?=\d{1,2}(?:[.:]\d\d)?\s?(?:[ap]m|yp|yh)\b)",
    re.IGNORECASE,
)
_TIME_LABEL = re.compile(
    r"^\W*(?:(?:event |start )?times?|amser|starts?)\s*[:?–-]\s*", re.IGNORECASE
)
# Where a time may begin: a line, a sentence, or words that lead to one.
_STARTS = re.compile(
    r"^\W*|[.!?|;]\s+(?:(?:it |we |the event |the day )?(?:runs? |start(?:s|ing)? |begins? |opens? "
    r"|doors?(?: open)? )?(?:from |at |between )?)?",
    re.IGNORECASE,
)
# “10–4” behind a day. A day of events begins between eight and noon, or else names its half.
_BARE = re.compile(
    r"^[\s,;|·(–-]*(?P<a>[89]|1[0-2])(?:[.:](?P<am>[0-5]\d))?\s?(?:-|–|—|to)\s?"
    r"(?P<b>\d{1,2})(?:[.:](?P<bm>[0-5]\d))?(?![\d:./]|\s?[ap]\.?m)(?=\s*(?:$|[,;@|()·.]|at\b|in\b))",
    re.IGNORECASE,
)
_COMMAS = re.compile(r"[,|;(·•–]\s*")
_NEAR = 90  # characters behind the day
_BELOW = 3  # lines below the day
_HALF = 12  # hours


def without_arrival(line: str) -> str:
    """“8pm” of “7.30 for 8pm”."""
    return _ARRIVAL.sub("", line)


def labelled(below: Sequence[str]) -> Hours | None:
    """The times of a line “Time: …” below the day."""
    for line in below[:5]:
        label = _TIME_LABEL.match(line)
        if label and (following := clock.after(line, label.end(), limit=len(line))):
            return following[0]
    return None


def nearby(tail: str, below: Sequence[str]) -> Hours | None:
    """The first times that begin a sentence behind the day, or a line below it."""
    for line in (tail, *below[:_BELOW]):
        for start in _STARTS.finditer(line):
            if following := clock.after(line, start.end(), limit=len(line)):
                return following[0]
    return None


def beside(tail: str) -> Hours | None:
    """The times behind a day and a place: “10 December, Town Hall, 10am–2pm”."""
    for comma in _COMMAS.finditer(tail[:_NEAR]):
        if following := clock.after(tail, comma.end(), limit=len(tail)):
            return following[0]
    return None


def bare(tail: str) -> tuple[Hours, int] | None:
    """“10–4” at the start of what follows the day, and where it ends."""
    match = _BARE.match(tail)
    if not match:
        return None
    first = Clock(int(match["a"]), int(match["am"] or 0))
    hour = int(match["b"]) + (_HALF if int(match["b"]) <= first.hour else 0)
    if hour >= 2 * _HALF:
        return None
    return Hours(first, Clock(hour, int(match["bm"] or 0))), match.end()
