"""Says in words when an issue leaves."""

from datetime import datetime
from zoneinfo import ZoneInfo


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """The time in words: “Friday 6 March at 07:30”."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"
