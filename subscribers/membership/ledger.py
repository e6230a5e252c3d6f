"""The consent ledger: entries added at its end, and the whole of it checked."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlmodel import col

from subscribers import consent
from subscribers.consent import Act, Entry, Evidence
from subscribers.tables import Consent, EvidenceRow, LedgerHead, Wording
from subscribers.tokens import Keys

_LOCK = 7_311_024_651_090_023  # of the list, on PostgreSQL: any number that is only ours
_HEAD = 1


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be entered. Without an address nothing personal is kept of it."""

    act: Act
    subscriber: int
    evidence: Evidence
    address: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """`first_bad` is the sequence of the first row that was touched, or None."""

    ok: bool
    rows: int
    first_bad: int | None = None


def lock(conn: Connection) -> None:
    """Waits for every other writer of the list. SQLite's write transaction does so by itself."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def append(conn: Connection, keys: Keys, deeds: Iterable[Deed], *, now: datetime) -> int:
    """Adds the deeds in their order and returns the last sequence. The lock must be held."""
    head = conn.execute(select(col(LedgerHead.sequence), col(LedgerHead.hash))).one_or_none()
    sequence, previous = head or (0, consent.START)
    entries: list[dict[str, Any]] = []
    proofs: list[dict[str, Any]] = []
    wordings: dict[str, Evidence] = {}
    for deed in deeds:
        sequence += 1
        words = deed.evidence
        digest = consent.wording_digest(words.wording, words.version, words.language)
        if digest:
            wordings.setdefault(digest, words)
        proof = _proof(deed, sequence)
        entry = Entry(
            sequence, previous, now, deed.act, deed.subscriber, words.how, digest, _sealed(proof)
        )
        previous = entry.hash
        entries.append({**_columns(entry), "hash": previous})
        proofs += [proof] if proof else []
    if not entries:
        return sequence
    _keep_wordings(conn, wordings)
    conn.execute(insert(Consent), entries)
    if proofs:
        conn.execute(insert(EvidenceRow), proofs)
    _move_head(conn, keys, sequence, previous, is_first=head is None)
    return sequence


def _proof(deed: Deed, sequence: int) -> dict[str, Any] | None:
    if not deed.address:
        return None
    body = consent.canonical(deed.evidence.personal(deed.address))
    salt = secrets.token_hex(16)
    return {"sequence": sequence, "subscriber": deed.subscriber, "salt": salt, "body": body}


def _sealed(proof: dict[str, Any] | None) -> str:
    return consent.commitment(proof["salt"], proof["body"]) if proof else ""


def _columns(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def _keep_wordings(conn: Connection, wordings: dict[str, Evidence]) -> None:
    column = col(Wording.digest)
    known = set(conn.execute(select(column).where(column.in_(wordings))).scalars())
    rows = [
        {"digest": d, "text": e.wording, "version": e.version, "language": e.language}
        for d, e in wordings.items()
        if d not in known
    ]
    if rows:
        conn.execute(insert(Wording), rows)


def _move_head(conn: Connection, keys: Keys, sequence: int, last: str, *, is_first: bool) -> None:
    values = {"sequence": sequence, "hash": last, "seal": keys.seal(f"{sequence}:{last}")}
    if is_first:
        conn.execute(insert(LedgerHead), {"id": _HEAD, **values})
    else:
        conn.execute(update(LedgerHead), values)


def forget(conn: Connection, subscribers: Sequence[int]) -> None:
    """Erases what is personal of these readers' entries; the entries stay."""
    conn.execute(delete(EvidenceRow).where(col(EvidenceRow.subscriber).in_(subscribers)))


def verify(conn: Connection, keys: Keys) -> Verified:
    """Computes the whole chain again, in constant memory but for what was erased."""
    words = {
        row.digest: consent.wording_digest(row.text, row.version, row.language) == row.digest
        for row in conn.execute(
            select(
                col(Wording.digest),
                col(Wording.text),
                col(Wording.version),
                col(Wording.language),
            )
        )
    }
    rows, last = 0, consent.START
    missing: dict[int, int] = {}
    for row in conn.execution_options(yield_per=2_000).execute(_everything()):
        entry = Entry(*row[: len(Entry.__slots__)])
        is_linked = entry.sequence == rows + 1 and entry.previous == last
        if (
            not is_linked
            or entry.hash != row.hash
            or not (words.get(entry.wording, not entry.wording))
        ):
            return Verified(False, _count(conn), rows + 1)
        if not _evidence_fits(entry, row):
            return Verified(False, _count(conn), entry.sequence)
        if entry.evidence and row.body is None:
            missing.setdefault(entry.subscriber, entry.sequence)
        if entry.act in consent.FORGETS:
            missing.pop(entry.subscriber, None)
        rows, last = rows + 1, entry.hash
    if missing:
        return Verified(False, rows, min(missing.values()))
    if not _head_fits(conn, keys, rows, last):
        return Verified(False, rows, rows + 1)
    return Verified(True, rows)


def _everything() -> Any:
    fields: list[Any] = [getattr(Consent, name) for name in Entry.__slots__]
    fields += [
        Consent.hash,
        EvidenceRow.salt,
        EvidenceRow.body,
        col(EvidenceRow.subscriber).label("whose"),
    ]
    return (
        select(*fields)
        .outerjoin(EvidenceRow, col(EvidenceRow.sequence) == col(Consent.sequence))
        .order_by(col(Consent.sequence))
    )


def _evidence_fits(entry: Entry, row: Any) -> bool:
    """Missing evidence fits for now: an erasure further on may tell why."""
    if row.body is None:
        return True
    is_own = row.whose == entry.subscriber
    return is_own and consent.commitment(row.salt, row.body) == entry.evidence


def _count(conn: Connection) -> int:
    return conn.execute(select(func.count()).select_from(Consent)).scalar_one()


def _head_fits(conn: Connection, keys: Keys, rows: int, last: str) -> bool:
    head = conn.execute(
        select(col(LedgerHead.sequence), col(LedgerHead.hash), col(LedgerHead.seal))
    ).all()
    if not rows:
        return not head
    return [tuple(row) for row in head] == [(rows, last, keys.seal(f"{rows}:{last}"))]
