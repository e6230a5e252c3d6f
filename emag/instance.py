"""Recognises a copy of a database, which must not send what the original sends."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from emag.database import Database
from emag.errors import DatabaseError
from emag.instance_tables import INSTANCES

_OLDER = "This database is older than its mark: somebody put a copy in its place"
_CURE = "nothing is sent until you run “emag db release” on the database that is to send"

_I = INSTANCES.c


def adopt(database: Database) -> None:
    """Marks a database that has no mark. If a mark lies beside it already, it is an older copy."""
    with database.reading() as conn:
        row = conn.execute(select(_I.id)).first()
        is_fresh = _state(database, conn) is None
    if row is None:
        with suppress(IntegrityError):  # another process was first
            _mark(database, held=_OLDER if _read(database) else "", anew=False)
    elif is_fresh:
        release(database)


def release(database: Database) -> None:
    """Makes this database the one that sends."""
    _mark(database, held="")


def hold(database: Database, why: str) -> None:
    """Turns sending off until `release`."""
    _mark(database, held=why)


def _mark(database: Database, *, held: str, anew: bool = True) -> None:
    with database.transaction() as conn:
        if not anew and conn.execute(select(_I.id)).first():
            return  # another process was first
        marks = {"mark": token_hex(16), "following": token_hex(16)}
        where = {"place": _place(database, conn), "held": held}
        conn.execute(delete(INSTANCES))
        conn.execute(insert(INSTANCES).values(id=1, **marks, **where))
        _write(database, marks["mark"])


def renew(database: Database) -> None:
    """Sets a new mark before and after a sending. Every earlier copy is then recognised as one.

    Raises DatabaseError if this is a copy itself.
    """
    check(database)
    if _file(database) is None:
        return
    # The file is written first, inside the transaction. After a crash in between, it is one step
    # ahead of the row, and `_state` accepts that. Only two steps prove that a copy is older.
    for _ in range(2):
        with database.transaction() as conn:
            mark = conn.execute(select(_I.following)).scalar_one()
            _write(database, mark)
            conn.execute(update(INSTANCES).values(mark=mark, following=token_hex(16)))


def check(database: Database) -> None:
    """Raises DatabaseError if this is a copy, or was restored from one."""
    if reason := hold_reason(database):
        raise DatabaseError(f"{reason}: {_CURE}")


def hold_reason(database: Database) -> str:
    """Returns why nothing is sent from this database, or "" if it sends."""
    with database.reading() as conn:
        reason = _state(database, conn)
    if reason == _OLDER:  # or a sender has just renewed the mark: look again while none can
        with database.transaction() as conn:
            reason = _state(database, conn)
    if reason is None:
        adopt(database)
        return hold_reason(database)
    return reason


def _state(database: Database, conn: Connection) -> str | None:
    """Returns why nothing is sent, "" if it sends, or None if the database needs a mark.

    A copied database without readers needs one: it is the start of a new publication.
    """
    row = conn.execute(select(_I.mark, _I.following, _I.place, _I.held)).first()
    if row is None:
        return None
    if row.held:
        return str(row.held)
    if row.place != _place(database, conn):
        return "This database is a copy of another" if _has_readers(conn) else None
    mark = _read(database)
    return _OLDER if mark and mark not in {row.mark, row.following} else ""


def _has_readers(conn: Connection) -> bool:
    """Returns True if anybody could be mailed twice."""
    return conn.execute(text("SELECT 1 FROM subscribers LIMIT 1")).first() is not None


def _place(database: Database, conn: Connection) -> str:
    """Names the place of the database. A moved file keeps its inode, and a copy gets another.

    On PostgreSQL it is the server and the database's number there. A dump holds neither.
    """
    if database.is_sqlite:
        file = _file(database)
        return f"file {file.stat().st_ino}" if file else "memory"
    number = conn.execute(
        text("SELECT oid FROM pg_database WHERE datname = current_database()")
    ).scalar_one()
    server = ""
    with suppress(DBAPIError), conn.begin_nested():  # some hosts do not allow this query
        server = conn.execute(
            text("SELECT system_identifier FROM pg_control_system()")
        ).scalar_one()
    return f"server {server}, database {number}"


def _file(database: Database) -> Path | None:
    name = database.url.database
    return Path(name) if database.is_sqlite and name and name != ":memory:" else None


def _beside(file: Path) -> Path:
    """Returns the file of the mark, “.emag-instance” beside emag.db. Copies do not include it."""
    return file.with_name(f".{file.stem}-instance")


def _read(database: Database) -> str:
    """Returns the mark beside the database, or "" if there is none."""
    file = _file(database)
    if file is None:
        return ""
    with suppress(OSError, UnicodeDecodeError):
        return _beside(file).read_text("ascii").strip()
    return ""


def _write(database: Database, mark: str) -> None:
    file = _file(database)
    if file is None:
        return
    beside = _beside(file)
    part = beside.with_name(f"{beside.name}.part")
    try:
        with part.open("w", encoding="ascii") as output:
            output.write(f"{mark}\n")
            output.flush()
            os.fsync(output.fileno())
        part.replace(beside)
    except OSError as error:
        raise DatabaseError(
            f"{beside} cannot be written ({error.strerror}): make it writable. "
            "Without it, this database cannot be told apart from its copies"
        ) from error
