"""Writes when an event takes place and until when a job is open, in the readers' language."""

from datetime import date, datetime, timedelta

from emag.press.words import Words

_NOON = (12, 0)
_MIDNIGHT = (0, 0)  # stands for a date without a time
_LONGEST_NIGHT = timedelta(hours=14)


def clock(at: datetime, texts: Words) -> str:
    """10am, 5:30pm, midday; "" for midnight."""
    if (at.hour, at.minute) == _MIDNIGHT:
        return ""
    return texts("date.midday") if (at.hour, at.minute) == _NOON else texts.dates.clock(at.time())


def moment(day: str, at: datetime, texts: Words) -> str:
    """Friday 6 March, 10am; the day alone at midnight."""
    time = clock(at, texts)
    return texts("date.at", date=day, time=time) if time else day


def event_time(starts: datetime, ends: datetime | None, today: date, texts: Words) -> str:
    """Friday 6 March, 10am to midday; or Friday 6 March to Sunday 8 March."""
    if ends and ends.date() > starts.date() and not _is_one_night(starts, ends):
        return _days(starts, ends.date(), today, texts)
    day = texts.dates.near(starts.date(), today)
    start = clock(starts, texts)
    if not ends or ends == starts or not start:
        return moment(day, starts, texts)
    end = clock(ends, texts) or texts("date.midnight")
    return texts("date.hours", date=day, start=start, end=end)


def closes(at: date | datetime, today: date, texts: Words) -> str:
    """Closes Sunday 8 March, midday."""
    day = texts.dates.near(at.date() if isinstance(at, datetime) else at, today)
    when = moment(day, at, texts) if isinstance(at, datetime) else day
    return texts("job.closes", date=when)


def _days(starts: datetime, last: date, today: date, texts: Words) -> str:
    dates, first = texts.dates, starts.date()
    end = dates.near(last, today)
    if first < today <= last:
        return texts("date.until", date=end)
    day = dates.weekday(first) if last.year == first.year else dates.near(first, today)
    return texts("date.days", start=moment(day, starts, texts), end=end)


def _is_one_night(starts: datetime, ends: datetime) -> bool:
    """True for what ends the same night."""
    return (starts.hour, starts.minute) != _MIDNIGHT and ends - starts <= _LONGEST_NIGHT
