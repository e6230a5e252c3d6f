"""What the list's face answers to commands and pages: typed, and without a row of the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from subscribers.membership.verification import Verification
from subscribers.roll import ConsentEvent, Member
from subscribers.standing import Standing


@dataclass(frozen=True, slots=True)
class ReceivedIssue:
    """A copy of an issue that was made out to a reader. `edition` is what readers count.

    `has_it` is true where the mail server took the copy and no bounce came back, or may have.
    """

    number: int
    edition: int | None
    status: str
    reason: str
    has_it: bool


@dataclass(frozen=True, slots=True)
class ReaderRecord:
    """One reader, for an editor. No topics means all.

    `reason` is why the address is suppressed, or what the mail server said when it bounced. An
    address that is known by its hash alone has no number, no name and no times but `since`.
    """

    address: str
    status: str
    since: datetime
    topics: Sequence[str] = ()
    name: str = ""
    joined_at: datetime | None = None
    paused_until: datetime | None = None
    reason: str = ""
    issues: Sequence[ReceivedIssue] = ()
    number: int | None = None

    @property
    def is_hash(self) -> bool:
        return self.status == Standing.SUPPRESSED


def of_member(
    member: Member, reason: str = "", issues: Sequence[ReceivedIssue] = ()
) -> ReaderRecord:
    """Makes the record of somebody on the list."""
    return ReaderRecord(
        address=member.address,
        status=member.status,
        since=member.since,
        topics=member.topics,
        name=member.name,
        joined_at=member.joined_at,
        paused_until=member.paused_until,
        reason=reason,
        issues=issues,
        number=member.id,
    )


@dataclass(frozen=True, slots=True)
class AddResult:
    """The reader after `add`, and a sentence if they were not made active."""

    reader: ReaderRecord
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReaderList:
    """Readers in the order in which they came, and how many there are of each status."""

    readers: Sequence[ReaderRecord]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ReaderPage:
    """Some of the readers that a search finds, the newest first, and how many it finds in all.

    `has_more` says that they are more than `count`. `older` is where the next page begins, if there
    is one. `suppressed` is an address that is
    known by its hash alone, where the search is for that address.
    """

    readers: Sequence[ReaderRecord]
    count: int
    has_more: bool = False
    older: int | None = None
    suppressed: ReaderRecord | None = None


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """A mail that was sent, or is to be sent, to one reader alone."""

    kind: str
    queued_at: datetime
    sent_at: datetime | None
    message_id: str


def of_letter(row: Any) -> LetterRecord:
    """Makes the record of a row of `letter_history`."""
    return LetterRecord(row.kind, row.queued_at, row.sent_at, row.message_id)


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """Everything that proves what a reader agreed to.

    `record` is the check of the whole consent record, if it was asked for.
    """

    reader: ReaderRecord
    made_at: datetime
    events: Sequence[ConsentEvent]
    letters: Sequence[LetterRecord]
    record: Verification | None


@dataclass(frozen=True, slots=True)
class HeldSignups:
    """How many confirmations a flood of sign-ups holds back, and since when."""

    held: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LegacyLinksResult:
    """How many links were stored, and the lines that were refused with the reason."""

    stored: int
    refused: Sequence[tuple[int, str]]
