"""What /healthz answers: whether the database, the schedule, the disk and the sending are well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from emag.errors import DatabaseError
from emag.newsroom import Newsroom
from emag.schedule import runs
from emag.schedule.standstill import Obstacle, Standstill, free_bytes, standstills

# The obstacles of the parts that have an answer of their own; all others are the sending's.
_PARTS = {
    "database": frozenset({Obstacle.DATABASE}),
    "engine": frozenset({Obstacle.SCHEDULE}),
    "disk": frozenset({Obstacle.DISK}),
}
_SENDING = frozenset(Obstacle) - frozenset().union(*_PARTS.values())


@dataclass(frozen=True, slots=True)
class Sign:
    """One part: whether it is well, and a sentence about it."""

    ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class Health:
    """The parts by their names, everything that stands still, and the sentences of what is down."""

    parts: dict[str, Sign]
    causes: Sequence[Standstill]
    faults: Sequence[str]

    @property
    def ok(self) -> bool:
        return not self.faults


def examine(newsroom: Newsroom) -> Health:
    """Looks at every part."""
    now, zone = newsroom.now(), newsroom.settings.publication.zone
    causes = standstills(
        newsroom.database, newsroom.settings, now=now, condition=newsroom.condition
    )
    down = {cause: cause.sentence(zone) for cause in causes if cause.is_down}
    well = {
        "database": "The database answers.",
        "engine": _engine(newsroom, now),
        "disk": f"{free_bytes(newsroom.settings.folder) // 1_000_000:,} MB are free on the disk.",
        "sending": "Nothing that should leave waits.",
    }
    parts = {name: _sign(name, down, sentence) for name, sentence in well.items()}
    return Health(parts, causes, list(down.values()))


def _sign(name: str, down: dict[Standstill, str], well: str) -> Sign:
    obstacles = _PARTS.get(name, _SENDING)
    faults = [sentence for cause, sentence in down.items() if cause.obstacle in obstacles]
    return Sign(not faults, " ".join(faults) or well)


def _engine(newsroom: Newsroom, now: datetime) -> str:
    try:
        with newsroom.database.reading() as conn:
            beat = runs.last_beat(conn)
    except (SQLAlchemyError, DatabaseError):
        return "Nobody knows, because the database does not answer."
    if beat is None:
        return "The schedule has not run yet: “emag serve” runs it."
    return f"The schedule ran {(now - beat) // timedelta(minutes=1)} minutes ago."
