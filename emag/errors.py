"""All errors of emag, as one tree.

EmagError                      something could not be done; the text is one sentence for a person
├── NotFound                   there is no such issue, story or subscriber
├── WrongMove                  the status of the issue does not allow this step
│   └── PromoRefused           a promo cannot be kept; it holds the sentence of each field
├── DocumentChanged            the issue is not what the approver saw; it holds the difference
├── TextConflict               somebody else wrote the same text meanwhile; it holds both
├── FileChanged                somebody changed a file of the publication meanwhile
├── TooFewStories              no issue is drafted, and the editors get a notice
├── PasskeyRefused             what a passkey has signed is not what was to be signed
├── WorkAccountRefused         a work account cannot sign in
├── PreflightFailed            a fault blocks the issue
├── SourceError                a source could not be read; its stories stay as they are
│   ├── NoSuchHost             its name leads to no address
│   └── PrivateAddress         its address is one that may not be reached
├── PressError                 a template could not be rendered
├── TransportError             no message of the batch was accepted
│   ├── Unreachable            the mail server does not answer; wait and try again
│   └── SenderRefused          the mail server refuses us: authentication, policy or quota
├── ReportError                a report of a provider could not be read
│   └── ForgedReport           its signature is missing or wrong
└── DatabaseError              the database is missing, old, in use or a copy

SettingsError                  is not in the tree, so that no retry loop can catch it
"""

from collections.abc import Mapping, Sequence


class EmagError(Exception):
    """It could not be done."""

    permanent = True

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class NotFound(EmagError):
    """There is no such thing."""


class WrongMove(EmagError):
    """The issue is not in a state that allows this."""


class PromoRefused(WrongMove):
    """The promo cannot be kept. `problems` holds a sentence for each field that is to blame."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class DocumentChanged(EmagError):
    """The issue has changed since it was looked at. `hash` is that of the document it has now."""

    def __init__(self, message: str, *, differences: Sequence[str], hash: str) -> None:  # noqa: A002 - the contract's word
        super().__init__(message)
        self.differences, self.hash = tuple(differences), hash


class TextConflict(EmagError):
    """Somebody else wrote the same text meanwhile.

    `current` is the other person's text, None where they went back to the automatic one or to the
    source's; `wanted` is the text that was refused, and `author` the other person.
    """

    def __init__(
        self, message: str, *, field: str, current: str | None, wanted: str, author: str
    ) -> None:
        super().__init__(message)
        self.field, self.current, self.wanted = field, current, wanted
        self.author = author


class FileChanged(EmagError):
    """The file was changed meanwhile. Nothing was saved."""


class TooFewStories(EmagError):
    """There are too few stories for an issue."""


class PasskeyRefused(EmagError):
    """The passkey was not accepted."""


class WorkAccountRefused(EmagError):
    """The work account was not accepted."""


class PreflightFailed(EmagError):
    """The pre-flight found faults that block the issue."""


class SourceError(EmagError):
    """The source could not be read."""

    permanent = False


class NoStory(SourceError):
    """There is such a page or none, and either way it tells no story: asking again is useless."""

    permanent = True


class NoSuchHost(SourceError):
    """There is no such host. `is_certain` unless the name servers did not answer."""

    def __init__(self, message: str, *, is_certain: bool) -> None:
        super().__init__(message)
        self.is_certain = is_certain


class PrivateAddress(SourceError):
    """The address is in a private network."""


class PressError(EmagError):
    """The issue could not be printed."""


class TransportError(EmagError):
    """The mail could not be sent."""

    permanent = False


class Unreachable(TransportError):
    """The mail server cannot be reached."""

    def __init__(self, message: str | None = None, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds, if the server named a time


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
    """The settings have faults. `faults` holds one sentence for each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))
