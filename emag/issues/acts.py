"""Performs acts on an issue, records them, and takes them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from emag.errors import WrongMove
from emag.issues import act_log, approval, life, state, store
from emag.issues.act import (
    NOW,
    Act,
    ActKind,
    Refusal,
    is_same_typing,
    standing,
    to_redo,
    to_undo,
)
from emag.issues.issue import READABLE, Issue, Move, Status, after, spoken
from emag.issues.placement import Placement
from emag.issues.tables import ACTS


@dataclass(frozen=True, slots=True)
class IssueChange:
    """What somebody wants: `target` (see emag/issues/state.py) gets the value `after`."""

    kind: ActKind
    target: str
    after: str | None
    detail: str = ""
    reverses: int | None = None


def perform(conn: Connection, number: int, change: IssueChange, *, now: datetime, by: str) -> bool:
    """Makes a change and records it. False, and no act, where the value was so already.

    A change voids the approval of an approved issue. Raises WrongMove for an issue that has begun
    to leave or was given up, and for a correction of an issue that has not begun to leave.
    """
    before = state.read(conn, number, change.target)
    if before == change.after:
        return False
    if state.is_of_archive(change.target):
        refuse_without_archive(conn, number)
    else:
        open_for_change(conn, number, now=now, by=by)
    state.write(conn, number, change.target, change.after)
    act_log.append(
        conn,
        number,
        change.kind,
        change.target,
        before=before,
        after=change.after,
        now=now,
        by=by,
        reverses=change.reverses,
        detail=change.detail,
    )
    return True


def leave_now(conn: Connection, issue: Issue, *, now: datetime, by: str) -> None:
    """Gives an approved issue the time `now`, as an act that leaves its approval as it is."""
    before = state.read(conn, issue.number, state.TIME)
    state.write(conn, issue.number, state.TIME, now.isoformat())
    act_log.append(
        conn,
        issue.number,
        ActKind.TIME,
        state.TIME,
        before=before,
        after=now.isoformat(),
        now=now,
        by=by,
        detail=NOW,
    )


def open_for_change(conn: Connection, number: int, *, now: datetime, by: str) -> None:
    """Voids the approval of an issue, if it has one. Raises WrongMove where it may not change."""
    status = store.get(conn, number).status
    if after(status, Move.REOPEN) is None:
        raise WrongMove(f"Issue {number} is {spoken(status)}: it can no longer be changed.")
    if status is Status.APPROVED:
        life.move(conn, number, Move.REOPEN, now=now, by=by)


def refuse_without_archive(conn: Connection, number: int) -> None:
    """Raises WrongMove for an issue that the archive does not hold: nothing can be corrected."""
    status = store.get(conn, number).status
    if after(status, Move.REOPEN) is not None:
        raise WrongMove(f"Issue {number} has not begun to leave: change the issue instead.")
    if status not in READABLE:
        raise WrongMove(f"Issue {number} is {spoken(status)}: the archive has no copy to correct.")


def listing(conn: Connection, number: int) -> list[Act]:
    """Every act of an issue, oldest first."""
    columns = (ACTS.c.id, ACTS.c.at, ACTS.c.by, ACTS.c.kind, ACTS.c.target)
    query = (
        select(*columns, ACTS.c.before, ACTS.c.after, ACTS.c.reverses, ACTS.c.detail)
        .where(ACTS.c.issue == number)
        .order_by(ACTS.c.id)
    )
    return [Act(*row[:3], ActKind(row.kind), *row[4:]) for row in conn.execute(query)]


def revision(conn: Connection, number: int) -> int:
    """The number of the issue's newest act; 0 before the first."""
    query = select(func.max(ACTS.c.id)).where(ACTS.c.issue == number)
    return conn.execute(query).scalar() or 0


def undo(
    conn: Connection, number: int, act_number: int | None = None, *, now: datetime, by: str
) -> Act:
    """Takes an act back: number `act_number`, or the newest one that can be taken back.

    A text that saved itself while somebody wrote it is taken back to where they began. Raises
    WrongMove, with who changed the same thing since, or where there is nothing to take back.
    """
    every = listing(conn, number)
    besides = _claimed_elsewhere(conn, number, every) if act_number is None else ()
    act = to_undo(every, act_number, besides=besides)
    if isinstance(act, Refusal) and besides:
        act = to_undo(every)  # its refusal says more
    if isinstance(act, Refusal):
        raise WrongMove(_refusal(number, act, act_number, "take back"))
    _refuse_claimed(conn, number, act.target, act.before)
    _reverse(conn, number, act, ActKind.UNDO, now=now, by=by)
    while is_same_typing(act, other := to_undo(_of(act.target, listing(conn, number)))):
        assert isinstance(other, Act)
        _reverse(conn, number, other, ActKind.UNDO, now=now, by=by)
    return act


def redo(
    conn: Connection, number: int, act_number: int | None = None, *, now: datetime, by: str
) -> Act:
    """Does again what was taken back last, or act `act_number`. Raises WrongMove."""
    act = to_redo(listing(conn, number), act_number)
    if isinstance(act, Refusal):
        raise WrongMove(_refusal(number, act, act_number, "do again"))
    _refuse_claimed(conn, number, act.target, act.after)
    _reverse(conn, number, act, ActKind.REDO, now=now, by=by)
    while is_same_typing(act, other := to_redo(_of(act.target, listing(conn, number)))):
        assert isinstance(other, Act)
        _reverse(conn, number, other, ActKind.REDO, now=now, by=by)
    return act


def _reverse(
    conn: Connection, number: int, act: Act, kind: ActKind, *, now: datetime, by: str
) -> None:
    value = act.before if kind is ActKind.UNDO else act.after
    change = IssueChange(kind, act.target, value, act.detail, act.id)
    perform(conn, number, change, now=now, by=by)


def _of(target: str, every: Sequence[Act]) -> list[Act]:
    return [act for act in every if act.target == target]


def _claimed_elsewhere(conn: Connection, number: int, every: Sequence[Act]) -> set[int]:
    """The acts whose story cannot come back, because another issue has claimed it meanwhile."""
    places = {act.id: _place_in(act.target, act.before) for act in standing(every)}
    turns = dict(place for place in places.values() if place)
    rivals = approval.rivals(conn, number, turns) if turns else {}
    return {act for act, place in places.items() if place and place[0] in rivals}


def _refuse_claimed(conn: Connection, number: int, target: str, value: str | None) -> None:
    """A story that another issue has claimed meanwhile does not come back."""
    place = _place_in(target, value)
    if place and (rivals := approval.rivals(conn, number, dict([place]))):
        [issue] = rivals.values()
        raise WrongMove(
            f"That story is in issue {issue} now, so it cannot come back into this one."
        )


def _place_in(target: str, value: str | None) -> tuple[int, int] | None:
    """The story that a value puts into the issue, and its turn; None for any other value."""
    kind, _, rest = target.partition(" ")
    place = Placement.read(value) if kind == "story" and value is not None else None
    return (int(rest), place.turn) if place and place.is_in else None


def _refusal(number: int, refusal: Refusal, act_number: int | None, verb: str) -> str:
    if refusal.rival:
        return (
            f"{refusal.rival.by} has changed the same thing since (act {refusal.rival.id}): "
            "the issue's history shows it."
        )
    if act_number is not None:
        return f"There is no act {act_number} of issue {number} to {verb}."
    return f"There is nothing to {verb} in issue {number}."
