"""Reads SendGrid's signed event webhook.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import base64
import binascii
import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from emag.errors import ForgedReport, ReportError, SettingsError
from emag.mailing.event import Event, EventKind
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns import mark
from emag.mailing.returns.finding import Failure
from emag.mailing.returns.payload import load, moment, text

_log = logging.getLogger(__name__)

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_MARK = "emag_delivery"  # the custom argument that the transport sends along
_MAX_ID = 200
_EPOCH = datetime.fromtimestamp(0, UTC)
_ARMOUR = re.compile(r"-----[A-Z ]+-----")

_KINDS = {
    "processed": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DELAYED,
    "bounce": EventKind.HARD,  # if the words of the server agree
    "dropped": EventKind.POLICY,  # if the reason is none of _DROPPED
    "spamreport": EventKind.COMPLAINT,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
    # Only our own sign-up, which records consent, makes a reader active again.
    "group_resubscribe": EventKind.NONE,
    # No reader agreed to tracking, so these reports are dropped.
    "open": EventKind.NONE,
    "click": EventKind.NONE,
}

# Why SendGrid itself did not send a message: how its reason begins.
_DROPPED = {
    "bounced address": EventKind.HARD,
    "invalid": EventKind.HARD,
    "unsubscribed address": EventKind.UNSUBSCRIBED,
    "spam reporting address": EventKind.COMPLAINT,
}
_ABOUT_THE_MESSAGE = ("invalid smtpapi header",)


class SendGridFeedback:
    """Verifies the ECDSA signature (P-256, SHA-256) over the timestamp and the raw body.

    There is no time window: SendGrid repeats a report for a day, and an event counts once.
    """

    name = "sendgrid"

    def __init__(self, public_key: str) -> None:
        self._key = _load(public_key)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        signed_at = headers.get(_TIMESTAMP, "")
        self._verify(headers.get(_SIGNATURE, ""), signed_at.encode() + body)
        entries = load(body)
        if not isinstance(entries, list):
            raise ReportError("The report is not a list of events")
        at = moment(signed_at, _EPOCH)
        events = (_event(entry, at) for entry in entries)
        return [event for event in events if event]

    def _verify(self, signature: str, signed: bytes) -> None:
        try:
            raw = base64.b64decode(signature, validate=True)
            self._key.verify(raw, signed, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise ForgedReport from error


def _load(public_key: str) -> ec.EllipticCurvePublicKey:
    bare = "".join(_ARMOUR.sub("", public_key).split())
    try:
        key = load_der_public_key(base64.b64decode(bare))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(["EMAG_SENDGRID_WEBHOOK_KEY is not a public key"]) from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SettingsError(["EMAG_SENDGRID_WEBHOOK_KEY is not the key of an event webhook"])
    return key


def _event(entry: Any, signed_at: datetime) -> Event | None:
    """None for an entry that is no known event; the rest of its batch counts all the same."""
    if not isinstance(entry, dict):
        _log.warning("a report holds something that is no event")
        return None
    word = text(entry.get("event")).lower()
    if word not in _KINDS:
        _log.warning("an event of an unknown kind: %r", word[:40])
        return None
    failure = _failure(entry, word)
    return Event(
        id=text(entry.get("sg_event_id"))[:_MAX_ID] or _hash(entry),
        provider=SendGridFeedback.name,
        kind=failure.outcome,
        at=moment(entry.get("timestamp"), signed_at),
        # By SMTP there are no custom arguments: then the event names our own Message-ID.
        mark=text(entry.get(_MARK)) or mark.find(text(entry.get("smtp-id"))),
        address=text(entry.get("email")),
        detail=failure.detail,
    )


def _failure(entry: Mapping[str, Any], word: str) -> Failure:
    """What the event says. The verdict decides about bounces."""
    code = text(entry.get("status"))
    words = text(entry.get("reason")) or text(entry.get("response"))
    kind = _KINDS[word]
    if word == "dropped":
        kind = _dropped(words.lower())
    elif word == "bounce":
        # “blocked” is about the sender or the message, unless the words say otherwise.
        is_blocked = entry.get("type") == "blocked"
        unknown = EventKind.POLICY if is_blocked else EventKind.HARD
        kind, _ = verdict(words, code=code, unknown=unknown)
        if is_blocked and kind is EventKind.HARD:
            kind = EventKind.SOFT
    return Failure("", kind, code, words)


def _dropped(reason: str) -> EventKind:
    if reason.startswith(_ABOUT_THE_MESSAGE):
        return EventKind.POLICY
    kinds = (kind for start, kind in _DROPPED.items() if reason.startswith(start))
    return next(kinds, EventKind.POLICY)


def _hash(entry: Mapping[str, Any]) -> str:
    """The id of an event that came without one: equal entries are the same event."""
    words = json.dumps(entry, sort_keys=True, default=str)
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()
