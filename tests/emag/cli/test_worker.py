"""`emag worker` and `emag serve` with EMAG_ENGINE=procrastinate."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@contextmanager
def running(publication, *words, **variables):
    """The process, and what it says of itself once it is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emag", *words, "--json"],
        cwd=ROOT,
        env=os.environ | {"EMAG_DIR": str(publication)} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lines = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()
        yield process, json.loads("".join(lines))
    finally:
        process.kill()
        process.communicate()


def ended(process):
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return err


def wait_for(condition, seconds=90.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("engine", ["embedded", "procrastinate"])
def test_a_worker_on_sqlite_ends_with_one_sentence(emag, monkeypatch, engine):
    monkeypatch.setenv("EMAG_ENGINE", engine)
    result = emag("worker", code=1)
    assert "PostgreSQL" in result.err
    assert result.err.count("\n") == 1


def stories(database):
    with database.reading() as conn:
        return conn.exec_driver_sql("SELECT count(*) FROM stories").scalar_one()


@pytest.fixture
def postgres(server, monkeypatch):
    """An empty database that the environment names."""
    with server.database() as database:
        url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        monkeypatch.setenv("EMAG_DATABASE_URL", url)
        monkeypatch.setenv("EMAG_ENGINE", "procrastinate")
        yield database


@pytest.mark.postgres
def test_a_database_without_tables_is_reported_in_one_sentence(emag, postgres):
    assert "emag db upgrade" in emag("worker", code=1).err
    emag("db", "upgrade")
    with postgres.transaction() as conn:
        conn.exec_driver_sql("DROP SCHEMA emag_tasks CASCADE")
    assert "emag db upgrade" in emag("worker", code=1).err


@pytest.mark.postgres
def test_a_worker_sends_the_letters_of_a_web_page(emag, publication, postgres):
    emag("db", "upgrade")
    mails = publication / "outbox"
    with (
        running(publication, "serve", "--port", "0", "--no-engine") as (web, data),
        running(publication, "worker") as (worker, started),
    ):
        assert (data["engine"], started) == (False, {"worker": True})
        emag("subscriber", "add", "eve@example.org")
        assert wait_for(lambda: confirmations(mails))
        assert len(confirmations(mails)) == 1
        assert wait_for(lambda: stories(postgres) == 3)
        assert "Gathered" not in ended(web)
        assert "Gathered 3 new stories" in ended(worker)


def confirmations(mails) -> list[str]:
    """The names of the mails that ask a reader to confirm; the editors get others."""
    return [mail.name for mail in mails.glob("*.eml") if "/confirm/" in mail.read_text()]


@pytest.mark.postgres
@pytest.mark.usefixtures("postgres")
def test_serve_includes_a_worker(emag, publication):
    emag("db", "upgrade")
    emag("subscriber", "add", "eve@example.org")
    with running(publication, "serve", "--port", "0") as (process, data):
        assert data["engine"] is True
        assert wait_for(lambda: list((publication / "outbox").glob("*.eml")))
        err = ended(process)
    assert re.search(r"Posted \d letter", err)  # more than one where an issue was drafted, too
    assert "procrastinate" not in err
