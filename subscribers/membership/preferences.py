"""A reader changes what comes, and where to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select
from sqlmodel import col

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
from subscribers.tables import LetterRow
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
    pause_until: datetime | Literal["as it is"] | None = "as it is",
    now: datetime,
) -> bool:
    """Changes what is given and leaves the rest; false for nobody. No topics means all of them."""
    ledger.lock(conn)
    who = person.by_ref(conn, keys, ref)
    if who is None:
        return False
    more: dict[str, object] = {}
    if topics is not None:
        more["topics"] = list(topics)[:MAX_TOPICS]
    if pause_until != "as it is":
        more["paused_until"] = pause_until
    agreed = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in more.items()}
    if name is not None:
        more["name"] = clean_name(name)
    if more:
        person.keep(conn, who, who.record, now=now, **more)
    if agreed:
        proof = Evidence("preferences", details=agreed)
        ledger.append(
            conn, keys, [NewEntry(ConsentAct.CHANGED, who.id, proof, who.address)], now=now
        )
    return True


def request_address_change(
    conn: Connection, keys: Keys, ref: str, *, address: str, now: datetime
) -> Literal["asked", "same", "quiet"]:
    """Asks the new address whether it agrees; nothing changes before. Raises BadAddress."""
    found = parse(address)
    ledger.lock(conn)
    who = person.by_ref(conn, keys, ref)
    if who is None or who.record.standing is not Standing.ACTIVE:
        return "quiet"
    if found.text == who.address:
        return "same"
    hashes = tally.mailbox(keys, found)
    known = tally.read(conn, [("address", hashes)])
    tallies: dict[Scope, Tally] = {scope: each for (scope, _), each in known.items()}
    other = Record(barred=person.barred(conn, keys, found.key))
    if (
        firewall.refuses(tallies, SignupLimits(), now=now)
        or not standing.may_ask(other)
        or _changes_since(conn, who, now - timedelta(days=1)) >= CHANGES_A_DAY
    ):
        return "quiet"
    hit = firewall.counted(tallies.get("address"), now=now, window=firewall.window_of("address"))
    tally.write(conn, {("address", hashes[0]): hit})
    queue(conn, CHANGE, who.id, address=found.text, now=now)
    return "asked"


def _changes_since(conn: Connection, who: Person, since: datetime) -> int:
    return conn.execute(
        select(func.count())
        .select_from(LetterRow)
        .where(
            col(LetterRow.subscriber) == who.id,
            col(LetterRow.kind) == CHANGE,
            col(LetterRow.queued_at) > since,
        )
    ).scalar_one()


def check_address_change(conn: Connection, keys: Keys, token: str, *, now: datetime) -> Confirmed:
    """What `confirm_address_change` would say, without doing it."""
    letter = _letter(conn, keys.read("change", token, now=now))
    who = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or who is None or who.record.standing is not Standing.ACTIVE:
        return Confirmed("void")
    if letter.address == who.address:
        return Confirmed("already", who.ref)
    other = person.by_key(conn, keys, parse(letter.address).key)
    is_free = other is None or other.id == who.id or other.record.standing is Standing.PENDING
    is_free = is_free and not _left_since(conn, keys, letter)
    return Confirmed("confirmed" if is_free else "void", who.ref)


def _left_since(conn: Connection, keys: Keys, letter: Any) -> bool:
    """The new address was taken off the list after the link was sent: that is newer."""
    barred = roll.suppressed(conn, keys.fingerprints(parse(letter.address).key))
    if barred is None or barred[0] == _MOVED:
        return False
    return bool(barred[1] >= letter.queued_at)


def confirm_address_change(
    conn: Connection, keys: Keys, token: str, *, evidence: Evidence, now: datetime
) -> Confirmed:
    """The new mailbox agrees: the reader moves there, and the old address is left in peace.

    `void` where the new address has a history of its own on the list. Raises BadToken.
    """
    ledger.lock(conn)
    answer = check_address_change(conn, keys, token, now=now)
    letter = _letter(conn, keys.read("change", token, now=now))
    if answer.outcome != "confirmed" or letter is None:
        return answer
    who = person.by_ref(conn, keys, answer.ref)
    assert who is not None
    address = parse(letter.address)
    deeds = _make_room(conn, keys, who, address)
    if address.key != who.key:
        person.bar(conn, keys, who.key, reason=_MOVED, now=now)
        person.unbar(conn, keys, address.key)
    tally.clear(conn, keys, address)
    place = {"address": address.text, "key": address.key}
    person.own(conn, who.id)
    person.keep(conn, who, who.record, now=now, **place)
    removed.assign_successors(conn, keys, {address.key: who.id})
    # Links to other addresses that were asked for before are void now.
    others = (col(LetterRow.kind) == CHANGE) & (col(LetterRow.address) != address.text)
    conn.execute(delete(LetterRow).where(col(LetterRow.subscriber) == who.id, others))
    deeds.append(NewEntry(ConsentAct.CHANGED, who.id, evidence, address.text))
    ledger.append(conn, keys, deeds, now=now)
    return answer


def _make_room(conn: Connection, keys: Keys, who: Person, address: Address) -> list[NewEntry]:
    """An unconfirmed sign-up of the new address gives way."""
    other = person.by_key(conn, keys, address.key)
    if other is None or other.id == who.id:
        return []
    person.remove(conn, other)
    return [NewEntry(ConsentAct.LAPSED, other.id, Evidence("change of address"))]


def _letter(conn: Connection, ref: str) -> Any:
    columns = (col(LetterRow.subscriber), col(LetterRow.address), col(LetterRow.queued_at))
    mine = (col(LetterRow.ref) == ref, col(LetterRow.kind) == CHANGE)
    return conn.execute(select(*columns).where(*mine)).one_or_none()
