"""Reads Amazon SES's events, which its notification service (SNS) posts."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from emag.errors import ForgedReport, ReportError
from emag.mailing.event import Event, EventKind
from emag.mailing.returns import mark, ses_notification
from emag.mailing.returns.finding import Failure
from emag.mailing.returns.payload import load_object, moment, table, text
from emag.mailing.returns.webhooks.sns import Fetch, Topics, fetch

_log = logging.getLogger(__name__)

_MAX_ID = 200
_ACCEPTED = ("Send",)  # by Amazon
_ABOUT_US = ("Reject", "Rendering Failure", "RenderingFailure")
_TRACKING = ("Open", "Click", "Subscription")  # no reader agreed to it
_TIMED = ("bounce", "complaint", "delivery", "deliveryDelay")


class SesFeedback:
    """Reads signed posts of the named topics only, and confirms a subscription to one of them.

    `fetch` gets Amazon's certificate, or the link that confirms, from Amazon's own hosts only.
    """

    name = "ses"

    def __init__(
        self, topics: Collection[str], *, now: Callable[[], datetime], fetch: Fetch = fetch
    ) -> None:
        self._topics = Topics(topics, fetch=fetch)
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 - the port's; the body holds the signature
        try:
            envelope = load_object(body)
        except ReportError as error:  # nothing in it is signed
            raise ForgedReport from error
        kind = self._topics.verify(envelope)
        if kind == "SubscriptionConfirmation":
            self._topics.confirm(envelope)
        if kind != "Notification":
            return []
        notification = load_object(text(envelope.get("Message")))
        return self._events(notification, text(envelope.get("MessageId"))[:_MAX_ID])

    def _events(self, notification: Mapping[str, Any], number: str) -> list[Event]:
        word = ses_notification.kind(notification)
        our_mark = mark.find(*ses_notification.origins(notification))
        at = self._at(notification)
        if word in _ACCEPTED or word in _ABOUT_US:
            kind = EventKind.ACCEPTED if word in _ACCEPTED else EventKind.POLICY
            return [Event(f"{number}/0", self.name, kind, at, our_mark, detail=word)]
        failures = ses_notification.failures(notification)
        if not failures and word not in _TRACKING:
            _log.warning("a notification of an unknown kind: %r", word[:40])
        return [self._event(f, f"{number}/{n}", our_mark, at) for n, f in enumerate(failures)]

    def _event(self, failure: Failure, number: str, our_mark: str, at: datetime) -> Event:
        return Event(
            id=number,
            provider=self.name,
            kind=failure.outcome,
            at=at,
            mark=our_mark,
            address=failure.address,
            detail=failure.detail,
        )

    def _at(self, notification: Mapping[str, Any]) -> datetime:
        stamps = (text(table(notification.get(part)).get("timestamp")) for part in _TIMED)
        return moment(next((stamp for stamp in stamps if stamp), ""), self._now())
