"""How messages are sent. The port: a batch in, one receipt for each message out, in order."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt


class Transport(Protocol):
    """Hands messages to a mail server or provider. Safe in several threads.

    `batch` is how many messages one `send` may take now. After a crash, at most that many messages
    are in doubt for each thread that was sending.
    """

    name: str

    @property
    def batch(self) -> int: ...

    def send(self, messages: Sequence[Message]) -> list[Receipt]:
        """Returns one receipt for each message, in order.

        Raises TransportError only if nothing of the batch was sent: Unreachable if waiting may
        help, SenderRefused if the refusal is about us and the run must stop.
        """
        ...

    def close(self) -> None:
        """Closes connections. The transport may be used again afterwards."""
        ...


# Called with a message's place in its batch and None before the end of its text may leave this
# machine; and with its outcome as soon as that is known.
OnProgress = Callable[[int, Outcome | None], None]


def ignore_progress(_place: int, _outcome: Outcome | None) -> None:
    """For callers that need no progress."""


@runtime_checkable
class ReportingTransport(Protocol):
    """A transport that reports each message as it leaves.

    After a crash, only the messages on the wire are in doubt, not their whole group.
    """

    def send_reporting(self, messages: Sequence[Message], on_progress: OnProgress) -> list[Receipt]:
        """Sends like `send`, and calls `on_progress` for each message."""
        ...
