"""What providers and mail servers report about a message, in one vocabulary."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """The outcome that a webhook, a bounce mail or an SMTP reply reports."""

    ACCEPTED = "accepted"  # the provider has the message; nothing is known of the reader's server
    DELIVERED = "delivered"
    DELAYED = "delayed"  # the server still tries; another report follows
    HARD = "hard"  # the mailbox or the domain does not exist
    SOFT = "soft"  # mailbox full or closed, or given up for now: counts against the address
    POLICY = "policy"  # about the sender or the message: counts against no address
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"  # at the provider
    AUTOREPLY = "autoreply"
    NONE = "none"  # nothing about a delivery, or tracking that no reader agreed to


@dataclass(frozen=True, slots=True)
class Event:
    """One report. `id` is the provider's own, so that a repeated report counts once.

    `mark` is our signed mark of the message, if the report holds one. `at` is aware UTC.
    `detail` is for the editor: the receiving server's words without addresses.
    """

    id: str
    provider: str
    kind: EventKind
    at: datetime
    mark: str = ""
    address: str = ""
    detail: str = ""
