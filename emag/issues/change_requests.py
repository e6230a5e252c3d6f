"""The record of requests: what somebody asked to be changed before an issue leaves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from emag.issues.tables import CHANGE_REQUESTS

LONGEST = 2000  # characters


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """One request. It is open until somebody settles it."""

    id: int
    issue: int
    at: datetime
    by: str
    text: str
    settled_at: datetime | None = None
    settled_by: str = ""


def add(conn: Connection, number: int, text: str, *, by: str, now: datetime) -> ChangeRequest:
    """Records a request."""
    values = {"issue": number, "at": now, "by": by, "text": text}
    statement = insert(CHANGE_REQUESTS).values(values).returning(CHANGE_REQUESTS.c.id)
    return ChangeRequest(conn.execute(statement).scalar_one(), number, now, by, text)


def pending(conn: Connection, number: int) -> list[ChangeRequest]:
    """The requests of an issue that nobody has settled, oldest first."""
    columns = [CHANGE_REQUESTS.c[name] for name in ("id", "issue", "at", "by", "text")]
    query = select(*columns).where(
        CHANGE_REQUESTS.c.issue == number, CHANGE_REQUESTS.c.settled_at.is_(None)
    )
    return [ChangeRequest(*row) for row in conn.execute(query.order_by(CHANGE_REQUESTS.c.id))]


def settle(
    conn: Connection, number: int, *, by: str, now: datetime, request: int | None = None
) -> int:
    """Settles one request of an issue, or all. Returns how many were open."""
    same = (CHANGE_REQUESTS.c.issue == number) & CHANGE_REQUESTS.c.settled_at.is_(None)
    if request is not None:
        same &= CHANGE_REQUESTS.c.id == request
    values = {"settled_at": now, "settled_by": by}
    return conn.execute(update(CHANGE_REQUESTS).where(same).values(values)).rowcount
