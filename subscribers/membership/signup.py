"""Signs people up, confirms them, and takes back sign-ups that were not theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Row, delete, select

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
from subscribers.tables import LETTERS
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
    """Signs one person up. Nobody is written to before the mailbox has confirmed.

    Raises BadAddress.
    """
    limits, network = limits or SignupLimits(), firewall.network(evidence.ip)
    request = SignupRequest(parse(address), evidence, limits, name, tuple(topics), network=network)
    return sign_up_all(conn, keys, [request], now=now)[0]


def check_confirmation(conn: Connection, keys: Keys, token: str, *, now: datetime) -> Confirmed:
    """Says what `confirm` would do, for the page that only shows. Raises BadToken."""
    letter = _letter(conn, keys.read("confirm", token, now=now))
    reader = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or reader is None:
        return Confirmed("void")
    return _answer(reader, letter.ask)


def _answer(reader: Person, ask: int) -> Confirmed:
    record = reader.record
    if standing.after(record, Fact.CONFIRMED, ask=ask) != record:
        return Confirmed("confirmed", reader.ref)
    is_confirmed = record.standing is Standing.ACTIVE and ask == record.ask
    return Confirmed("already" if is_confirmed else "void", reader.ref)


def confirm(
    conn: Connection, keys: Keys, token: str, *, evidence: Evidence, now: datetime
) -> Confirmed:
    """Makes the reader active; a second time does nothing. Raises BadToken and ExpiredToken.

    It lifts any suppression of the address: this agreement is newer.
    """
    ref = keys.read("confirm", token, now=now)
    ledger.lock(conn)
    letter = _letter(conn, ref)
    reader = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or reader is None:
        return Confirmed("void")
    answer = _answer(reader, letter.ask)
    if answer.outcome != "confirmed":
        return answer
    after = standing.after(reader.record, Fact.CONFIRMED, ask=letter.ask)
    person.detach_from_imports(conn, reader.id)  # undoing an import must not remove them
    person.save(conn, reader, after, now=now)
    person.lift_suppression(conn, keys, reader.key)
    tally.clear(conn, keys, parse(reader.address))
    evidence = evidence.with_details(message_id=letter.message_id)
    entry = NewEntry(ConsentAct.CONFIRMED, reader.id, evidence, reader.address)
    ledger.append(conn, keys, [entry], now=now)
    queue(conn, WELCOME, reader.id, now=now)
    return answer


def reject_signup(conn: Connection, keys: Keys, token: str, *, now: datetime) -> None:
    """“This wasn't me”: takes the sign-up back and never writes to its address again.

    Raises BadToken. A second time does nothing.
    """
    ref = keys.read("not_me", token, now=now)
    ledger.lock(conn)
    letter = _letter(conn, ref)
    reader = person.by_id(conn, keys, letter.subscriber) if letter else None
    if letter is None or reader is None or letter.ask != reader.record.ask:
        return
    after = standing.after(reader.record, Fact.DISOWNED)
    if after == reader.record:
        return
    entries = [NewEntry(ConsentAct.DISOWNED, reader.id, Evidence("link"))]
    if after.standing is Standing.SUPPRESSED:
        reason = reader.record.suppression or "disowned"
        person.remove(conn, reader)
        person.suppress(conn, keys, reader.key, reason=reason, now=now)
        entries.append(NewEntry(ConsentAct.ERASED, reader.id, Evidence("link")))
    else:
        person.detach_from_imports(conn, reader.id)
        person.save(conn, reader, after, now=now)
        conn.execute(delete(LETTERS).where(LETTERS.c.subscriber == reader.id))
    limit = SignupLimits().unconfirmed
    tally.fill(conn, keys, parse(reader.address), count=limit, now=now)
    ledger.append(conn, keys, entries, now=now)


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
    """Adds a reader on a stated basis, as an import does; False if they may not be written to.

    Name and topics are for a new reader; somebody on the list keeps their own. Raises BadAddress.
    """
    parsed = parse(address)
    ledger.lock(conn)
    reader = person.by_key(conn, keys, parsed.key)
    suppression = person.suppression(conn, keys, parsed.key)
    record = reader.record if reader else Record(suppression=suppression)
    after = standing.after(record, Fact.IMPORTED)
    if after.standing is not Standing.ACTIVE:
        return False
    if reader and after == reader.record:
        return True
    if reader:
        person.save(conn, reader, after, now=now)
        number = reader.id
    else:
        new = person.row(parsed, after, name=clean_name(name), topics=tuple(topics))
        number = person.add_all(conn, {parsed.key: new}, now=now)[parsed.key]
        removed.assign_successors(conn, keys, {parsed.key: number})
    entry = NewEntry(ConsentAct.IMPORTED, number, evidence, parsed.text)
    ledger.append(conn, keys, [entry], now=now)
    return True


def _letter(conn: Connection, ref: str) -> Row[int, int, str] | None:
    return conn.execute(
        select(LETTERS.c.subscriber, LETTERS.c.ask, LETTERS.c.message_id).where(
            LETTERS.c.ref == ref, LETTERS.c.kind == CONFIRM
        )
    ).one_or_none()
