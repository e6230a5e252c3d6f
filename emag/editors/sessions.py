"""Signs editors in and out: a session is a row, and a cookie holds its token."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from emag.audit import record
from emag.audit.entry import AuditKind, shortened
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
    ip: str = "",
) -> str:
    """Signs an editor in and returns the token for their cookie. Raises NotFound."""
    with database.transaction() as conn:
        return open_on(conn, address, opened_by, now=now, browser=browser, ip=ip)


def open_on(
    conn: Connection,
    address: str,
    opened_by: OpenedBy,
    *,
    now: datetime,
    browser: str = "",
    ip: str = "",
) -> str:
    """Signs an editor in, in the caller's transaction. Returns the token. Raises NotFound."""
    editors = store.listing(conn)
    editor = next((editor for editor in editors if editor.address == address), None)
    if editor is None:
        raise NotFound("There is no such editor.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"opened_by": opened_by.value, "browser": browser, "network": shortened(ip)}
    values |= {"editor": address, "token_hash": digest(token)}
    conn.execute(insert(SESSIONS).values(opened_at=now, seen_at=now, confirmed_at=now, **values))
    conn.execute(update(EDITORS).where(EDITORS.c.address == address).values(last_seen=now))
    record.append(
        conn,
        AuditKind.SIGNED_IN,
        by=signature(editor, editors),
        now=now,
        subject=address,
        detail=", ".join(filter(None, (opened_by.value, browser))),
        ip=ip,
    )
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
    """Records that a session was used, at most once a minute.

    Where the database cannot be written, pages can still be read.
    """
    if now - session.seen_at < SEEN_EVERY:
        return
    with suppress(OperationalError), database.transaction() as conn:
        conn.execute(update(SESSIONS).where(SESSIONS.c.id == session.id).values(seen_at=now))
        same = EDITORS.c.address == session.editor
        conn.execute(update(EDITORS).where(same).values(last_seen=now))


def confirm(
    database: Database, signed_in: SignedIn, opened_by: OpenedBy, *, now: datetime, ip: str = ""
) -> str:
    """Records that the person proved again who they are. Returns a new token for the cookie."""
    with database.transaction() as conn:
        return confirm_on(conn, signed_in, opened_by, now=now, ip=ip)


def confirm_on(
    conn: Connection, signed_in: SignedIn, opened_by: OpenedBy, *, now: datetime, ip: str = ""
) -> str:
    """The same, in the caller's transaction. Raises NotFound for a session that is over.

    The old token is dead, so that nobody who has seen it gains anything (ASVS 5.0, 7.2.4).
    """
    token, session = secrets.token_urlsafe(TOKEN_BYTES), signed_in.session
    strongest = opened_by if not session.is_strong else session.opened_by
    values = {"confirmed_at": now, "seen_at": now, "opened_by": strongest.value}
    same = (SESSIONS.c.id == session.id) & SESSIONS.c.ended_at.is_(None)
    statement = update(SESSIONS).where(same).values(token_hash=digest(token), **values)
    if conn.execute(statement).rowcount != 1:
        raise NotFound("This session is over.")
    record.append(
        conn,
        AuditKind.STEPPED_UP,
        by=signed_in.name,
        now=now,
        subject=session.editor,
        detail=opened_by.value,
        ip=ip,
    )
    return token


def end(database: Database, session: Session, *, now: datetime, by: str) -> bool:
    """Signs out of a session. False if it was over."""
    with database.transaction() as conn:
        ended = _end(conn, SESSIONS.c.id == session.id, now=now)
        if ended:
            _record(conn, AuditKind.SIGNED_OUT, session.editor, "", by=by, now=now)
    return bool(ended)


def end_one(database: Database, number: int, *, editor: str, now: datetime, by: str) -> bool:
    """Ends the session with this number, if it is that person's and not over."""
    same = (SESSIONS.c.id == number) & (SESSIONS.c.editor == editor)
    return bool(_end_and_record(database, same, editor, now=now, by=by))


def end_others(database: Database, session: Session, *, now: datetime, by: str) -> int:
    """Signs a person out everywhere but here. Returns how many sessions ended."""
    same = (SESSIONS.c.editor == session.editor) & (SESSIONS.c.id != session.id)
    return _end_and_record(database, same, session.editor, now=now, by=by)


def end_all(database: Database, address: str, *, now: datetime, by: str) -> int:
    """Signs an editor out everywhere. Returns how many sessions ended."""
    return _end_and_record(database, SESSIONS.c.editor == address, address, now=now, by=by)


def end_all_on(conn: Connection, address: str, *, now: datetime) -> int:
    """The same in the caller's transaction, which records why."""
    return _end(conn, SESSIONS.c.editor == address, now=now)


def _end_and_record(
    database: Database, same: ColumnElement[bool], address: str, *, now: datetime, by: str
) -> int:
    with database.transaction() as conn:
        ended = _end(conn, same, now=now)
        if ended:
            _record(conn, AuditKind.SESSIONS_ENDED, address, f"{ended}", by=by, now=now)
    return ended


def _end(conn: Connection, same: ColumnElement[bool], *, now: datetime) -> int:
    is_open = SESSIONS.c.ended_at.is_(None)
    return conn.execute(update(SESSIONS).where(same, is_open).values(ended_at=now)).rowcount


def _record(
    conn: Connection, kind: AuditKind, address: str, detail: str, *, by: str, now: datetime
) -> None:
    record.append(conn, kind, by=by, now=now, subject=address, detail=detail)


def listing(conn: Connection, address: str, *, now: datetime) -> list[Session]:
    """Where an editor is signed in, the newest first."""
    same = (SESSIONS.c.editor == address) & SESSIONS.c.ended_at.is_(None)
    rows = conn.execute(_columns().where(same).order_by(SESSIONS.c.id.desc()))
    return [session for session in map(_session, rows) if not session.is_over(now)]


def forget(conn: Connection, *, before: datetime) -> None:
    """Deletes sessions that nobody has used since a time. The audit record still holds them."""
    conn.execute(delete(SESSIONS).where(SESSIONS.c.seen_at < before))


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
