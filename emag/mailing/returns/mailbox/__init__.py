"""The mailbox that bounces arrive in. Holds the port: read mails, then release them."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

MAX_BYTES = 1_000_000  # of one mail: the end of a returned message is not needed
MAX_MAILS = 500  # of one visit


@dataclass(frozen=True, slots=True)
class MailboxMail:
    """One mail. `number` is the mailbox's own; `body` may be cut after `MAX_BYTES`."""

    number: str
    body: bytes


class Visit(Protocol):
    """One connection to a mailbox."""

    def mails(self) -> Iterator[MailboxMail]:
        """The mails that were not released, oldest first, at most `MAX_MAILS`.

        Reading alone changes nothing in the mailbox.
        """
        ...

    def release(self, mails: Sequence[MailboxMail], *, removable: Sequence[MailboxMail]) -> None:
        """Marks mails so that they are not read again. Only removable ones may be removed."""
        ...


class Mailbox(Protocol):
    """A mailbox on a server."""

    name: str

    def visit(self) -> AbstractContextManager[Visit]:
        """Raises Unreachable where the server does not answer, ReportError where it refuses."""
        ...
