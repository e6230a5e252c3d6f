"""Examines each template of the publication's own: its name, its tags and its filters."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from emag.doctor.problem import Problem
from emag.settings import Settings, shipped_templates

_SUFFIXES = (".html", ".mjml", ".txt")
_OTHERS = ("words", "themes", "publication")  # folders of other things


def examine(settings: Settings, *, earlier: Sequence[str] = ()) -> Iterator[Problem]:
    """Reads every one of them, whether a sample issue would show it or not.

    `earlier` are sentences that were said already: a file that they name is left out.
    """
    folder = settings.folder / "templates"
    if not folder.is_dir():
        return
    included: set[str] = set()
    strange: list[str] = []
    for file in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES):
        name = file.relative_to(folder).as_posix()
        if name.startswith(_OTHERS) or any(name in sentence for sentence in earlier):
            continue
        if not (shipped_templates() / name).is_file():
            strange.append(name)
        try:
            tree = Environment(autoescape=True).parse(file.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            yield _problem(name, error.lineno, "has a tag that is not closed or not known")
        except (OSError, UnicodeDecodeError):
            yield _problem(name, 0, "cannot be read as text in UTF-8")
        else:
            included |= {other for other in meta.find_referenced_templates(tree) if other}
            yield from _filters(name, tree)
    yield from (_stranger(name) for name in strange if name not in included)


def _problem(name: str, line: int, fault: str) -> Problem:
    where = f"templates/{name}, line {line}," if line else f"templates/{name}"
    return Problem("templates", f"{where} {fault}: correct it, or remove the file")


def _stranger(name: str) -> Problem:
    near = get_close_matches(name, _shipped_names(), n=1, cutoff=0)
    message = f"templates/{name} replaces no template of emag, so nobody sees it"
    return Problem("templates", f"{message}; did you mean templates/{near[0]}?", "warn")


def _filters(name: str, tree: nodes.Template) -> Iterator[Problem]:
    for node in tree.find_all(nodes.Filter):
        if node.name not in _known_filters():
            yield _problem(name, node.lineno, f"uses a filter “{node.name}” that emag has not")


@lru_cache(maxsize=1)
def _shipped_names() -> tuple[str, ...]:
    paths = (path for path in shipped_templates().rglob("*") if path.suffix in _SUFFIXES)
    return tuple(sorted(path.relative_to(shipped_templates()).as_posix() for path in paths))


@lru_cache(maxsize=1)
def _known_filters() -> frozenset[str]:
    """Those of Jinja, and those that emag's own templates use."""
    environment = Environment(autoescape=True)
    names = set(environment.filters)
    for name in _shipped_names():
        text = (shipped_templates() / name).read_text(encoding="utf-8")
        if not name.startswith(_OTHERS):
            names |= {node.name for node in environment.parse(text).find_all(nodes.Filter)}
    return frozenset(names)
