"""The house itself: its map, its walls, its size, its language."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for package in ("emag", "subscribers")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
CEILING = 300  # lines a file
LONG_FUNCTION = 35  # lines; nine in ten functions are shorter


def draw_map() -> ModuleType:
    """The script that writes the map, which is no package's module."""
    spec = importlib.util.spec_from_file_location("draw_map", ROOT / "docs" / "draw_map.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.splitlines()[0] if docstring else ""


def test_the_map_shows_the_house_as_built():
    page = draw_map()
    assert page.drawn() == page.drawing(), "run “make map”"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_in_one_sentence_what_it_is(path: Path):
    words = sentence(path)
    assert words, "no docstring"
    assert words[-1] in ".?", words


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_file_is_one_idea(path: Path):
    assert len(path.read_text().splitlines()) <= CEILING


def test_nine_functions_in_ten_are_short():
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = sum(length > LONG_FUNCTION for length in lengths)
    assert long <= len(lengths) / 10, f"{long} of {len(lengths)} functions are long"


NOUNS = [
    "emag/content/story.py",
    "emag/content/vacancy.py",
    "emag/content/pool.py",
    "emag/issues/issue.py",
    "emag/issues/recipe.py",
    "emag/press/document.py",
    "emag/press/plaintext.py",
    "emag/press/topics.py",
    "emag/mailing/copy/message.py",
    "emag/mailing/copy/mime.py",
    "emag/mailing/delivery.py",
    "emag/mailing/event.py",
    "emag/mailing/refusal/verdict.py",
    "emag/mailing/refusal/causes.py",
    "emag/mailing/refusal/blame.py",
    "emag/mailing/refusal/codes.py",
    "emag/mailing/refusal/phrases.py",
    "emag/mailing/returns/finding.py",
    "emag/mailing/returns/mark.py",
    "subscribers/consent.py",
    "subscribers/standing.py",
]


@pytest.mark.parametrize("noun", NOUNS)
def test_nouns_are_pure(noun: str):
    """They import the standard library and other nouns only."""
    own = {n.removesuffix(".py").replace("/", ".") for n in NOUNS} | {"subscribers.errors"}
    for node in ast.walk(ast.parse((ROOT / noun).read_text())):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            parts = {f"{module}.{alias.name}" for alias in node.names}
            imported = [module] if not parts & own else sorted(parts)
        else:
            continue
        for module in imported:
            assert module in own or module.partition(".")[0] in sys.stdlib_module_names, module


def test_the_import_contracts_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


HEAVY = {
    "alembic",
    "apscheduler",
    "fastapi",
    "feedparser",
    "httpx",
    "lxml",
    "mjml",
    "nh3",
    "playwright",
    "premailer",
    "procrastinate",
    "psycopg",
    "sendgrid",
    "sqlalchemy",
    "sqlmodel",
    "uvicorn",
}


def test_help_loads_nothing_heavy():
    probe = (
        "import sys\n"
        "from emag.__main__ import main\n"
        "sys.argv = ['emag', '--help']\n"
        "try:\n    main()\nexcept SystemExit as leaving:\n    assert not leaving.code\n"
        "print('LOADED', *{m.partition('.')[0] for m in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.rpartition("LOADED")[2].split())
    assert "emag" in loaded
    assert not loaded & HEAVY


def test_no_test_pretends():
    """No stand-ins of our own code: a real server, a real database, or the fake that ships."""
    own = Path(__file__)
    for path in (ROOT / "tests").rglob("*.py"):
        if path != own:
            assert "unittest.mock" not in path.read_text(), path
