"""Says in a sentence why the database or its disk refused: full, read-only, locked, lost, away."""

import errno
import sqlite3
from collections.abc import Iterator

from emag.errors import DatabaseError

_FULL = "The disk is full, and nothing was changed: free some space, and do it again"
_READ_ONLY = (
    "The database cannot be written: let this user write the file, its folder and the files beside "
    "it. Nothing was changed"
)
_LOCKED = "The database was in use by another program for too long: try again in a minute"
_AWAY = (
    "PostgreSQL does not answer: look whether it runs and whether the host and the port in "
    "EMAG_DATABASE_URL are right. Nothing is lost: emag goes on when it is back"
)
_LOST = (
    "The database cannot be opened: its folder is missing, or this user may not read it. Mount the "
    "disk again, or change the permissions"
)
_DAMAGED = "The database is damaged: stop emag, and put a backup back with “emag db restore”"
_NO_TABLES = (
    "The database has lost its tables, or another file took its place: stop emag, and put the "
    "right file or a backup back with “emag db restore”"
)

_NO_HOST = "The host in EMAG_DATABASE_URL has no address: look for a mistake in its name"

# SQLite's own numbers, without what they add in the higher bits.
_BY_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: _LOST,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: (
        "The disk of the database reports errors: look at the system's log, and copy the newest "
        "backup to another disk"
    ),
}
# PostgreSQL's, by the whole number or by its first two characters.
_BY_STATE = {
    "53100": _FULL,
    "53200": "PostgreSQL has no memory left: give it more, and do it again",
    "53300": "PostgreSQL allows no more connections: raise max_connections, or run fewer workers",
    "25006": (
        "The database is read-only, perhaps a standby: let EMAG_DATABASE_URL name the server that "
        "may be written"
    ),
    "28": "PostgreSQL refuses the user name or password in EMAG_DATABASE_URL: correct them",
    "3D": "PostgreSQL has no database of the name in EMAG_DATABASE_URL: make it with createdb",
    "42501": "The user in EMAG_DATABASE_URL may not use these tables: make this user their owner",
    "42P01": _NO_TABLES,
    "40": "The database was changed at the same moment: do it again",
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "57": _AWAY,
    "08": _AWAY,
}
# The driver gives no number for what happens before it is connected.
_BY_WORDS = (
    ("password authentication", _BY_STATE["28"]),
    ("no password supplied", _BY_STATE["28"]),
    ("pg_hba", _BY_STATE["28"]),
    ("does not exist", _BY_STATE["3D"]),
    ("too many clients", _BY_STATE["53300"]),
    ("remaining connection slots", _BY_STATE["53300"]),
    ("resolve host", _NO_HOST),
    ("translate host", _NO_HOST),
)


def explain(error: BaseException) -> str | None:
    """What happened and what to do; None for an error of another kind.

    The texts of SQLite, of the driver and of SQLAlchemy are never repeated.
    """
    if isinstance(error, DatabaseError):
        return str(error)
    for cause in _chain(error):
        code, state = getattr(cause, "sqlite_errorcode", None), getattr(cause, "sqlstate", None)
        if isinstance(cause, sqlite3.Error) and isinstance(code, int):
            is_lost = "no such table" in str(cause)
            return _NO_TABLES if is_lost else _BY_CODE.get(code & 0xFF)
        if isinstance(state, str):
            return _BY_STATE.get(state) or _BY_STATE.get(state[:2])
        if type(cause).__module__.startswith("psycopg"):
            words = str(cause)
            fitting = (sentence for part, sentence in _BY_WORDS if part in words)
            return next(fitting, _AWAY if type(cause).__name__ == "OperationalError" else None)
        if isinstance(cause, OSError):
            return _of_system(cause)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that it came from; SQLAlchemy keeps the driver's as `orig`."""
    following: BaseException | None = error
    for _ in range(5):
        if following is None:
            return
        yield following
        following = getattr(following, "orig", None) or following.__cause__


def _of_system(error: OSError) -> str | None:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _FULL
    if error.errno == errno.EROFS:
        where = f"{error.filename} is on a disk that" if error.filename else "The disk"
        return f"{where} can only be read: mount it for writing, and do it again"
    if error.filename is None:
        return None
    reasons = {errno.EACCES: "let this user read and write it", errno.ENOENT: "it is missing"}
    reason = reasons.get(error.errno or 0, error.strerror or "for an unknown reason")
    return f"{error.filename} cannot be used: {reason}"
