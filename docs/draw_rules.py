"""Writes the sections of docs/rules.md: each rule of the pre-flight, from its own docstring."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "rules.md"
RULES = ROOT / "emag" / "checks" / "rules"
BLOCK = re.compile(r"(?<=<!-- rules -->\n).*(?=<!-- /rules -->)", re.DOTALL)
_EFFECTS = {
    frozenset({"block"}): "Blocks.",
    frozenset({"warn"}): "Warns.",
    frozenset({"block", "warn"}): "Blocks or warns.",
}


def rules() -> dict[str, Path]:
    """Returns the module of each rule, by the rule's id."""
    modules = sorted(path for path in RULES.glob("*.py") if path.stem != "__init__")
    return {path.stem.replace("_", "-"): path for path in modules}


def effect(module: ast.Module) -> str:
    """Returns what the rule's own faults do, from the severities in its code."""
    severities = {
        node.args[1].value
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Fault"
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in {"NAME", "TWICE"}
        and isinstance(node.args[1], ast.Constant)
    }
    return _EFFECTS.get(frozenset(severities), "Warns.")


def section(name: str, path: Path) -> str:
    """Returns the section of a rule: its id, what it asks, what its faults do, what to do."""
    module = ast.parse(path.read_text())
    first, _, rest = (ast.get_docstring(module) or "").partition("\n")
    sentence = first.partition(": ")[2]
    return f"## {name}\n\n{sentence[:1].upper()}{sentence[1:]} {effect(module)}\n\n{rest.strip()}\n"


def drawing() -> str:
    """Returns the sections as they should be."""
    return "\n" + "\n".join(section(name, path) for name, path in rules().items()) + "\n"


def drawn() -> str:
    """Returns the sections that the page holds."""
    block = BLOCK.search(PAGE.read_text())
    return block[0] if block else ""


if __name__ == "__main__":
    PAGE.write_text(BLOCK.sub(lambda _: drawing(), PAGE.read_text()))
