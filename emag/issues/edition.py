"""The edition: the consecutive number that readers see, given when an issue begins to leave."""

from sqlalchemy import Connection, func, select

from emag.issues.tables import ISSUES


def assign(conn: Connection) -> int:
    """The number for an issue that begins to leave in this transaction.

    The row of the first issue is the lock: of two processes, the second waits until the first one
    has committed, and then sees its number. SQLite has one writer at a time anyway.
    """
    conn.execute(select(ISSUES.c.number).order_by(ISSUES.c.number).limit(1).with_for_update())
    return following(conn)


def following(conn: Connection) -> int:
    """The number that the next issue to leave gets."""
    return (conn.execute(select(func.max(ISSUES.c.edition))).scalar() or 0) + 1


def current_or_next(conn: Connection, number: int) -> int:
    """The edition of an issue; before it begins to leave, the one it would get now."""
    assigned = conn.execute(select(ISSUES.c.edition).where(ISSUES.c.number == number)).scalar()
    return assigned or following(conn)
