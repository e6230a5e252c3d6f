"""Mailgun's webhooks, in our words."""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from emag.errors import ForgedReport, ReportError
from emag.mailing.event import Event, EventKind
from emag.mailing.returns.bounces import marks
from emag.mailing.returns.bounces.events import KINDS, detail
from emag.mailing.returns.bounces.payload import load, moment, table, text
from emag.mailing.returns.bounces.verdict import verdict
from emag.mailing.returns.finding import Failure

_log = logging.getLogger(__name__)

_MARK = "emag_delivery"
_LONGEST_ID = 200
_WINDOW = timedelta(hours=24)  # it repeats a post for eight hours; clocks may differ
_KINDS = {
    "accepted": EventKind.TAKEN,
    "delivered": EventKind.DELIVERED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.LEFT,
    "rejected": EventKind.POLICY,
    "stored": EventKind.IGNORED,
    # Nobody agreed to being watched: what arrives of it is dropped.
    "opened": EventKind.IGNORED,
    "clicked": EventKind.IGNORED,
}
# What Mailgun kept back by itself, and why.
_KEPT_BACK = {
    "suppress-bounce": EventKind.BOUNCED,
    "suppress-complaint": EventKind.COMPLAINED,
    "suppress-unsubscribe": EventKind.LEFT,
}


class MailgunFeedback:
    """Verifies the HMAC over timestamp and token, as the provider documents it.

    The event itself is not signed, so that a signature that leaked could carry another one. It is
    worth nothing after a day, and the token is the event's id: it counts once, with what it first
    came with.
    """

    name = "mailgun"

    def __init__(self, signing_key: str, *, now: Callable[[], datetime]) -> None:
        self._key = signing_key.encode()
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 - the port's; the signature is in the body
        report = load(body)
        token = self._verify(table(report.get("signature")))
        told = report.get("event-data")
        if not isinstance(told, dict):
            raise ReportError("The report holds no event")
        event = self._event(told, token)
        return [event] if event else []

    def _verify(self, signature: Mapping[str, Any]) -> str:
        stamp, token = text(signature.get("timestamp")), text(signature.get("token"))
        right = hmac.new(self._key, f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        given = text(signature.get("signature")).encode("utf-8", "replace")
        if not (token and hmac.compare_digest(given, right.encode())):
            raise ForgedReport
        never = self._now() - 2 * _WINDOW
        if abs(self._now() - moment(stamp, never)) > _WINDOW:
            raise ForgedReport
        return token

    def _event(self, told: Mapping[str, Any], token: str) -> Event | None:
        word = text(told.get("event"))
        failure = _failure(told)
        kind = _failed(told, failure) if word == "failed" else _KINDS.get(word)
        if kind is None:
            _log.warning("an event of an unknown kind: %r", word[:40])
            return None
        return Event(
            id=token[:_LONGEST_ID],
            provider=self.name,
            kind=kind,
            at=moment(told.get("timestamp"), self._now()),
            mark=_mark(told),
            address=text(told.get("recipient")),
            detail=detail(failure) if word in {"failed", "rejected"} else "",
        )


def _failed(told: Mapping[str, Any], failure: Failure) -> EventKind:
    kept_back = _KEPT_BACK.get(text(told.get("reason")))
    if kept_back:
        return kept_back
    kind = KINDS[failure.outcome]
    if text(told.get("severity")) != "permanent":
        return EventKind.DEFERRED  # Mailgun goes on trying, and tells
    return kind


def _failure(told: Mapping[str, Any]) -> Failure:
    status = table(told.get("delivery-status"))
    code = text(status.get("enhanced-code"))
    words = text(status.get("message")) or text(table(told.get("reject")).get("reason"))
    reply = status.get("code")
    said = f"{reply} {words}" if isinstance(reply, int) else words
    outcome, code = verdict(said, code=code, around=text(status.get("description")))
    return Failure("", outcome, code, words or text(status.get("description")))


def _mark(told: Mapping[str, Any]) -> str:
    """What we gave along, or our envelope sender, or our Message-ID."""
    given = text(table(told.get("user-variables")).get(_MARK))
    sender = text(table(told.get("envelope")).get("sender"))
    message_id = text(table(table(told.get("message")).get("headers")).get("message-id"))
    return given or marks.within(sender, message_id)
