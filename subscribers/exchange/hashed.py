"""Rows of which the file has only keyed hashes: suppressed addresses and old links."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, insert, select

from subscribers.exchange.columns import moment
from subscribers.exchange.evidence import ImportContext
from subscribers.exchange.judge import BEGINNING
from subscribers.exchange.row import Row
from subscribers.membership import removed
from subscribers.membership.removed import OldLink
from subscribers.standing import Standing
from subscribers.tables import SUBSCRIBERS, SUPPRESSIONS
from subscribers.tokens import Keys

_AT_ONCE = 500
_READERS = (Standing.ACTIVE.value, Standing.PENDING.value)


def identify(conn: Connection, keys: Keys, rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Gives the rows whose address is on the list, with the address; and the other rows.

    A hash cannot be turned back: the hash of each reader is computed and compared.
    """
    waiting = {row.fingerprint: row for row in rows}
    identified: list[Row] = []
    if waiting:
        for fingerprint, _, address in _fingerprints(conn, keys, only_readers=True):
            row = waiting.pop(fingerprint, None)
            if row:
                identified.append(row._replace(address=address))
    return identified, list(waiting.values())


def _fingerprints(
    conn: Connection, keys: Keys, *, only_readers: bool
) -> Iterator[tuple[str, int, str]]:
    """Every hash of everybody on the list, with their number and address."""
    query = select(SUBSCRIBERS.c.id, SUBSCRIBERS.c.key, SUBSCRIBERS.c.address)
    if only_readers:
        query = query.where(SUBSCRIBERS.c.status.in_(_READERS))
    with conn.execute(query.execution_options(yield_per=2_000)) as readers:
        for reader in readers:
            for fingerprint in keys.fingerprints(reader.key):
                yield fingerprint, reader.id, reader.address


def suppressed(conn: Connection, rows: Sequence[Row]) -> set[str]:
    """Gives the hashes that are suppressed already."""
    column = SUPPRESSIONS.c.fingerprint
    stored: set[str] = set()
    for start in range(0, len(rows), _AT_ONCE):
        batch = [row.fingerprint for row in rows[start : start + _AT_ONCE]]
        stored |= set(conn.execute(select(column).where(column.in_(batch))).scalars())
    return stored


def suppress(conn: Connection, context: ImportContext, rows: Iterable[Row]) -> None:
    """Writes the hashes of addresses that must not be written to."""
    values = [
        {
            "fingerprint": row.fingerprint,
            "reason": (row.details or {})["reason"],
            "at": moment(row.at) or BEGINNING,
            "import_id": context.number,
        }
        for row in rows
    ]
    if values:
        conn.execute(insert(SUPPRESSIONS), values)


def add_old_links(conn: Connection, context: ImportContext, rows: Sequence[Row]) -> None:
    """Leads the links of removed readers to whoever has their address here."""
    if not rows:
        return
    wanted = {row.fingerprint for row in rows}
    everybody = _fingerprints(conn, context.keys, only_readers=False)
    numbers = {print_: number for print_, number, _ in everybody if print_ in wanted}
    links = [
        OldLink(row.old_link, row.fingerprint, numbers.get(row.fingerprint, 0)) for row in rows
    ]
    removed.add_links(conn, links, now=context.now)
