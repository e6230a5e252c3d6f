"""The record of each approval: who, when, of which revision, and what the document was made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from emag.content.story import Story, from_dict, to_dict
from emag.issues.approval_terms import ApprovalSignature
from emag.issues.tables import APPROVALS


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """One approval of an issue.

    `revision` is the issue's newest act at that moment, and `hash` that of the frozen document.
    `stories` are the picks as they were printed. `passed` names the faults that were let pass, as
    rule and place. `note` says on what ground the program approved. `signature` is the passkey's,
    where the approval was signed.
    """

    at: datetime
    by: str
    revision: int
    hash: str
    stories: Mapping[int, Story] = field(default_factory=dict)
    passed: frozenset[tuple[str, str]] = frozenset()
    note: str = ""
    signature: ApprovalSignature | None = None


def record(conn: Connection, number: int, approval: GivenApproval) -> None:
    """Adds an approval to the record. Rows are only ever added."""
    values = {
        "stories": {str(key): to_dict(story) for key, story in approval.stories.items()},
        "passed": sorted(list(pair) for pair in approval.passed),
    }
    names = ("at", "by", "revision", "hash", "note")
    values |= {name: getattr(approval, name) for name in names}
    values["signature"] = approval.signature.written() if approval.signature else ""
    conn.execute(insert(APPROVALS).values(issue=number, **values))


def listing(conn: Connection, number: int) -> list[GivenApproval]:
    """Every approval of an issue, oldest first, also those that a change has voided."""
    columns = [APPROVALS.c[name] for name in ("at", "by", "revision", "hash", "stories", "passed")]
    query = select(*columns, APPROVALS.c.note, APPROVALS.c.signature).where(
        APPROVALS.c.issue == number
    )
    rows: Sequence[Any] = conn.execute(query.order_by(APPROVALS.c.id)).all()
    return [_approval(row) for row in rows]


def latest(conn: Connection, number: int) -> GivenApproval | None:
    """The newest approval of an issue, if it ever had one."""
    return next(iter(listing(conn, number)[::-1]), None)


def _approval(row: Any) -> GivenApproval:
    stories = {int(key): from_dict(data) for key, data in row.stories.items()}
    passed = frozenset((rule, where) for rule, where in row.passed)
    signature = ApprovalSignature.read(row.signature) if row.signature else None
    values = (row.at, row.by, row.revision, row.hash, stories, passed, row.note)
    return GivenApproval(*values, signature)
