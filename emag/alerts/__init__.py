"""Tells people of trouble by other ways than the relay. Port: `AlertChannel`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """One trouble, as the letter to the editors says it. It holds no reader's data."""

    id: int
    at: datetime
    key: str  # the same for the same matter
    publication: str
    subject: str
    text: str


class AlertChannel(Protocol):
    """A way by which an alert reaches people. `name` is unique among those of a publication."""

    name: str

    def send(self, alert: Alert) -> None:
        """Hands the alert over. Raises TransportError; then it is tried again later."""
        ...
