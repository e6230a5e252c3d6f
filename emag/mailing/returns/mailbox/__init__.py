"""Where bounces arrive. The port: mails in the order they came, let go once they are recorded."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from emag.errors import ReportError


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `number` is the mailbox's own; `body` may be cut after `MAX_BYTES`."""

    number: str
    body: bytes


MAX_BYTES = 1_000_000  # of one mail: what was returned with a report need not come whole
MAX_LETTERS = 500  # of one visit


class Visit(Protocol):
    """One connection to a mailbox."""

    def letters(self) -> Iterator[Letter]:
        """Those not read before, `MAX_LETTERS` at most. Reading alone changes nothing there."""
        ...

    def let_go(self, letters: Sequence[Letter], *, done_with: Sequence[Letter]) -> None:
        """Not to be handed out again; those done with may be removed, the others never are."""
        ...


class Mailbox(Protocol):
    """A visit raises Unreachable where the server is away, ReportError where it refuses us."""

    name: str

    def visit(self) -> AbstractContextManager[Visit]: ...


def untrusted(host: str, error: ssl.SSLCertVerificationError) -> ReportError:
    """What to say where a server shows a certificate that nobody vouches for."""
    return ReportError(
        f"The mailbox on {host} shows a certificate that is not trusted ({error.verify_message})"
    )
