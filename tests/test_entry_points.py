"""The command line and the web parse input, call one verb and print: they change nothing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENTRY_POINTS = ("emag/cli", "emag/web", "subscribers/web")
MODULES = sorted(path for folder in ENTRY_POINTS for path in (ROOT / folder).rglob("*.py"))
CHANGES = {"transaction", "move", "freeze", "commit"}


def calls(path: Path) -> set[str]:
    return {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_entry_point_opens_no_transaction_and_moves_no_issue(path: Path):
    assert not calls(path) & CHANGES
