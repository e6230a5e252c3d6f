"""The command line and the web parse input, call one verb and print: they change nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def test_sending_loads_only_what_it_needs():
    """An issue that was approved is printed already."""
    modules = "cli.send, emag.quick_start, emag.newsroom, emag.desk.dispatch, emag.settings"
    loaded = modules_after(f"import emag.{modules}, emag.mailing.transports.smtp")
    assert "sqlalchemy" in loaded
    assert not loaded & SLOW


def modules_after(code: str) -> set[str]:
    """The modules that are loaded after some code, in a process of its own."""
    probe = f"import sys\n{code}\nprint('LOADED', *sys.modules)"
    command = [sys.executable, "-c", probe]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(result.stdout.rpartition("LOADED")[2].split())
