"""One reader's message, spliced from encoded segments; its headers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """Placeholder shape."""

    delivery: int
    recipient: str
