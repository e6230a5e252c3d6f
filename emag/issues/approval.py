"""The records of an approval: the frozen document, the claims on stories, the overrides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from emag.content import store as pool
from emag.issues.issue import CLOSED, Frozen
from emag.issues.tables import CLAIMS, DOCUMENTS, ISSUES, OVERRIDES, PICKS


def freeze(conn: Connection, number: int, frozen: Frozen, *, record: str) -> None:
    """Stores the approved document, and the record of what it was made of, in place of others."""
    # Not loaded where an issue is sent, which is approved before.
    from emag.content.pictures import picture_store  # noqa: PLC0415
    from emag.content.pictures.picture import files_in  # noqa: PLC0415

    conn.execute(delete(DOCUMENTS).where(DOCUMENTS.c.issue == number))
    conn.execute(
        insert(DOCUMENTS).values(
            issue=number,
            subject=frozen.subject,
            preheader=frozen.preheader,
            html=frozen.html,
            text=frozen.text,
            hash=frozen.hash,
            record=record,
        )
    )
    picture_store.mark_printed(conn, files_in(frozen.html))


def frozen(conn: Connection, number: int) -> Frozen | None:
    """The approved document, or None while there is no approval."""
    query = select(
        DOCUMENTS.c.subject,
        DOCUMENTS.c.preheader,
        DOCUMENTS.c.html,
        DOCUMENTS.c.text,
        DOCUMENTS.c.hash,
    ).where(DOCUMENTS.c.issue == number)
    row = conn.execute(query).first()
    return Frozen(*row) if row else None


def record(conn: Connection, number: int) -> str:
    """The record of what the approved document was made of; "" while there is no approval."""
    query = select(DOCUMENTS.c.record).where(DOCUMENTS.c.issue == number)
    return conn.execute(query).scalar() or ""


def void(conn: Connection, number: int) -> None:
    """Deletes the document and gives the stories back; the overrides stay on record."""
    conn.execute(delete(DOCUMENTS).where(DOCUMENTS.c.issue == number))
    release(conn, number)


def claim(conn: Connection, number: int) -> None:
    """Claims the issue's stories for it alone, each for the turn it was picked for.

    The table's key makes sure that no story comes twice by accident: a second issue that approves
    the same story for the same turn fails here, even from another process. Ask `rivals` first, to
    name the other issue.
    """
    release(conn, number)
    query = select(PICKS.c.candidate, PICKS.c.turn).where(PICKS.c.issue == number)
    picks = conn.execute(query.order_by(PICKS.c.candidate))
    rows = [{"issue": number, "candidate": candidate, "turn": turn} for candidate, turn in picks]
    if rows:
        conn.execute(insert(CLAIMS), rows)


def release(conn: Connection, number: int) -> None:
    """Gives the issue's stories back to the pool."""
    conn.execute(delete(CLAIMS).where(CLAIMS.c.issue == number))


def used(conn: Connection, *, among: Select[Any] | None = None) -> dict[int, int]:
    """The stories that an issue has claimed, and the last such issue; all, or those of a query."""
    query = select(CLAIMS.c.candidate, CLAIMS.c.issue).order_by(CLAIMS.c.turn)
    if among is not None:
        query = query.where(CLAIMS.c.candidate.in_(among))
    return {row.candidate: row.issue for row in conn.execute(query)}


def claimants(conn: Connection, candidate: int) -> list[tuple[int, bool]]:
    """The issues that have claimed a story, by turn; True for those whose readers have it."""
    query = (
        select(CLAIMS.c.issue, ISSUES.c.began_at.is_not(None))
        .join(ISSUES, ISSUES.c.number == CLAIMS.c.issue)
        .where(CLAIMS.c.candidate == candidate)
        .order_by(CLAIMS.c.turn)
    )
    return [(number, has_begun) for number, has_begun in conn.execute(query)]


def claimed_for_good() -> Select[Any]:
    """A query for the open candidates that closed issues have claimed, for use in other queries."""
    closed = select(ISSUES.c.number).where(ISSUES.c.status.in_(CLOSED))
    is_open = CLAIMS.c.candidate.in_(pool.open_ids())
    return select(CLAIMS.c.candidate).where(is_open, CLAIMS.c.issue.in_(closed))


def rivals(conn: Connection, number: int, turns: Mapping[int, int]) -> dict[int, int]:
    """The stories that another issue has claimed for the same turn, and which issue.

    `turns` maps a story to the turn for which issue `number` has it.
    """
    query = select(CLAIMS.c.candidate, CLAIMS.c.turn, CLAIMS.c.issue).where(
        CLAIMS.c.issue != number, CLAIMS.c.candidate.in_(list(turns))
    )
    rows = conn.execute(query)
    return {row.candidate: row.issue for row in rows if row.turn == turns[row.candidate]}


def override(
    conn: Connection, number: int, reasons: Mapping[str, str], *, now: datetime, by: str
) -> None:
    """Records which rules an editor let pass, and why."""
    rows = [
        {"issue": number, "rule": rule, "reason": reason, "by": by, "at": now}
        for rule, reason in sorted(reasons.items())
    ]
    if rows:
        conn.execute(insert(OVERRIDES), rows)


def overrides(conn: Connection, number: int) -> list[tuple[str, str, str, datetime]]:
    """(rule, reason, by, at) for every fault that was let pass, in order."""
    query = (
        select(OVERRIDES.c.rule, OVERRIDES.c.reason, OVERRIDES.c.by, OVERRIDES.c.at)
        .where(OVERRIDES.c.issue == number)
        .order_by(OVERRIDES.c.id)
    )
    return [(rule, reason, by, at) for rule, reason, by, at in conn.execute(query)]
