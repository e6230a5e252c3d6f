"""Adds acts to the record of all issues, which is one chain.

It is one chain for all issues, not one for each: so no issue's newest acts, and no whole issue, can
be taken out without the next act of any other issue showing it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from emag import chain
from emag.chain import Chained
from emag.issues.act import ActKind
from emag.issues.tables import ACTS
from subscribers.dialect import is_postgresql

_LOCK = 7_311_024_651_090_025  # on PostgreSQL: any number that nobody else locks


def lock(conn: Connection) -> None:
    """Waits for every other writer of acts. SQLite's write transaction does so by itself."""
    if is_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def append(
    conn: Connection,
    number: int,
    kind: ActKind,
    target: str,
    *,
    before: str | None,
    after: str | None,
    now: datetime,
    by: str,
    reverses: int | None = None,
    detail: str = "",
) -> None:
    """Records an act of issue `number`."""
    lock(conn)
    query = select(ACTS.c.id, ACTS.c.hash).order_by(ACTS.c.id.desc()).limit(1)
    last = conn.execute(query).first()
    identifier, previous = (last.id + 1, last.hash) if last else (1, chain.START)
    row = {"issue": number, "by": by, "kind": kind.value, "target": target}
    row |= {"before": before, "after": after, "reverses": reverses, "detail": detail}
    values = (number, chain.moment(now), by, kind.value, target, before, after, reverses, detail)
    hashed = chain.link(previous, identifier, values)
    conn.execute(insert(ACTS).values(id=identifier, at=now, hash=hashed, **row))


def chained(conn: Connection, *, after: int = 0) -> Iterator[Chained]:
    """The acts of all issues after a number as the chain holds them, oldest first."""
    for row in conn.execute(select(ACTS).where(ACTS.c.id > after).order_by(ACTS.c.id)):
        at = chain.moment(row.at)
        values = (row.issue, at, row.by, row.kind, row.target, row.before, row.after)
        yield Chained(row.id, (*values, row.reverses, row.detail), row.hash)
