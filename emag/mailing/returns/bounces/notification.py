"""Amazon SES's notifications, as JSON: the same in its webhook and in a mail."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from emag.mailing.returns.bounces.payload import rows, some, table, text
from emag.mailing.returns.bounces.verdict import verdict
from emag.mailing.returns.finding import Failure, Outcome

_ARRIVED = ("Delivery", "Delivered")
_SUBTYPES = {  # what Amazon says by itself, where the server's words are missing
    "noemail": "user unknown",
    "suppressed": "user unknown",
    "onaccountsuppressionlist": "user unknown",
    "mailboxfull": "mailbox full",
    "messagetoolarge": "message too large",
    "contentrejected": "content rejected",
    "attachmentrejected": "attachment rejected",
    "customtimeoutexceeded": "timed out",
}


def within(text: str) -> dict[str, Any] | None:
    """The notification that a text holds, wrapped by the topic or bare; None without one."""
    text = text.lstrip()
    if not text.startswith("{"):  # further down somebody only shows it
        return None
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text)
        if isinstance(found, dict) and isinstance(found.get("Message"), str):
            found = json.loads(found["Message"], strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and kind(found) else None


def kind(told: Mapping[str, Any]) -> str:
    """Bounce, Complaint, Delivery, … or nothing."""
    return text(told.get("notificationType")) or text(told.get("eventType"))


def failures(told: Mapping[str, Any]) -> list[Failure]:
    """What it says, address by address."""
    word = kind(told)
    if word == "Bounce":
        return _bounced(table(told.get("bounce")))
    if word == "Complaint":
        return _complained(table(told.get("complaint")))
    if word == "DeliveryDelay":
        delay = table(told.get("deliveryDelay"))
        return [_late(one, delay) for one in rows(delay.get("delayedRecipients"))]
    if word in _ARRIVED:
        named = table(told.get("delivery")).get("recipients")
        return [Failure(text(a), Outcome.DELIVERED) for a in some(named)]
    return []


def _bounced(bounce: Mapping[str, Any]) -> list[Failure]:
    subtype = text(bounce.get("bounceSubType")).lower()
    around = _SUBTYPES.get(subtype, "")
    permanent = bounce.get("bounceType") == "Permanent"
    found = []
    for one in rows(bounce.get("bouncedRecipients")):
        words = text(one.get("diagnosticCode")).partition(";")
        said = (words[2] or words[0]).strip() or around
        outcome, code = verdict(said, code=text(one.get("status")), around=around)
        if outcome is Outcome.HARD and not permanent:
            outcome = Outcome.SOFT
        found.append(Failure(text(one.get("emailAddress")), outcome, code, said))
    return found


def _complained(complaint: Mapping[str, Any]) -> list[Failure]:
    word = text(complaint.get("complaintFeedbackType")) or "complaint"
    outcome = Outcome.NONE if word == "not-spam" else Outcome.COMPLAINT
    outcome = Outcome.POLICY if word == "auth-failure" else outcome
    return [
        Failure(text(one.get("emailAddress")), outcome, "", word)
        for one in rows(complaint.get("complainedRecipients"))
    ]


def _late(one: Mapping[str, Any], delay: Mapping[str, Any]) -> Failure:
    said = text(one.get("diagnosticCode")) or text(delay.get("delayType"))
    return Failure(text(one.get("emailAddress")), Outcome.DELAYED, text(one.get("status")), said)


def origins(told: Mapping[str, Any]) -> Iterator[str]:
    """Where the message's own marks stand: its envelope sender and its Message-ID."""
    mail = table(told.get("mail"))
    yield text(mail.get("source"))
    yield text(table(mail.get("commonHeaders")).get("messageId"))
    for header in rows(mail.get("headers")):
        if text(header.get("name")).lower() in {"message-id", "return-path"}:
            yield text(header.get("value"))
