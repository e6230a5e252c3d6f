"""Writes dates and times in words, in the style of GOV.UK."""

from datetime import date, datetime, timedelta

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOON = 12
LONGEST_NIGHT = timedelta(hours=14)


def long_date(day: date) -> str:
    """Friday 6 March 2026."""
    return f"{weekday_date(day)} {day.year}"


def weekday_date(day: date) -> str:
    """Friday 6 March."""
    return f"{DAYS[day.weekday()]} {short_date(day)}"


def short_date(day: date) -> str:
    """6 March."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def near_date(day: date, today: date) -> str:
    """Friday 6 March, with the year if it is not this year."""
    return weekday_date(day) if day.year == today.year else long_date(day)


def month(day: date) -> str:
    """Mar."""
    return MONTHS[day.month - 1][:3]


def clock(at: datetime) -> str:
    """10am, 5:30pm, midday; "" for midnight, which stands for a date without a time."""
    if (at.hour, at.minute) == (0, 0):
        return ""
    if (at.hour, at.minute) == (NOON, 0):
        return "midday"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % NOON or NOON}{minutes}{'am' if at.hour < NOON else 'pm'}"


def event_time(starts: datetime, ends: datetime | None, today: date) -> str:
    """Friday 6 March, 10am to midday; or Friday 6 March to Sunday 8 March."""
    day, last = near_date(starts.date(), today), ends.date() if ends else None
    if ends and last and last > starts.date() and not _is_one_night(starts, ends):
        if starts.date() < today <= last:
            return f"Until {near_date(last, today)}"
        first = weekday_date(starts.date()) if last.year == starts.year else day
        time = clock(starts)
        return f"{first}{', ' if time else ''}{time} to {near_date(last, today)}"
    start, end = clock(starts), (clock(ends) or "midnight") if ends and ends != starts else ""
    return ", ".join(filter(None, (day, f"{start} to {end}" if start and end else start)))


def _is_one_night(starts: datetime, ends: datetime) -> bool:
    """True for what ends the same night."""
    return bool(clock(starts)) and ends - starts <= LONGEST_NIGHT


def listed(parts: list[str]) -> str:
    """a, b and c."""
    *head, last = parts or [""]
    return f"{', '.join(head)} and {last}" if head else last
