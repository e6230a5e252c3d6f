"""Changes an issue's status, and records who did it. Nothing else in the code base does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from emag.errors import NotFound, WrongMove
from emag.issues import act_log, approval, edition, settled, store
from emag.issues.act import ActKind
from emag.issues.issue import (
    CLAIMS_STORIES,
    CLOSED,
    LEAVING,
    Issue,
    Move,
    Status,
    after,
    refusal,
)
from emag.issues.tables import ACTS, ISSUES

_TARGET = "status "


@dataclass(frozen=True, slots=True)
class LifeStep:
    """One move in an issue's history. `by` is a person's name, or the timetable's.

    `reason` is empty, or why emag itself took the step.
    """

    move: Move
    before: Status
    after: Status
    at: datetime
    by: str
    reason: str = ""


def move(
    conn: Connection, number: int, step: Move, *, now: datetime, by: str, reason: str = ""
) -> Issue:
    """Takes one step of the issue's life, as MOVES allows it, and records who took it and why.

    Approving claims the stories. A step that ends an approval before the send gives them back, so
    that they come into the next issue. An issue cancelled during the send keeps them: readers have
    them. An issue that begins to leave gets its edition. Raises NotFound, and WrongMove if the life
    of an issue has no such step.
    """
    row = _locked(conn, number)
    before = Status(row.status)
    then = after(before, step)
    if then is None:
        raise WrongMove(refusal(number, before, step))
    values: dict[str, Any] = {"status": then.value}
    if step is Move.APPROVE:
        approval.claim(conn, number)
        values["approved_by"] = by
    elif then not in CLAIMS_STORIES and before not in LEAVING:
        approval.void(conn, number)
        values |= {"approved_by": "", "document_hash": ""}
    if then in LEAVING and row.began_at is None:
        values |= {"began_at": now, "edition": edition.assign(conn)}
    if then in CLOSED:
        values["closed_at"] = now
    conn.execute(update(ISSUES).where(ISSUES.c.number == number).values(values))
    if then in CLOSED and before in LEAVING:
        settled.close(conn, number)
    if then is not before or step is Move.APPROVE:  # a step taken twice is recorded once
        act_log.append(
            conn,
            number,
            ActKind.STATUS,
            f"{_TARGET}{step.value}",
            before=before.value,
            after=then.value,
            now=now,
            by=by,
            detail=reason,
        )
    return store.get(conn, number)


def history(conn: Connection, number: int) -> list[LifeStep]:
    """Every step the issue took, oldest first."""
    query = (
        select(ACTS.c.target, ACTS.c.before, ACTS.c.after, ACTS.c.at, ACTS.c.by, ACTS.c.detail)
        .where(ACTS.c.issue == number, ACTS.c.kind == ActKind.STATUS)
        .order_by(ACTS.c.id)
    )
    return [
        LifeStep(Move(target.removeprefix(_TARGET)), Status(before), Status(then), at, by, detail)
        for target, before, then, at, by, detail in conn.execute(query)
    ]


def _locked(conn: Connection, number: int) -> Row[Any, Any]:
    """The issue's status, which no other process changes until this transaction ends."""
    columns = select(ISSUES.c.status, ISSUES.c.began_at)
    row = conn.execute(columns.where(ISSUES.c.number == number).with_for_update()).first()
    if row is None:
        raise NotFound(store.absent(number))
    return row
