"""Sign-ups judged one after the other, read and written together."""

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
from subscribers.membership.letters import queue_all
from subscribers.membership.person import Person
from subscribers.standing import Fact, Record, Standing
from subscribers.tokens import Keys

MAX_TOPICS = 50


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """A sign-up. `once` identifies its request, where that must not count twice.

    Attempts are counted per `network`; "" is not counted.
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
    """What a sign-up came to. Nobody outside may be told: the answer is always the same.

    `asked`: a confirmation mail is queued. `held`: it is, but in a flood, and an editor decides.
    `quiet`: none, because of the reader's standing. `limited`: none, because of the limit named in
    `why`. `repeated`: the same request was taken before.
    """

    outcome: Literal["asked", "held", "quiet", "limited", "repeated"]
    why: str = ""


def sign_up_all(
    conn: Connection, keys: Keys, asks: Sequence[SignupRequest], *, now: datetime
) -> list[SignupResult]:
    """Answers each, in order, as if they had come alone. Nobody is on the list by it."""
    ledger.lock(conn)
    crowd = _SignupBatch(conn, keys, asks, now)
    results = [crowd.take(ask, scopes) for ask, scopes in zip(asks, crowd.scopes, strict=True)]
    crowd.write()
    return results


class _SignupBatch:
    def __init__(
        self, conn: Connection, keys: Keys, asks: Sequence[SignupRequest], now: datetime
    ) -> None:
        self._conn, self._keys, self._now = conn, keys, now
        self.scopes = [tally.scopes(keys, ask.address, ask.network, ask.limits) for ask in asks]
        self._tallies = tally.read(conn, (one for scopes in self.scopes for one in scopes.items()))
        addresses = {ask.address.key for ask in asks}
        self._people = person.by_keys(conn, keys, addresses)
        self._barred = person.barred_by(conn, keys, addresses - self._people.keys())
        self._requests = replay.known(conn, [ask.once for ask in asks if ask.once])
        self._counted: dict[tally.Key, Tally] = {}
        self._new: dict[str, dict[str, Any]] = {}
        self._asked: list[tuple[SignupRequest, Record, bool]] = []
        self._once: set[str] = set()

    def take(self, ask: SignupRequest, scopes: Mapping[Scope, tally.Hashes]) -> SignupResult:
        if ask.once and (ask.once in self._requests or ask.once in self._once):
            return SignupResult("repeated")
        if ask.once:
            self._once.add(ask.once)
        places = ((scope, hashes[0]) for scope, hashes in scopes.items())
        tallies = {place[0]: self._tallies[place] for place in places if place in self._tallies}
        # Something is always written: waiting for the disk must not tell who is on the list.
        self._count(scopes, tallies, ["tried", "network"])
        key = ask.address.key
        who = self._people.get(key)
        record = who.record if who else Record(barred=self._barred.get(key, ""))
        full = firewall.refuses(tallies, ask.limits, now=self._now)
        if not standing.may_ask(record):
            return SignupResult("quiet", record.barred or record.standing)
        if full or key in self._new:
            return SignupResult("limited", full or "address")
        is_held = firewall.holds(tallies, ask.limits, now=self._now)
        self._count(scopes, tallies, ["address", "domain", "all", "spike"])
        if is_held:
            self._keep(("breaker", ""), firewall.held(tallies.get("breaker"), now=self._now))
        self._admit(ask, who, standing.after(record, Fact.ASKED), is_held=is_held)
        return SignupResult("held" if is_held else "asked")

    def _count(
        self,
        scopes: Mapping[Scope, tally.Hashes],
        tallies: Mapping[Scope, Tally],
        which: Iterable[Scope],
    ) -> None:
        for scope in which:
            if scope in scopes:
                window = firewall.window_of(scope)
                found = firewall.counted(tallies.get(scope), now=self._now, window=window)
                self._keep((scope, scopes[scope][0]), found)

    def _keep(self, key: tally.Key, found: Tally) -> None:
        self._tallies[key] = self._counted[key] = found

    def _admit(
        self, ask: SignupRequest, who: Person | None, then: Record, *, is_held: bool
    ) -> None:
        name, topics = clean_name(ask.name), ask.topics[:MAX_TOPICS]
        self._asked.append((ask, then, is_held))
        if who is None:
            self._new[ask.address.key] = person.row(ask.address, then, name=name, topics=topics)
            return
        more: dict[str, object] = {
            "address": ask.address.text,
            "topics": list(topics or who.topics),
            "name": name or who.name,
        }
        if then.standing is Standing.PENDING:
            more["since"] = self._now  # the time in which it lapses runs from the last mail
        person.own(self._conn, who.id)
        person.keep(self._conn, who, then, now=self._now, **more)
        self._people[who.key] = replace(who, record=then)

    def write(self) -> None:
        ids = {key: who.id for key, who in self._people.items()}
        new = person.add_all(self._conn, self._new, now=self._now)
        removed.assign_successors(self._conn, self._keys, new)
        ids |= new
        deeds, letters = [], []
        for ask, then, is_held in self._asked:
            number = ids[ask.address.key]
            evidence = ask.evidence.told(topics=list(ask.topics[:MAX_TOPICS]))
            deeds.append(NewEntry(ConsentAct.ASKED, number, evidence, ask.address.text))
            letters.append((number, then.ask, self._now if is_held else None))
        ledger.append(self._conn, self._keys, deeds, now=self._now)
        queue_all(self._conn, letters, now=self._now)
        tally.write(self._conn, self._counted)
        replay.keep(self._conn, self._once, now=self._now)
