"""Which database this is: a copy must not send what the original sends."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Field, SQLModel

from emag.database import Database
from emag.errors import DatabaseError

_OLDER = "This database is an older state of itself, restored from a copy"
_CURE = "nothing is sent from it until “emag db release” says that it is the one that sends"


class InstanceRow(SQLModel, table=True):
    """One row: what this database was, and where, when it last knew itself to be the original."""

    __tablename__ = "instances"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    mark: str  # drawn anew around every sending, so that an older state is known as one
    following: str  # the next one: the file may be a step ahead
    place: str
    held: str = ""  # why nothing is sent, where somebody said so


INSTANCES: Table = InstanceRow.__table__  # type: ignore[attr-defined]
_I = INSTANCES.c


def adopt(database: Database) -> None:
    """Marks a database that has no mark yet; one whose mark lies beside it already is older."""
    with database.reading() as conn:
        known = conn.execute(select(_I.id)).first()
        is_fresh = _judged(database, conn) is None
    if known is None:
        with suppress(IntegrityError):  # another process was quicker
            _mark(database, held=_OLDER if _read(database) else "", anew=False)
    elif is_fresh:
        release(database)


def release(database: Database) -> None:
    """From now on this database is the one that sends."""
    _mark(database, held="")


def hold(database: Database, why: str) -> None:
    """Turns sending off, until a release."""
    _mark(database, held=why)


def _mark(database: Database, *, held: str, anew: bool = True) -> None:
    with database.transaction() as conn:
        if not anew and conn.execute(select(_I.id)).first():
            return  # another process was quicker
        marks = {"mark": token_hex(16), "following": token_hex(16)}
        where = {"place": _place(database, conn), "held": held}
        conn.execute(delete(INSTANCES))
        conn.execute(insert(INSTANCES).values(id=1, **marks, **where))
        _write(database, marks["mark"])


def renew(database: Database) -> None:
    """Before and after a sending: from now on every copy that was made earlier is known as one.

    Raises DatabaseError where this is a copy itself.
    """
    check(database)
    if _file(database) is None:
        return
    # The file is written first, while nobody else can: a crash in between leaves it one step
    # ahead, which is allowed for. So an older state is told apart by two.
    for _ in range(2):
        with database.transaction() as conn:
            mark = conn.execute(select(_I.following)).scalar_one()
            _write(database, mark)
            conn.execute(update(INSTANCES).values(mark=mark, following=token_hex(16)))


def check(database: Database) -> None:
    """Raises DatabaseError where this is a copy, or was restored from one."""
    if why := held(database):
        raise DatabaseError(f"{why}: {_CURE}")


def held(database: Database) -> str:
    """Why nothing is sent from this database, or nothing at all."""
    with database.reading() as conn:
        found = _judged(database, conn)
    if found == _OLDER:  # or somebody renewed the mark between two looks: look while nobody can
        with database.transaction() as conn:
            found = _judged(database, conn)
    if found is None:
        adopt(database)
        return held(database)
    return found


def _judged(database: Database, conn: Connection) -> str | None:
    """None where there is no mark yet, or one of a database that had no readers."""
    row = conn.execute(select(_I.mark, _I.following, _I.place, _I.held)).first()
    if row is None:
        return None
    if row.held:
        return str(row.held)
    if row.place != _place(database, conn):
        return "This database is a copy of another" if _has_readers(conn) else None
    told = _read(database)
    return _OLDER if told and told not in {row.mark, row.following} else ""


def _has_readers(conn: Connection) -> bool:
    """Without any, a copied folder is a new publication's start: nobody could be mailed twice."""
    return conn.execute(text("SELECT 1 FROM subscribers LIMIT 1")).first() is not None


def _place(database: Database, conn: Connection) -> str:
    """A moved file keeps its number on the disk, a copied one has another.

    On PostgreSQL the server and the database's number in it, which a dump does not carry over.
    """
    if database.is_sqlite:
        file = _file(database)
        return f"file {file.stat().st_ino}" if file else "memory"
    number = conn.execute(
        text("SELECT oid FROM pg_database WHERE datname = current_database()")
    ).scalar_one()
    server = ""
    with suppress(DBAPIError), conn.begin_nested():  # not every host lets everybody ask
        server = conn.execute(
            text("SELECT system_identifier FROM pg_control_system()")
        ).scalar_one()
    return f"server {server}, database {number}"


def _file(database: Database) -> Path | None:
    name = database.url.database
    return Path(name) if database.is_sqlite and name and name != ":memory:" else None


def _beside(file: Path) -> Path:
    """“.emag-instance” beside emag.db: it goes no way that a copy goes."""
    return file.with_name(f".{file.stem}-instance")


def _read(database: Database) -> str:
    """The mark beside the database; nothing where there is none."""
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
        with part.open("w", encoding="ascii") as written:
            written.write(f"{mark}\n")
            written.flush()
            os.fsync(written.fileno())
        part.replace(beside)
    except OSError as error:
        raise DatabaseError(
            f"{beside} cannot be written ({error.strerror}): it tells this database from its copies"
        ) from error
