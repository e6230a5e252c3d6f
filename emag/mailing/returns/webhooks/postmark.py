"""Reads Postmark's webhooks.

https://postmarkapp.com/developer/webhooks/webhooks-overview
"""

import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from emag.errors import ForgedReport
from emag.mailing.event import Event, EventKind
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns import mark
from emag.mailing.returns.finding import Failure
from emag.mailing.returns.payload import load_object, moment, table, text

_log = logging.getLogger(__name__)

_MARK = "emag_delivery"
_MAX_ID = 200
_RECORDS = {
    "Delivery": EventKind.DELIVERED,
    "SpamComplaint": EventKind.COMPLAINT,
    # No reader agreed to tracking, so these reports are dropped.
    "Open": EventKind.NONE,
    "Click": EventKind.NONE,
}
# The types of bounces. The words of the server decide about types that are not listed.
_BOUNCES = {
    "HardBounce": EventKind.HARD,
    "BadEmailAddress": EventKind.HARD,
    "SpamComplaint": EventKind.COMPLAINT,
    "Unsubscribe": EventKind.UNSUBSCRIBED,
    "Transient": EventKind.DELAYED,
    "OpenRelayTest": EventKind.DELAYED,
    "DnsError": EventKind.SOFT,
    "SoftBounce": EventKind.SOFT,
    "SpamNotification": EventKind.POLICY,
    "VirusNotification": EventKind.POLICY,
    "Blocked": EventKind.POLICY,
    "DMARCPolicy": EventKind.POLICY,
    "SMTPApiError": EventKind.POLICY,
    "TemplateRenderingFailed": EventKind.POLICY,
    "AutoResponder": EventKind.NONE,
    "AddressChange": EventKind.NONE,
    "ChallengeVerification": EventKind.NONE,
    "Subscribe": EventKind.NONE,
    "InboundError": EventKind.NONE,
    "Unconfirmed": EventKind.NONE,
}
# Why Postmark no longer sends to an address. Only our own sign-up makes a reader active again.
_SUPPRESSED = {
    "HardBounce": EventKind.HARD,
    "SpamComplaint": EventKind.COMPLAINT,
    "ManualSuppression": EventKind.UNSUBSCRIBED,
}
_TIMES = ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt")


class PostmarkFeedback:
    """Verifies the name and password of the webhook's address; Postmark signs nothing.

    Postmark gives its own number to a message. That number, the kind and the time identify an
    event.
    """

    name = "postmark"

    def __init__(self, username: str, password: str, *, now: Callable[[], datetime]) -> None:
        self._secret = f"{username}:{password}".encode()
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        self._verify(headers.get("authorization", ""))
        event = self._event(load_object(body))
        return [event] if event else []

    def _verify(self, authorization: str) -> None:
        scheme, _, secret = authorization.partition(" ")
        try:
            credentials = base64.b64decode(secret.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ForgedReport from error
        if scheme.lower() != "basic" or not hmac.compare_digest(credentials, self._secret):
            raise ForgedReport

    def _event(self, record: Mapping[str, Any]) -> Event | None:
        failure = _failure(record)
        kind = _kind(record, failure.outcome)
        if kind is None:
            _log.warning("an event of an unknown kind: %r", text(record.get("RecordType"))[:40])
            return None
        stamp = next((text(record[name]) for name in _TIMES if text(record.get(name))), "")
        return Event(
            id=_id(record, kind, stamp),
            provider=self.name,
            kind=kind,
            at=moment(stamp, self._now()),
            mark=_mark(record),
            address=text(record.get("Email")) or text(record.get("Recipient")),
            detail=failure.detail if kind is not EventKind.DELIVERED else "",
        )


def _failure(record: Mapping[str, Any]) -> Failure:
    """The verdict on the server's words. A type that is hard stays hard if they name no cause."""
    is_hard = _BOUNCES.get(text(record.get("Type"))) is EventKind.HARD
    unknown = EventKind.HARD if is_hard else EventKind.SOFT
    words, around = text(record.get("Details")), text(record.get("Description"))
    outcome, code = verdict(words or around, around="" if is_hard else around, unknown=unknown)
    return Failure("", outcome, code, words or around)


def _kind(record: Mapping[str, Any], by_words: EventKind) -> EventKind | None:
    record_type = text(record.get("RecordType"))
    if record_type == "SubscriptionChange":
        if record.get("SuppressSending") is not True:
            return EventKind.NONE
        return _SUPPRESSED.get(text(record.get("SuppressionReason")), EventKind.UNSUBSCRIBED)
    if record_type != "Bounce":
        return _RECORDS.get(record_type)
    kind = _BOUNCES.get(text(record.get("Type")))
    if kind is EventKind.HARD or (kind is EventKind.SOFT and by_words is EventKind.POLICY):
        return by_words
    if kind is None:  # “Unknown”, “ManuallyDeactivated” and new types
        return EventKind.SOFT if by_words is EventKind.HARD else by_words
    return kind


def _mark(record: Mapping[str, Any]) -> str:
    """The mark in the metadata, or in the bounce itself."""
    # Postmark may change upper and lower case in the names of metadata.
    metadata = table(record.get("Metadata")).items()
    field = next((text(value) for name, value in metadata if _is_ours(name)), "")
    return field or mark.find(text(record.get("Content"))[:100_000])


def _is_ours(name: str) -> bool:
    return name.lower().replace("-", "_") == _MARK


def _id(record: Mapping[str, Any], kind: EventKind, stamp: str) -> str:
    number, message = record.get("ID"), text(record.get("MessageID"))
    if isinstance(number, int):
        return f"{number}/{kind}"
    if message:
        return f"{message}/{kind}/{stamp}"[:_MAX_ID]
    words = json.dumps(record, sort_keys=True, default=str)
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()
