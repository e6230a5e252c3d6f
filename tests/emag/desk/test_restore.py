"""A restore that is killed leaves the whole old database, or the whole new one, held."""

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
from emag.issues.tables import ISSUES
from subscribers import membership
from subscribers.anchor import Anchor
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
            membership.add_on_basis(
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
    anchor = Anchor(live.parent / "consent.anchor", Keys(SECRET))
    return desk.restore(live, live.parent.parent / "copy.db", anchor=anchor, now=START, by="Ann")


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
            use(live, instance.release)  # the new file has another inode
        was_killed = killed_at(step, lambda: restore(live))
        if not live.exists():
            outcome = "lost"
        elif is_old(live, state):
            outcome = "old"
            assert state == "broken" or use(live, instance.hold_reason) == ""
        else:
            assert readers(live) == ["Ann"]
            assert "restored from copy.db" in use(live, instance.hold_reason)
            outcome = "new"
        outcomes.append(outcome)
        if outcome == "new" and content:
            (aside,) = live.parent.glob("emag.db.before-*")
            assert is_old(aside, state)
        if not was_killed:
            break
    assert outcome == "new"
    assert step > 20, "the trace did not run"
    assert outcomes == sorted(outcomes, key=lambda outcome: outcome == "new"), "new stays new"
    assert not (live.parent / ".emag.db.restoring").exists()


def test_a_restore_removes_what_a_killed_one_left(live):
    folder = live.parent / ".emag.db.restoring"
    folder.mkdir()
    (folder / "emag.db").write_bytes(b"half a copy")
    restore(live)
    assert not folder.exists()
    assert readers(live) == ["Ann"]


def test_all_files_of_a_restore_are_private(live, monkeypatch):
    umask = os.umask(0)
    try:
        restored = restore(live)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(live.stat().st_mode) == 0o600
    assert stat.S_IMODE(restored.aside.stat().st_mode) == 0o600


def test_a_restored_database_sends_after_a_release(live):
    restore(live)
    use(live, instance.release)
    assert use(live, instance.hold_reason) == ""
    use(live, instance.renew)
    assert use(live, instance.hold_reason) == ""


def test_an_issue_that_was_about_to_be_sent_is_stopped(live, tmp_path):
    row = {"number": 7, "status": Status.APPROVED, "until": START, "headings": []}

    def add(database):
        with database.transaction() as conn:
            conn.execute(ISSUES.insert().values(local_date="2026-03-06", **row))

    use(tmp_path / "copy.db", add)
    assert restore(live).stopped == (7,)
    with closing(sqlite3.connect(live)) as conn:
        moves = conn.execute("SELECT before, after, by FROM acts").fetchall()
    assert moves == [("approved", "held", "Ann")]
