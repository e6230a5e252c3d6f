"""Moves a publication to another database, which is held until somebody releases it."""

from collections.abc import Callable
from dataclasses import dataclass

from emag import in_use, instance, migrate, transfer
from emag.database import Database
from emag.desk.holdings import Holdings, holdings
from emag.errors import DatabaseError
from emag.transfer import Watch
from subscribers.desk import Verification

Verify = Callable[[Database], Verification]


@dataclass(frozen=True, slots=True)
class Moved:
    """What the new database holds, the rows of each table, and whether its consent is proved."""

    holdings: Holdings
    rows: dict[str, int]
    consent: Verification


def move(
    source: Database,
    target: Database,
    *,
    prepare: Callable[[Database], object],
    verify: Verify,
    watch: Watch,
) -> Moved:
    """Copies everything into an empty database, and holds both.

    Only `instance.release` lets one of them send, so that no reader gets an issue from both.
    `prepare` creates the tables. Raises DatabaseError if one of them is in use, the target is not
    empty or its consent record is not whole; the source goes on as before then.
    """
    place = target.url.render_as_string(hide_password=True)
    if source.url == target.url:
        raise DatabaseError(f"{place} is the present database: name another one")
    migrate.check(source)
    in_use.refuse_if_in_use(source)
    _open_empty(target, prepare)
    instance.hold(target, "Everything was moved here from another database")
    rows = transfer.copy_rows(source, target, watch=watch)
    consent = verify(target)
    with target.reading() as conn:
        moved = Moved(holdings(conn), rows, consent)
    instance.hold(source, f"Everything was moved to {place}")
    return moved


def _open_empty(target: Database, prepare: Callable[[Database], object]) -> None:
    """Creates the tables, unless an attempt before has done it. Raises DatabaseError."""
    before = migrate.revision(target)
    if before is not None:
        migrate.check(target)
        with target.reading() as conn:
            if not transfer.is_empty(conn):
                raise DatabaseError("That database is not empty: name an empty one")
    prepare(target)
