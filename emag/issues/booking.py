"""The functions that read and write promos and their runs: the places that are booked."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from emag.errors import NotFound, WrongMove
from emag.issues.issue import GIVEN_UP, Status
from emag.issues.promo import Promo, place_in_words
from emag.issues.tables import ISSUES, PROMO_RUNS, PROMOS
from subscribers.dialect import is_postgresql

_LOCK = 0x70726F6D6F  # “promo”
_R = PROMO_RUNS.c


@dataclass(frozen=True, slots=True)
class Spot:
    """What a run is booked for: a usual date (ISO), an issue, or both; neither is the next one."""

    local_date: str | None = None
    issue: int | None = None


@dataclass(frozen=True, slots=True)
class BookedRun:
    """A promo at a spot, with what is known of its issue, None without one."""

    id: int
    promo: int
    spot: Spot
    content: str  # the promo as the issue prints it; "" without an issue
    place: str
    issue_status: Status | None = None
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredPromo:
    """A promo as its editors wrote it last. A removed one is kept for the record of its runs."""

    promo: Promo
    added_by: str
    is_removed: bool


def lock(conn: Connection) -> None:
    """Waits for whoever else books a place. SQLite's write transaction does so by itself."""
    if is_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def add(conn: Connection, promo: Promo, *, now: datetime, by: str) -> Promo:
    """Writes a new promo and gives it a number."""
    row = {"content": promo.written(), "added_at": now, "added_by": by, "removed_by": ""}
    [number] = conn.execute(insert(PROMOS).values(row)).inserted_primary_key or (0,)
    promo = replace(promo, id=number)
    rewrite(conn, promo)
    return promo


def rewrite(conn: Connection, promo: Promo) -> None:
    """Writes a promo again; a removed one comes back. Issues that have it keep what they print."""
    changed = update(PROMOS).where(PROMOS.c.id == promo.id)
    conn.execute(changed.values(content=promo.written(), removed_at=None, removed_by=""))


def remove(conn: Connection, number: int, *, now: datetime, by: str) -> None:
    """Notes that nobody may book the promo any more."""
    conn.execute(update(PROMOS).where(PROMOS.c.id == number).values(removed_at=now, removed_by=by))


def get(conn: Connection, number: int) -> StoredPromo:
    """A promo by its number, also a removed one. Raises NotFound."""
    row = conn.execute(select(PROMOS).where(PROMOS.c.id == number)).first()
    if row is None:
        raise NotFound(f"There is no promo {number}: “emag promo list” shows them.")
    return _stored(row)


def listing(conn: Connection) -> list[StoredPromo]:
    """Every promo, oldest first."""
    return [_stored(row) for row in conn.execute(select(PROMOS).order_by(PROMOS.c.id))]


def runs(conn: Connection, promo: int | None = None) -> list[BookedRun]:
    """The runs of one promo, or of all, in the order of their dates; those that wait come last."""
    query = _runs().order_by(_R.local_date.is_(None), _R.local_date, _R.issue, _R.id)
    if promo is not None:
        query = query.where(_R.promo == promo)
    return [_run(row) for row in conn.execute(query)]


def in_issue(conn: Connection, number: int) -> tuple[Promo, ...]:
    """The promos of an issue, as it prints them."""
    query = select(_R.content).where(_R.issue == number).order_by(_R.promo)
    return tuple(Promo.read(content) for content in conn.execute(query).scalars())


def content(conn: Connection, number: int, promo: int) -> str | None:
    """A promo as an issue prints it; None where the issue does not have it."""
    query = select(_R.content).where(_R.issue == number, _R.promo == promo)
    text: str | None = conn.execute(query).scalar()
    return text


def put_in(conn: Connection, number: int, promo: Promo) -> None:
    """Gives an issue a promo, or the promo it has another content and place. Raises WrongMove.

    A removed promo comes back. Where the issue had the promo as its editors wrote it last, the
    promo itself changes with it: who takes back an edit takes it back for later dates too.
    """
    before, stored = content(conn, number, promo.id), get(conn, promo.id)
    usual = (ISSUES.c.number == number, ISSUES.c.is_special.is_(False))
    date = conn.execute(select(ISSUES.c.local_date).where(*usual)).scalar()
    spot = Spot(date, number)
    refuse_taken(conn, promo, spot)
    take_out(conn, number, promo.id)
    _insert(conn, promo, spot, promo.written())
    if before == stored.promo.written():
        rewrite(conn, promo)
        _move_unbound(conn, promo)
    elif stored.is_removed:
        rewrite(conn, stored.promo)


