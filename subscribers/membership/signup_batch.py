"""Handles many sign-ups together: judged one after the other, read and written at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from subscribers import firewall, standing
from subscribers.address import Address, clean_name
from subscribers.consent import ConsentAct, Evidence
from subscribers.firewall import Scope, SignupLimits, Tally
from subscribers.membership import ledger, person, removed, replay, tally
from subscribers.membership.ledger import NewEntry
from subscribers.membership.letters import queue_confirmations
from subscribers.membership.person import Person
from subscribers.standing import Fact, Record, Standing
from subscribers.tokens import Keys

MAX_TOPICS = 50


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """A sign-up. `once` identifies its request, if the same request must not count twice.

    Attempts are counted per `network`; an empty one is not counted.
    """

    address: Address
    evidence: Evidence
    limits: SignupLimits
    name: str = ""
    topics: tuple[str, ...] = ()
    once: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class SignupResult:
    """The result of a sign-up. It must not be shown: the answer is the same for every address.

    `asked`: a confirmation mail is queued. `held`: it is queued, but held back in a flood.
    `quiet`: no mail, because of the reader's standing. `limited`: no mail, because of the limit
    named in `why`. `repeated`: the same request was handled before.
    """

    outcome: Literal["asked", "held", "quiet", "limited", "repeated"]
    why: str = ""


def sign_up_all(
    conn: Connection, keys: Keys, requests: Sequence[SignupRequest], *, now: datetime
) -> list[SignupResult]:
    """Answers each request in order, as if it had come alone. Nobody becomes active by it."""
    ledger.lock(conn)
    batch = _SignupBatch(conn, keys, requests, now)
    results = [
        batch.judge(request, scopes) for request, scopes in zip(requests, batch.scopes, strict=True)
    ]
    batch.write()
    return results


class _SignupBatch:
    def __init__(
        self, conn: Connection, keys: Keys, requests: Sequence[SignupRequest], now: datetime
    ) -> None:
        self._conn, self._keys, self._now = conn, keys, now
        self.scopes = [
            tally.scopes(keys, request.address, request.network, request.limits)
            for request in requests
        ]
        places = (place for scopes in self.scopes for place in scopes.items())
        self._tallies = tally.read(conn, places)
        addresses = {request.address.key for request in requests}
        self._readers = person.by_keys(conn, keys, addresses)
        self._suppressions = person.suppressions(conn, keys, addresses - self._readers.keys())
        self._repeated = replay.handled(
            conn, [request.once for request in requests if request.once]
        )
        self._counted: dict[tally.Key, Tally] = {}
        self._new: dict[str, dict[str, Any]] = {}
        self._accepted: list[tuple[SignupRequest, Record, bool]] = []
        self._once: set[str] = set()

    def judge(self, request: SignupRequest, scopes: Mapping[Scope, tally.Hashes]) -> SignupResult:
        if request.once and (request.once in self._repeated or request.once in self._once):
            return SignupResult("repeated")
        if request.once:
            self._once.add(request.once)
        places = ((scope, hashes[0]) for scope, hashes in scopes.items())
        tallies = {place[0]: self._tallies[place] for place in places if place in self._tallies}
        # Something is always written: the time of the answer must not show who is on the list.
        self._count(scopes, tallies, ["tried", "network"])
        key = request.address.key
        reader = self._readers.get(key)
        suppression = self._suppressions.get(key, "")
        record = reader.record if reader else Record(suppression=suppression)
        limit = firewall.limit_reached(tallies, request.limits, now=self._now)
        if not standing.may_ask(record):
            return SignupResult("quiet", record.suppression or record.standing)
        if limit or key in self._new:
            return SignupResult("limited", limit or "address")
        is_held = firewall.is_flood(tallies, request.limits, now=self._now)
        self._count(scopes, tallies, ["address", "domain", "all", "spike"])
        if is_held:
            self._keep(("breaker", ""), firewall.extended(tallies.get("breaker"), now=self._now))
        self._accept(request, reader, standing.after(record, Fact.SIGNED_UP), is_held=is_held)
        return SignupResult("held" if is_held else "asked")

    def _count(
        self,
        scopes: Mapping[Scope, tally.Hashes],
        tallies: Mapping[Scope, Tally],
        names: Iterable[Scope],
    ) -> None:
        for scope in names:
            if scope in scopes:
                window = firewall.window_of(scope)
                new = firewall.incremented(tallies.get(scope), now=self._now, window=window)
                self._keep((scope, scopes[scope][0]), new)

    def _keep(self, key: tally.Key, new: Tally) -> None:
        self._tallies[key] = self._counted[key] = new

    def _accept(
        self, request: SignupRequest, reader: Person | None, after: Record, *, is_held: bool
    ) -> None:
        name, topics = clean_name(request.name), request.topics[:MAX_TOPICS]
        self._accepted.append((request, after, is_held))
        if reader is None:
            new = person.row(request.address, after, name=name, topics=topics)
            self._new[request.address.key] = new
            return
        values: dict[str, object] = {
            "address": request.address.text,
            "topics": list(topics or reader.topics),
            "name": name or reader.name,
        }
        if after.standing is Standing.PENDING:
            values["since"] = self._now  # the time until it lapses starts with the last mail
        person.detach_from_imports(self._conn, reader.id)
        person.save(self._conn, reader, after, now=self._now, **values)
        self._readers[reader.key] = replace(reader, record=after)

    def write(self) -> None:
        numbers = {key: reader.id for key, reader in self._readers.items()}
        new = person.add_all(self._conn, self._new, now=self._now)
        removed.assign_successors(self._conn, self._keys, new)
        numbers |= new
        entries, letters = [], []
        for request, after, is_held in self._accepted:
            number = numbers[request.address.key]
            topics = list(request.topics[:MAX_TOPICS])
            evidence = request.evidence.with_details(topics=topics)
            entries.append(NewEntry(ConsentAct.SIGNED_UP, number, evidence, request.address.text))
            letters.append((number, after.ask, self._now if is_held else None))
        ledger.append(self._conn, self._keys, entries, now=self._now)
        queue_confirmations(self._conn, letters, now=self._now)
        tally.write(self._conn, self._counted)
        replay.keep(self._conn, self._once, now=self._now)
