"""Changes what a reader receives, and at which address."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select

from subscribers import firewall, roll, standing
from subscribers.address import Address, clean_name, parse
from subscribers.consent import ConsentAct, Evidence
from subscribers.firewall import Scope, SignupLimits, Tally
from subscribers.membership import ledger, person, removed, tally
from subscribers.membership.ledger import NewEntry
from subscribers.membership.letters import CHANGE, queue
from subscribers.membership.person import Person
from subscribers.membership.signup import Confirmed
from subscribers.membership.signup_batch import MAX_TOPICS
from subscribers.standing import Record, Standing
from subscribers.tables import LETTERS
from subscribers.tokens import Keys

_MOVED = "moved"  # to another address, which says nothing against this one
CHANGES_A_DAY = 3  # of one reader: the page must not become a way to mail strangers


def set_preferences(
    conn: Connection,
    keys: Keys,
    ref: str,
    *,
    topics: Sequence[str] | None = None,
    name: str | None = None,
    pause_until: datetime | Literal["unchanged"] | None = "unchanged",
    now: datetime,
) -> bool:
    """Changes the values given and leaves the others; False for nobody. No topics means all."""
    ledger.lock(conn)
    reader = person.by_ref(conn, keys, ref)
    if reader is None:
        return False
    more: dict[str, object] = {}
    if topics is not None:
        more["topics"] = list(topics)[:MAX_TOPICS]
    if pause_until != "unchanged":
        more["paused_until"] = pause_until
    consented = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in more.items()}
    if name is not None:
        more["name"] = clean_name(name)
    if more:
        person.save(conn, reader, reader.record, now=now, **more)
    if consented:
        proof = Evidence("preferences", details=consented)
        ledger.append(
            conn, keys, [NewEntry(ConsentAct.CHANGED, reader.id, proof, reader.address)], now=now
        )
    return True


def edit(
    conn: Connection,
    keys: Keys,
    *,
    address: str,
    name: str | None = None,
    topics: Sequence[str] | None = None,
    evidence: Evidence,
    now: datetime,
) -> bool:
    """Changes what an editor gives and leaves the rest; False for nobody. Raises BadAddress.

    No topics means all. The consent record holds what is new and who changed it.
    """
    ledger.lock(conn)
    reader = person.by_key(conn, keys, parse(address).key)
    if reader is None:
        return False
    wanted: dict[str, object] = {}
    if name is not None and clean_name(name) != reader.name:
        wanted["name"] = clean_name(name)
    if topics is not None and set(topics) != set(reader.topics):
        wanted["topics"] = list(dict.fromkeys(topics))[:MAX_TOPICS]
    if wanted:
        person.save(conn, reader, reader.record, now=now, **wanted)
        proof = replace(evidence, details={**(evidence.details or {}), **wanted})
        entry = NewEntry(ConsentAct.CHANGED, reader.id, proof, reader.address)
        ledger.append(conn, keys, [entry], now=now)
    return True


def request_address_change(
    conn: Connection, keys: Keys, ref: str, *, address: str, now: datetime
) -> Literal["asked", "same", "quiet"]:
    """Asks the new address for confirmation; nothing changes before. Raises BadAddress."""
    new = parse(address)
    ledger.lock(conn)
    reader = person.by_ref(conn, keys, ref)
    if reader is None or reader.record.standing is not Standing.ACTIVE:
        return "quiet"
    if new.text == reader.address:
        return "same"
    hashes = tally.mailbox(keys, new)
    stored = tally.read(conn, [("address", hashes)])
    tallies: dict[Scope, Tally] = {scope: count for (scope, _), count in stored.items()}
    other = Record(suppression=person.suppression(conn, keys, new.key))
    if (
        firewall.limit_reached(tallies, SignupLimits(), now=now)
        or not standing.may_ask(other)
        or _changes_since(conn, reader, now - timedelta(days=1)) >= CHANGES_A_DAY
    ):
        return "quiet"
    hit = firewall.incremented(
        tallies.get("address"), now=now, window=firewall.window_of("address")
    )
    tally.write(conn, {("address", hashes[0]): hit})
    queue(conn, CHANGE, reader.id, address=new.text, now=now)
    return "asked"


def _changes_since(conn: Connection, reader: Person, since: datetime) -> int:
    return conn.execute(
        select(func.count())
        .select_from(LETTERS)
        .where(
            LETTERS.c.subscriber == reader.id,
            LETTERS.c.kind == CHANGE,
            LETTERS.c.queued_at > since,
        )
    ).scalar_one()


def check_address_change(conn: Connection, keys: Keys, token: str, *, now: datetime) -> Confirmed:
    """Says what `confirm_address_change` would do, without doing it."""
    letter = _letter(conn, keys.read("change", token, now=now))
    reader = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or reader is None or reader.record.standing is not Standing.ACTIVE:
        return Confirmed("void")
    if letter.address == reader.address:
        return Confirmed("already", reader.ref)
    other = person.by_key(conn, keys, parse(letter.address).key)
    is_free = other is None or other.id == reader.id or other.record.standing is Standing.PENDING
    is_free = is_free and not _left_since(conn, keys, letter)
    return Confirmed("confirmed" if is_free else "void", reader.ref)


def _left_since(conn: Connection, keys: Keys, letter: Any) -> bool:
    """Says whether the new address left the list after the link was sent: that is newer."""
    suppression = roll.suppressed(conn, keys.fingerprints(parse(letter.address).key))
    if suppression is None or suppression[0] == _MOVED:
        return False
    return bool(suppression[1] >= letter.queued_at)


def confirm_address_change(
    conn: Connection, keys: Keys, token: str, *, evidence: Evidence, now: datetime
) -> Confirmed:
    """Moves the reader to the new address, and suppresses the old one.

    `void` if the new address has its own history on the list. Raises BadToken.
    """
    ledger.lock(conn)
    answer = check_address_change(conn, keys, token, now=now)
    letter = _letter(conn, keys.read("change", token, now=now))
    if answer.outcome != "confirmed" or letter is None:
        return answer
    reader = person.by_ref(conn, keys, answer.ref)
    assert reader is not None
    address = parse(letter.address)
    entries = _make_room(conn, keys, reader, address)
    if address.key != reader.key:
        person.suppress(conn, keys, reader.key, reason=_MOVED, now=now)
        person.lift_suppression(conn, keys, address.key)
    tally.clear(conn, keys, address)
    place = {"address": address.text, "key": address.key}
    person.detach_from_imports(conn, reader.id)
    person.save(conn, reader, reader.record, now=now, **place)
    removed.assign_successors(conn, keys, {address.key: reader.id})
    # Links to other addresses that were asked for before are void now.
    others = (LETTERS.c.kind == CHANGE) & (LETTERS.c.address != address.text)
    conn.execute(delete(LETTERS).where(LETTERS.c.subscriber == reader.id, others))
    entries.append(NewEntry(ConsentAct.CHANGED, reader.id, evidence, address.text))
    ledger.append(conn, keys, entries, now=now)
    return answer


def _make_room(conn: Connection, keys: Keys, reader: Person, address: Address) -> list[NewEntry]:
    """Removes an unconfirmed sign-up of the new address."""
    other = person.by_key(conn, keys, address.key)
    if other is None or other.id == reader.id:
        return []
    person.remove(conn, other)
    return [NewEntry(ConsentAct.LAPSED, other.id, Evidence("change of address"))]


def _letter(conn: Connection, ref: str) -> Any:
    columns = (LETTERS.c.subscriber, LETTERS.c.address, LETTERS.c.queued_at)
    where = (LETTERS.c.ref == ref, LETTERS.c.kind == CHANGE)
    return conn.execute(select(*columns).where(*where)).one_or_none()
