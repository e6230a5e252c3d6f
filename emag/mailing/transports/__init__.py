"""How messages leave. The port: a batch in, one receipt per message out, in order."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt


class Transport(Protocol):
    """Hands messages over. Safe to use from several threads at once.

    `batch` is how many messages one `send` may take now. At most that many are in doubt after a
    crash, for each that sends at once.
    """

    name: str

    @property
    def batch(self) -> int: ...

    def send(self, messages: Sequence[Message]) -> list[Receipt]:
        """One receipt per message, in order.

        Raises TransportError only if nothing of the batch happened: Unreachable where waiting may
        help, SenderRefused where it is about us and the run must stop.
        """
        ...

    def close(self) -> None:
        """Gives back connections. The transport may be used again afterwards."""
        ...


OnProgress = Callable[[int, Outcome | None], None]


def ignore_progress(_place: int, _outcome: Outcome | None) -> None:
    """For whoever does not ask."""


@runtime_checkable
class ReportingTransport(Protocol):
    """A transport that also tells of each message as it leaves, so that after a crash only those
    are in doubt that were on the wire, and not their whole group.
    """

    def send_reporting(self, messages: Sequence[Message], told: OnProgress) -> list[Receipt]:
        """As `send`. `told` gets a message's place and None before the end of its text may leave
        this machine, and its outcome as soon as that is known.
        """
        ...
