"""The sender: what one process needs to send issues, and what it remembers between runs."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

from emag.database import Database
from emag.mailing.sending.domain_throttle import DomainThrottle
from emag.mailing.sending.rate_limit import RateLimit
from emag.mailing.sending.warmup import WarmUp
from emag.mailing.transports import Transport
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Terms:
    """How fast issues are sent. Rates are in messages a second; 0 means no limit."""

    connections: int
    rate: float  # of all senders on the database together
    domain_rate: float  # to each receiving domain
    warm_up: tuple[int, ...]  # messages on the first day, the second, …
    zone: tzinfo  # decides when a day of the warm-up ends
    folder: Path  # for the log of messages in flight

    @classmethod
    def of(cls, settings: Settings) -> Self:
        chosen = settings.transport
        return cls(
            connections=chosen.connections,
            rate=chosen.rate,
            domain_rate=chosen.domain_rate,
            warm_up=tuple(chosen.warm_up),
            zone=settings.publication.zone,
            folder=settings.folder,
        )


class Sender:
    """One for each process. Safe in several threads. `now` gives aware UTC.

    `abandoned` are the names of workers of this process that ended without recording what became
    of their claims. `outages` holds why the messages of an issue cannot be handed over now.
    """

    def __init__(
        self, database: Database, transport: Transport, terms: Terms, now: Callable[[], datetime]
    ) -> None:
        self.database, self.transport, self.terms, self.now = database, transport, terms, now
        self.throttle = DomainThrottle(terms.domain_rate)
        self.rate_limit = RateLimit(database, terms.rate)
        self.abandoned: set[str] = set()
        self.outages: dict[int, str] = {}

    def using(self, transport: Transport) -> "Sender":
        """The same sender by another transport: it remembers the same domains and rate."""
        other = copy(self)
        other.transport = transport
        return other

    def on(self, terms: Terms) -> "Sender":
        """The same sender on other terms. Its rates stay what they were."""
        other = copy(self)
        other.terms = terms
        return other

    def warm_up(self) -> WarmUp:
        return WarmUp(self.terms.warm_up, lambda: self.now().astimezone(self.terms.zone).date())
