"""Builds requests to SendGrid as plain dicts: the package's classes take ten times as long."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emag.mailing.copy import mime
from emag.mailing.copy.message import EncodedDocument, Message
from emag.press.document import SLOT

LIMIT = 1000  # personalizations, and recipients, in one request
# SendGrid returns our mark of the delivery in every event, among its own keys.
MARK = "emag_delivery"

_FOLD = re.compile(r"\r\n(?=[ \t])")
_NOT_IN_NAMES = str.maketrans(";,", "  ")

# Switched off whatever the account's settings are: no tracking pixel, no rewritten links, no second
# list of unsubscribed readers.
_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


@dataclass(frozen=True, slots=True)
class SendGridAccount:
    """How the account is used. Nothing here is a reader's data: SendGrid keeps it for long.

    With `sandbox` SendGrid checks every request and sends nothing.
    """

    categories: tuple[str, ...] = ()
    ip_pool: str = ""
    subuser: str = ""
    unsubscribe_group: int = 0
    sandbox: bool = False


PLAIN_ACCOUNT = SendGridAccount()


def request(
    encoded: EncodedDocument,
    messages: Sequence[Message],
    account: SendGridAccount = PLAIN_ACCOUNT,
) -> dict[str, Any]:
    """Builds a request for at most LIMIT readers of one document."""
    document, head = encoded.document, encoded.letterhead
    body: dict[str, Any] = {
        "personalizations": [_personal(encoded, message) for message in messages],
        "from": _mailbox(head.name, head.address),
        "subject": mime.clean(document.subject),
        # Text first: mail programs show the last part that they understand.
        "content": [
            {"type": "text/plain", "value": SLOT.sub(r"[[text:\1]]", document.text)},
            {"type": "text/html", "value": document.html},
        ],
        "tracking_settings": _TRACKING,
        "mail_settings": {"sandbox_mode": {"enable": account.sandbox}},
    }
    body |= _of_account(account)
    if head.reply_to:
        body["reply_to"] = _mailbox(*mime.split(head.reply_to))
    return body


def _of_account(account: SendGridAccount) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if account.categories:
        body["categories"] = list(account.categories)
    if account.ip_pool:
        body["ip_pool_name"] = account.ip_pool
    if group := account.unsubscribe_group:
        # The group suppresses; the links and the one-click header stay the publication's own.
        body["asm"] = {"group_id": group, "groups_to_display": [group]}
    return body


def _personal(encoded: EncodedDocument, message: Message) -> dict[str, Any]:
    headers = encoded.headers | message.headers()
    personal: dict[str, Any] = {
        "to": [_mailbox(message.name, message.recipient)],
        "headers": {name: _FOLD.sub("", value) for name, value in headers.items()},
        "custom_args": {MARK: message.mark},
    }
    if substitutions := _substitutions(message):
        personal["substitutions"] = substitutions
    return personal


def _substitutions(message: Message) -> dict[str, str]:
    """SendGrid gives a tag the same value in both parts, so each part has its own tags."""
    filled = {}
    for name in message.encoded.document.slots:
        plain = mime.clean(message.values[name])
        # A reader's name must not look like another tag.
        filled[f"[[text:{name}]]"] = plain.replace("[[", "[ [")
        filled[f"[[{name}]]"] = html.escape(plain).replace("[[", "&#91;&#91;")
    return filled


def _mailbox(name: str, address: str) -> dict[str, str]:
    plain = " ".join(mime.clean(name).translate(_NOT_IN_NAMES).split())
    return {"email": address, "name": plain} if plain else {"email": address}
