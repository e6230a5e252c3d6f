"""The functions that keep and find its rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.errors import NotFound, WrongMove
from emag.issues import approval
from emag.issues.approval import freeze, frozen, used
from emag.issues.issue import (
    CLAIMS_STORIES,
    CLOSED,
    Issue,
    Move,
    Pick,
    Section,
    Status,
    after,
    refusal,
)
from emag.issues.recipe import Because, Earlier, Verdict
from emag.issues.tables import ISSUES, PICKS, STEPS, VERDICTS

__all__ = [
    "Step",
    "add",
    "arrange",
    "cut_off",
    "earlier",
    "edit",
    "freeze",
    "frozen",
    "get",
    "history",
    "judge",
    "listing",
    "live",
    "move",
    "overrule",
    "sent",
    "used",
    "verdicts",
]

# These verdicts outlast the issue they were made for.
_LASTING = (Because.DROPPED, Because.PICKED)
_UNDER_WAY = frozenset({Status.SENDING, Status.PAUSED})


@dataclass(frozen=True, slots=True)
class Step:
    """One move in an issue's history. `by` is empty for the timetable."""

    move: Move
    before: Status
    after: Status
    at: datetime
    by: str


def get(conn: Connection, which: int | str) -> Issue:
    """An issue with its picks: by number, “next” (to go out) or “latest” (drafted).

    Raises NotFound.
    """
    row = conn.execute(_which(which)).first()
    if row is None:
        raise NotFound(_absent(which))
    return _whole(conn, row)


def listing(conn: Connection, *statuses: Status) -> list[Issue]:
    """Every issue, or those of the statuses named, oldest first, without their picks."""
    query = select(ISSUES).order_by(ISSUES.c.number)
    if statuses:
        query = query.where(ISSUES.c.status.in_(statuses))
    return [_bare(row) for row in conn.execute(query)]


def sent(conn: Connection) -> list[Issue]:
    """The issues that went out, newest first, without their picks: the archive."""
    return listing(conn, Status.SENT)[::-1]


def live(conn: Connection, local_date: str) -> Issue | None:
    """The issue of a period, unless it was skipped or cancelled."""
    query = select(ISSUES.c.number).where(
        ISSUES.c.local_date == local_date,
        ISSUES.c.status.not_in([Status.SKIPPED, Status.CANCELLED]),
    )
    number = conn.execute(query).scalar()
    return None if number is None else get(conn, number)


def cut_off(conn: Connection) -> datetime | None:
    """Where the last issue that claimed its stories stopped looking; None before the first."""
    query = select(func.max(ISSUES.c.until)).where(ISSUES.c.status.in_(CLAIMS_STORIES))
    return conn.execute(query).scalar()


def add(conn: Connection, issue: Issue, verdicts: Iterable[Verdict]) -> Issue:
    """Writes a new issue under the next number; numbers have no gaps.

    Raises SQLAlchemy's IntegrityError if another process opens the same period at the same time.
    """
    highest = conn.execute(select(func.max(ISSUES.c.number))).scalar() or 0
    issue = replace(issue, number=highest + 1)
    conn.execute(
        insert(ISSUES).values(
            number=issue.number,
            status=issue.status.value,
            subject=issue.subject,
            preheader=issue.preheader,
            note=issue.note,
            since=issue.since,
            until=issue.until,
            send_at=issue.send_at,
            local_date=issue.local_date,
            headings=[[section.name, section.title] for section in issue.sections],
            document_hash="",
            approved_by="",
        )
    )
    arrange(conn, issue.number, issue.sections)
    judge(conn, issue.number, verdicts)
    return issue


def edit(conn: Connection, number: int, **values: Any) -> None:
    """Writes columns of an issue."""
    conn.execute(update(ISSUES).where(ISSUES.c.number == number).values(**values))


def arrange(conn: Connection, number: int, sections: Sequence[Section]) -> None:
    """Replaces the sections and picks of an issue by `sections`."""
    edit(conn, number, headings=[[section.name, section.title] for section in sections])
    conn.execute(delete(PICKS).where(PICKS.c.issue == number))
    rows = [
        {"issue": number, "section": section.name, "position": place, "candidate": pick.candidate}
        for section in sections
        for place, pick in enumerate(section.picks)
    ]
    if rows:
        conn.execute(insert(PICKS), rows)


def judge(conn: Connection, number: int, verdicts: Iterable[Verdict]) -> None:
    """Keeps the verdicts of a new issue, one a candidate."""
    rows = [
        {
            "issue": number,
            "candidate": verdict.candidate,
            "section": verdict.section,
            "chosen": verdict.chosen,
            "because": verdict.because.value,
            "reason": verdict.reason,
        }
        for verdict in verdicts
    ]
    if rows:
        conn.execute(insert(VERDICTS), rows)


def overrule(conn: Connection, number: int, verdict: Verdict) -> None:
    """The editor's verdict on a candidate takes the place of the recipe's."""
    old = VERDICTS.c.candidate == verdict.candidate
    conn.execute(delete(VERDICTS).where(VERDICTS.c.issue == number, old))
    judge(conn, number, [verdict])


