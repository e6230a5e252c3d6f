"""The consent ledger: entries added at its end, and the whole of it checked."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, delete, func, insert, select, type_coerce, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from subscribers import consent
from subscribers.consent import ConsentAct, Entry, Evidence
from subscribers.dialect import is_postgresql
from subscribers.membership import bulk
from subscribers.tables import Consent, EvidenceRow, LedgerHead, Wording
from subscribers.tokens import Keys

_LOCK = 7_311_024_651_090_023  # of the list, on PostgreSQL: any number that is only ours
_HEAD = 1
_END = select(col(LedgerHead.sequence), col(LedgerHead.hash))
_UNREADABLE = (TypeError, ValueError, DBAPIError)  # an entry of other types, or no text at all


class NewEntry(NamedTuple):
    """What is to be entered. Without an address nothing personal is kept of it.

    `body` is the personal part of the evidence where it is at hand in canonical form.
    """

    act: ConsentAct
    subscriber: int
    evidence: Evidence
    address: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """`first_bad` is the sequence of the first row that was touched, or None."""

    ok: bool
    rows: int
    first_bad: int | None = None


def lock(conn: Connection) -> None:
    """Waits for every other writer of the list. SQLite's write transaction does so by itself."""
    if is_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def append(conn: Connection, keys: Keys, deeds: Iterable[NewEntry], *, now: datetime) -> int:
    """Adds the deeds in their order and returns the last sequence. The lock must be held."""
    head = conn.execute(_END).one_or_none()
    sequence, previous = head or (0, consent.START)
    deeds, at = list(deeds), consent.stamp(now)
    if not deeds:
        return sequence
    entries: list[tuple[Any, ...]] = []
    proofs: list[tuple[Any, ...]] = []
    digests: dict[tuple[str, str, str], str] = {}
    act, words, digest = None, None, ""
    for deed, salt in zip(deeds, _salts(len(deeds)), strict=True):
        sequence += 1
        if deed.act is not act or deed.evidence is not words:  # many share one
            act, words = deed.act, deed.evidence
            shown = (words.wording, words.version, words.language)
            digest = digests[shown] = digests.get(shown) or consent.wording_digest(*shown)
            link = consent.linking(at, act, words.how, digest)
        seal = ""
        if deed.address:
            seal, proof = _proof(deed, salt)
            proofs.append((sequence, deed.subscriber, *proof))
        before, previous = previous, link(sequence, previous, deed.subscriber, seal)
        entries.append(
            (sequence, before, act.value, deed.subscriber, words.how, digest, seal, previous)
        )
    _keep_wordings(conn, {digest: shown for shown, digest in digests.items() if digest})
    bulk.put(conn, Consent, _ENTRY, entries, at=now)
    bulk.put(conn, EvidenceRow, _PROOF, proofs)
    _move_head(conn, keys, sequence, previous, is_first=head is None)
    return sequence


_ENTRY = ("sequence", "previous", "act", "subscriber", "how", "wording", "evidence", "hash")
_PROOF = ("sequence", "subscriber", "salt", "body", "network_salt", "network")


def _salts(count: int) -> list[str]:
    """128 random bits for each, asked for at once."""
    text = secrets.token_hex(16 * count)
    return [text[at : at + 32] for at in range(0, 32 * count, 32)]


def _proof(deed: NewEntry, salt: str) -> tuple[str, tuple[str | None, ...]]:
    """What the entry holds of its evidence, and the evidence with its salts."""
    words = deed.evidence
    body = deed.body or consent.canonical(words.personal(deed.address))
    seal = consent.commitment(salt, body)
    found = words.network() if words.ip or words.user_agent else None
    if not found:
        return seal, (salt, body, None, None)
    network, other = consent.canonical(found), secrets.token_hex(16)
    return f"{seal}.{consent.commitment(other, network)}", (salt, body, other, network)


