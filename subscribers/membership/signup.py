"""Somebody asks to read, confirms it, or never asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Row, delete, select
from sqlmodel import col

from subscribers import firewall, standing
from subscribers.address import clean_name, parse
from subscribers.consent import ConsentAct, Evidence
from subscribers.firewall import SignupLimits
from subscribers.membership import ledger, person, removed, tally
from subscribers.membership.ledger import NewEntry
from subscribers.membership.letters import CONFIRM, WELCOME, queue
from subscribers.membership.person import Person
from subscribers.membership.signup_batch import SignupRequest, SignupResult, sign_up_all
from subscribers.standing import Fact, Record, Standing
from subscribers.tables import LetterRow
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`confirmed` now, `already` before, or `void`: the link is of no use any more."""

    outcome: Literal["confirmed", "already", "void"]
    ref: str = ""


def sign_up(
    conn: Connection,
    keys: Keys,
    *,
    address: str,
    name: str = "",
    topics: Sequence[str] = (),
    evidence: Evidence,
    now: datetime,
    limits: SignupLimits | None = None,
) -> SignupResult:
    """A sign-up. Raises BadAddress. Nobody is written to before the mailbox has confirmed."""
    network = firewall.network(evidence.ip)
    request = SignupRequest(
        parse(address), evidence, limits or SignupLimits(), name, tuple(topics), network=network
    )
    return sign_up_all(conn, keys, [request], now=now)[0]


def check_confirmation(conn: Connection, keys: Keys, token: str, *, now: datetime) -> Confirmed:
    """What `confirm` would say, without doing it: for the page that only shows."""
    letter = _letter(conn, keys.read("confirm", token, now=now))
    who = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or who is None:
        return Confirmed("void")
    return _answer(who, letter.ask)


def _answer(who: Person, ask: int) -> Confirmed:
    record = who.record
    if standing.after(record, Fact.CONFIRMED, ask=ask) != record:
        return Confirmed("confirmed", who.ref)
    is_done = record.standing is Standing.ACTIVE and ask == record.ask
    return Confirmed("already" if is_done else "void", who.ref)


def confirm(
    conn: Connection, keys: Keys, token: str, *, evidence: Evidence, now: datetime
) -> Confirmed:
    """The mailbox agrees. Raises BadToken and ExpiredToken. The second time does nothing.

    It lifts whatever suppressed the address: this agreement is newer.
    """
    ref = keys.read("confirm", token, now=now)
    ledger.lock(conn)
    letter = _letter(conn, ref)
    who = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or who is None:
        return Confirmed("void")
    answer = _answer(who, letter.ask)
    if answer.outcome != "confirmed":
        return answer
    then = standing.after(who.record, Fact.CONFIRMED, ask=letter.ask)
    person.own(conn, who.id)  # undoing an import must not take them off again
    person.keep(conn, who, then, now=now)
    person.unbar(conn, keys, who.key)
    tally.clear(conn, keys, parse(who.address))
    proof = evidence.told(message_id=letter.message_id)
    ledger.append(conn, keys, [NewEntry(ConsentAct.CONFIRMED, who.id, proof, who.address)], now=now)
    queue(conn, WELCOME, who.id, now=now)
    return answer


def reject_signup(conn: Connection, keys: Keys, token: str, *, now: datetime) -> None:
    """“This wasn't me”: the sign-up is taken back, and its address is left in peace from now on.

    Raises BadToken. Idempotent.
    """
    ref = keys.read("not_me", token, now=now)
    ledger.lock(conn)
    letter = _letter(conn, ref)
    who = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or who is None or letter.ask != who.record.ask:
        return
    then = standing.after(who.record, Fact.DISOWNED)
    if then == who.record:
        return
    deeds = [NewEntry(ConsentAct.DISOWNED, who.id, Evidence("link"))]
    if then.standing is Standing.SUPPRESSED:
        person.remove(conn, who)
        person.bar(conn, keys, who.key, reason=who.record.barred or "disowned", now=now)
        deeds.append(NewEntry(ConsentAct.ERASED, who.id, Evidence("link")))
    else:
        person.own(conn, who.id)
        person.keep(conn, who, then, now=now)
        conn.execute(delete(LetterRow).where(col(LetterRow.subscriber) == who.id))
    limit = SignupLimits().unconfirmed
    tally.fill(conn, keys, parse(who.address), count=limit, now=now)
    ledger.append(conn, keys, deeds, now=now)


def add_on_basis(
    conn: Connection,
    keys: Keys,
    *,
    address: str,
    name: str,
    topics: Sequence[str] = (),
    evidence: Evidence,
    now: datetime,
) -> bool:
    """An editor enters a reader on a stated basis, as an import does; false where it may not be.

    Name and topics are a new reader's; who is on the list already keeps their own. Raises
    BadAddress.
    """
    found = parse(address)
    ledger.lock(conn)
    who = person.by_key(conn, keys, found.key)
    record = who.record if who else Record(barred=person.barred(conn, keys, found.key))
    then = standing.after(record, Fact.IMPORTED)
    if then.standing is not Standing.ACTIVE:
        return False
    if who and then == who.record:
        return True
    if who:
        person.keep(conn, who, then, now=now)
    number = who.id if who else None
    if number is None:
        number = person.add(conn, found, then, name=clean_name(name), topics=tuple(topics), now=now)
        removed.assign_successors(conn, keys, {found.key: number})
    ledger.append(
        conn, keys, [NewEntry(ConsentAct.IMPORTED, number, evidence, found.text)], now=now
    )
    return True


def _letter(conn: Connection, ref: str) -> Row[int, int, str] | None:
    return conn.execute(
        select(col(LetterRow.subscriber), col(LetterRow.ask), col(LetterRow.message_id)).where(
            col(LetterRow.ref) == ref, col(LetterRow.kind) == CONFIRM
        )
    ).one_or_none()
