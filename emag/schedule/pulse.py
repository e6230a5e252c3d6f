"""Whether a process runs the timetable now, by its last sign of life."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from emag.database import Database
from emag.schedule import runs

SILENCE = timedelta(minutes=3)  # a sign of life comes every minute


@dataclass(frozen=True, slots=True)
class Pulse:
    """`seen_at` is None before the first sign of life."""

    seen_at: datetime | None
    is_running: bool


def pulse(database: Database, *, now: datetime) -> Pulse:
    """The last sign of life of whatever sends: “emag serve”, or a worker on another machine."""
    with database.reading() as conn:
        seen_at = runs.last_beat(conn)
    return Pulse(seen_at, seen_at is not None and now - seen_at < SILENCE)
