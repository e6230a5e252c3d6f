"""Says in words when an issue leaves."""

from datetime import datetime, tzinfo


def in_words(moment: datetime, zone: tzinfo) -> str:
    """The time in words: “Friday 6 March at 07:30”."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"
