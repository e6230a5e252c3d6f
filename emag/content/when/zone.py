"""Knows the offsets and the names of time zones that mean one zone wherever they are written."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

BRITAIN = ZoneInfo("Europe/London")
_LARGEST = timedelta(hours=14)
_MINUTES = {
    0: "z ut utc gmt wet zulu",
    60: "bst west cet met",
    120: "cest mest eet sast",
    180: "eest msk",
    480: "hkt awst",
    540: "jst kst",
    570: "acst",
    600: "aest",
    630: "acdt",
    660: "aedt",
    720: "nzst",
    780: "nzdt",
    -240: "edt",
    -300: "est cdt",
    -360: "cst mdt",
    -420: "mst pdt",
    -480: "pst akdt",
    -540: "akst",
    -600: "hst",
}
_NAMES = {
    name: timedelta(minutes=minutes)
    for minutes, names in _MINUTES.items()
    for name in names.split()
}
_NUMBER = re.compile(r"(?:gmt|utc|ut|z)?([+-])(\d{1,2}):?(\d{2})?", re.ASCII)


def offset(text: str) -> timedelta | None:
    """The offset that “BST”, “+01:00” or “GMT+1” names; None for what names none or several."""
    name = text.lower()
    if name in _NAMES:
        return _NAMES[name]
    match = _NUMBER.fullmatch(name)
    if not match:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if size > _LARGEST or int(match[3] or 0) > 59:  # noqa: PLR2004 - a clock
        return None
    return size if match[1] == "+" else -size
