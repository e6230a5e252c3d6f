"""What an approval leaves behind: the frozen document, the claims on stories, the overrides."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from emag.issues.issue import Frozen
from emag.issues.tables import CLAIMS, DOCUMENTS, OVERRIDES, PICKS


def freeze(conn: Connection, number: int, frozen: Frozen) -> None:
    """Keeps the approved document; one frozen before is replaced."""
    conn.execute(delete(DOCUMENTS).where(DOCUMENTS.c.issue == number))
    conn.execute(
        insert(DOCUMENTS).values(
            issue=number,
            subject=frozen.subject,
            preheader=frozen.preheader,
            html=frozen.html,
            text=frozen.text,
            hash=frozen.hash,
        )
    )


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


def void(conn: Connection, number: int) -> None:
    """Forgets the document and gives the stories back; the overrides stay on record."""
    conn.execute(delete(DOCUMENTS).where(DOCUMENTS.c.issue == number))
    release(conn, number)


def claim(conn: Connection, number: int) -> None:
    """Takes the issue's stories for it alone.

    The table's key is the promise that no story comes twice: a second issue that approves the same
    story fails here, even from another process. Ask `rivals` first for the sentence.
    """
    release(conn, number)
    picks = conn.execute(select(PICKS.c.candidate).where(PICKS.c.issue == number)).scalars()
    rows = [{"issue": number, "candidate": candidate} for candidate in sorted(picks)]
    if rows:
        conn.execute(insert(CLAIMS), rows)


def release(conn: Connection, number: int) -> None:
    """Gives the issue's stories back to the pool."""
    conn.execute(delete(CLAIMS).where(CLAIMS.c.issue == number))


def used(conn: Connection) -> dict[int, int]:
    """Candidates that an issue has claimed, and which."""
    rows = conn.execute(select(CLAIMS.c.candidate, CLAIMS.c.issue))
    return {row.candidate: row.issue for row in rows}


def rivals(conn: Connection, number: int, candidates: Sequence[int]) -> dict[int, int]:
    """Those of `candidates` that another issue has claimed, and which."""
    query = select(CLAIMS.c.candidate, CLAIMS.c.issue).where(
        CLAIMS.c.issue != number, CLAIMS.c.candidate.in_(candidates)
    )
    return {row.candidate: row.issue for row in conn.execute(query)}


def override(
    conn: Connection, number: int, reasons: Mapping[str, str], *, now: datetime, by: str
) -> None:
    """Keeps which rules the editor let pass, and why."""
    rows = [
        {"issue": number, "rule": rule, "reason": reason, "by": by, "at": now}
        for rule, reason in sorted(reasons.items())
    ]
    if rows:
        conn.execute(insert(OVERRIDES), rows)


def overrides(conn: Connection, number: int) -> list[tuple[str, str, str, datetime]]:
    """(rule, reason, by, at) for every fault ever let pass, in order."""
    query = (
        select(OVERRIDES.c.rule, OVERRIDES.c.reason, OVERRIDES.c.by, OVERRIDES.c.at)
        .where(OVERRIDES.c.issue == number)
        .order_by(OVERRIDES.c.id)
    )
    return [(rule, reason, by, at) for rule, reason, by, at in conn.execute(query)]
