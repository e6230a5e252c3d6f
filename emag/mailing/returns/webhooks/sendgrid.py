"""SendGrid's signed event webhook, in our words."""

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
from emag.mailing.delivery import without_addresses
from emag.mailing.event import Event, EventKind
from emag.mailing.returns.bounces import marks

_log = logging.getLogger(__name__)

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_MARK = "emag_delivery"  # the custom argument that the transport sends along
_MILLISECONDS = 100_000_000_000  # a moment in seconds is smaller until the year 5138
_LONGEST_ID = 200
_ARMOUR = re.compile(r"-----[A-Z ]+-----")

_KINDS = {
    "processed": EventKind.TAKEN,
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "bounce": EventKind.BOUNCED,
    "dropped": EventKind.REFUSED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.LEFT,
    "group_unsubscribe": EventKind.LEFT,
    # A reader comes back through our own sign-up, where consent is kept; nothing else lifts it.
    "group_resubscribe": EventKind.IGNORED,
    # Nobody agreed to being watched: what arrives of it is dropped.
    "open": EventKind.IGNORED,
    "click": EventKind.IGNORED,
}

# A message that SendGrid kept back says why; the words begin like this.
_DROPPED = {
    "bounced address": EventKind.BOUNCED,
    "invalid": EventKind.BOUNCED,
    "unsubscribed address": EventKind.LEFT,
    "spam reporting address": EventKind.COMPLAINED,
}
_NOT_THE_ADDRESS = ("invalid smtpapi header",)
# Policy, a full mailbox, or for now: the address lives (RFC 3463).
_ALIVE = re.compile(r"\b(?:[45]\.7\.\d+|5\.2\.[23]|4\.\d+\.\d+)\b")


class SendGridFeedback:
    """Verifies over the raw body: ECDSA, P-256 and SHA-256, as the provider documents it.

    There is no time window: SendGrid repeats a report for a day, and an event counts once.
    """

    name = "sendgrid"

    def __init__(self, public_key: str) -> None:
        self._key = _load(public_key)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        signed_at = headers.get(_TIMESTAMP, "")
        self._verify(headers.get(_SIGNATURE, ""), signed_at.encode() + body)
        try:
            entries = json.loads(body)
        except ValueError as error:
            raise ReportError("The report is not JSON") from error
        if not isinstance(entries, list):
            raise ReportError("The report is not a list of events")
        found = (_read(entry, _moment(signed_at)) for entry in entries)
        return [event for event in found if event]

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


def _read(entry: Any, signed_at: datetime) -> Event | None:
    """None for what is no event of ours; the rest of its batch counts all the same."""
    if not isinstance(entry, dict):
        _log.warning("a report holds something that is no event")
        return None
    word = str(entry.get("event") or "").lower()
    kind = _KINDS.get(word)
    if kind is None:
        _log.warning("an event of an unknown kind: %r", word[:40])
        return None
    status = _text(entry.get("status"))
    reason = _text(entry.get("reason")) or _text(entry.get("response"))
    if word == "dropped":
        kind = _dropped(reason.lower())
    elif kind is EventKind.BOUNCED and (entry.get("type") == "blocked" or _lives(status, reason)):
        kind = EventKind.REFUSED
    return Event(
        id=_text(entry.get("sg_event_id"))[:_LONGEST_ID] or _own_id(entry),
        provider=SendGridFeedback.name,
        kind=kind,
        at=_moment(entry.get("timestamp")) if _number(entry.get("timestamp")) else signed_at,
        # By SMTP there are no custom arguments: then it names our own Message-ID.
        mark=_text(entry.get(_MARK)) or marks.within(_text(entry.get("smtp-id"))),
        address=_text(entry.get("email")),
        detail=without_addresses(reason if reason.startswith(status) else f"{status} {reason}"),
    )


def _dropped(reason: str) -> EventKind:
    if reason.startswith(_NOT_THE_ADDRESS):
        return EventKind.REFUSED
    return next((k for start, k in _DROPPED.items() if reason.startswith(start)), EventKind.REFUSED)


def _lives(status: str, reason: str) -> bool:
    return bool(_ALIVE.search(status) or _ALIVE.search(reason))


def _own_id(entry: Mapping[str, Any]) -> str:
    """For an event that came without one: the same words are the same event."""
    words = json.dumps(entry, sort_keys=True)
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0


def _moment(value: object) -> datetime:
    seconds = _number(value)
    try:
        at = seconds / 1000 if seconds > _MILLISECONDS else seconds
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
