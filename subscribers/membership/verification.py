"""Verifies the consent record: its chain, its anchor, each reader's status and address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, String, case, func, select, type_coerce
from sqlalchemy.exc import DBAPIError

from subscribers import anchor, consent
from subscribers.address import parse
from subscribers.anchor import Position
from subscribers.consent import ConsentAct, ConsentEntry
from subscribers.dialect import json_text
from subscribers.errors import BadAddress
from subscribers.membership.ledger import HEAD
from subscribers.tables import CONSENTS, EVIDENCE, LEDGER_HEADS, SUBSCRIBERS, WORDINGS
from subscribers.tokens import Keys

_UNREADABLE = (TypeError, ValueError, DBAPIError)  # an entry of other types, or not text at all
_MOST_NAMED = 20  # readers


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the consent record found.

    `first_bad` is the number of the first entry that was changed or is missing. `faults` says in
    sentences what is wrong, and `readers` are the numbers of readers whose status or address is not
    proved.
    """

    rows: int
    first_bad: int | None = None
    faults: tuple[str, ...] = ()
    readers: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(conn: Connection, keys: Keys, positions: Iterable[Position] = ()) -> Verification:
    """Computes the whole chain again, in constant memory except for what was erased.

    The chain must contain every entry of `positions`: read the anchor before this transaction
    begins, or a writer in between looks like a fault.
    """
    rows, first_bad = _check_chain(conn, keys)
    faults = []
    if first_bad is not None:
        faults.append(f"Entry {first_bad} of the consent record was changed or removed.")
    for position in positions:
        if _hash_of(conn, position.sequence) != position.hash:
            first_bad = min(first_bad or rows + 1, rows + 1, position.sequence)
            faults.append(_missing(position, rows))
    readers: set[int] = set()
    try:
        for subject, unproved in (("status", _unproved(conn)), ("address", _misaddressed(conn))):
            readers |= set(unproved)
            faults += [_readers(unproved, subject)] if unproved else []
    except _UNREADABLE:
        faults.append("The entries or the readers cannot be read: something is not text.")
    return Verification(rows, first_bad, tuple(faults), tuple(sorted(readers)[:_MOST_NAMED]))


def _hash_of(conn: Connection, sequence: int) -> str:
    try:
        return anchor.hash_of(conn, sequence)
    except _UNREADABLE:
        return ""


def with_faults(result: Verification, faults: Iterable[str]) -> Verification:
    """Adds faults that were found elsewhere."""
    return replace(result, faults=(*result.faults, *faults))


def _missing(position: Position, rows: int) -> str:
    if position.sequence > rows:
        return (
            f"The consent record ends with entry {rows}, but entry {position.sequence} was "
            "written before: entries were removed."
        )
    return f"Entry {position.sequence} of the consent record is not the one that was written."


def _readers(numbers: list[int], subject: str) -> str:
    verb = {"status": ("gives", "give"), "address": ("states", "state")}[subject]
    names = ", ".join(map(str, numbers[:_MOST_NAMED]))
    more = " …" if len(numbers) > _MOST_NAMED else ""
    if len(numbers) == 1:
        return f"The {subject} of reader {names} is not the one that their last entry {verb[0]}."
    return (
        f"The {subject} of {len(numbers)} readers is not the one that their last entries "
        f"{verb[1]}: {names}{more}."
    )


def _check_chain(conn: Connection, keys: Keys) -> tuple[int, int | None]:
    """The number of entries, and the first one that was changed."""
    forgot = select(CONSENTS.c.how).where(CONSENTS.c.act == ConsentAct.FORGOT.value)
    upto = max(map(consent.forgotten_up_to, conn.execute(forgot).scalars()), default=0)
    try:
        rows, first_bad = _read_chain(conn, keys, upto, at_once=2_000)
    except _UNREADABLE:  # one by one, to find out which
        rows, first_bad = _read_chain(conn, keys, upto, at_once=1)
    total = conn.execute(select(func.count()).select_from(CONSENTS)).scalar_one()
    # Without any entry, there must be no end of a chain either.
    if not total and conn.execute(select(LEDGER_HEADS.c.id)).first():
        first_bad = 1
    return max(total, rows), first_bad


def _read_chain(conn: Connection, keys: Keys, upto: int, *, at_once: int) -> tuple[int, int | None]:
    good = 0

    def counted(rows: Iterable[Any]) -> Iterator[Any]:
        nonlocal good
        for row in rows:
            yield row
            good += 1

    try:
        with conn.execute(_everything().execution_options(yield_per=at_once)) as rows:
            return _check_entries(counted(rows), keys, upto)
    except _UNREADABLE:
        if at_once > 1:
            raise
        return good, good + 1


def _check_entries(rows: Iterable[Any], keys: Keys, upto: int) -> tuple[int, int | None]:
    """How many entries are good, and the first that is bad.

    Up to `upto` a network address may be missing: the entry that says so is checked here too.
    """
    count, last = 0, consent.START
    head: tuple[Any, ...] | None = None
    missing: dict[int, int] = {}
    for row in rows:
        entry = ConsentEntry(*row[: len(ConsentEntry.__slots__)])
        is_linked = entry.sequence == count + 1 and entry.previous == last
        is_linked = is_linked and entry.hash == row.hash and _is_as_written(entry.at, row.stored)
        if not (is_linked and _wording_fits(entry, row)):
            return count, count + 1
        if not _evidence_fits(entry, row, may_lack_network=entry.sequence <= upto):
            return count, count + 1
        if entry.evidence and row.body is None:
            missing.setdefault(entry.subscriber, entry.sequence)
        if entry.act in consent.FORGETS:
            missing.pop(entry.subscriber, None)
        count, last, head = count + 1, entry.hash, (row.end, row.end_hash, row.seal)
    if missing:
        return count, min(missing.values())
    ends = [(count, last, seal) for seal in keys.seals(f"{count}:{last}")]
    return count, None if not count or head in ends else count + 1


