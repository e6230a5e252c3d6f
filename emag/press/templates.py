"""Renders Jinja2 templates: escaped, sandboxed, overridable; errors name file and line."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, meta
from jinja2.exceptions import SecurityError

from emag.errors import PressError
from emag.press import plaintext, template_faults, typography
from emag.press.bytecode import SharedBytecode
from emag.press.printable import web_link
from emag.press.sandbox import Sandbox
from emag.press.tracing import Place, Traced, place

SUFFIXES = (".mjml", ".txt", ".css")
_OPTIONS: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
_FILTERS: dict[str, Any] = {
    "wrap": plaintext.wrap,
    "heading": plaintext.heading,
    "web_link": web_link,
    "dir": typography.foreign,
    "spoken": typography.spoken,
    "step": typography.step,
    "glued": typography.glued,
}


def render(
    name: str, context: Mapping[str, object], *, folders: tuple[Path, ...], escape: bool
) -> str:
    """Renders the template `name` from the first of `folders` that has it. Raises PressError."""
    try:
        return _environment(folders, _files(folders[0]), escape).printed(name, context)
    except TemplateNotFound as error:
        missing = error.name or name
        raise PressError(
            f"There is no template {missing}: put it into {folders[0]} or use a shipped one"
        ) from error
    except (
        TemplateError,
        SecurityError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        place = _place(error, name, folders)
        raise PressError(f"{place}: {template_faults.sentence(error)}") from error


def locate(
    name: str, context: Mapping[str, object], offset: int, *, folders: tuple[Path, ...]
) -> str:
    """Returns “file, line n” of the template that prints what is at this offset, or "".

    It renders the template again, so call it for an error only.
    """
    environment: Any = Sandbox(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        extensions=[Traced],
        **_OPTIONS,
        autoescape=True,
    )
    places: list[Place] = []
    environment.places = places
    environment.filters.update(_FILTERS)
    line = place(environment.get_template(name).render(context), places, offset)
    return str(line or "")


def used(names: Iterable[str], *, folders: tuple[Path, ...]) -> dict[str, Path]:
    """Returns the file of each template that rendering `names` reads, by its name.

    A template whose includes depend on the issue may read every template there is.
    """
    files: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        file = next((path for f in folders if (path := f / name).is_file()), None)
        if name in files or file is None:
            continue
        files[name] = file
        waiting += _included(file, folders)
    return files


def _included(file: Path, folders: tuple[Path, ...]) -> list[str]:
    """Returns the names of the templates that a template includes, imports or extends."""
    names = _referenced(file.read_text("utf-8"))
    if None not in names:
        return [name for name in names if name is not None]
    return [
        path.relative_to(folder).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES
    ]


@lru_cache(maxsize=256)
def _referenced(source: str) -> tuple[str | None, ...]:
    """The names in a template's text; None for one that only rendering finds out."""
    tree = _new_environment((), escape=True).parse(source)
    return tuple(meta.find_referenced_templates(tree))


# The list of files is part of the cache key, so a template that an editor adds while the program
# runs replaces the shipped one at once.
@lru_cache(maxsize=16)
def _environment(folders: tuple[Path, ...], _files: frozenset[str], escape: bool) -> Sandbox:
    return _new_environment(folders, escape=escape)


def _new_environment(folders: tuple[Path, ...], *, escape: bool) -> Sandbox:
    # select_autoescape() covers .html and .xml only and would not escape .mjml.
    environment = Sandbox(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=escape,
        **_OPTIONS,
        auto_reload=True,
        bytecode_cache=SharedBytecode(),
    )
    environment.filters.update(_FILTERS)
    return environment


def _files(folder: Path) -> frozenset[str]:
    if not folder.is_dir():
        return frozenset()
    return frozenset(str(path) for path in folder.rglob("*") if path.suffix in SUFFIXES)


def _place(error: BaseException, name: str, folders: tuple[Path, ...]) -> str:
    """Returns file and line of the error, from a syntax error's fields or from the traceback."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if isinstance(file, str) and isinstance(line, int):
        return f"{file}, line {line}"
    place = name
    trace: Any = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if any(file.startswith(str(folder)) for folder in folders):
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
