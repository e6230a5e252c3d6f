"""How the world reports back. The port: verify and read a report in one call."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from emag.mailing.event import Event


class Feedback(Protocol):
    """Reads one provider's reports."""

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """The events of one report, odd ones left out; header names are lower-case.

        Raises ForgedReport if the signature does not hold, ReportError if nothing can be read.
        """
        ...
