"""The record of looks: what an editor had before them when they last reviewed an issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from emag.issues.tables import LOOKS

REMEMBERED = 10  # looks of one editor at one issue


@dataclass(frozen=True, slots=True)
class FaultOnRecord:
    """A fault as it was then. `message` is its sentence."""

    rule: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class EditorLook:
    """One look. `revision` is the number of the issue's newest act then."""

    id: int
    at: datetime
    revision: int
    faults: tuple[FaultOnRecord, ...] = ()


def record(
    conn: Connection,
    number: int,
    *,
    by: str,
    now: datetime,
    revision: int,
    faults: Sequence[FaultOnRecord],
) -> None:
    """Adds a look, and forgets the oldest ones."""
    rows = [[fault.rule, fault.where, fault.message] for fault in faults]
    values = {"issue": number, "by": by, "at": now, "revision": revision, "faults": rows}
    conn.execute(insert(LOOKS).values(values))
    newest = _of(number, by).with_only_columns(LOOKS.c.id).order_by(LOOKS.c.id.desc())
    ids = list(conn.execute(newest).scalars())
    conn.execute(delete(LOOKS).where(LOOKS.c.id.in_(ids[REMEMBERED:])))


def find(conn: Connection, number: int, *, by: str, look: int | None = None) -> EditorLook | None:
    """An editor's look with this number, or their last one; None if there is none."""
    query = _of(number, by)
    if look is not None:
        query = query.where(LOOKS.c.id == look)
    row = conn.execute(query.order_by(LOOKS.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    faults = tuple(FaultOnRecord(*fault) for fault in row.faults)
    return EditorLook(row.id, row.at, row.revision, faults)


def _of(number: int, by: str) -> Select[Any]:
    columns = (LOOKS.c.id, LOOKS.c.at, LOOKS.c.revision, LOOKS.c.faults)
    return select(*columns).where(LOOKS.c.issue == number, LOOKS.c.by == by)
