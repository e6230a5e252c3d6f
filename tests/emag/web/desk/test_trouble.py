"""The desk while its database is in use or the disk is full: a sentence, and nothing half done."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event

from emag.desk import records

TEXTS = {"field": "note", "seen_text": "", "is_own": "0"}


@pytest.fixture
def number(desk):
    return desk.press.issue("A new bridge", "A new road")


@pytest.fixture
def locked(press, monkeypatch):
    """Another process writes for longer than the desk waits."""
    monkeypatch.setattr("emag.database.BUSY_TIMEOUT_MS", 100)

    def _locked():
        database = press.newsroom.database
        database.engine.dispose()  # new connections wait less
        other = sqlite3.connect(database.url.database, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return closing(other)

    return _locked


def test_while_the_database_is_in_use_a_form_says_so_and_pages_are_shown(
    desk, number, locked, clock
):
    client = desk.signed_in()
    clock.forward(minutes=2)  # the time of last use would be written
    with locked():
        for path in ("/desk", "/desk/pool", f"/desk/issues/{number}", "/desk/readers"):
            assert client.get(path).status_code == 200, path
        answer = client.post(f"/desk/issues/{number}/texts", data=TEXTS | {"text": "A note"})
        assert answer.status_code == 503
        assert "try again in a few minutes" in answer.text
    assert records.issue(desk.press.newsroom.database, number).note == ""
    client.post(f"/desk/issues/{number}/texts", data=TEXTS | {"text": "A note"})
    assert records.issue(desk.press.newsroom.database, number).note == "A note"


def test_with_a_full_disk_a_form_says_so_and_nothing_is_lost(desk, number):
    database, client = desk.press.newsroom.database, desk.signed_in()
    client.post(f"/desk/issues/{number}/texts", data=TEXTS | {"text": "Before"})
    database.engine.dispose()

    def fill(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(database.engine, "connect", fill)
    form = {"field": "note", "seen_text": "Before", "is_own": "1", "text": "A long note " * 50_000}
    answer = client.post(f"/desk/issues/{number}/texts", data=form)
    assert answer.status_code == 503
    assert records.issue(database, number).note == "Before"
    assert client.get(f"/desk/issues/{number}").status_code == 200
    event.remove(database.engine, "connect", fill)
    database.engine.dispose()
    form["text"] = "After"
    assert client.post(f"/desk/issues/{number}/texts", data=form).status_code == 200
    assert records.issue(database, number).note == "After"
