"""The tables of subscribers for statements, drawn by “make tables” from subscribers.rows."""

from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

SUBSCRIBERS = Table(
    "subscribers",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("ref", String, nullable=False),
    Column("address", String, nullable=False),
    Column("key", String, nullable=False),
    Column("name", String, nullable=False, default=""),
    Column("status", String, nullable=False),
    Column("topics", JSON, nullable=False, default=list),
    Column("since", StoredTime(), nullable=False),
    Column("joined_at", StoredTime(), nullable=False),
    Column("paused_until", StoredTime()),
    Column("ask", Integer, nullable=False, default=0),
    Column("open", Boolean, nullable=False, default=False),
    Column("soft", Integer, nullable=False, default=0),
    Column("soft_since", StoredTime()),
    Column("import_id", Integer),
)

CONSENTS = Table(
    "consents",
    _ALL,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("previous", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("act", String, nullable=False),
    Column("subscriber", Integer, nullable=False),
    Column("how", String, nullable=False),
    Column("wording", String, nullable=False, default=""),
    Column("evidence", String, nullable=False, default=""),
    Column("hash", String, nullable=False),
)

LEDGER_HEADS = Table(
    "ledger_heads",
    _ALL,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", String, nullable=False),
    Column("seal", String, nullable=False),
)

WORDINGS = Table(
    "wordings",
    _ALL,
    Column("digest", String, primary_key=True),
    Column("text", Text, nullable=False),
    Column("version", String, nullable=False, default=""),
    Column("language", String, nullable=False, default=""),
)

EVIDENCE = Table(
    "evidence",
    _ALL,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("subscriber", Integer, nullable=False),
    Column("salt", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("network_salt", String),
    Column("network", String),
)

SUPPRESSIONS = Table(
    "suppressions",
    _ALL,
    Column("fingerprint", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("import_id", Integer),
)

REMOVED_READERS = Table(
    "removed_readers",
    _ALL,
    Column("link", String, primary_key=True),
    Column("subscriber", Integer, nullable=False, default=0),
    Column("fingerprint", String, nullable=False),
    Column("successor", Integer, nullable=False, default=0),
    Column("at", StoredTime(), nullable=False),
)

LETTERS = Table(
    "letters",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("ref", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("subscriber", Integer, nullable=False, default=0),
    Column("ask", Integer, nullable=False, default=0),
    Column("address", String, nullable=False, default=""),
    Column("key", String),
    Column("name", String, nullable=False, default=""),
    Column("subject", String, nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
    Column("queued_at", StoredTime(), nullable=False),
    Column("not_before", StoredTime(), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_at", StoredTime()),
    Column("failed_at", StoredTime()),
    Column("held_at", StoredTime()),
    Column("message_id", String, nullable=False, default=""),
    Column("reason", String, nullable=False, default=""),
)

LEGACY_LINKS = Table(
    "legacy_links",
    _ALL,
    Column("digest", String, primary_key=True),
    Column("subscriber", Integer, nullable=False),
)

IMPORTS = Table(
    "imports",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("file", String, nullable=False),
    Column("format", String, nullable=False),
    Column("basis", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("finished_at", StoredTime()),
    Column("undone_at", StoredTime()),
    Column("undone_by", String, nullable=False, default=""),
    Column("added", Integer, nullable=False, default=0),
    Column("updated", Integer, nullable=False, default=0),
    Column("suppressed", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
)

IMPORT_CHANGES = Table(
    "import_changes",
    _ALL,
    Column("import_id", Integer, primary_key=True),
    Column("subscriber", Integer, primary_key=True),
    Column("before", JSON, nullable=False),
)

SIGNUP_HITS = Table(
    "signup_hits",
    _ALL,
    Column("scope", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", StoredTime(), nullable=False),
    Column("last", StoredTime(), nullable=False),
)

REPLAYS = Table(
    "replays",
    _ALL,
    Column("digest", String, primary_key=True),
    Column("at", StoredTime(), nullable=False),
)
