"""The consent record: adds entries at its end, and erases what is personal beside it."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from subscribers import anchor, consent
from subscribers.anchor import Position
from subscribers.consent import ConsentAct, Evidence
from subscribers.dialect import is_postgresql
from subscribers.membership import bulk
from subscribers.tables import CONSENTS, EVIDENCE, LEDGER_HEADS, WORDINGS
from subscribers.tokens import Keys

_LOCK = 7_311_024_651_090_023  # of the list, on PostgreSQL: any number that nobody else locks
HEAD = 1  # the id of the only row of `ledger_heads`


class NewEntry(NamedTuple):
    """An entry to add. Without an address nothing personal about the reader is kept.

    `body` is the personal part of the evidence, if the caller has it in canonical form.
    """

    act: ConsentAct
    subscriber: int
    evidence: Evidence
    address: str = ""
    body: str = ""


def lock(conn: Connection) -> None:
    """Waits for every other writer of the list. SQLite's write transaction does so by itself."""
    if is_postgresql(conn):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def append(conn: Connection, keys: Keys, entries: Iterable[NewEntry], *, now: datetime) -> int:
    """Adds the entries in their order and returns the last sequence. The lock must be held."""
    start = anchor.end_of_chain(conn)
    sequence, previous = start
    entries, at = list(entries), consent.stamp(now)
    if not entries:
        return sequence
    rows: list[tuple[Any, ...]] = []
    proofs: list[tuple[Any, ...]] = []
    digests: dict[tuple[str, str, str], str] = {}
    act, evidence, digest = None, None, ""
    for entry, salt in zip(entries, _salts(len(entries)), strict=True):
        sequence += 1
        if entry.act is not act or entry.evidence is not evidence:  # many entries share both
            act, evidence = entry.act, entry.evidence
            words = (evidence.wording, evidence.version, evidence.language)
            digest = digests[words] = digests.get(words) or consent.wording_digest(*words)
            link = consent.linking(at, act, evidence.how, digest)
        commitment = ""
        if entry.address or entry.body or evidence.by:
            commitment, proof = _proof(entry, salt)
            proofs.append((sequence, entry.subscriber, *proof))
        before, previous = previous, link(sequence, previous, entry.subscriber, commitment)
        row = (sequence, before, act.value, entry.subscriber, evidence.how, digest, commitment)
        rows.append((*row, previous))
    _keep_wordings(conn, {digest: words for words, digest in digests.items() if digest})
    bulk.put(conn, CONSENTS, _ENTRY, rows, at=now)
    bulk.put(conn, EVIDENCE, _PROOF, proofs)
    _move_head(conn, keys, start, Position(sequence, previous))
    return sequence


_ENTRY = ("sequence", "previous", "act", "subscriber", "how", "wording", "evidence", "hash")
_PROOF = ("sequence", "subscriber", "salt", "body", "network_salt", "network")


def _salts(count: int) -> list[str]:
    """128 random bits for each entry, drawn at once."""
    text = secrets.token_hex(16 * count)
    return [text[start : start + 32] for start in range(0, 32 * count, 32)]


def _proof(entry: NewEntry, salt: str) -> tuple[str, tuple[str | None, ...]]:
    """What the entry holds of its evidence, and the evidence with its salts."""
    evidence = entry.evidence
    body = entry.body or consent.canonical(evidence.personal(entry.address))
    commitment = consent.commitment(salt, body)
    values = evidence.network() if evidence.ip or evidence.user_agent else None
    if not values:
        return commitment, (salt, body, None, None)
    network, network_salt = consent.canonical(values), secrets.token_hex(16)
    both = f"{commitment}.{consent.commitment(network_salt, network)}"
    return both, (salt, body, network_salt, network)


def _keep_wordings(conn: Connection, wordings: dict[str, tuple[str, str, str]]) -> None:
    if not wordings:
        return
    column = WORDINGS.c.digest
    stored = set(conn.execute(select(column).where(column.in_(wordings))).scalars())
    rows = [
        {"digest": digest, "text": text, "version": version, "language": language}
        for digest, (text, version, language) in wordings.items()
        if digest not in stored
    ]
    if rows:
        conn.execute(insert(WORDINGS), rows)


def _move_head(conn: Connection, keys: Keys, start: Position, end: Position) -> None:
    values = {**end._asdict(), "seal": keys.seal(f"{end.sequence}:{end.hash}")}
    if start == anchor.START:
        conn.execute(delete(LEDGER_HEADS))
        conn.execute(insert(LEDGER_HEADS), {"id": HEAD, **values})
    else:
        conn.execute(update(LEDGER_HEADS), values)
    anchor.note_entries(conn, start, end)


def forget(conn: Connection, subscribers: Sequence[int]) -> None:
    """Erases what is personal of these readers' entries; the entries stay."""
    conn.execute(delete(EVIDENCE).where(EVIDENCE.c.subscriber.in_(subscribers)))


def forget_networks(conn: Connection, keys: Keys, *, before: datetime, now: datetime) -> int:
    """Erases network addresses and browsers of older entries; gives of how many."""
    sequence, network = EVIDENCE.c.sequence, EVIDENCE.c.network
    query = (
        select(func.max(sequence), func.count())
        .join(CONSENTS, CONSENTS.c.sequence == sequence)
        .where(network.is_not(None), CONSENTS.c.at < before)
    )
    last, count = conn.execute(query).one()
    if not count:
        return 0
    older = select(CONSENTS.c.sequence).where(CONSENTS.c.at < before)
    conn.execute(
        update(EVIDENCE)
        .where(network.is_not(None), sequence <= last, sequence.in_(older))
        .values(network=None, network_salt=None)
    )
    evidence = Evidence(f"{consent.UP_TO}{last}")
    append(conn, keys, [NewEntry(ConsentAct.FORGOT, 0, evidence)], now=now)
    return int(count)
