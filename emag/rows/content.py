"""The tables of the content: stories, sources with their troubles and reads, pictures, links."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class StoryRow(SQLModel, table=True):
    """A candidate. `data` is the story as `story.to_dict` writes it.

    `is_open` is true while drafting still looks at it. `from_archive` marks what its source had
    when it was read for the first time. `guid` is the source's own name for the story.
    """

    __tablename__ = "stories"
    __table_args__ = (
        Index("ix_stories_guid", "source", "guid"),
        Index(
            "ix_stories_open",
            "gathered_at",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_stories_wants_page",
            "wants_page",
            sqlite_where=text("wants_page = 1"),
            postgresql_where=text("wants_page"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(unique=True)  # what the link leads to: no story enters twice
    source: str
    guid: str = ""
    section: str
    fingerprint: str
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    gathered_at: datetime  # when it was first gathered
    changed: datetime  # when it was last admitted or refreshed
    is_open: bool = True
    from_archive: bool = False
    closed: str = ""  # why it is over, by what its page answered
    added_by: str = ""  # the editor who added it by its address
    wants_page: bool = False  # its source gives too little, and its page has not been read


class StoryPageRow(SQLModel, table=True):
    """The page of a story, read once: the story that it tells, or none if it could not be read.

    `failures` counts the times that it did not answer; 0 where asking again is useless.
    """

    __tablename__ = "story_pages"
    __table_args__ = (Index("ix_story_pages_host", "host", "read_at"),)

    identity: str = Field(primary_key=True)
    host: str
    read_at: datetime
    page: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    failures: int = 0


class SourceRow(SQLModel, table=True):
    """How the last read of a source went, and what makes the next one cheap."""

    __tablename__ = "sources"

    name: str = Field(primary_key=True)
    title: str = ""
    ok: bool = True
    error: str = ""
    read_at: datetime
    succeeded_at: datetime | None = None
    entries: int = 0  # at the last read that succeeded
    new_at: datetime | None = None  # when it last gave a new story
    etag: str = ""
    modified: str = ""
    digest: str = ""
    of: str = ""
    moved_to: str = ""
    gap: float = 0.0  # seconds between two of its stories, usually
    is_own: bool = False  # the editors write it
    shape: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    usual: dict[str, int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class SourceTroubleRow(SQLModel, table=True):
    """A trouble of a source: at most one row of each kind, which is used again."""

    __tablename__ = "source_troubles"

    source: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    before: str = ""
    after: str = ""
    since: datetime
    times: int = 1
    told_at: datetime | None = None
    ended_at: datetime | None = None
    ended_before: datetime | None = None


class SourceReadRow(SQLModel, table=True):
    """One read of a source. Only the last few of each source are kept."""

    __tablename__ = "source_reads"
    __table_args__ = (Index("ix_source_reads_source", "source", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    read_at: datetime
    ok: bool
    entries: int = 0
    new: int = 0
    changed: int = 0
    refused: int = 0
    error: str = ""
    notes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    left_out: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class PictureRow(SQLModel, table=True):
    """A picture at its source, and its files or why there are none. `key` is a hash of both."""

    __tablename__ = "pictures"

    key: str = Field(primary_key=True)  # an address may be too long for an index
    url: str
    use: str = Field(index=True)
    hash: str = Field(default="", index=True)
    width: int = 0
    height: int = 0
    ending: str = ""
    unfit: str = ""
    reason: str = ""
    failures: int = 0  # in a row
    tried_at: datetime
    etag: str = ""
    modified: str = ""
    digest: str = ""  # of the bytes at its source
    wanted_at: datetime  # when a story, a promo or the logo last asked for it, to the day


class PictureFileRow(SQLModel, table=True):
    """A file of a picture. What an approved issue shows is printed, and kept for the archive."""

    __tablename__ = "picture_files"

    hash: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    is_printed: bool = False


class LinkAnswerRow(SQLModel, table=True):
    """What the address of a link answered when it was last asked. `key` is its hash."""

    __tablename__ = "link_answers"

    key: str = Field(primary_key=True)  # an address may be too long for an index
    url: str
    state: str
    reason: str = ""
    moved_to: str = ""
    size: int = 0  # bytes, 0 where the answer does not say
    asked_at: datetime = Field(index=True)
