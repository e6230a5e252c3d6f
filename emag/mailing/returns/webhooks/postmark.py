"""Postmark's webhooks, in our words."""

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
from emag.mailing.returns.bounces import marks
from emag.mailing.returns.bounces.events import KINDS, detail
from emag.mailing.returns.bounces.payload import load, moment, table, text
from emag.mailing.returns.bounces.verdict import verdict
from emag.mailing.returns.finding import Failure

_log = logging.getLogger(__name__)

_MARK = "emag_delivery"
_LONGEST_ID = 200
_RECORDS = {
    "Delivery": EventKind.DELIVERED,
    "SpamComplaint": EventKind.COMPLAINED,
    # Nobody agreed to being watched: what arrives of it is dropped.
    "Open": EventKind.IGNORED,
    "Click": EventKind.IGNORED,
}
# What a bounce's type says by itself; the others are read by their words.
_BOUNCES = {
    "HardBounce": EventKind.BOUNCED,
    "BadEmailAddress": EventKind.BOUNCED,
    "SpamComplaint": EventKind.COMPLAINED,
    "Unsubscribe": EventKind.LEFT,
    "Transient": EventKind.DEFERRED,
    "OpenRelayTest": EventKind.DEFERRED,
    "DnsError": EventKind.SOFT,
    "SoftBounce": EventKind.SOFT,
    "SpamNotification": EventKind.POLICY,
    "VirusNotification": EventKind.POLICY,
    "Blocked": EventKind.POLICY,
    "DMARCPolicy": EventKind.POLICY,
    "SMTPApiError": EventKind.POLICY,
    "TemplateRenderingFailed": EventKind.POLICY,
    "AutoResponder": EventKind.IGNORED,
    "AddressChange": EventKind.IGNORED,
    "ChallengeVerification": EventKind.IGNORED,
    "Subscribe": EventKind.IGNORED,
    "InboundError": EventKind.IGNORED,
    "Unconfirmed": EventKind.IGNORED,
}
# Why Postmark will write to somebody no more. A reader comes back only through our own sign-up.
_SUPPRESSED = {
    "HardBounce": EventKind.BOUNCED,
    "SpamComplaint": EventKind.COMPLAINED,
    "ManualSuppression": EventKind.LEFT,
}
_TIMES = ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt")


class PostmarkFeedback:
    """Postmark signs nothing: it shows the name and password written into the webhook's address.

    Its record of a message is its own number, so an event is known by that, its kind and its time.
    """

    name = "postmark"

    def __init__(self, username: str, password: str, *, now: Callable[[], datetime]) -> None:
        self._secret = f"{username}:{password}".encode()
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        self._verify(headers.get("authorization", ""))
        event = self._event(load(body))
        return [event] if event else []

    def _verify(self, shown: str) -> None:
        scheme, _, secret = shown.partition(" ")
        try:
            given = base64.b64decode(secret.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ForgedReport from error
        if scheme.lower() != "basic" or not hmac.compare_digest(given, self._secret):
            raise ForgedReport

    def _event(self, told: Mapping[str, Any]) -> Event | None:
        failure = Failure("", *_said(told))
        kind = _kind(told, KINDS[failure.outcome])
        if kind is None:
            _log.warning("an event of an unknown kind: %r", text(told.get("RecordType"))[:40])
            return None
        stamp = next((text(told[name]) for name in _TIMES if text(told.get(name))), "")
        return Event(
            id=_id(told, kind, stamp),
            provider=self.name,
            kind=kind,
            at=moment(stamp, self._now()),
            mark=_mark(told),
            address=text(told.get("Email")) or text(told.get("Recipient")),
            detail=detail(failure) if kind is not EventKind.DELIVERED else "",
        )


def _said(told: Mapping[str, Any]) -> tuple[Any, str, str]:
    """The outcome by the words, its status, and the words themselves."""
    words = text(told.get("Details")) or text(told.get("Description"))
    return (*verdict(words, around=text(told.get("Description"))), words)


def _kind(told: Mapping[str, Any], by_words: EventKind) -> EventKind | None:
    record, word = text(told.get("RecordType")), text(told.get("Type"))
    if record == "SubscriptionChange":
        if told.get("SuppressSending") is not True:
            return EventKind.IGNORED
        return _SUPPRESSED.get(text(told.get("SuppressionReason")), EventKind.LEFT)
    if record != "Bounce":
        return _RECORDS.get(record)
    kind = _BOUNCES.get(word)
    if kind is EventKind.SOFT and by_words is EventKind.POLICY:
        return by_words
    if kind is None:  # “Unknown”, “ManuallyDeactivated” and what is new
        return EventKind.SOFT if by_words is EventKind.BOUNCED else by_words
    return kind


def _mark(told: Mapping[str, Any]) -> str:
    """What we gave along, or what stands in the bounce itself."""
    # It may write the name of a field in other letters than we did.
    metadata = table(told.get("Metadata")).items()
    given = next((text(mark) for name, mark in metadata if _is_ours(name)), "")
    return given or marks.within(text(told.get("Content"))[:100_000])


def _is_ours(name: str) -> bool:
    return name.lower().replace("-", "_") == _MARK


def _id(told: Mapping[str, Any], kind: EventKind, stamp: str) -> str:
    number, message = told.get("ID"), text(told.get("MessageID"))
    if isinstance(number, int):
        return f"{number}/{kind}"
    if message:
        return f"{message}/{kind}/{stamp}"[:_LONGEST_ID]
    words = json.dumps(told, sort_keys=True, default=str)
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()
