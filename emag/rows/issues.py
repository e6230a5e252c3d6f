"""The tables of the issues."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from emag.issues.issue import GIVEN_UP

# A period has one issue at most. One that was given up may be drafted again. A special edition
# takes no period.
_GIVEN_UP = ", ".join(f"'{status}'" for status in sorted(GIVEN_UP, reverse=True))
_LIVE = text(f"status NOT IN ({_GIVEN_UP}) AND NOT is_special")


class IssueRow(SQLModel, table=True):
    """One issue. `headings` are the sections' names and titles in order, empty ones too."""

    __tablename__ = "issues"
    __table_args__ = (
        Index(
            "ix_issues_one_per_period",
            "local_date",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    edition: int | None = Field(default=None, unique=True)  # given when it begins to leave
    status: str = Field(index=True)
    is_special: bool = False
    title: str = ""  # of a special edition
    audience: int | None = None  # the issue whose readers get this one; None for everyone
    subject: str = ""
    preheader: str = ""
    subject_is_written: bool = False
    preheader_is_written: bool = False
    mentions: list[list[Any]] = Field(  # line, candidate and title of each
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    since: datetime | None = None
    until: datetime
    send_at: datetime | None = None
    local_date: str
    headings: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    featured: int | None = None  # the job of the week that an editor chose
    document_hash: str = ""
    approved_by: str = ""
    drafted_by: str = ""
    began_at: datetime | None = Field(default=None, index=True)  # when it began to leave
    first_accepted_at: datetime | None = None  # when a server accepted its first message
    closed_at: datetime | None = None  # when it was sent, skipped or cancelled


class PickRow(SQLModel, table=True):
    """One story at its place in one issue."""

    __tablename__ = "picks"
    __table_args__ = (UniqueConstraint("issue", "candidate"),)

    id: int | None = Field(default=None, primary_key=True)
    issue: int = Field(foreign_key="issues.number", index=True)
    section: str
    rank: str  # orders the stories of a section, see emag/issues/rank.py
    candidate: int
    turn: int = 0  # how many issues had the story before, when it was picked


class ClaimRow(SQLModel, table=True):
    """A story belongs to one issue whose readers have it or will: the key allows no second.

    A story that is printed again on purpose is claimed for its next turn: 1, 2, …
    """

    __tablename__ = "claims"

    candidate: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    turn: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    issue: int = Field(foreign_key="issues.number", index=True)


class VerdictRow(SQLModel, table=True):
    """Why a candidate that was considered for an issue is in or out of it."""

    __tablename__ = "verdicts"

    issue: int = Field(foreign_key="issues.number", primary_key=True)
    candidate: int = Field(primary_key=True, index=True)
    section: str
    chosen: bool
    because: str
    reason: str
    final: bool = False  # holds for later issues too


class FrozenRow(SQLModel, table=True):
    """The document that was approved. `record` is what it was made of (emag/bundle/record.py)."""

    __tablename__ = "documents"

    issue: int = Field(foreign_key="issues.number", primary_key=True)
    subject: str
    preheader: str
    html: str = Field(sa_column=Column(Text, nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    hash: str
    record: str = Field(sa_column=Column(Text, nullable=False))


class ActRow(SQLModel, table=True):
    """One recorded change of an issue: who, when, what, before and after. One chain for all."""

    __tablename__ = "acts"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    issue: int = Field(foreign_key="issues.number", index=True)
    at: datetime
    by: str
    kind: str
    target: str
    before: str | None = Field(default=None, sa_column=Column(Text))
    after: str | None = Field(default=None, sa_column=Column(Text))
    reverses: int | None = None
    detail: str = ""
    hash: str  # of the act before and this one, see emag/chain.py


class WordsRow(SQLModel, table=True):
    """An editor's own words for a story in one issue, and what the source said then."""

    __tablename__ = "words"

    issue: int = Field(foreign_key="issues.number", primary_key=True)
    candidate: int = Field(primary_key=True)
    field: str = Field(primary_key=True)
    text: str = Field(sa_column=Column(Text, nullable=False))
    source_text: str = Field(sa_column=Column(Text, nullable=False))


class PromoRow(SQLModel, table=True):
    """One promo as its editors wrote it last; `content` is what `Promo.written` gives."""

    __tablename__ = "promos"

    id: int | None = Field(default=None, primary_key=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    added_at: datetime
    added_by: str
    removed_at: datetime | None = None
    removed_by: str = ""


class PromoRunRow(SQLModel, table=True):
    """A promo in one issue, or on the usual date of an issue that is not drafted yet.

    `content` is the promo as that issue prints it, "" before there is one. Without an issue and a
    date it waits for the next issue. The keys allow no second promo at a place of an issue or date.
    """

    __tablename__ = "promo_runs"
    __table_args__ = (
        UniqueConstraint("issue", "place"),
        UniqueConstraint("local_date", "place"),
        UniqueConstraint("issue", "promo"),
        UniqueConstraint("local_date", "promo"),
    )

    id: int | None = Field(default=None, primary_key=True)
    promo: int = Field(foreign_key="promos.id", index=True)
    place: str
    local_date: str | None = None
    issue: int | None = Field(default=None, foreign_key="issues.number")
    content: str = Field(default="", sa_column=Column(Text, nullable=False))


class ApprovalRow(SQLModel, table=True):
    """One approval, of which revision and document; it stays when a change voids it."""

    __tablename__ = "approvals"

    id: int | None = Field(default=None, primary_key=True)
    issue: int = Field(foreign_key="issues.number", index=True)
    at: datetime
    by: str
    revision: int
    hash: str
    stories: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # as printed
    passed: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))  # rule and place
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    signature: str = Field(default="", sa_column=Column(Text, nullable=False))  # of a passkey


class LookRow(SQLModel, table=True):
    """What an editor had before them when they looked at an issue for a review."""

    __tablename__ = "editor_looks"
    __table_args__ = (Index("ix_editor_looks_issue_by", "issue", "by"),)

    id: int | None = Field(default=None, primary_key=True)
    issue: int = Field(foreign_key="issues.number")
    by: str
    at: datetime
    revision: int  # the newest act then
    faults: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))


class ChangeRequestRow(SQLModel, table=True):
    """What somebody asked to be changed before an issue leaves, until it is settled."""

    __tablename__ = "change_requests"

    id: int | None = Field(default=None, primary_key=True)
    issue: int = Field(foreign_key="issues.number", index=True)
    at: datetime
    by: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    settled_at: datetime | None = None
    settled_by: str = ""


class CorrectionRow(SQLModel, table=True):
    """A correction of the archive's copy of a sent issue, as long as it stands."""

    __tablename__ = "corrections"

    issue: int = Field(foreign_key="issues.number", primary_key=True)
    number: int = Field(primary_key=True)  # from 1 in each issue
    at: datetime
    by: str
    note: str = Field(sa_column=Column(Text, nullable=False))
    links: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))


class OverrideRow(SQLModel, table=True):
    """A fault that an editor let pass, and the reason for it."""

    __tablename__ = "overrides"

    id: int | None = Field(default=None, primary_key=True)
    issue: int = Field(foreign_key="issues.number", index=True)
    rule: str
    reason: str
    by: str
    at: datetime
