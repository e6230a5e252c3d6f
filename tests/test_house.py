"""The code follows the rules of docs/architecture.md: map, layers, sizes, names."""

import ast
import importlib.util
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for package in ("emag", "subscribers")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
SCRIPTS = sorted(
    path for folder in ("tests", "benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")
)
CEILING = 300  # lines of a file
LONG_FUNCTION = 35  # lines; nine in ten functions are shorter
MANY_MODULES = 5  # a room with more modules needs a contract


def script(name: str) -> ModuleType:
    """Returns a script of docs/, which belongs to no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(parsed(path)))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def sentence(path: Path) -> str:
    docstring = ast.get_docstring(parsed(path)) or ""
    return docstring.splitlines()[0] if docstring else ""


def test_the_map_shows_every_module():
    page = script("draw_map")
    assert page.drawn() == page.drawing(), "run “make map”"


def test_the_page_of_rules_has_every_rule():
    page = script("draw_rules")
    assert page.drawn() == page.drawing(), "run “make map”"
    for rule, module in page.rules().items():
        assert page.section(rule, module).count("\n\n") > 1, f"{rule} does not say what to do"


def test_every_module_begins_with_one_sentence():
    assert [name(path) for path in MODULES if not sentence(path).endswith((".", "?"))] == []


def test_no_file_has_more_than_300_lines():
    lines = {name(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {file: many for file, many in lines.items() if many > CEILING} == {}


def test_nine_functions_in_ten_are_short():
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = sum(length > LONG_FUNCTION for length in lengths)
    assert long <= len(lengths) / 10, f"{long} of {len(lengths)} functions are long"


NOUNS = [
    "emag/content/pictures/picture.py",
    "emag/content/story.py",
    "emag/content/vacancies/vacancy.py",
    "emag/content/vacancies/headline.py",
    "emag/content/vacancies/bare_headline.py",
    "emag/content/vacancies/long_names.py",
    "emag/content/vacancies/segments.py",
    "emag/content/vacancies/bodies.py",
    "emag/content/vacancies/deadline.py",
    "emag/content/vacancies/closing_words.py",
    "emag/content/events/occasion.py",
    "emag/content/events/venue.py",
    "emag/content/events/timing.py",
    "emag/content/when/names.py",
    "emag/content/when/zone.py",
    "emag/content/when/stamp.py",
    "emag/content/when/clock.py",
    "emag/content/when/day.py",
    "emag/content/when/moment.py",
    "emag/content/vacancies/terms.py",
    "emag/content/vacancies/pay.py",
    "emag/content/vacancies/repeats.py",
    "emag/content/vacancies/labels.py",
    "emag/content/pool.py",
    "emag/content/closing.py",
    "emag/content/events/event.py",
    "emag/content/pages/page.py",
    "emag/content/posted.py",
    "emag/content/health/trouble.py",
    "emag/dates/calendar.py",
    "emag/settings/times.py",
    "emag/issues/act.py",
    "emag/issues/rank.py",
    "emag/issues/placement.py",
    "emag/issues/issue.py",
    "emag/issues/words.py",
    "emag/issues/promo.py",
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


def imports(noun: str) -> Iterator[str]:
    """Yields every module that a noun imports."""
    nouns = {n.removesuffix(".py").replace("/", ".") for n in NOUNS} | {"subscribers.errors"}
    for node in ast.walk(parsed(ROOT / noun)):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            parts = {f"{module}.{alias.name}" for alias in node.names}
            imported = [module] if not parts & nouns else sorted(parts)
        else:
            continue
        yield from (module for module in imported if module not in nouns)


def test_nouns_are_pure():
    """They import the standard library and other nouns only."""
    impure = [
        f"{noun}: {module}"
        for noun in NOUNS
        for module in imports(noun)
        if module.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert impure == []


def test_the_import_contracts_hold():
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]


def rooms() -> dict[str, int]:
    """Returns every package, with the number of modules and packages in it."""
    packages = {path.parent for path in MODULES if path.name == "__init__.py"}
    counts = dict.fromkeys(packages, 0)
    for path in MODULES:
        room = path.parent.parent if path.name == "__init__.py" else path.parent
        if room in counts:
            counts[room] += 1
    return {name(package).replace("/", "."): count for package, count in counts.items()}


def test_every_large_room_has_a_contract_about_each_module():
    """An exhaustive order of layers, or a contract that no module knows another."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    ordered = {room for c in contracts if c.get("exhaustive") for room in c["containers"]}
    independent = {
        module.removesuffix(".*")
        for c in contracts
        if c["type"] == "independence"
        for module in c["modules"]
        if module.endswith(".*")
    }
    large = {room for room, count in rooms().items() if count > MANY_MODULES}
    assert large <= ordered | independent


