"""A backup is restored on another machine; everything moves between SQLite and PostgreSQL."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emag import bootstrap, in_use, migrate
from emag.database import Database
from emag.errors import DatabaseError
from emag.schedule.tick import RETURNS, tick

from .old_mails import ONE_CLICK, link, mails_in, opened

COUNTED = ("subscribers", "consents", "deliveries", "acts", "stories", "issues", "documents")


@pytest.fixture
def sent(emag, approved, publication):
    """Issue 1 has gone to three readers; the last one was erased since."""
    emag("issue", "send", "1", "--yes")
    emag("subscriber", "erase", "cat@example.org")
    templates = publication / "templates" / "words"
    templates.mkdir(parents=True)
    (templates / "en.toml").write_text("# our own words\n")
    return publication


def counts(database):
    with database.reading() as conn:
        return {
            name: conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in COUNTED
        }


def test_a_backup_is_restored_on_another_machine(emag, sent, tmp_path):
    backups = tmp_path / "backups"
    for _ in range(3):
        result = emag("backup", backups, "--keep", "2", "--json")
    assert "EMAG_SECRET_KEY" in result.err
    assert result.json["readers"] == 2
    assert result.json["last_issue"] == 1
    assert len(list(backups.iterdir())) == 2
    secret = next(
        line.partition("=")[2]
        for line in (sent / ".env").read_text().splitlines()
        if "KEY=" in line
    )
    files = [path for path in backups.rglob("*") if path.is_file()]
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    assert {"emag.db", "emag.toml", "en.toml", "bridge.md", "manifest.json"} <= {
        path.name for path in files
    }
    new = tmp_path / "new"
    new.mkdir()
    (new / ".env").write_text(f"EMAG_SECRET_KEY={'x' * 40}\n")
    assert "not the key" in emag("--dir", new, "db", "restore", backups, code=1).err
    assert [path.name for path in new.iterdir()] == [".env"]
    shutil.copy(sent / ".env", new)
    rehearsed = emag("--dir", new, "db", "restore", backups, "--dry-run").out
    assert "2 readers, last issue 1, held until released" in rehearsed
    assert "whole" in rehearsed
    assert [path.name for path in new.iterdir()] == [".env"]
    assert "2 readers, last issue 1" in emag("--dir", new, "db", "restore", backups).out
    assert (new / "templates" / "words" / "en.toml").read_text() == "# our own words\n"
    assert emag("--dir", new, "consent", "verify", "--json").json["ok"]
    assert emag("--dir", new, "db", "release", "--json").json["was_held"]


def test_a_restore_keeps_settings_that_differ_and_refuses_a_damaged_backup(emag, sent, tmp_path):
    folder = tmp_path / "b"
    file = Path(emag("backup", folder, "--json").json["folder"])
    (sent / "emag.toml").write_text((sent / "emag.toml").read_text() + "# later\n")
    result = emag("db", "restore", folder, "--json").json
    (aside,) = result["files_aside"]
    rounds = [made_by_itself(sent) for _ in range(2)]
    assert ["Made the backup" in line for lines in rounds for line in lines] == [True]
    assert "# later" in (sent / aside).read_text()
    assert "# later" not in (sent / "emag.toml").read_text()
    (file / "emag.toml").write_text("# changed")
    assert "damaged" in emag("db", "restore", folder, code=1).err
    assert "not a backup" in emag("db", "restore", tmp_path, code=1).err
    manifest = json.loads((file / "manifest.json").read_text())
    manifest["files"]["../../etc/passwd"] = "0"
    (file / "manifest.json").write_text(json.dumps(manifest))
    assert "not a backup" in emag("db", "restore", file, code=1).err


@pytest.mark.postgres
def test_everything_moves_to_postgresql_and_back(emag, sent, server, tmp_path, monkeypatch):
    with server.database() as target:
        url = server.url(target.url.database)
        with closing(Database(f"sqlite:///{sent / 'emag.db'}")) as source:
            before = counts(source)
            refs = links(source)
        result = emag("db", "move", url, "--json").json
        assert result["consent"]["ok"]
        assert {name: result["tables"][name] for name in COUNTED} == before
        assert "not empty" in emag("db", "move", url, code=1).err
        assert "moved to postgresql" in emag("db", "release", "--json").json["reason"]
        monkeypatch.setenv("EMAG_DATABASE_URL", url)
        assert "moved here" in emag("db", "release", "--json").json["reason"]
        assert emag("consent", "verify", "--json").json["ok"]
        assert emag("audit", "verify", "--json").json["ok"]
        assert emag("issue", "status", "1", "--json").json["planned"] == 3
        old_links_work(sent)
        # Numbers go on: the erased reader's is not given again.
        emag("subscriber", "add", "dan@example.org", "--basis", "on paper")
        with closing(Database(url)) as moved, moved.reading() as conn:
            assert conn.exec_driver_sql("SELECT max(id) FROM subscribers").scalar() == 4
        monkeypatch.setenv("EMAG_DATABASE_URL", url)
        backup = tmp_path / "b"
        assert emag("backup", backup, "--json").json["readers"] == 3
        back = f"sqlite:///{tmp_path / 'back.db'}"
        assert emag("db", "move", back, "--json").json["consent"]["ok"]
    monkeypatch.setenv("EMAG_DATABASE_URL", back)
    emag("db", "release")
    old_links_work(sent)
    with closing(Database(back)) as again:
        assert links(again)[:2] == refs
        assert counts(again)["deliveries"] == before["deliveries"]
    assert emag("consent", "verify", "--json").json["ok"]
    emag("subscriber", "add", "eve@example.org", "--basis", "on paper")
    with closing(sqlite3.connect(tmp_path / "back.db")) as conn:
        assert conn.execute("SELECT max(id) FROM subscribers").fetchone() == (5,)


def old_links_work(folder):
    """Those of a mail that left before the move; a reader who was erased has one too."""
    mails = mails_in(folder)
    with opened(folder, lambda: datetime.now(UTC)) as (_, pages):
        assert "<button" in pages.get(link(mails["ann"], "unsubscribe")).text
        assert "ben@example.org" in pages.get(link(mails["ben"], "preferences")).text
        old = link(mails["cat"], "unsubscribe")
        assert pages.post(old, data=ONE_CLICK).status_code == 200
        for path in ("/archive", "/archive/1", "/archive/feed.xml"):
            assert pages.get(path).status_code == 200


def links(database):
    with database.reading() as conn:
        query = "SELECT id, ref, address, joined_at, topics FROM subscribers ORDER BY id"
        return [tuple(map(str, row)) for row in conn.exec_driver_sql(query).all()]


def made_by_itself(folder):
    """What a round of the timetable says, with a backup due at midnight."""
    environ = {"EMAG_BACKUP__AT": "00:00"}
    newsroom = bootstrap.open_newsroom(folder, now=lambda: datetime.now(UTC), environ=environ)
    with closing(newsroom.database):
        return tick(newsroom, stages=RETURNS)


def test_an_upgrade_waits_for_older_programs_and_makes_a_backup(emag, sent, monkeypatch):
    monkeypatch.setattr(migrate, "head", lambda: "0002")
    monkeypatch.setattr(migrate, "_run_revisions", lambda _database, _revision="head": None)
    with closing(sqlite3.connect(sent / "emag.db")) as other:
        other.execute("SELECT count(*) FROM issues").fetchone()
        assert "in use: stop" in emag("db", "upgrade", code=1).err
    assert not (sent / "backups").exists()
    assert "backup of the database as it was" in emag("db", "upgrade").err
    assert len(list((sent / "backups").iterdir())) == 1


@pytest.mark.postgres
def test_a_program_on_postgresql_is_named(server, upgraded_template):
    with server.database(upgraded_template) as database:
        in_use.refuse_if_in_use(database)
        psycopg = pytest.importorskip("psycopg")
        url = server.url(database.url.database)
        name = "emag 0.1, process 7 on mars"
        with (
            psycopg.connect(url, application_name=name),
            pytest.raises(DatabaseError, match=re.escape(name)),
        ):
            in_use.refuse_if_in_use(database)
