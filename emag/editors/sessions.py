"""Signs editors in and out: a session is a row, and a cookie holds its token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from emag.database import Database
from emag.editors import store
from emag.editors.editor import Editor, signature
from emag.editors.session import OpenedBy, Session
from emag.editors.tables import EDITORS, SESSIONS
from emag.errors import NotFound

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is recorded


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at the desk. `name` is what their acts carry."""

    editor: Editor
    session: Session
    name: str


def open_session(
    database: Database,
    address: str,
    opened_by: OpenedBy,
    *,
    now: datetime,
    browser: str = "",
    network: str = "",
) -> str:
    """Signs an editor in and returns the token for their cookie. Raises NotFound."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"opened_by": opened_by.value, "browser": browser, "network": network}
    values |= {"editor": address, "token_hash": digest(token)}
    with database.transaction() as conn:
        if address not in {editor.address for editor in store.listing(conn)}:
            raise NotFound("There is no such editor.")
        conn.execute(
            insert(SESSIONS).values(opened_at=now, seen_at=now, confirmed_at=now, **values)
        )
        conn.execute(update(EDITORS).where(EDITORS.c.address == address).values(last_seen=now))
    return token


def find(database: Database, token: str, *, now: datetime) -> SignedIn | None:
    """Who has this token, if their session is not over."""
    with database.reading() as conn:
        session = _by_hash(conn, digest(token))
        if session is None or session.is_over(now):
            return None
        editors = store.listing(conn)
    editor = next((editor for editor in editors if editor.address == session.editor), None)
    return SignedIn(editor, session, signature(editor, editors)) if editor else None


def touch(database: Database, session: Session, *, now: datetime) -> None:
    """Records that a session was used, at most once a minute."""
    if now - session.seen_at < SEEN_EVERY:
        return
    with database.transaction() as conn:
        conn.execute(update(SESSIONS).where(SESSIONS.c.id == session.id).values(seen_at=now))
        same = EDITORS.c.address == session.editor
        conn.execute(update(EDITORS).where(same).values(last_seen=now))


def confirm(database: Database, session: Session, opened_by: OpenedBy, *, now: datetime) -> str:
    """Records that the person proved again who they are. Returns a new token for the cookie.

    The old token is dead, so that nobody who has seen it gains anything (ASVS 5.0, 7.2.4).
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    strongest = opened_by if not session.is_strong else session.opened_by
    values = {"confirmed_at": now, "seen_at": now, "opened_by": strongest.value}
    same = (SESSIONS.c.id == session.id) & SESSIONS.c.ended_at.is_(None)
    with database.transaction() as conn:
        statement = update(SESSIONS).where(same).values(token_hash=digest(token), **values)
        if conn.execute(statement).rowcount != 1:
            raise NotFound("This session is over.")
    return token


def end(database: Database, session: int, *, now: datetime, editor: str = "") -> bool:
    """Ends a session; with `editor`, only if it is that person's. False if it was over."""
    same = (SESSIONS.c.id == session) & SESSIONS.c.ended_at.is_(None)
    if editor:
        same &= SESSIONS.c.editor == editor
    with database.transaction() as conn:
        return conn.execute(update(SESSIONS).where(same).values(ended_at=now)).rowcount == 1


def end_all(conn: Connection, address: str, *, now: datetime) -> int:
    """Signs an editor out everywhere. Returns how many sessions ended."""
    same = (SESSIONS.c.editor == address) & SESSIONS.c.ended_at.is_(None)
    return conn.execute(update(SESSIONS).where(same).values(ended_at=now)).rowcount


def listing(conn: Connection, address: str, *, now: datetime) -> list[Session]:
    """Where an editor is signed in, the newest first."""
    same = (SESSIONS.c.editor == address) & SESSIONS.c.ended_at.is_(None)
    rows = conn.execute(_columns().where(same).order_by(SESSIONS.c.id.desc()))
    return [session for session in map(_session, rows) if not session.is_over(now)]


def digest(token: str) -> str:
    """What the database holds of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _by_hash(conn: Connection, token_hash: str) -> Session | None:
    row = conn.execute(_columns().where(SESSIONS.c.token_hash == token_hash)).one_or_none()
    return _session(row) if row else None


def _columns() -> Select[Any]:
    return select(*(column for column in SESSIONS.c if column.name != "token_hash"))


def _session(row: Row[Any]) -> Session:
    values = row._asdict()
    return Session(**values | {"opened_by": OpenedBy(values["opened_by"])})
