"""Addresses of which a file has only the keyed hash: kept so, or found again among the readers."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert, select
from sqlmodel import col

from subscribers.exchange.columns import moment
from subscribers.exchange.evidence import Job
from subscribers.exchange.judge import EVER
from subscribers.exchange.row import Row
from subscribers.standing import Standing
from subscribers.tables import Subscriber, Suppression
from subscribers.tokens import Keys

_AT_ONCE = 500
_READS = (Standing.ACTIVE.value, Standing.PENDING.value)


def named(conn: Connection, keys: Keys, rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Those whose address is on the list, with it; and the rest.

    A hash cannot be turned back: each reader's is computed and looked for.
    """
    waiting = {row.hidden: row for row in rows}
    found: list[Row] = []
    if waiting:
        readers = select(col(Subscriber.address), col(Subscriber.key)).where(
            col(Subscriber.status).in_(_READS)
        )
        with conn.execute(readers.execution_options(yield_per=2_000)) as everybody:
            for reader in everybody:
                mine = (waiting.pop(each, None) for each in keys.fingerprints(reader.key))
                found += [row._replace(address=reader.address) for row in mine if row]
    return found, list(waiting.values())


def known(conn: Connection, rows: Sequence[Row]) -> set[str]:
    """The hashes that are kept already."""
    found: set[str] = set()
    for start in range(0, len(rows), _AT_ONCE):
        some = [row.hidden for row in rows[start : start + _AT_ONCE]]
        column = col(Suppression.fingerprint)
        found |= set(conn.execute(select(column).where(column.in_(some))).scalars())
    return found


def keep(conn: Connection, job: Job, rows: Iterable[Row]) -> None:
    values = [
        {
            "fingerprint": row.hidden,
            "reason": (row.details or {})["reason"],
            "at": moment(row.at) or EVER,
            "import_id": job.number,
        }
        for row in rows
    ]
    if values:
        conn.execute(insert(Suppression), values)
