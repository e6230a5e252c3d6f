"""Writes the map of docs/architecture.md: every module with its first sentence."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BLOCK = re.compile(r"(?<=<!-- map -->\n```\n).*?(?=```)", re.DOTALL)


def modules() -> list[Path]:
    """Returns every module of both packages, without the revisions of the database."""
    return sorted(
        path
        for package in ("emag", "subscribers")
        for path in (ROOT / package).rglob("*.py")
        if "versions" not in path.parts
    )


def sentence(path: Path) -> str:
    """Returns the first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.splitlines()[0] if docstring else ""


def drawing() -> str:
    """Returns the map as it should be."""
    built = {path.relative_to(ROOT).as_posix(): sentence(path) for path in modules()}
    width = max(map(len, built)) + 2
    return "".join(f"{path:<{width}}{words}\n" for path, words in built.items())


def drawn() -> str:
    """Returns the map that the page holds."""
    block = BLOCK.search(PAGE.read_text())
    return block[0] if block else ""


if __name__ == "__main__":
    PAGE.write_text(BLOCK.sub(lambda _: drawing(), PAGE.read_text()))
