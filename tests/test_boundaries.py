"""What may cross the boundaries between packages: typed values, and the list through its faces."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for package in ("emag", "subscribers")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
# Commands and pages turn records into JSON or into a template's context: that is their work.
ENTRY_POINTS = ("emag/cli/", "emag/web/", "subscribers/web/")
UNTYPED = re.compile(r"\b(dict|Mapping|MutableMapping)\[str, (Any|object)\]")
ALLOWED = {
    "emag/content/story.py to_dict": "the JSON that a column and the approved copy store",
    "emag/content/story.py from_dict": "the JSON that a column and the approved copy store",
    "emag/desk/look_trial.py try_on": "the values of a form, which are validated there",
    "emag/desk/reader_document.py reader_document": "a document that is written as JSON",
    "emag/desk/reader_document.py receipt_document": "a document that is written as JSON",
    "emag/desk/reader_document.py verification_document": "a document that is written as JSON",
    "emag/press/compose.py compose_mail": "the context of a template",
    "emag/press/templates.py render": "the context of a template",
    "emag/settings/toml_text.py value_of": "the tree that a TOML file holds",
}
# The modules of the list that emag may import. Contracts name who may import the others.
FACES = {"anchor", "consent", "desk", "dialect", "errors", "firewall", "tokens", "web"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def dotted(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def source(path: Path) -> str:
    return path.read_text()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(source(path))


def public_functions(
    tree: ast.Module | ast.ClassDef, owner: str = ""
) -> Iterator[tuple[Function, str]]:
    """Yields each public function and method, with the name of its class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node, node.name)
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node, owner


def is_untyped(function: Function) -> bool:
    """Tells whether a parameter or the result is a dictionary of anything."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    annotations = [*(argument.annotation for argument in every), function.returns]
    return any(note and UNTYPED.search(ast.unparse(note)) for note in annotations)


@cache
def imported(path: Path) -> frozenset[str]:
    """Returns the dotted names that a module imports, packages and what is in them."""
    imports = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom)]
    parts = {f"{node.module}.{alias.name}" for node in imports for alias in node.names}
    return frozenset({node.module or "" for node in imports} | parts)


@cache
def attributes(path: Path) -> frozenset[str]:
    """Returns the attributes that a module uses, as `name` and as `module.name`."""
    nodes = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)]
    of_names = {f"{n.value.id}.{n.attr}" for n in nodes if isinstance(n.value, ast.Name)}
    return frozenset(of_names | {node.attr for node in nodes})


def uses(other: Path, path: Path, function: Function, owner: str) -> bool:
    homes = {f"{home}.{owner or function.name}" for home in (dotted(path), dotted(path.parent))}
    is_imported = bool(homes & imported(other))
    if owner:
        return is_imported and function.name in attributes(other)
    is_called = f"{path.stem}.{function.name}" in attributes(other)
    return is_imported or (is_called and dotted(path) in imported(other))


def users(path: Path, function: Function, owner: str) -> list[str]:
    """Returns the modules outside a function's package that use it."""
    package = f"{name(path.parent)}/"
    outside = [
        other
        for other in MODULES
        if function.name in source(other) and not name(other).startswith(package)
    ]
    return [name(other) for other in outside if uses(other, path, function, owner)]


def test_no_untyped_dictionary_crosses_a_package():
    crossing = {
        f"{name(path)} {function.name}": users(path, function, owner)
        for path in MODULES
        if not name(path).startswith(ENTRY_POINTS)
        for function, owner in public_functions(parsed(path))
        if is_untyped(function) and users(path, function, owner)
    }
    assert set(crossing) == set(ALLOWED), {k: crossing[k] for k in crossing.keys() - ALLOWED}


def test_every_module_of_the_list_is_a_face_or_protected():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    protected = {
        module.removeprefix("subscribers.")
        for contract in contracts
        if contract["type"] == "protected"
        for module in contract["protected_modules"]
        if module.startswith("subscribers.")
    }
    modules = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "subscribers").iterdir()
        if path.name not in {"__init__.py", "__pycache__", "py.typed"}
    }
    assert modules - protected == FACES
    assert not protected & FACES
