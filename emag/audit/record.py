"""Adds entries to the audit record, reads them, and forgets from where people came."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from emag import chain
from emag.audit.entry import NETWORKS_LAST, AuditEntry, AuditKind, shortened
from emag.audit.tables import AUDIT, NETWORKS
from emag.chain import Chained
from emag.database import Database
from subscribers import dialect

_LOCK = 7_311_024_651_090_024  # on PostgreSQL: any number that nobody else locks


def append(
    conn: Connection,
    kind: AuditKind,
    *,
    by: str,
    now: datetime,
    subject: str = "",
    detail: str = "",
    ip: str = "",
) -> int:
    """Adds an entry in the caller's transaction. Returns its number.

    `ip` is the address that somebody came from; only its network is kept.
    """
    if dialect.is_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = conn.execute(
        select(AUDIT.c.sequence, AUDIT.c.hash).order_by(AUDIT.c.sequence.desc()).limit(1)
    ).first()
    number, previous = (last.sequence + 1, last.hash) if last else (1, chain.START)
    digest = _keep_network(conn, number, shortened(ip))
    values = (chain.moment(now), by, kind.value, subject, detail, digest)
    hashed = chain.link(previous, number, values)
    names = ("by", "kind", "subject", "detail", "network")
    row = {
        "sequence": number,
        "at": now,
        "hash": hashed,
        **dict(zip(names, values[1:], strict=True)),
    }
    conn.execute(insert(AUDIT).values(row))
    return number


def _keep_network(conn: Connection, number: int, network: str) -> str:
    """Keeps the network beside the chain. Returns the hash that the entry holds."""
    if not network:
        return ""
    salt = secrets.token_hex(16)
    statement = dialect.upsert(conn, NETWORKS, keys=["sequence"], columns=["network", "salt"])
    conn.execute(statement, {"sequence": number, "network": network, "salt": salt})
    return commitment(network, salt)


def commitment(network: str, salt: str) -> str:
    """Hashes a network with its salt, so that it cannot be guessed once it is forgotten."""
    return hashlib.sha256(f"{salt}{network}".encode()).hexdigest()


def listing(
    conn: Connection,
    *,
    subject: str | None = None,
    limit: int | None = None,
    before: int | None = None,
) -> list[AuditEntry]:
    """The entries, newest first: all, or those about `subject`, or those before a number."""
    names = ("sequence", "at", "by", "kind", "subject", "detail")
    query = (
        select(*(AUDIT.c[name] for name in names), NETWORKS.c.network)
        .outerjoin(NETWORKS, NETWORKS.c.sequence == AUDIT.c.sequence)
        .order_by(AUDIT.c.sequence.desc())
        .limit(limit)
    )
    if subject is not None:
        query = query.where(AUDIT.c.subject == subject)
    if before is not None:
        query = query.where(AUDIT.c.sequence < before)
    return [_entry(row) for row in conn.execute(query)]


def _entry(row: Any) -> AuditEntry:
    kind = AuditKind(row.kind)
    return AuditEntry(
        row.sequence, row.at, row.by, kind, row.subject, row.detail, row.network or ""
    )


def newest(database: Database, *, limit: int, subject: str | None = None) -> list[AuditEntry]:
    """The newest entries, or the newest about `subject`."""
    with database.reading() as conn:
        return listing(conn, subject=subject, limit=limit)


def chained(conn: Connection, *, after: int = 0) -> Iterator[Chained]:
    """The entries after a number as the chain holds them, oldest first."""
    query = select(AUDIT).where(AUDIT.c.sequence > after).order_by(AUDIT.c.sequence)
    for row in conn.execute(query):
        at = chain.moment(row.at)
        values = (at, row.by, row.kind, row.subject, row.detail, row.network)
        yield Chained(row.sequence, values, row.hash)


def forget_networks(conn: Connection, *, now: datetime) -> int:
    """Forgets from where people came more than 30 days ago. Returns how many entries it was."""
    old = select(AUDIT.c.sequence).where(AUDIT.c.at < now - NETWORKS_LAST)
    return conn.execute(delete(NETWORKS).where(NETWORKS.c.sequence.in_(old))).rowcount
