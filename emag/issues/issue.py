"""An issue: its sections and picks, its status and the steps of its life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from emag.content.pictures.picture import PictureForm, StoredPicture, Use, path
from emag.content.story import Story
from emag.issues.promo import Promo
from emag.issues.words import Field


class Status(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    HELD = "held"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """A step of an issue's life, taken by a person or the timetable."""

    SUBMIT = "submit"  # the editors are asked
    APPROVE = "approve"
    REOPEN = "reopen"  # a change after approval voids it
    SEND = "send"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    HOLD = "hold"
    SKIP = "skip"
    CANCEL = "cancel"


_S, _M = Status, Move

# Total: every status names every step that it allows. Any other step is a WrongMove.
MOVES: dict[Status, dict[Move, Status]] = {
    _S.DRAFT: {
        _M.SUBMIT: _S.IN_REVIEW,
        _M.APPROVE: _S.APPROVED,
        _M.REOPEN: _S.DRAFT,
        _M.HOLD: _S.HELD,
        _M.SKIP: _S.SKIPPED,
        _M.CANCEL: _S.CANCELLED,
    },
    _S.IN_REVIEW: {
        _M.SUBMIT: _S.IN_REVIEW,
        _M.APPROVE: _S.APPROVED,
        _M.REOPEN: _S.DRAFT,
        _M.HOLD: _S.HELD,
        _M.SKIP: _S.SKIPPED,
        _M.CANCEL: _S.CANCELLED,
    },
    _S.APPROVED: {
        _M.APPROVE: _S.APPROVED,
        _M.REOPEN: _S.DRAFT,
        _M.SEND: _S.SENDING,
        _M.HOLD: _S.HELD,
        _M.SKIP: _S.SKIPPED,
        _M.CANCEL: _S.CANCELLED,
    },
    _S.SENDING: {
        _M.SEND: _S.SENDING,
        _M.PAUSE: _S.PAUSED,
        _M.FINISH: _S.SENT,
        _M.CANCEL: _S.CANCELLED,
    },
    _S.PAUSED: {
        _M.PAUSE: _S.PAUSED,
        _M.RESUME: _S.SENDING,
        _M.CANCEL: _S.CANCELLED,
    },
    _S.HELD: {
        _M.APPROVE: _S.APPROVED,
        _M.REOPEN: _S.DRAFT,
        _M.HOLD: _S.HELD,
        _M.SKIP: _S.SKIPPED,
        _M.CANCEL: _S.CANCELLED,
    },
    _S.SENT: {},
    _S.SKIPPED: {},
    _S.CANCELLED: {},
}

# No step leads out of these. The next issue starts after a closed one.
CLOSED = frozenset({Status.SENT, Status.SKIPPED, Status.CANCELLED})
# These free the issue's period: it may be drafted again.
GIVEN_UP = frozenset({Status.SKIPPED, Status.CANCELLED})
# The issue's stories are claimed: readers have them, or are about to get them.
CLAIMS_STORIES = frozenset({Status.APPROVED, Status.SENDING, Status.PAUSED, Status.SENT})
# The issue has begun to leave and has not been closed.
LEAVING = frozenset({Status.SENDING, Status.PAUSED})
# The archive has a page of it: the first readers of an issue that is being sent follow its link.
READABLE = LEAVING | {Status.SENT}
# Not begun to leave, and may still do so.
UNSENT = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.HELD, Status.APPROVED})
# The editors may still change the content. Changing an approved issue voids its approval.
UNFROZEN = UNSENT - {Status.APPROVED}


def after(status: Status, move: Move) -> Status | None:
    """The status that `move` leads to, or None if the status does not allow it."""
    return MOVES[status].get(move)


@dataclass(frozen=True, slots=True)
class Pick:
    """A story in an issue. `candidate` is its number in the pool.

    `story` is as the issue prints it, with the editor's own `words`; `source` is as its source
    has it. `changed` names the fields that the source changed after the editor wrote them. `turn`
    says how many issues had the story before, when it was picked.
    """

    candidate: int
    story: Story
    words: Mapping[Field, str] = field(default_factory=dict)
    source: Story | None = None
    changed: tuple[Field, ...] = ()
    closed: str = ""  # why the story is over, by what its page answered
    turn: int = 0

    @property
    def target(self) -> str:
        """The story's place, as acts name it."""
        return f"story {self.candidate}"


@dataclass(frozen=True, slots=True)
class Section:
    """Picks under one heading, in printing order. `title` may be empty."""

    name: str
    title: str
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedStory:
    """A story that a written line named when it was written, and the title it had then."""

    line: str  # “subject” or “preheader”
    candidate: int
    title: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition. `since` and `until` bound its window on the pool. All times are aware UTC.

    `local_date` is the date of the issue in the publication's zone, in ISO form. It is the key
    that prevents a second draft for the same period; special editions are outside of that.
    `edition` is the number that readers see: editions are consecutive in the order of leaving.
    """

    number: int
    status: Status
    subject: str
    since: datetime | None
    until: datetime
    send_at: datetime | None
    local_date: str
    sections: tuple[Section, ...] = ()
    preheader: str = ""
    subject_is_written: bool = False  # by an editor; an automatic one follows the picks
    preheader_is_written: bool = False
    mentions: tuple[NamedStory, ...] = ()  # of the written lines
    note: str = ""  # the editor's, in Markdown
    promos: tuple[Promo, ...] = ()  # announcements and sponsors' slots, one a place at most
    featured: int | None = None  # the job of the week that an editor chose
    document_hash: str = ""  # of the document that was approved
    approved_by: str = ""
    drafted_by: str = ""  # a person, or the timetable
    began_at: datetime | None = None  # when it began to leave
    first_accepted_at: datetime | None = None  # when a server accepted its first message
    closed_at: datetime | None = None  # when it was sent, skipped or cancelled
    edition: int | None = None  # given when it begins to leave
    is_special: bool = False
    title: str = ""  # of a special edition: its subject until an editor writes one
    audience: int | None = None  # the issue whose readers get this one; None for everyone
    pictures: tuple[StoredPicture, ...] = ()  # what emag has of its stories', promos' and logo

    @property
    def picks(self) -> tuple[Pick, ...]:
        return tuple(pick for section in self.sections for pick in section.picks)

    def thumbnail(self, pick: Pick) -> str:
        """The path of the small form of a pick's picture; "" where emag has none."""
        url = pick.story.picture.url if pick.story.picture else ""
        copies = (p for p in self.pictures if (p.url, p.use) == (url, Use.STORY) and p.hash)
        copy = next(copies, None)
        return path(copy, PictureForm.SMALL) if copy else ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """The approved document, byte for byte. It is what is sent and what the archive shows."""

    subject: str
    preheader: str
    html: str
    text: str
    hash: str


def refusal(issue: int, status: Status, move: Move) -> str:
    """The sentence for a person who asked for a step that the status does not allow."""
    can = ", ".join(step.value for step in MOVES[status])
    if not can:
        return f"Issue {issue} is {spoken(status)} already, so “{move.value}” is not possible."
    return f"Issue {issue} is {spoken(status)}: “{move.value}” is not possible; possible: {can}."


def spoken(status: Status) -> str:
    """The status in a sentence."""
    return status.value.replace("_", " ")
