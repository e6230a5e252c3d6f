"""Signs of life, which /healthz judges and /metrics counts."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from emag.newsroom import Newsroom
from emag.schedule import runs

LATE = timedelta(minutes=10)  # the timetable comes round every few seconds
LEAST_FREE = 200_000_000  # bytes; below, a database cannot be trusted to write


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: is it well, and a sentence about it."""

    ok: bool
    said: str


def signs(newsroom: Newsroom) -> dict[str, Sign]:
    """What a watcher asks for, each with its reason."""
    now = newsroom.now()
    try:
        with newsroom.database.reading() as conn:
            ticked = runs.last_beat(conn)
    except SQLAlchemyError as error:
        return {
            "database": Sign(False, f"The database does not answer ({type(error).__name__})."),
            "disk": room(newsroom.settings.folder),
        }
    return {
        "database": Sign(True, "The database answers."),
        "engine": _engine(ticked, now),
        "disk": room(newsroom.settings.folder),
    }


def _engine(ticked: datetime | None, now: datetime) -> Sign:
    if ticked is None:
        return Sign(True, "The schedule has not run yet: “emag serve” runs it.")
    age = now - ticked
    minutes = int(age.total_seconds() // 60)
    if age > LATE:
        return Sign(False, f"The schedule has stood still for {minutes:,} minutes.")
    return Sign(True, f"The schedule ran {minutes} minutes ago.")


def room(folder: Path, *, least: int = LEAST_FREE) -> Sign:
    """Whether `least` bytes are free where the publication lies."""
    free = shutil.disk_usage(folder).free
    return Sign(free >= least, f"{free // 1_000_000:,} MB are free on the disk.")
