"""Turns bounce and complaint mail into events, but only mail that holds a mark we signed."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from emag.mailing.event import Event, EventKind
from emag.mailing.returns.bounces.classify import classify
from emag.mailing.returns.finding import Failure, Finding

# An alias passes one message on to several addresses. The message is as well as the best of them.
_MILDEST = (
    EventKind.DELAYED,
    EventKind.POLICY,
    EventKind.SOFT,
    EventKind.HARD,
    EventKind.COMPLAINT,
)


class BounceMail:
    """Anybody can write to the bounce address, so only our own signature is believed.

    `is_mark` verifies the mark of a delivery or letter. `is_link_token` verifies the token of an
    unsubscribe link, which is all of ours that some complaints hold. The addresses that a mail
    names are never acted on.
    """

    def __init__(
        self,
        is_mark: Callable[[str], bool],
        is_link_token: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._is_mark, self._is_link_token, self._now = is_mark, is_link_token, now

    def examine(self, body: bytes) -> Finding:
        """What a mail reports, about our messages or others. Never raises, whatever the bytes."""
        return classify(body)

    def events(self, finding: Finding) -> list[Event]:
        """One event for a report about a message of ours, none for anything else.

        The same outcome for the same message counts once, however often it is reported.
        """
        failure = _mildest(finding)
        mark = self._mark(finding)
        if failure is None or not mark:
            return []
        return [
            Event(
                id=f"{mark}/{failure.outcome}",
                provider="mail",
                kind=failure.outcome,
                at=self._sent_at(finding.date),
                mark=mark,
                detail=failure.detail,
            )
        ]

    def _mark(self, finding: Finding) -> str:
        marks = (mark for mark in finding.marks if self._is_mark(mark))
        tokens = (token for token in finding.links if self._is_link_token(token))
        return next(marks, "") or next(tokens, "")

    def _sent_at(self, date: str) -> datetime:
        """The mail's date, or now where it is no date or lies in the future."""
        now = self._now()
        try:
            at = parsedate_to_datetime(date)
            return min((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), now)
        except (ValueError, TypeError, OverflowError, IndexError):
            return now


def _mildest(finding: Finding) -> Failure | None:
    failures = [failure for failure in finding.failures if failure.outcome in _MILDEST]
    if failures:
        return min(failures, key=lambda failure: _MILDEST.index(failure.outcome))
    delivered = (f for f in finding.failures if f.outcome is EventKind.DELIVERED)
    return next(delivered, None)
