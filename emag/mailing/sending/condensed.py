"""What is left of an old issue's deliveries: how many there were of each kind, and no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from emag.mailing.tables import CONDENSED

DomainCounts = dict[str, dict[str, int]]
Reasons = Sequence[tuple[str, int]]
_C = CONDENSED.c


@dataclass(frozen=True, slots=True)
class CondensedIssue:
    """The figures of an issue's report. `counts` is what `ledger.counts` gives."""

    number: int
    counts: dict[str, int]
    domains: DomainCounts
    bounces: Reasons
    refusals: Reasons
    left: int
    last_outcome_at: datetime | None


def find(conn: Connection, number: int) -> CondensedIssue | None:
    """The figures of an issue that was condensed; None for one that has its deliveries."""
    row = conn.execute(select(CONDENSED).where(_C.issue == number)).first()
    if row is None:
        return None
    return CondensedIssue(
        number,
        row.counts,
        row.domains,
        [(reason, count) for reason, count in row.bounces],
        [(reason, count) for reason, count in row.refusals],
        row.left,
        row.last_outcome_at,
    )


def is_condensed(conn: Connection, number: int) -> bool:
    return conn.execute(select(_C.issue).where(_C.issue == number)).first() is not None


def keep(conn: Connection, figures: CondensedIssue, *, now: datetime) -> None:
    """Stores the figures, in the transaction that read them."""
    values = {
        "issue": figures.number,
        "condensed_at": now,
        "counts": figures.counts,
        "domains": figures.domains,
        "bounces": [list(reason) for reason in figures.bounces],
        "refusals": [list(reason) for reason in figures.refusals],
        "left": figures.left,
        "last_outcome_at": figures.last_outcome_at,
    }
    conn.execute(insert(CONDENSED).values(values))