def take_out(conn: Connection, number: int, promo: int) -> None:
    """Takes a promo out of an issue, and gives its place free."""
    conn.execute(delete(PROMO_RUNS).where(_R.issue == number, _R.promo == promo))


def book(conn: Connection, promo: Promo, spot: Spot) -> None:
    """Books a spot that has no issue yet. Raises WrongMove, with the promo that has the place."""
    refuse_taken(conn, promo, spot)
    _insert(conn, promo, spot, "")


def move(conn: Connection, run: BookedRun, promo: Promo) -> None:
    """Gives a run without an issue the promo's place. Raises WrongMove where it is taken."""
    refuse_taken(conn, promo, run.spot)
    conn.execute(update(PROMO_RUNS).where(_R.id == run.id).values(place=promo.place))


def cancel(conn: Connection, run: BookedRun) -> None:
    """Gives the place of a run free."""
    conn.execute(delete(PROMO_RUNS).where(_R.id == run.id))


def refuse_taken(conn: Connection, promo: Promo, spot: Spot) -> None:
    """Raises WrongMove, with the promo that has the place, where another one has it."""
    holder = _holder(conn, promo, spot)
    if holder is None:
        return
    where = f"on {spot.local_date}" if spot.local_date else f"of issue {spot.issue}"
    raise WrongMove(
        f"The place {place_in_words(promo.place)} {where} belongs to promo {holder.id}, "
        f"“{holder.title}”: choose another place or date."
    )


def is_free(conn: Connection, promo: Promo, spot: Spot) -> bool:
    """True where no promo has the place, and the promo itself has no other there."""
    here = [_at(spot), or_(_R.place == promo.place, _R.promo == promo.id)]
    return conn.execute(select(_R.id).where(*here)).first() is None


def bind(conn: Connection, number: int, local_date: str) -> tuple[Promo, ...]:
    """Gives a new issue the promos of its date, then those that wait for the next issue."""
    lock(conn)
    given_up = select(ISSUES.c.number).where(ISSUES.c.status.in_(GIVEN_UP))
    of_date = and_(_R.local_date == local_date, or_(_R.issue.is_(None), _R.issue.in_(given_up)))
    conn.execute(update(PROMO_RUNS).where(of_date).values(issue=number))
    waiting = select(_R.id, _R.promo, _R.place).where(_R.local_date.is_(None), _R.issue.is_(None))
    for row in conn.execute(waiting.order_by(_R.id)).all():
        conflicts = select(_R.id).where(
            _R.issue == number, or_(_R.place == row.place, _R.promo == row.promo)
        )
        if conn.execute(conflicts).first() is None:
            values = {"issue": number, "local_date": local_date}
            conn.execute(update(PROMO_RUNS).where(_R.id == row.id).values(values))
    written = select(PROMOS.c.content).where(PROMOS.c.id == _R.promo).scalar_subquery()
    conn.execute(update(PROMO_RUNS).where(_R.issue == number).values(content=written))
    return in_issue(conn, number)


def _insert(conn: Connection, promo: Promo, spot: Spot, text: str) -> None:
    row = {"promo": promo.id, "place": promo.place, "content": text}
    row |= {"local_date": spot.local_date, "issue": spot.issue}
    conn.execute(insert(PROMO_RUNS).values(row))


def _move_unbound(conn: Connection, promo: Promo) -> None:
    for run in runs(conn, promo.id):
        if run.spot.issue is None:
            move(conn, run, promo)


def _holder(conn: Connection, promo: Promo, spot: Spot) -> Promo | None:
    query = select(PROMOS).join(PROMO_RUNS, _R.promo == PROMOS.c.id)
    where = (_at(spot), _R.place == promo.place, _R.promo != promo.id)
    row = conn.execute(query.where(*where)).first()
    return _stored(row).promo if row else None


def _at(spot: Spot) -> ColumnElement[bool]:
    """True for the runs at a spot. Runs that wait for the next issue are at no spot."""
    return or_(_R.issue == (spot.issue or 0), _R.local_date == (spot.local_date or ""))


def _runs() -> Select[Any]:
    return select(PROMO_RUNS, ISSUES.c.status, ISSUES.c.began_at).outerjoin(
        ISSUES, ISSUES.c.number == _R.issue
    )


def _run(row: Row[Any]) -> BookedRun:
    status = Status(row.status) if row.status else None
    spot = Spot(row.local_date, row.issue)
    return BookedRun(row.id, row.promo, spot, row.content, row.place, status, row.began_at)


def _stored(row: Row[Any]) -> StoredPromo:
    return StoredPromo(Promo.read(row.content), row.added_by, row.removed_at is not None)
