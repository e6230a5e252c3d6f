"""The command line and the web parse input, call one verb and print: they change nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from emag import bootstrap
from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Issue, Move, Status
from emag.press.document import Document
from emag.settings import load
from subscribers.tables import SUBSCRIBERS
from tests.conftest import SECRET, START

ROOT = Path(__file__).parent.parent
ENTRY_POINTS = ("emag/cli", "emag/web", "subscribers/web")
MODULES = sorted(path for folder in ENTRY_POINTS for path in (ROOT / folder).rglob("*.py"))
# A database's transaction, and the functions that change an issue or a reader within one.
CHANGES = {"transaction", "commit", "freeze"}
# Modules whose functions write. An entry point may call only those that read.
STORES = {"store", "life", "approval", "verdicts", "ledger", "pool", "runs", "membership", "roll"}
READS = {
    ("store", "get"),
    ("store", "listing"),
    ("pool", "states"),
    ("ledger", "counts"),
    ("runs", "last_beat"),
    ("runs", "started"),
    ("roll", "counts"),
    ("roll", "by_ref"),
    ("roll", "history"),
    ("membership", "current_ref"),
    ("membership", "check_confirmation"),
    ("membership", "check_address_change"),
    ("membership", "find_legacy_reader"),
    ("membership", "is_removed_and_mailable"),
    ("membership", "is_known"),
}


def calls(path: Path) -> Iterator[tuple[str, str]]:
    """Each method or module function that is called: the name before the dot, and the one after."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield (owner.id if isinstance(owner, ast.Name) else ""), node.func.attr


def verbs(path: Path) -> set[str]:
    """The modules of verbs that a file imports: they may have the name of a store."""
    return {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "emag.desk"
        for alias in node.names
    }


def test_an_entry_point_opens_no_transaction_and_changes_nothing():
    changing = [
        f"{path.relative_to(ROOT).as_posix()}: {owner}.{name}"
        for path in MODULES
        for stores in [STORES - verbs(path)]
        for owner, name in calls(path)
        if name in CHANGES or (owner in stores and (owner, name) not in READS)
    ]
    assert changing == []


# What no quick command may load, each with what needs it: the press, the sources, the web, the
# rows' own classes, PostgreSQL on SQLite, and pages of help.
SLOW = {
    *("alembic", "apscheduler", "cssutils", "dateutil", "dns", "fastapi", "feedparser"),
    *("holidays", "httpx", "jinja2", "lxml", "mjml", "nh3", "PIL", "playwright", "premailer"),
    *("procrastinate", "psycopg", "requests", "sendgrid", "sqlalchemy.dialects.postgresql"),
    *("sqlalchemy.orm", "sqlmodel", "starlette", "uvicorn", "typer.rich_utils"),
}
LAZY = 13  # modules of the command line: one command's, and what all share


def test_sending_loads_only_what_it_needs(tmp_path):
    """An issue that was approved is printed already. It goes all the way to its one reader."""
    loaded = modules_after(tmp_path, "issue", "send", "1", "--yes", sends=True)
    assert {"sqlalchemy", "emag.mailing.sending.run"} <= loaded
    assert not loaded & (SLOW | {"babel", "emag.press.words", "rich", "subscribers.membership"})


@pytest.mark.parametrize("words", [["--version"], ["issue", "send", "--help"]])
def test_a_command_that_opens_nothing_loads_no_database(tmp_path, words):
    loaded = modules_after(tmp_path, *words)
    assert not loaded & ((SLOW | {"sqlalchemy", "emag.settings"}) - {"typer.rich_utils"})
    assert len([name for name in loaded if name.startswith("emag.cli.")]) < LAZY


def test_serving_loads_no_classes_of_rows_and_no_help():
    modules = "bootstrap, emag.live, emag.schedule.embedded, emag.web.app, emag.web.server"
    code = f"import sys, emag.cli.serve, emag.{modules}\nprint(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert "fastapi" in loaded
    never = {"alembic", "playwright", "psycopg", "rich", "sqlalchemy.orm", "sqlmodel"}
    assert not loaded & (never | {"sqlalchemy.dialects.postgresql", "typer.rich_utils"})


def add_an_approved_issue(folder: Path) -> None:
    """Makes a publication with one reader, whose mail goes into a folder."""
    sender = "The Town Crier <crier@example.org>"
    (folder / "emag.toml").write_text(f'[publication]\ntitle = "Crier"\nsender = "{sender}"\n')
    (folder / ".env").write_text(f"EMAG_SECRET_KEY={SECRET}\nEMAG_BASE_URL=https://a.example.org\n")
    database = bootstrap.connect(load(folder, {}))
    bootstrap.upgrade(database)
    issue = Issue(0, Status.DRAFT, "News", None, START, None, "2026-03-05")
    page = "[[greeting]] [[unsubscribe_url]] [[preferences_url]]"
    with database.transaction() as conn:
        reader = {"ref": "a", "address": "ann@example.org", "key": "ann@example.org"}
        reader |= {"status": "active", "topics": [], "since": START, "joined_at": START}
        conn.execute(insert(SUBSCRIBERS), reader)
        number = store.add(conn, issue).number
        frozen = Frozen("News", "", page, page, Document("News", "", page, page).hash)
        approval.freeze(conn, number, frozen, record="{}")
        life.move(conn, number, Move.APPROVE, now=START, by="ann")
    database.close()


def modules_after(folder: Path, *words: str, sends: bool = False) -> set[str]:
    """The modules that are loaded after a command, in a process of its own."""
    if sends:
        add_an_approved_issue(folder)
    probe = (
        f"import sys; sys.argv = ['emag', *{words!r}]\nfrom emag.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *sys.modules)"
    )
    command = [sys.executable, "-c", probe]
    environ = {"EMAG_DIR": str(folder), "PATH": "", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.rpartition("LOADED")[2].split())
