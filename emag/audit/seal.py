"""Seals the newest record of each chain with the publication's key, and verifies both chains."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from emag import chain
from emag.audit import record
from emag.audit.entry import NETWORKS_LAST
from emag.audit.tables import AUDIT, NETWORKS, SEALS
from emag.chain import START, Chained
from emag.database import Database
from emag.issues import act_log
from subscribers import dialect
from subscribers.tokens import Keys

Reader = Callable[..., Iterator[Chained]]
CHAINS: dict[str, Reader] = {"audit": record.chained, "acts": act_log.chained}


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a chain proves. `sealed` is the last record under the seal; `fault` is a sentence."""

    chain: str
    records: int
    sealed: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Seal:
    number: int = 0
    hash: str = START
    seal: str = ""


def seal(database: Database, keys: Keys) -> list[str]:
    """Seals what was recorded since the last time. Returns a sentence for each chain that fails.

    A chain that does not follow from its sealed record is not sealed any further.
    """
    with database.reading() as conn:
        waiting = [name for name in CHAINS if _is_waiting(conn, name)]
    if not waiting:
        return []
    with database.transaction() as conn:
        faults = [_extend(conn, keys, name) for name in waiting]
    return [fault for fault in faults if fault]


def verify(database: Database, keys: Keys, *, now: datetime) -> list[ChainCheck]:
    """Reads both chains from their start and compares them with their seals."""
    with database.reading() as conn:
        checks = [_check(conn, keys, name) for name in CHAINS]
        fault = _network_fault(conn, now=now)
    return [
        ChainCheck(c.chain, c.records, c.sealed, fault) if c.chain == "audit" and not c.fault else c
        for c in checks
    ]


def _is_waiting(conn: Connection, name: str) -> bool:
    return next(CHAINS[name](conn, after=_stored(conn, name).number), None) is not None


def _stored(conn: Connection, name: str) -> _Seal:
    query = select(SEALS.c.number, SEALS.c.hash, SEALS.c.seal).where(SEALS.c.chain == name)
    row = conn.execute(query).first()
    return _Seal(*row) if row else _Seal()


def _extend(conn: Connection, keys: Keys, name: str) -> str:
    """Seals the newest record of a chain. Returns why not, or nothing."""
    stored = _stored(conn, name)
    if fault := _seal_fault(conn, keys, name, stored):
        return fault
    records = list(CHAINS[name](conn, after=stored.number))
    if (number := chain.first_break(records, start=stored.hash)) is not None:
        return _broken(name, number)
    if records:
        last = records[-1]
        values = {"number": last.number, "hash": last.hash}
        values["seal"] = keys.seal(_sealed_text(name, last.number, last.hash))
        statement = dialect.upsert(conn, SEALS, keys=["chain"], columns=[*values])
        conn.execute(statement, {"chain": name, **values})
    return ""


def _check(conn: Connection, keys: Keys, name: str) -> ChainCheck:
    records, stored = list(CHAINS[name](conn)), _stored(conn, name)
    number = chain.first_break(records)
    fault = _broken(name, number) if number is not None else ""
    return ChainCheck(
        name, len(records), stored.number, fault or _seal_fault(conn, keys, name, stored)
    )


def _seal_fault(conn: Connection, keys: Keys, name: str, stored: _Seal) -> str:
    """Why the sealed record of a chain is not what was sealed; nothing where it is."""
    if not stored.number:
        return ""
    if stored.seal not in keys.seals(_sealed_text(name, stored.number, stored.hash)):
        return f"The seal of the record “{name}” was not written with the publication's key"
    sealed = next(CHAINS[name](conn, after=stored.number - 1), None)
    if sealed is None or (sealed.number, sealed.hash) != (stored.number, stored.hash):
        return f"The record “{name}” was changed: entry {stored.number} is not the one sealed"
    return ""


def _sealed_text(name: str, number: int, hashed: str) -> str:
    return f"{name}:{number}:{hashed}"


def _broken(name: str, number: int) -> str:
    return f"The record “{name}” was changed: entry {number} does not follow from the one before"


def _network_fault(conn: Connection, *, now: datetime) -> str:
    """Finds a network that was changed, or forgotten before its time."""
    columns = (AUDIT.c.sequence, AUDIT.c.network, NETWORKS.c.network.label("kept_network"))
    query = (
        select(*columns, NETWORKS.c.salt, AUDIT.c.at)
        .outerjoin(NETWORKS, NETWORKS.c.sequence == AUDIT.c.sequence)
        .where(AUDIT.c.network != "")
        .order_by(AUDIT.c.sequence)
    )
    for row in conn.execute(query):
        if row.salt is None and row.at >= now - NETWORKS_LAST:
            return f"The network of entry {row.sequence} was deleted before its time"
        if row.salt is not None and record.commitment(row.kept_network, row.salt) != row.network:
            return f"The network of entry {row.sequence} was changed"
    return ""
