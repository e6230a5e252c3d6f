"""Whether an event is over."""

from datetime import UTC, date, datetime, time, tzinfo


def is_over(starts: datetime, ends: datetime | None, *, at: date, zone: tzinfo = UTC) -> bool:
    """True where its end has passed by `at`: a moment, or a day.

    An event without an end is over when it has begun. One without times, from midnight to
    midnight in `zone`, is over when its last day is.
    """
    last = (ends or starts).astimezone(zone)
    if not isinstance(at, datetime):
        return last.date() < at
    is_all_day = starts.astimezone(zone).time() == time() == last.time()
    return last.date() < at.astimezone(zone).date() if is_all_day else last <= at
