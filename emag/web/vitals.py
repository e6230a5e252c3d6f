"""What /healthz checks: the database, the schedule, the disk."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from emag.newsroom import Newsroom
from emag.schedule import runs

LATE = timedelta(minutes=10)  # the schedule runs every few seconds
LEAST_FREE = 200_000_000  # bytes; with less, the database may fail to write


@dataclass(frozen=True, slots=True)
class Sign:
    """One result: whether it is well, and a sentence about it."""

    ok: bool
    message: str


def signs(newsroom: Newsroom) -> dict[str, Sign]:
    """Each check by its name, with its reason."""
    now = newsroom.now()
    try:
        with newsroom.database.reading() as conn:
            ticked = runs.last_beat(conn)
    except SQLAlchemyError as error:
        return {
            "database": Sign(False, f"The database does not answer ({type(error).__name__})."),
            "disk": free_space(newsroom.settings.folder),
        }
    return {
        "database": Sign(True, "The database answers."),
        "engine": _engine(ticked, now),
        "disk": free_space(newsroom.settings.folder),
    }


def _engine(ticked: datetime | None, now: datetime) -> Sign:
    if ticked is None:
        return Sign(True, "The schedule has not run yet: “emag serve” runs it.")
    age = now - ticked
    minutes = int(age.total_seconds() // 60)
    if age > LATE:
        return Sign(False, f"The schedule has not run for {minutes:,} minutes.")
    return Sign(True, f"The schedule ran {minutes} minutes ago.")


def free_space(folder: Path, *, least: int = LEAST_FREE) -> Sign:
    """Whether `least` bytes are free on the publication's disk."""
    free = shutil.disk_usage(folder).free
    return Sign(free >= least, f"{free // 1_000_000:,} MB are free on the disk.")