def _keep_wordings(conn: Connection, wordings: dict[str, tuple[str, str, str]]) -> None:
    if not wordings:
        return
    column = col(Wording.digest)
    known = set(conn.execute(select(column).where(column.in_(wordings))).scalars())
    rows = [
        {"digest": d, "text": words, "version": version, "language": language}
        for d, (words, version, language) in wordings.items()
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


def forget_networks(conn: Connection, keys: Keys, *, before: datetime, now: datetime) -> int:
    """Erases where from and with what, of entries from before; gives of how many."""
    sequence, network = col(EvidenceRow.sequence), col(EvidenceRow.network)
    found = (
        select(func.max(sequence), func.count())
        .join(Consent, col(Consent.sequence) == sequence)
        .where(network.is_not(None), col(Consent.at) < before)
    )
    last, many = conn.execute(found).one()
    if not many:
        return 0
    old = select(col(Consent.sequence)).where(col(Consent.at) < before)
    conn.execute(
        update(EvidenceRow)
        .where(network.is_not(None), sequence <= last, sequence.in_(old))
        .values(network=None, network_salt=None)
    )
    append(
        conn, keys, [NewEntry(ConsentAct.FORGOT, 0, Evidence(f"{consent.UP_TO}{last}"))], now=now
    )
    return int(many)


def verify(conn: Connection, keys: Keys) -> Verified:
    """Computes the whole chain again, in constant memory but for what was erased."""
    forgot = select(col(Consent.how)).where(col(Consent.act) == ConsentAct.FORGOT.value)
    upto = max(map(consent.forgotten_up_to, conn.execute(forgot).scalars()), default=0)
    try:
        rows, first_bad = _walked(conn, keys, upto, at_once=2_000)
    except _UNREADABLE:  # which one?
        rows, first_bad = _walked(conn, keys, upto, at_once=1)
    total = conn.execute(select(func.count()).select_from(Consent)).scalar_one()
    # No entry at all: then there must be no end of a chain either.
    if not total and conn.execute(select(col(LedgerHead.id))).first():
        first_bad = 1
    return Verified(first_bad is None, max(total, rows), first_bad)


def _walked(conn: Connection, keys: Keys, upto: int, *, at_once: int) -> tuple[int, int | None]:
    good = 0

    def counted(found: Iterable[Any]) -> Iterator[Any]:
        nonlocal good
        for row in found:
            yield row
            good += 1

    try:
        with conn.execute(_everything().execution_options(yield_per=at_once)) as found:
            return _walk(counted(found), keys, upto)
    except _UNREADABLE:
        if at_once > 1:
            raise
        return good, good + 1


def _walk(found: Iterable[Any], keys: Keys, upto: int) -> tuple[int, int | None]:
    """How many entries are good, and the first that is bad.

    Up to `upto` a network address may be missing: the entry that says so is checked here too.
    """
    rows, last = 0, consent.START
    head: tuple[Any, ...] | None = None
    missing: dict[int, int] = {}
    for row in found:
        entry = Entry(*row[: len(Entry.__slots__)])
        is_linked = entry.sequence == rows + 1 and entry.previous == last
        is_linked = is_linked and entry.hash == row.hash and _is_as_written(entry.at, row.stored)
        if not (is_linked and _wording_fits(entry, row)):
            return rows, rows + 1
        if not _evidence_fits(entry, row, may_lack_network=entry.sequence <= upto):
            return rows, rows + 1
        if entry.evidence and row.body is None:
            missing.setdefault(entry.subscriber, entry.sequence)
        if entry.act in consent.FORGETS:
            missing.pop(entry.subscriber, None)
        rows, last, head = rows + 1, entry.hash, (row.end, row.end_hash, row.seal)
    if missing:
        return rows, min(missing.values())
    ends = [(rows, last, seal) for seal in keys.seals(f"{rows}:{last}")]
    return rows, None if not rows or head in ends else rows + 1


def _everything() -> Any:
    """Entries with all that proves them, in one statement: a writer cannot come in between."""
    fields: list[Any] = [getattr(Consent, name) for name in Entry.__slots__]
    fields += [Consent.hash, EvidenceRow.salt, EvidenceRow.body, Wording.text]
    fields += [EvidenceRow.network_salt, EvidenceRow.network]
    fields += [Wording.version, Wording.language, LedgerHead.seal]
    fields += [type_coerce(col(Consent.at), String).label("stored")]
    fields += [col(EvidenceRow.subscriber).label("whose"), col(LedgerHead.hash).label("end_hash")]
    return (
        select(*fields, col(LedgerHead.sequence).label("end"))
        .select_from(Consent)
        .outerjoin(EvidenceRow, col(EvidenceRow.sequence) == col(Consent.sequence))
        .outerjoin(Wording, col(Wording.digest) == col(Consent.wording))
        .outerjoin(LedgerHead, col(LedgerHead.id) == _HEAD)
        .order_by(col(Consent.sequence))
    )


def _is_as_written(at: datetime, stored: object) -> bool:
    """SQLite keeps a time as text, and another text may be read as the same time."""
    return not isinstance(stored, str) or stored == f"{at:%Y-%m-%d %H:%M:%S.%f}"


def _wording_fits(entry: Entry, row: Any) -> bool:
    if not entry.wording:
        return row.text is None
    words = (row.text, row.version, row.language)
    return row.text is not None and consent.wording_digest(*words) == entry.wording


def _evidence_fits(entry: Entry, row: Any, *, may_lack_network: bool) -> bool:
    """Missing evidence fits for now: an erasure further on may tell why."""
    if row.body is None:
        return True
    body, _, network = entry.evidence.partition(".")
    if row.whose != entry.subscriber or consent.commitment(row.salt, row.body) != body:
        return False
    if row.network is None:
        return row.network_salt is None and (not network or may_lack_network)
    return consent.commitment(row.network_salt or "", row.network) == network
