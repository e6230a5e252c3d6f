"""How the world reports back. The port: verify and read a report in one call."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from emag.mailing.event import Event
from emag.mailing.returns.finding import Finding


class Feedback(Protocol):
    """Reads one provider's reports."""

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """The events of one report, odd ones left out; header names are lower-case.

        Raises ForgedReport if the signature does not hold, ReportError if nothing can be read.
        """
        ...


class BounceReader(Feedback, Protocol):
    """Reads mail that came back; its header is inside, so `read` looks at the body alone."""

    def examine(self, body: bytes) -> Finding:
        """What a mail reports, ours or not. Never raises, whatever the octets."""
        ...

    def events(self, finding: Finding) -> Sequence[Event]:
        """What is to be recorded of a finding: nothing, unless it carries a mark of ours."""
        ...
