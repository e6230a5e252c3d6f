"""A restore that is killed leaves the old database or the held new one, whole, and nothing else."""

import os
import signal
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from emag import copies, instance, migrate
from emag.database import Database
from emag.desk import restore as desk
from emag.issues.issue import Status
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tokens import Keys
from tests.conftest import SECRET, START

BROKEN = b"broken " * 1000
WATCHED = {copies.__file__, desk.__file__}


def use(file: Path, work: Callable[[Database], object]) -> object:
    database = Database(f"sqlite:///{file}")
    try:
        return work(database)
    finally:
        database.close()


def add_reader(file: Path, name: str) -> None:
    evidence = Evidence(how="import", wording="agreed on paper")

    def add(database):
        with database.transaction() as conn:
            address = f"{name}@example.org"
            membership.admit(
                conn, Keys(SECRET), address=address, name=name, evidence=evidence, now=START
            )

    use(file, add)


def readers(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [name for (name,) in conn.execute("SELECT name FROM subscribers ORDER BY id")]


@pytest.fixture
def live(tmp_path):
    """A database with two readers, and an older copy of it with one."""
    file = tmp_path / "crier" / "emag.db"
    use(file, migrate.upgrade)
    add_reader(file, "Ann")
    copies.backup(file, tmp_path / "copy.db")
    add_reader(file, "Beth")
    return file


def restore(live: Path) -> desk.Restored:
    return desk.restore(live, live.parent.parent / "copy.db", now=START, by="Ann")


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Runs the work in a child process that is killed before its nth line. False if it ended."""
    child = os.fork()
    if child == 0:
        lines = 0

        def trace(frame, event, _argument):
            nonlocal lines
            if frame.f_code.co_filename not in WATCHED:
                return None
            if event == "line":
                lines += 1
                if lines == step:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            work()
        except BaseException:  # noqa: BLE001 - nothing of pytest may run in the child
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def is_old(file: Path, state: str) -> bool:
    if state == "broken":
        return file.read_bytes() == BROKEN
    return readers(file) == ["Ann", "Beth"]


@pytest.mark.parametrize("state", ["whole", "broken", "lost"])
def test_a_kill_at_any_step_leaves_no_database_that_would_send_twice(live, state):
    content = {"whole": live.read_bytes(), "broken": BROKEN, "lost": b""}[state]
    mark = (live.parent / ".emag-instance").read_bytes()
    step, outcomes = 0, []
    while True:
        step += 1
        for path in live.parent.glob("emag.db*"):
            path.unlink()
        if content:
            descriptor = os.open(live, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(descriptor, content)
            os.close(descriptor)
        (live.parent / ".emag-instance").write_bytes(mark)
        if state == "whole":
            use(live, instance.release)  # the file written anew is another one to the disk
        was_killed = killed_at(step, lambda: restore(live))
        if not live.exists():
            outcome = "lost"
        elif is_old(live, state):
            outcome = "old"
            assert state == "broken" or use(live, instance.held) == ""
        else:
            assert readers(live) == ["Ann"]
            assert "restored from copy.db" in use(live, instance.held)
            outcome = "new"
        outcomes.append(outcome)
        if outcome == "new" and content:
            (aside,) = live.parent.glob("emag.db.before-*")
            assert is_old(aside, state)
        if not was_killed:
            break
    assert outcome == "new"
    assert step > 20, "the trace has seen nothing"
    assert outcomes == sorted(outcomes, key=lambda outcome: outcome == "new"), "new stays new"
    assert not (live.parent / ".emag.db.restoring").exists()


def test_a_restore_removes_what_a_killed_one_left(live):
    rest = live.parent / ".emag.db.restoring"
    rest.mkdir()
    (rest / "emag.db").write_bytes(b"half a copy")
    restore(live)
    assert not rest.exists()
    assert readers(live) == ["Ann"]


def test_all_files_of_a_restore_are_private(live, monkeypatch):
    umask = os.umask(0)
    try:
        restored = restore(live)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(live.stat().st_mode) == 0o600
    assert stat.S_IMODE(restored.aside.stat().st_mode) == 0o600


def test_it_can_be_released_and_sends_then(live):
    restore(live)
    use(live, instance.release)
    assert use(live, instance.held) == ""
    use(live, instance.renew)
    assert use(live, instance.held) == ""


def test_the_step_that_stops_an_issue_keeps_who_took_it(live, tmp_path):
    with closing(sqlite3.connect(tmp_path / "copy.db")) as conn:
        columns = {row[1]: row[2] for row in conn.execute("PRAGMA table_info(issues)")}
        values = {name: "[]" if kind == "JSON" else "" for name, kind in columns.items()}
        values |= {
            "number": 7,
            "status": Status.APPROVED.value,
            "until": "2026-03-05 09:00:00.000000",
            "since": None,
            "send_at": None,
            "closed_at": None,
        }
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        conn.execute(f"INSERT INTO issues ({names}) VALUES ({marks})", tuple(values.values()))
        conn.commit()
    assert restore(live).stopped == (7,)
    with closing(sqlite3.connect(live)) as conn:
        assert conn.execute("SELECT before, after, by FROM moves").fetchall() == [
            ("approved", "held", "Ann")
        ]
