"""How messages leave. The port: a batch in, one receipt per message out, in order."""

from collections.abc import Sequence
from typing import Protocol

from emag.mailing.delivery import Receipt
from emag.mailing.message import Message


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
