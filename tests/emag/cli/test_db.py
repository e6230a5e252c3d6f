"""The database is created, copied and restored."""

import sqlite3
from contextlib import closing

import pytest

from emag import migrate
from emag.desk.restore import restore
from emag.errors import DatabaseError
from subscribers.anchor import Anchor
from subscribers.tokens import Keys


@pytest.fixture
def copy(emag, tmp_path):
    file = tmp_path / "copy.db"
    assert emag("db", "backup", file, "--json").json["bytes"] == file.stat().st_size
    return file


def test_upgrade_creates_a_database_once(emag, publication):
    (publication / "emag.db").unlink()
    assert "emag db upgrade" in emag("issue", "list", code=1).err
    initialised = {"before": None, "revision": migrate.head()}
    assert emag("db", "upgrade", "--json").json == initialised
    assert emag("db", "upgrade", "--json").json == initialised | {"before": migrate.head()}
    assert "up to date" in emag("db", "upgrade").out
    assert (publication / "emag.db").stat().st_mode & 0o777 == 0o600


def test_a_copy_holds_what_was_written_last(emag, publication, drafted, tmp_path):
    # An open writer keeps the last rows in the write-ahead log, which a copied file would miss.
    with closing(sqlite3.connect(publication / "emag.db")) as other:
        other.execute("UPDATE issues SET subject = 'written last'")
        other.commit()
        emag("db", "backup", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as conn:
        assert conn.execute("SELECT subject FROM issues").fetchone() == ("written last",)
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("*copy*")] == ["copy.db"]


def test_a_backup_does_not_overwrite_a_file(emag, copy, tmp_path):
    before = copy.read_bytes()
    assert "exists already" in emag("db", "backup", copy, code=1).err
    assert copy.read_bytes() == before
    emag("db", "backup", tmp_path / "no" / "where.db", code=1)


def test_a_restore_keeps_the_old_database(emag, publication, copy, drafted):
    assert len(emag("issue", "list", "--json").json["issues"]) == 1
    result = emag("db", "restore", copy, "--json").json
    assert emag("issue", "list", "--json").json["issues"] == []
    aside = publication / result["aside"].rpartition("/")[2]
    with closing(sqlite3.connect(aside)) as conn:
        assert conn.execute("SELECT count(*) FROM issues").fetchone() == (1,)


def test_an_approved_issue_is_held_after_a_restore(emag, approved, tmp_path):
    """The copy does not know that the issue went out meanwhile."""
    emag("db", "backup", tmp_path / "copy.db")
    emag("issue", "send", "1", "--yes")
    result = emag("db", "restore", tmp_path / "copy.db", "--json")
    assert result.json["stopped"] == [1]
    assert "Issue 1" in result.err
    assert emag("issue", "show", "1", "--json").json["status"] == "held"
    emag("issue", "send", "1", "--yes", code=1)


def test_a_restore_is_refused_while_the_database_is_in_use(emag, publication, copy, drafted):
    with closing(sqlite3.connect(publication / "emag.db")) as other:
        other.execute("SELECT count(*) FROM issues").fetchone()  # an idle reader is enough
        assert "in use" in emag("db", "restore", copy, code=1).err
    assert len(emag("issue", "list", "--json").json["issues"]) == 1
    assert list(publication.glob("*before*")) == []


def test_a_broken_database_can_be_replaced(emag, publication, copy):
    (publication / "emag.db").write_bytes(b"broken " * 1000)
    emag("db", "restore", copy)
    assert emag("issue", "list", "--json").json == {"issues": []}
    assert len(list(publication.glob("*before*"))) == 1


def test_a_lost_database_can_be_replaced(emag, publication, copy):
    (publication / "emag.db").unlink()
    assert emag("db", "restore", copy, "--json").json["aside"] is None
    assert emag("issue", "list", "--json").json == {"issues": []}


@pytest.mark.parametrize("content", [b"", b"no database " * 500])
def test_only_a_sound_copy_is_restored(emag, publication, tmp_path, content):
    (tmp_path / "bad.db").write_bytes(content)
    before = (publication / "emag.db").read_bytes()
    assert "not a sound copy" in emag("db", "restore", tmp_path / "bad.db", code=1).err
    assert (publication / "emag.db").read_bytes() == before
    emag("db", "restore", tmp_path / "none.db", code=2)


def test_a_database_of_another_program_is_no_copy(tmp_path, clock):
    with closing(sqlite3.connect(tmp_path / "other.db")) as conn:
        conn.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(DatabaseError, match="not a sound copy"):
        restore(
            tmp_path / "emag.db",
            tmp_path / "other.db",
            anchor=Anchor(tmp_path / "consent.anchor", Keys("a-secret")),
            now=clock(),
            by="Ann",
        )
    assert not (tmp_path / "emag.db").exists()


def test_an_older_copy_is_upgraded(emag, copy, monkeypatch):
    with closing(sqlite3.connect(copy)) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    assert "does not know" in emag("db", "restore", copy, code=1).err


def test_a_backup_of_postgresql_names_pg_dump(emag, monkeypatch, tmp_path):
    monkeypatch.setenv("EMAG_DATABASE_URL", "postgresql://emag:hunter2@127.0.0.1:9/emag")
    result = emag("db", "backup", tmp_path / "copy.db", code=1)
    assert "pg_dump" in result.err
    assert "hunter2" not in result.err
