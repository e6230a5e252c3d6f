"""Reads Amazon SES's notifications. The JSON is the same in its webhook and in its mails.

https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from emag.mailing.event import EventKind
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns.finding import Failure
from emag.mailing.returns.payload import entries, rows, table, text

_DELIVERED = ("Delivery", "Delivered")
_NO_COMPLAINT = ("not-spam", "auth-failure")  # RFC 6430 and RFC 6591: no reader complained
_SUBTYPES = {  # in the words of a server, for bounces without a server's words
    "noemail": "user unknown",
    "suppressed": "user unknown",
    "onaccountsuppressionlist": "user unknown",
    "mailboxfull": "mailbox full",
    "messagetoolarge": "message too large",
    "contentrejected": "content rejected",
    "attachmentrejected": "attachment rejected",
    "customtimeoutexceeded": "timed out",
}


def find(text: str) -> Mapping[str, Any] | None:
    """The notification that a text holds, inside its SNS envelope or bare, or None."""
    text = text.lstrip()
    if not text.startswith("{"):  # further down it is only quoted
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
        if isinstance(value, dict) and isinstance(value.get("Message"), str):
            value = json.loads(value["Message"], strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and kind(value) else None


def kind(notification: Mapping[str, Any]) -> str:
    """“Bounce”, “Complaint”, “Delivery”, … or “”."""
    return text(notification.get("notificationType")) or text(notification.get("eventType"))


def failures(notification: Mapping[str, Any]) -> list[Failure]:
    """The outcome for each address."""
    word = kind(notification)
    if word == "Bounce":
        return _bounced(table(notification.get("bounce")))
    if word == "Complaint":
        return _complained(table(notification.get("complaint")))
    if word == "DeliveryDelay":
        delay = table(notification.get("deliveryDelay"))
        return [_delayed(entry, delay) for entry in rows(delay.get("delayedRecipients"))]
    if word in _DELIVERED:
        recipients = entries(table(notification.get("delivery")).get("recipients"))
        return [Failure(text(address), EventKind.DELIVERED) for address in recipients]
    return []


def _bounced(bounce: Mapping[str, Any]) -> list[Failure]:
    subtype = _SUBTYPES.get(text(bounce.get("bounceSubType")).lower(), "")
    is_permanent = bounce.get("bounceType") == "Permanent"
    bounced = []
    for entry in rows(bounce.get("bouncedRecipients")):
        prefix, _, rest = text(entry.get("diagnosticCode")).partition(";")
        words = (rest or prefix).strip() or subtype
        outcome, code = verdict(words, code=text(entry.get("status")), around=subtype)
        if outcome is EventKind.HARD and not is_permanent:
            outcome = EventKind.SOFT
        bounced.append(Failure(text(entry.get("emailAddress")), outcome, code, words))
    return bounced


def _complained(complaint: Mapping[str, Any]) -> list[Failure]:
    word = text(complaint.get("complaintFeedbackType")) or "complaint"
    outcome = EventKind.NONE if word in _NO_COMPLAINT else EventKind.COMPLAINT
    return [
        Failure(text(entry.get("emailAddress")), outcome, "", word)
        for entry in rows(complaint.get("complainedRecipients"))
    ]


def _delayed(entry: Mapping[str, Any], delay: Mapping[str, Any]) -> Failure:
    words = text(entry.get("diagnosticCode")) or text(delay.get("delayType"))
    address, status = text(entry.get("emailAddress")), text(entry.get("status"))
    return Failure(address, EventKind.DELAYED, status, words)


def origins(notification: Mapping[str, Any]) -> Iterator[str]:
    """The texts that hold our mark: the message's envelope sender and its Message-ID."""
    mail = table(notification.get("mail"))
    yield text(mail.get("source"))
    yield text(table(mail.get("commonHeaders")).get("messageId"))
    for header in rows(mail.get("headers")):
        if text(header.get("name")).lower() in {"message-id", "return-path"}:
            yield text(header.get("value"))
