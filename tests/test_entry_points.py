"""The command line and the web parse input, call one verb and print: they change nothing."""

import ast
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
