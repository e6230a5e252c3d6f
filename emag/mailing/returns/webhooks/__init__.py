"""Reads the webhooks of providers. Holds the port: verify and read one report."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from emag.mailing.event import Event


class Feedback(Protocol):
    """Reads the reports of one provider."""

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """The events of one report, without those of an unknown kind. Header names are lower-case.

        Raises ForgedReport where the signature is missing, wrong or not readable, ReportError
        where a signed report cannot be read, and Unreachable where it cannot be verified now.
        """
        ...
