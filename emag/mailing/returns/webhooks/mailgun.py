"""Reads Mailgun's webhooks.

https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/#webhooks
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from emag.errors import ForgedReport, ReportError
from emag.mailing.event import Event, EventKind
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns import mark
from emag.mailing.returns.finding import Failure
from emag.mailing.returns.payload import load_object, moment, table, text

_log = logging.getLogger(__name__)

_MARK = "emag_delivery"
_MAX_ID = 200
_WINDOW = timedelta(hours=24)  # Mailgun repeats a post for eight hours; clocks may differ
_KINDS = {
    "accepted": EventKind.ACCEPTED,
    "delivered": EventKind.DELIVERED,
    "complained": EventKind.COMPLAINT,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "rejected": EventKind.POLICY,
    "stored": EventKind.NONE,
    # No reader agreed to tracking, so these reports are dropped.
    "opened": EventKind.NONE,
    "clicked": EventKind.NONE,
}
# Why Mailgun itself did not send a message.
_SUPPRESSED = {
    "suppress-bounce": EventKind.HARD,
    "suppress-complaint": EventKind.COMPLAINT,
    "suppress-unsubscribe": EventKind.UNSUBSCRIBED,
}


class MailgunFeedback:
    """Verifies the HMAC-SHA256 over timestamp and token.

    Mailgun does not sign the event itself, so somebody with a leaked signature could send another
    event with it. The signature expires after a day, and the token is the event's id: it counts
    once, with the event that came first.
    """

    name = "mailgun"

    def __init__(self, signing_key: str, *, now: Callable[[], datetime]) -> None:
        self._key = signing_key.encode()
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 - the port's; the body holds the signature
        try:
            report = load_object(body)
        except ReportError as error:  # nothing in it is signed
            raise ForgedReport from error
        token = self._verify(table(report.get("signature")))
        record = report.get("event-data")
        if not isinstance(record, dict):
            raise ReportError("The report holds no event")
        event = self._event(record, token)
        return [event] if event else []

    def _verify(self, signature: Mapping[str, Any]) -> str:
        stamp, token = text(signature.get("timestamp")), text(signature.get("token"))
        expected = hmac.new(self._key, f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        signed = text(signature.get("signature")).encode()
        if not (token and hmac.compare_digest(signed, expected.encode())):
            raise ForgedReport
        expired = self._now() - 2 * _WINDOW
        if abs(self._now() - moment(stamp, expired)) > _WINDOW:
            raise ForgedReport
        return token

    def _event(self, record: Mapping[str, Any], token: str) -> Event | None:
        word = text(record.get("event"))
        failure = _failure(record)
        kind = _failed_kind(record, failure) if word == "failed" else _KINDS.get(word)
        if kind is None:
            _log.warning("an event of an unknown kind: %r", word[:40])
            return None
        return Event(
            id=token[:_MAX_ID],
            provider=self.name,
            kind=kind,
            at=moment(record.get("timestamp"), self._now()),
            mark=_mark(record),
            address=text(record.get("recipient")),
            detail=failure.detail if word in {"failed", "rejected"} else "",
        )


def _failed_kind(record: Mapping[str, Any], failure: Failure) -> EventKind:
    suppressed = _SUPPRESSED.get(text(record.get("reason")))
    if suppressed:
        return suppressed
    if text(record.get("severity")) != "permanent":
        return EventKind.DELAYED  # Mailgun still tries, and reports again
    return failure.outcome


def _failure(record: Mapping[str, Any]) -> Failure:
    status = table(record.get("delivery-status"))
    code = text(status.get("enhanced-code"))
    words = text(status.get("message")) or text(table(record.get("reject")).get("reason"))
    reply = status.get("code")
    with_reply = f"{reply} {words}" if isinstance(reply, int) else words
    outcome, code = verdict(with_reply, code=code, around=text(status.get("description")))
    return Failure("", outcome, code, words or text(status.get("description")))


def _mark(record: Mapping[str, Any]) -> str:
    """The mark in the user variables, in our envelope sender or in our Message-ID."""
    variable = text(table(record.get("user-variables")).get(_MARK))
    sender = text(table(record.get("envelope")).get("sender"))
    message_id = text(table(table(record.get("message")).get("headers")).get("message-id"))
    return variable or mark.find(sender, message_id)
