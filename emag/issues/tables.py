"""The tables of issues for statements, drawn by “make tables” from emag.rows.issues."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

ISSUES = Table(
    "issues",
    _ALL,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("edition", Integer),
    Column("status", String, nullable=False),
    Column("is_special", Boolean, nullable=False, default=False),
    Column("title", String, nullable=False, default=""),
    Column("audience", Integer),
    Column("subject", String, nullable=False, default=""),
    Column("preheader", String, nullable=False, default=""),
    Column("subject_is_written", Boolean, nullable=False, default=False),
    Column("preheader_is_written", Boolean, nullable=False, default=False),
    Column("mentions", JSON, nullable=False, default=list),
    Column("note", Text, nullable=False, default=""),
    Column("since", StoredTime()),
    Column("until", StoredTime(), nullable=False),
    Column("send_at", StoredTime()),
    Column("local_date", String, nullable=False),
    Column("headings", JSON, nullable=False),
    Column("featured", Integer),
    Column("document_hash", String, nullable=False, default=""),
    Column("approved_by", String, nullable=False, default=""),
    Column("drafted_by", String, nullable=False, default=""),
    Column("began_at", StoredTime()),
    Column("first_accepted_at", StoredTime()),
    Column("closed_at", StoredTime()),
)

PICKS = Table(
    "picks",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
    Column("section", String, nullable=False),
    Column("rank", String, nullable=False),
    Column("candidate", Integer, nullable=False),
    Column("turn", Integer, nullable=False, default=0),
)

CLAIMS = Table(
    "claims",
    _ALL,
    Column("candidate", Integer, primary_key=True, autoincrement=False),
    Column("turn", Integer, primary_key=True, autoincrement=False, default=0),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
)

VERDICTS = Table(
    "verdicts",
    _ALL,
    Column("issue", Integer, ForeignKey("issues.number"), primary_key=True),
    Column("candidate", Integer, primary_key=True),
    Column("section", String, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("because", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("final", Boolean, nullable=False, default=False),
)

DOCUMENTS = Table(
    "documents",
    _ALL,
    Column("issue", Integer, ForeignKey("issues.number"), primary_key=True),
    Column("subject", String, nullable=False),
    Column("preheader", String, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("hash", String, nullable=False),
    Column("record", Text, nullable=False),
)

ACTS = Table(
    "acts",
    _ALL,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("target", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("reverses", Integer),
    Column("detail", String, nullable=False, default=""),
    Column("hash", String, nullable=False),
)

WORDS = Table(
    "words",
    _ALL,
    Column("issue", Integer, ForeignKey("issues.number"), primary_key=True),
    Column("candidate", Integer, primary_key=True),
    Column("field", String, primary_key=True),
    Column("text", Text, nullable=False),
    Column("source_text", Text, nullable=False),
)

PROMOS = Table(
    "promos",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("added_at", StoredTime(), nullable=False),
    Column("added_by", String, nullable=False),
    Column("removed_at", StoredTime()),
    Column("removed_by", String, nullable=False, default=""),
)

PROMO_RUNS = Table(
    "promo_runs",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("promo", Integer, ForeignKey("promos.id"), nullable=False),
    Column("place", String, nullable=False),
    Column("local_date", String),
    Column("issue", Integer, ForeignKey("issues.number")),
    Column("content", Text, nullable=False, default=""),
)

APPROVALS = Table(
    "approvals",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("hash", String, nullable=False),
    Column("stories", JSON, nullable=False),
    Column("passed", JSON, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("signature", Text, nullable=False, default=""),
)

LOOKS = Table(
    "editor_looks",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
    Column("by", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("faults", JSON, nullable=False),
)

CHANGE_REQUESTS = Table(
    "change_requests",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("settled_at", StoredTime()),
    Column("settled_by", String, nullable=False, default=""),
)

CORRECTIONS = Table(
    "corrections",
    _ALL,
    Column("issue", Integer, ForeignKey("issues.number"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("links", JSON, nullable=False),
)

OVERRIDES = Table(
    "overrides",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, ForeignKey("issues.number"), nullable=False),
    Column("rule", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
)
