"""The tables of editors for statements, drawn by “make tables” from emag.rows.editors."""

from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

EDITORS = Table(
    "editors",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("address", String, nullable=False),
    Column("name", String, nullable=False, default=""),
    Column("roles", JSON, nullable=False),
    Column("invited_at", StoredTime(), nullable=False),
    Column("invited_by", String, nullable=False),
    Column("last_seen", StoredTime()),
    Column("removed_at", StoredTime()),
)

SESSIONS = Table(
    "editor_sessions",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String, nullable=False),
    Column("editor", String, nullable=False),
    Column("opened_by", String, nullable=False),
    Column("opened_at", StoredTime(), nullable=False),
    Column("seen_at", StoredTime(), nullable=False),
    Column("confirmed_at", StoredTime(), nullable=False),
    Column("browser", String, nullable=False, default=""),
    Column("network", String, nullable=False, default=""),
    Column("ended_at", StoredTime()),
)

CODES = Table(
    "editor_codes",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("browser", String, nullable=False),
    Column("address", String, nullable=False, default=""),
    Column("hash", String, nullable=False),
    Column("requested_at", StoredTime(), nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("used_at", StoredTime()),
)

TALLIES = Table(
    "editor_tallies",
    _ALL,
    Column("scope", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("since", StoredTime(), nullable=False),
)

PASSKEYS = Table(
    "editor_passkeys",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("editor", String, nullable=False),
    Column("handle", String, nullable=False),
    Column("name", String, nullable=False),
    Column("credential", String, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("counter", Integer, nullable=False, default=0),
    Column("transports", JSON, nullable=False),
    Column("added_at", StoredTime(), nullable=False),
    Column("used_at", StoredTime()),
)

ACCOUNTS = Table(
    "editor_accounts",
    _ALL,
    Column("account", String, primary_key=True),
    Column("editor", String, nullable=False),
    Column("linked_at", StoredTime(), nullable=False),
)

CHALLENGES = Table(
    "editor_challenges",
    _ALL,
    Column("challenge", String, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("note", String, nullable=False, default=""),
)

PRESENCE = Table(
    "editor_presence",
    _ALL,
    Column("editor", String, primary_key=True),
    Column("issue", Integer, primary_key=True),
    Column("page", String, nullable=False),
    Column("field", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
)