def test_mailing_has_at_most_ten_entries():
    assert 0 < rooms()["emag.mailing"] <= 10


def test_no_two_public_classes_share_a_name():
    homes = defaultdict(list)
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name(path))
    shared = {key: paths for key, paths in homes.items() if len(paths) > 1}
    assert shared == {}


def test_a_person_who_acts_is_always_named():
    """`by` is a keyword without a default, so no verb can forget it."""
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[0] != "_":
                arguments = node.args
                assert "by" not in [a.arg for a in arguments.posonlyargs + arguments.args], path
                for argument, default in zip(
                    arguments.kwonlyargs, arguments.kw_defaults, strict=True
                ):
                    assert argument.arg != "by" or default is None, f"{path}: {node.name}"


def test_no_sentence_names_an_error_class_of_python():
    """A fault in emag goes to errors.log, and people get a sentence. Some logs have it."""
    named = {
        name(path)
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr == "__name__"
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "type"
    }
    logs = {"emag/web/errors.py", "emag/schedule/procrastinate.py", "subscribers/web/batches.py"}
    compared = {"emag/database_faults.py"}  # with the name of a driver's class, and not shown
    assert named == logs | compared | {"emag/cli/call.py"}  # which says it with --debug alone


# Names that say nothing about what they hold. Use a noun or a verb of the subject instead.
EMPTY_NAMES = frozenset(
    [
        "told",
        "found",
        "said",
        "made",
        "who",
        "whom",
        "whose",
        "what",
        "done",
        "kept",
        "heard",
        "asked",
        "known",
        "stood",
        "stands",
        "shown",
        "seen",
        "given",
        "taken",
        "gone",
        "mine",
        "ours",
        "theirs",
        "own",
        "each",
        "thing",
        "things",
        "stuff",
    ]
)
# Names of a pattern. A module is named after its subject.
PATTERNS = frozenset(
    [
        "base",
        "common",
        "helper",
        "helpers",
        "manager",
        "misc",
        "service",
        "services",
        "util",
        "utils",
    ]
)
# A name that somebody else has chosen, such as a method that a library calls.
ALLOWED: dict[str, str] = {}


def names(path: Path) -> Iterator[tuple[str, int]]:
    """Yields every name that the code defines, with its line."""
    for node in nodes(path):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias(asname=str(alias)) | ast.ExceptHandler(name=str(alias)):
                yield alias, node.lineno


def test_names_mean_something():
    empty = [
        f"{name(path)}, line {line}: {word}"
        for path in MODULES + SCRIPTS
        for word, line in names(path)
        if word.strip("_").lower() in EMPTY_NAMES and f"{name(path)}:{word}" not in ALLOWED
    ]
    assert empty == []
    assert [name(path) for path in MODULES + SCRIPTS if path.stem in PATTERNS] == []


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
    result = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(result.stderr.rpartition("LOADED")[2].split())
    assert "emag" in loaded
    assert not loaded & HEAVY


def test_no_test_uses_mocks():
    """Tests use real servers, real databases or the folder transport, and no mocks."""
    this_file = Path(__file__)
    for path in (ROOT / "tests").rglob("*.py"):
        if path != this_file:
            assert "unittest.mock" not in path.read_text(), path