def _everything() -> Any:
    """Entries with all that proves them, in one statement: no writer can come in between."""
    fields: list[Any] = [CONSENTS.c[name] for name in ConsentEntry.__slots__]
    fields += [CONSENTS.c.hash, EVIDENCE.c.salt, EVIDENCE.c.body, WORDINGS.c.text]
    fields += [EVIDENCE.c.network_salt, EVIDENCE.c.network]
    fields += [WORDINGS.c.version, WORDINGS.c.language, LEDGER_HEADS.c.seal]
    fields += [type_coerce(CONSENTS.c.at, String).label("stored")]
    fields += [EVIDENCE.c.subscriber.label("owner"), LEDGER_HEADS.c.hash.label("end_hash")]
    return (
        select(*fields, LEDGER_HEADS.c.sequence.label("end"))
        .select_from(CONSENTS)
        .outerjoin(EVIDENCE, EVIDENCE.c.sequence == CONSENTS.c.sequence)
        .outerjoin(WORDINGS, WORDINGS.c.digest == CONSENTS.c.wording)
        .outerjoin(LEDGER_HEADS, LEDGER_HEADS.c.id == HEAD)
        .order_by(CONSENTS.c.sequence)
    )


def _is_as_written(at: Any, stored: object) -> bool:
    """SQLite keeps a time as text, and several texts may be read as the same time."""
    return not isinstance(stored, str) or stored == f"{at:%Y-%m-%d %H:%M:%S.%f}"


def _wording_fits(entry: ConsentEntry, row: Any) -> bool:
    if not entry.wording:
        return row.text is None
    words = (row.text, row.version, row.language)
    return row.text is not None and consent.wording_digest(*words) == entry.wording


def _evidence_fits(entry: ConsentEntry, row: Any, *, may_lack_network: bool) -> bool:
    """Missing evidence fits for now: a later entry may say that it was erased."""
    if row.body is None:
        return True
    body, _, network = entry.evidence.partition(".")
    if row.owner != entry.subscriber or consent.commitment(row.salt, row.body) != body:
        return False
    if row.network is None:
        return row.network_salt is None and (not network or may_lack_network)
    return consent.commitment(row.network_salt or "", row.network) == network


def _unproved(conn: Connection) -> list[int]:
    """The numbers of readers whose status does not follow from their entries."""
    sequence, number = CONSENTS.c.sequence, CONSENTS.c.subscriber
    deciding = CONSENTS.c.act.in_([act.value for act in consent.DECIDING])
    signed_up = CONSENTS.c.act == ConsentAct.SIGNED_UP.value
    # 0 where somebody only signed up; no row at all where there is no entry.
    last = (
        select(number.label("subscriber"), func.max(case((deciding, sequence), else_=0)).label("n"))
        .where(deciding | signed_up)
        .group_by(number)
        .subquery()
    )
    columns: tuple[Any, ...] = (
        *(SUBSCRIBERS.c.id, SUBSCRIBERS.c.status),
        *(last.c.n, CONSENTS.c.act, CONSENTS.c.how),
    )
    query = (
        select(*columns)
        .select_from(SUBSCRIBERS)
        .outerjoin(last, last.c.subscriber == SUBSCRIBERS.c.id)
        .outerjoin(CONSENTS, sequence == last.c.n)
        .order_by(SUBSCRIBERS.c.id)
    )
    with conn.execute(query.execution_options(yield_per=2_000)) as rows:
        return [row.id for row in rows if row.n is None or not _is_proved(row)]


def _is_proved(row: Any) -> bool:
    try:
        return bool(row.status == consent.status_after(row.act, row.how))
    except ValueError:  # an act that we never write: the chain shows it too
        return False


def _misaddressed(conn: Connection) -> list[int]:
    """The numbers of readers whose address is not the one that their evidence states last."""
    sequence, number = EVIDENCE.c.sequence, EVIDENCE.c.subscriber
    stated = json_text(conn, EVIDENCE.c.body, "address")
    last = (
        select(number.label("subscriber"), func.max(sequence).label("n"))
        .where(stated != "")
        .group_by(number)
        .subquery()
    )
    reader = SUBSCRIBERS.c.id
    query = (
        select(reader, SUBSCRIBERS.c.key, SUBSCRIBERS.c.address, stated.label("stated"))
        .join(last, last.c.subscriber == reader)
        .join(EVIDENCE, sequence == last.c.n)
        .where(func.lower(stated) != func.lower(SUBSCRIBERS.c.address))
        .order_by(reader)
    )
    rows = conn.execute(query)
    return [row.id for row in rows if {_key(row.stated), _key(row.address)} != {row.key}]


def _key(address: str) -> str:
    """The form in which spellings of one address are the same."""
    try:
        return parse(address).key
    except BadAddress:
        return ""
