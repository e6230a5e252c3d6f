"""Every error, as one tree.

EmagError                      could not be done; the text is one sentence for a person
├── NotFound                   no such issue, story, subscriber
├── WrongMove                  a person asked for a step that the issue's life does not allow
├── TooFewStories              no issue is drafted; the editor is told
├── PreflightFailed            something blocks the issue
├── SourceError                a source could not be read; it keeps what it had
├── PressError                 a template does not render
├── TransportError             nothing of the batch happened
│   ├── Unreachable            the relay or provider is away; wait and try again
│   └── SenderRefused          it refuses us, not a reader: authentication, policy, quota
├── ReportError                what came back cannot be read
│   └── ForgedReport           a signature is missing or wrong
└── DatabaseError              the database is missing, old, or a copy

SettingsError                  stands outside, so that no retry loop swallows it
"""

from collections.abc import Sequence


class EmagError(Exception):
    """It could not be done."""

    permanent = True

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class NotFound(EmagError):
    """There is no such thing."""


class WrongMove(EmagError):
    """The issue is not in a state that allows this."""


class TooFewStories(EmagError):
    """There are too few stories for an issue."""


class PreflightFailed(EmagError):
    """The pre-flight found faults that block the issue."""


class SourceError(EmagError):
    """The source could not be read."""

    permanent = False


class PressError(EmagError):
    """The issue could not be printed."""


class TransportError(EmagError):
    """The mail could not be handed over."""

    permanent = False


class Unreachable(TransportError):
    """The mail server cannot be reached."""

    def __init__(self, message: str | None = None, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds, where the other side named a time


class SenderRefused(TransportError):
    """The mail server refuses this sender."""

    permanent = True


class ReportError(EmagError):
    """The report could not be read."""


class ForgedReport(ReportError):
    """The report's signature is missing or wrong."""


class DatabaseError(EmagError):
    """The database is not ready."""


class SettingsError(Exception):
    """The settings have faults; `faults` lists them all, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))
