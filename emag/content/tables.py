"""The tables of content for statements, drawn by “make tables” from emag.rows.content."""

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table

from subscribers.dialect import StoredTime

_ALL = MetaData()

STORIES = Table(
    "stories",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("identity", String, nullable=False),
    Column("source", String, nullable=False),
    Column("guid", String, nullable=False, default=""),
    Column("section", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("data", JSON, nullable=False),
    Column("gathered_at", StoredTime(), nullable=False),
    Column("changed", StoredTime(), nullable=False),
    Column("is_open", Boolean, nullable=False, default=True),
    Column("from_archive", Boolean, nullable=False, default=False),
    Column("closed", String, nullable=False, default=""),
    Column("added_by", String, nullable=False, default=""),
    Column("wants_page", Boolean, nullable=False, default=False),
)

STORY_PAGES = Table(
    "story_pages",
    _ALL,
    Column("identity", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("read_at", StoredTime(), nullable=False),
    Column("page", JSON),
    Column("failures", Integer, nullable=False, default=0),
)

SOURCES = Table(
    "sources",
    _ALL,
    Column("name", String, primary_key=True),
    Column("title", String, nullable=False, default=""),
    Column("ok", Boolean, nullable=False, default=True),
    Column("error", String, nullable=False, default=""),
    Column("read_at", StoredTime(), nullable=False),
    Column("succeeded_at", StoredTime()),
    Column("entries", Integer, nullable=False, default=0),
    Column("new_at", StoredTime()),
    Column("etag", String, nullable=False, default=""),
    Column("modified", String, nullable=False, default=""),
    Column("digest", String, nullable=False, default=""),
    Column("of", String, nullable=False, default=""),
    Column("moved_to", String, nullable=False, default=""),
    Column("gap", Float, nullable=False, default=0.0),
    Column("is_own", Boolean, nullable=False, default=False),
    Column("shape", JSON, nullable=False, default=dict),
    Column("usual", JSON),
)

SOURCE_TROUBLES = Table(
    "source_troubles",
    _ALL,
    Column("source", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("before", String, nullable=False, default=""),
    Column("after", String, nullable=False, default=""),
    Column("since", StoredTime(), nullable=False),
    Column("times", Integer, nullable=False, default=1),
    Column("told_at", StoredTime()),
    Column("ended_at", StoredTime()),
    Column("ended_before", StoredTime()),
)

SOURCE_READS = Table(
    "source_reads",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("read_at", StoredTime(), nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("entries", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("error", String, nullable=False, default=""),
    Column("notes", JSON, nullable=False, default=list),
    Column("left_out", JSON, nullable=False, default=dict),
)

PICTURES = Table(
    "pictures",
    _ALL,
    Column("key", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("use", String, nullable=False),
    Column("hash", String, nullable=False, default=""),
    Column("width", Integer, nullable=False, default=0),
    Column("height", Integer, nullable=False, default=0),
    Column("ending", String, nullable=False, default=""),
    Column("unfit", String, nullable=False, default=""),
    Column("reason", String, nullable=False, default=""),
    Column("failures", Integer, nullable=False, default=0),
    Column("tried_at", StoredTime(), nullable=False),
    Column("etag", String, nullable=False, default=""),
    Column("modified", String, nullable=False, default=""),
    Column("digest", String, nullable=False, default=""),
    Column("wanted_at", StoredTime(), nullable=False),
)

PICTURE_FILES = Table(
    "picture_files",
    _ALL,
    Column("hash", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("is_printed", Boolean, nullable=False, default=False),
)

LINK_ANSWERS = Table(
    "link_answers",
    _ALL,
    Column("key", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False, default=""),
    Column("moved_to", String, nullable=False, default=""),
    Column("size", Integer, nullable=False, default=0),
    Column("asked_at", StoredTime(), nullable=False),
)
