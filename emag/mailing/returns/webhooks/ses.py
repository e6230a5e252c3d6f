"""Amazon SES's events, posted by its notification service, in our words."""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from emag.errors import ReportError
from emag.mailing.event import Event, EventKind
from emag.mailing.returns.bounces import marks, notification
from emag.mailing.returns.bounces.events import KINDS, detail
from emag.mailing.returns.bounces.payload import load, moment, table, text
from emag.mailing.returns.finding import Failure
from emag.mailing.returns.webhooks.sns import Fetch, Topics, fetch

_log = logging.getLogger(__name__)

_SEND = ("Send",)  # taken by Amazon, and no more
_ABOUT_US = ("Reject", "Rendering Failure", "RenderingFailure")
_WATCHING = ("Open", "Click", "Subscription")  # nobody agreed to being watched
_PLACES = ("bounce", "complaint", "delivery", "deliveryDelay")


class SesFeedback:
    """Believes only signed posts of the topics named; an invitation to one of them is accepted.

    `fetch` gets a certificate or visits the link that accepts; Amazon's own addresses only.
    """

    name = "ses"

    def __init__(
        self, topics: Collection[str], *, now: Callable[[], datetime], fetch: Fetch = fetch
    ) -> None:
        self._topics = Topics(topics, fetch=fetch)
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 - the port's; all that is signed is in the body
        envelope = load(body)
        kind = self._topics.verify(envelope)
        if kind == "SubscriptionConfirmation":
            self._topics.confirm(envelope)
        if kind != "Notification":
            return []
        try:
            told = json.loads(text(envelope.get("Message")))
        except (ValueError, RecursionError) as error:
            raise ReportError("The notification is not JSON") from error
        if not isinstance(told, dict):
            raise ReportError("The notification is not one object")
        return self._events(told, text(envelope.get("MessageId")))

    def _events(self, told: Mapping[str, Any], number: str) -> list[Event]:
        word = notification.kind(told)
        mark = marks.within(*notification.origins(told))
        at = self._at(told)
        if word in _SEND or word in _ABOUT_US:
            kind = EventKind.TAKEN if word in _SEND else EventKind.POLICY
            return [Event(f"{number}/0", self.name, kind, at, mark, detail=word)]
        failures = notification.failures(told)
        if not failures and word not in _WATCHING:
            _log.warning("a notification of an unknown kind: %r", word[:40])
        return [self._event(f, f"{number}/{n}", mark, at) for n, f in enumerate(failures)]

    def _event(self, failure: Failure, number: str, mark: str, at: datetime) -> Event:
        return Event(
            id=number,
            provider=self.name,
            kind=KINDS[failure.outcome],
            at=at,
            mark=mark,
            address=failure.address,
            detail=detail(failure),
        )

    def _at(self, told: Mapping[str, Any]) -> datetime:
        stamps = (text(table(told.get(place)).get("timestamp")) for place in _PLACES)
        return moment(next((stamp for stamp in stamps if stamp), ""), self._now())
