"""Reads bounce and complaint mail in standard and non-standard formats. Holds the port."""

from collections.abc import Sequence
from typing import Protocol

from emag.mailing.event import Event
from emag.mailing.returns.finding import Finding


class BounceReader(Protocol):
    """Reads mail that came to the bounce address."""

    def examine(self, body: bytes) -> Finding:
        """What a mail reports, about our messages or others. Never raises, whatever the bytes."""
        ...

    def events(self, finding: Finding) -> Sequence[Event]:
        """The events to record for a finding: none, unless it holds a mark that we signed."""
        ...
