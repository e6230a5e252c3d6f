"""Write promos, book the places where they run, and take them out again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from emag.database import Database
from emag.desk import promo_booking, promo_dates
from emag.desk.promo_booking import Wish
from emag.errors import PromoRefused, WrongMove
from emag.issues import booking, promo, store
from emag.issues.booking import BookedRun, Spot
from emag.issues.issue import GIVEN_UP, Status
from emag.issues.promo import Promo, PromoKind, RunStatus
from emag.settings import Settings, is_loopback


@dataclass(frozen=True, slots=True)
class PromoRun:
    """One run: on a date, in an issue, or both; neither while it waits for the next issue.

    `is_planned` is False where the schedule sends no issue on its date.
    """

    date: str | None
    issue: int | None
    status: RunStatus
    place: str
    is_planned: bool = True


@dataclass(frozen=True, slots=True)
class ListedPromo:
    """A promo with its runs. `voided` are the issues whose approval the change has voided."""

    promo: Promo
    runs: tuple[PromoRun, ...]
    is_removed: bool
    voided: tuple[int, ...] = ()


def add(
    database: Database, settings: Settings, wanted: Promo, wish: Wish, *, now: datetime, by: str
) -> ListedPromo:
    """Adds a promo and books its runs; without a wish, the next free date of its place.

    Raises PromoRefused for a promo that cannot be kept, and WrongMove with the name of the promo
    that has the place on a date already. Then nothing is added.
    """
    wanted = _sound(settings, wanted)
    if sentence := promo.incomplete(wanted):
        raise PromoRefused({"text": f"{sentence}."})
    if wish.is_empty:
        wish = Wish(runs=1)
    with database.transaction() as conn:
        booking.lock(conn)
        approved = _approved(conn)
        added = booking.add(conn, wanted, now=now, by=by)
        spots = promo_booking.wanted_spots(conn, settings, added, wish, now=now)
        promo_booking.book(conn, added, spots, now=now, by=by)
        return _listed(conn, settings, added.id, now=now, approved=approved)


def edit(
    database: Database,
    settings: Settings,
    number: int,
    fields: Mapping[str, str],
    wish: Wish,
    *,
    now: datetime,
    by: str,
) -> ListedPromo:
    """Changes fields of a promo, and where it runs from now on, in every issue that has not left.

    `wish` takes the place of the runs to come; an empty one leaves them. A removed promo comes back
    if a wish books it. Raises NotFound, and
    WrongMove as `add` does. A promo may be left without text and picture: the pre-flight blocks it.
    """
    with database.transaction() as conn:
        booking.lock(conn)
        approved = _approved(conn)
        stored = booking.get(conn, number)
        if stored.is_removed and wish.is_empty:
            raise WrongMove(f"Promo {number} was removed: book it again, for dates to come.")
        before = stored.promo
        kind = PromoKind(fields.get("kind", before.kind))
        texts = {name: text for name, text in fields.items() if name != "kind"}
        after = _sound(settings, replace(before, kind=kind, **texts))  # type: ignore[arg-type]
        booking.rewrite(conn, after)
        to_come = _to_come(conn, settings, number, now=now)
        if not wish.is_empty:
            plan = promo_booking.replan
            to_come = plan(conn, settings, after, to_come, wish, now=now, by=by)
        promo_booking.rewrite(conn, after, to_come, now=now, by=by)
        return _listed(conn, settings, number, now=now, approved=approved)


def remove(
    database: Database, settings: Settings, number: int, *, now: datetime, by: str
) -> ListedPromo:
    """Takes a promo out of every issue that has not left. Its earlier runs stay on record."""
    with database.transaction() as conn:
        booking.lock(conn)
        approved = _approved(conn)
        booking.get(conn, number)
        booking.remove(conn, number, now=now, by=by)
        promo_booking.cancel(conn, _to_come(conn, settings, number, now=now), now=now, by=by)
        return _listed(conn, settings, number, now=now, approved=approved)


def show(database: Database, settings: Settings, number: int, *, now: datetime) -> ListedPromo:
    """One promo with its runs, also a removed one. Raises NotFound."""
    with database.reading() as conn:
        return _listed(conn, settings, number, now=now)


def listing(database: Database, settings: Settings, *, now: datetime) -> list[ListedPromo]:
    """Every promo with its runs; a removed one only if it ran."""
    with database.reading() as conn:
        stored = booking.listing(conn)
        runs = booking.runs(conn)
        every = _runs(conn, settings, runs, now=now)
    runs_of = {s.promo.id: [run for b, run in every if b.promo == s.promo.id] for s in stored}
    return [
        ListedPromo(s.promo, tuple(runs_of[s.promo.id]), s.is_removed)
        for s in stored
        if runs_of[s.promo.id] or not s.is_removed
    ]


def _sound(settings: Settings, wanted: Promo) -> Promo:
    wanted = promo.tidy(wanted)
    sections = [section.name for section in settings.sections]
    loopback = is_loopback(urlsplit(settings.base_url).hostname)
    problems: dict[str, str] = {}
    for fault in promo.faults(wanted, sections, loopback=loopback):
        before = problems.get(fault.field, "")
        problems[fault.field] = f"{before} {fault.sentence}".strip()
    if problems:
        raise PromoRefused(problems)
    return wanted


def _to_come(
    conn: Connection, settings: Settings, number: int, *, now: datetime
) -> list[BookedRun]:
    """The runs that can still be changed: those booked, and those of a date to be drafted again."""
    today = now.astimezone(settings.publication.zone).date().isoformat()
    rows = _runs(conn, settings, booking.runs(conn, number), now=now)
    again = [
        replace(run, spot=Spot(run.spot.local_date))
        for run, _ in rows
        if run.issue_status in GIVEN_UP
        and run.began_at is None
        and (run.spot.local_date or "") >= today
    ]
    return [run for run, row in rows if row.status is RunStatus.BOOKED] + again


def _approved(conn: Connection) -> set[int]:
    return {issue.number for issue in store.listing(conn, Status.APPROVED)}


def _listed(
    conn: Connection,
    settings: Settings,
    number: int,
    *,
    now: datetime,
    approved: Iterable[int] = (),
) -> ListedPromo:
    stored = booking.get(conn, number)
    runs = [run for _, run in _runs(conn, settings, booking.runs(conn, number), now=now)]
    voided = tuple(sorted(set(approved) - _approved(conn)))
    return ListedPromo(stored.promo, tuple(runs), stored.is_removed, voided)


def _runs(
    conn: Connection, settings: Settings, booked: Sequence[BookedRun], *, now: datetime
) -> list[tuple[BookedRun, PromoRun]]:
    days = [date.fromisoformat(run.spot.local_date) for run in booked if run.spot.local_date]
    planned = promo_dates.planned(conn, settings, min(days), max(days)) if days else {}
    today = now.astimezone(settings.publication.zone).date().isoformat()
    return [(run, _run(run, planned, today)) for run in booked]


def _run(run: BookedRun, planned: Mapping[str, str], today: str) -> PromoRun:
    day, issue = run.spot.local_date, run.spot.issue
    status = promo.run_status(
        has_begun=run.began_at is not None,
        is_given_up=run.issue_status in GIVEN_UP,
        is_past=issue is None and day is not None and planned.get(day, day) < today,
    )
    is_planned = day is None or issue is not None or day in planned
    return PromoRun(day, issue, status, run.place, is_planned)
