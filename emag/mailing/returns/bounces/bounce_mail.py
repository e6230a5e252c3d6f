"""Bounce and complaint mail, acted on only where it carries our mark."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from emag.mailing.event import Event
from emag.mailing.returns.bounces.events import KINDS, detail
from emag.mailing.returns.bounces.examine import examine
from emag.mailing.returns.finding import Failure, Finding, Outcome

# An alias passes one message on to several: it is as well as the best of them.
_MILDEST = (Outcome.DELAYED, Outcome.POLICY, Outcome.SOFT, Outcome.HARD, Outcome.COMPLAINT)


class BounceMail:
    """Anybody can write to the bounce address, so nothing but our own signature is believed.

    `is_ours` verifies a delivery's mark; `is_reader` the token of a link to unsubscribe, which is
    all that some complaints bring back. The addresses that a mail names are never acted on.
    """

    name = "mail"

    def __init__(
        self,
        is_ours: Callable[[str], bool],
        is_reader: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._is_ours, self._is_reader, self._now = is_ours, is_reader, now

    def examine(self, body: bytes) -> Finding:
        """What a mail reports, ours or not. Never raises, whatever the octets."""
        return examine(body)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 - the port's; a mail has its header inside
        """One event for a report about a message of ours, none for anything else."""
        return self.events(self.examine(body))

    def events(self, finding: Finding) -> list[Event]:
        """What is to be recorded of a finding. The same words about a delivery count once."""
        told = self._told(finding)
        mark = self._mark(finding)
        if told is None or not mark:
            return []
        return [
            Event(
                id=f"{mark}/{told.outcome}",
                provider=self.name,
                kind=KINDS[told.outcome],
                at=self._at(finding.date),
                mark=mark,
                detail=detail(told),
            )
        ]

    def _told(self, finding: Finding) -> Failure | None:
        failures = [each for each in finding.failures if each.outcome in _MILDEST]
        if failures:
            return min(failures, key=lambda each: _MILDEST.index(each.outcome))
        arrived = (each for each in finding.failures if each.outcome is Outcome.DELIVERED)
        return next(arrived, None)

    def _mark(self, finding: Finding) -> str:
        ours = (mark for mark in finding.marks if self._is_ours(mark))
        readers = (link for link in finding.links if self._is_reader(link))
        return next(ours, "") or next(readers, "")

    def _at(self, date: str) -> datetime:
        """When the mail says it was written, unless that is no time or lies ahead."""
        now = self._now()
        try:
            at = parsedate_to_datetime(date)
            return min((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), now)
        except (ValueError, TypeError, OverflowError, IndexError):
            return now
