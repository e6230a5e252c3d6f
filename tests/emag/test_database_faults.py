"""A fault of the database or its disk has a sentence of its own, and loses nothing."""

import errno
import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError

from emag import database_faults
from emag.database import Database
from emag.errors import DatabaseError

INSERT = "INSERT INTO wordings (digest, text, version, language) VALUES ('{}', '{}', '', '')"


def sentence_of(error):
    sentence = database_faults.explain(error)
    assert sentence
    assert type(error).__name__ not in sentence
    return sentence


def write(database, name, text="x"):
    with database.transaction() as conn:
        conn.exec_driver_sql(INSERT.format(name, text))


def names(database):
    with database.reading() as conn:
        return conn.exec_driver_sql("SELECT digest FROM wordings ORDER BY 1").scalars().all()


def test_a_full_disk_is_said_and_what_was_written_before_stays(database):
    @event.listens_for(database.engine, "connect")
    def limit(connection, _record):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    write(database, "before")
    with pytest.raises(DBAPIError) as caught:
        write(database, "large", "x" * 100_000)
    assert "full" in sentence_of(caught.value)
    write(database, "after")
    assert names(database) == ["after", "before"]


def test_a_read_only_file_is_said(database):
    @event.listens_for(database.engine, "connect")
    def protect(connection, _record):
        connection.execute("PRAGMA query_only=ON")

    with pytest.raises(DBAPIError) as caught:
        write(database, "x")
    assert "cannot be written" in sentence_of(caught.value)


def test_a_locked_database_is_said(database):
    @event.listens_for(database.engine, "connect")
    def hurry(connection, _record):
        connection.execute("PRAGMA busy_timeout=1")

    with database.transaction(), pytest.raises(DBAPIError) as caught:
        write(database, "x")
    assert "in use by another program" in sentence_of(caught.value)


def test_a_lost_database_is_neither_made_anew_nor_written_to(database, tmp_path):
    file = tmp_path / "emag.db"
    write(database, "before")
    aside = file.rename(tmp_path / "aside.db")
    for _ in range(2):
        with pytest.raises(DatabaseError, match="removed or replaced") as caught:
            write(database, "lost")
    assert "restore" in sentence_of(caught.value)
    assert not file.exists()
    shutil.copy(aside, file)  # another file of the same name
    with pytest.raises(DatabaseError, match="removed or replaced"):
        names(database)
    aside.rename(file)
    assert names(database) == ["before"]


def test_what_is_written_after_a_file_is_back_is_in_that_file(database, tmp_path):
    """Another program that opened the wrong file removes the write-ahead log beside it."""
    file = tmp_path / "emag.db"
    write(database, "before")
    aside = file.rename(tmp_path / "aside.db")
    shutil.copy(aside, file)
    with pytest.raises(DatabaseError, match="removed or replaced"):
        write(database, "lost")
    with closing(sqlite3.connect(file)) as other:
        other.execute("SELECT count(*) FROM wordings").fetchone()
    aside.rename(file)
    write(database, "after")
    with closing(sqlite3.connect(file)) as other:
        query = "SELECT digest FROM wordings ORDER BY 1"
        assert [digest for (digest,) in other.execute(query)] == ["after", "before"]


def test_a_damaged_file_is_said(tmp_path):
    file = tmp_path / "emag.db"
    file.write_bytes(b"no database " * 1000)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(DBAPIError) as caught:
        names(database)
    database.close()
    assert "damaged" in sentence_of(caught.value)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("53100", "disk is full"),
        ("53300", "no more connections"),
        ("25006", "read-only"),
        ("28P01", "user name or password"),
        ("3D000", "createdb"),
        ("42501", "owner"),
        ("57P01", "does not answer"),
        ("08006", "does not answer"),
    ],
)
def test_postgresql_is_understood_by_its_numbers(state, words):
    class DriverError(Exception):
        sqlstate = state

    assert words in sentence_of(OperationalError("SELECT 1", {}, DriverError()))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "only be read"),
        (errno.EACCES, "let this user"),
        (errno.ENOENT, "missing"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(number, words):
    assert words in sentence_of(OSError(number, "No such luck", "/srv/crier/emag.toml"))


def test_other_errors_are_not_explained():
    assert database_faults.explain(ValueError("reader@example.org")) is None
    assert database_faults.explain(sqlite3.ProgrammingError("closed")) is None
