"""What a mail to the bounce address says: of whom, how it went, and what it carries of ours."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    HARD = "hard"  # no such mailbox or domain
    SOFT = "soft"  # full, or gave up for now: counted
    POLICY = "policy"  # about the sender or the message, not about the reader
    COMPLAINT = "complaint"
    DELAYED = "delayed"  # still trying: another report follows
    DELIVERED = "delivered"
    AUTOREPLY = "autoreply"
    NONE = "none"  # nothing that tells of a delivery


@dataclass(frozen=True, slots=True)
class Failure:
    """What a mail says of one address. `status` is RFC 3463's; `words` are the other side's.

    `address` is empty where the mail names none.
    """

    address: str
    outcome: Outcome
    status: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a mail says as a whole.

    `marks` are what it carries of a delivery's mark, `links` of a link to unsubscribe; neither is
    verified yet. `date` is the mail's own, as it is written.
    """

    outcome: Outcome
    failures: tuple[Failure, ...] = ()
    marks: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    date: str = ""