def verdicts(conn: Connection, number: int) -> list[tuple[Verdict, Candidate]]:
    """Every verdict of an issue with its candidate, in the order in which they were gathered."""
    query = (
        select(
            VERDICTS.c.candidate,
            VERDICTS.c.section,
            VERDICTS.c.chosen,
            VERDICTS.c.reason,
            VERDICTS.c.because,
        )
        .where(VERDICTS.c.issue == number)
        .order_by(VERDICTS.c.candidate)
    )
    found = [Verdict(*row[:4], Because(row[4])) for row in conn.execute(query)]
    candidates = pool.by_ids(conn, [verdict.candidate for verdict in found])
    return [(verdict, candidates[verdict.candidate]) for verdict in found]


def earlier(conn: Connection) -> dict[int, Earlier]:
    """What was said of each candidate before; what outlasts its issue counts first."""
    judged = select(VERDICTS.c.candidate, func.max(VERDICTS.c.issue)).group_by(VERDICTS.c.candidate)
    found = {c: Earlier(number, Because.NEWEST) for c, number in conn.execute(judged)}
    lasting = (
        select(VERDICTS.c.candidate, VERDICTS.c.issue, VERDICTS.c.because)
        .where(VERDICTS.c.because.in_(_LASTING))
        .order_by(VERDICTS.c.issue)
    )
    for candidate, number, because in conn.execute(lasting):
        found[candidate] = Earlier(number, Because(because))
    return found


def move(conn: Connection, number: int, step: Move, *, now: datetime, by: str = "") -> Issue:
    """Takes one step of the issue's life and remembers who took it.

    Approving claims the stories; a step that ends an approval before the send gives them back, so
    that they come into the next issue. One cancelled in mid-send keeps them: readers have them.
    Raises NotFound, and WrongMove if the life of an issue has no such step.
    """
    query = select(ISSUES.c.status).where(ISSUES.c.number == number).with_for_update()
    status = conn.execute(query).scalar()
    if status is None:
        raise NotFound(_absent(number))
    before = Status(status)
    then = after(before, step)
    if then is None:
        raise WrongMove(refusal(number, before, step))
    values: dict[str, Any] = {"status": then.value}
    if step is Move.APPROVE:
        approval.claim(conn, number)
        values["approved_by"] = by
    elif then not in CLAIMS_STORIES and before not in _UNDER_WAY:
        approval.void(conn, number)
        values |= {"approved_by": "", "document_hash": ""}
    if then in CLOSED:
        values["closed_at"] = now
    edit(conn, number, **values)
    if then is before and step is not Move.APPROVE:
        return get(conn, number)  # asked for again, and nothing came of it
    record = {"move": step.value, "before": before.value, "after": then.value, "at": now, "by": by}
    conn.execute(insert(STEPS).values(issue=number, **record))
    return get(conn, number)


def history(conn: Connection, number: int) -> list[Step]:
    """Every step the issue took, oldest first."""
    query = (
        select(STEPS.c.move, STEPS.c.before, STEPS.c.after, STEPS.c.at, STEPS.c.by)
        .where(STEPS.c.issue == number)
        .order_by(STEPS.c.id)
    )
    return [
        Step(Move(step), Status(before), Status(then), at, by)
        for step, before, then, at, by in conn.execute(query)
    ]


def _which(which: int | str) -> Select[Any]:
    query = select(ISSUES)
    if which == "latest":
        return query.order_by(ISSUES.c.number.desc()).limit(1)
    if which == "next":  # one on its way before one that was held
        held = ISSUES.c.status == Status.HELD
        open_ = query.where(ISSUES.c.status.not_in(CLOSED))
        return open_.order_by(held, ISSUES.c.number).limit(1)
    digits = str(which)
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004 - more no database column holds
    return query.where(ISSUES.c.number == number)


def _absent(which: int | str) -> str:
    if which == "next":
        return "No issue is open: draft one with “emag issue draft”."
    if which == "latest":
        return "There is no issue yet: draft one with “emag issue draft”."
    return f"There is no issue {which}: “emag issue list” shows them."


def _bare(row: Row[Any]) -> Issue:
    values = row._asdict()
    headings = values.pop("headings")
    sections = tuple(Section(name, title) for name, title in headings)
    return Issue(**values | {"status": Status(row.status), "sections": sections})


def _whole(conn: Connection, row: Row[Any]) -> Issue:
    issue = _bare(row)
    query = (
        select(PICKS.c.section, PICKS.c.candidate)
        .where(PICKS.c.issue == issue.number)
        .order_by(PICKS.c.position)
    )
    placed = list(conn.execute(query))
    stories = pool.by_ids(conn, [candidate for _, candidate in placed])
    sections = tuple(
        replace(
            section,
            picks=tuple(Pick(c, stories[c].story) for name, c in placed if name == section.name),
        )
        for section in issue.sections
    )
    return replace(issue, sections=sections)
