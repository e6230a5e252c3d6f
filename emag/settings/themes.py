"""Finds themes, which are folders with templates and a theme.toml, and reads their settings."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from emag.errors import SettingsError
from emag.settings.kinds import nearest
from emag.settings.sentences import of_toml
from emag.settings.theme import Theme

FOLDER, FILE = "themes", "theme.toml"
DEFAULT = "noticeboard"
_ACCENT, _DARK_ACCENT = "accent", "dark_accent"

ThemeValues = Mapping[str, object]


def shipped_templates() -> Path:
    """Returns the folder of emag's templates: in a wheel inside the package, else beside it."""
    inside = Path(__file__).parent.parent / "_templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "templates"


def roots(templates: Path) -> tuple[Path, Path]:
    """Where templates are: a publication's own, and those of emag."""
    return templates, shipped_templates()


def template_folders(templates: Path, theme: str) -> tuple[Path, ...]:
    """Where a template is looked for: the publication's own, its theme, emag's theme, emag's."""
    publications, shipped = roots(templates)
    return publications, publications / FOLDER / theme, shipped / FOLDER / theme, shipped


def names(templates: Path) -> list[str]:
    """The names of all themes there are, the publication's own among them."""
    folders = [root / FOLDER for root in roots(templates)]
    return sorted({file.parent.name for folder in folders for file in folder.glob(f"*/{FILE}")})


def with_theme(wanted: ThemeValues, templates: Path) -> Theme:
    """The settings of the look: those of the theme, and those that emag.toml sets instead.

    `model_fields_set` of the result names what emag.toml sets. Raises SettingsError for a theme
    that is not there or has a fault, and ValidationError for a fault of `wanted`.
    """
    name = wanted.get("name", DEFAULT)
    merged: dict[str, object] = {}
    for values in (theme_values(templates, name) if isinstance(name, str) else {}, wanted):
        if _ACCENT in values:  # an accent for dark mode belongs to the accent beside it
            merged[_DARK_ACCENT] = ""
        merged |= values
    chosen = dict(Theme.model_validate(merged))
    return Theme.model_construct(_fields_set={*wanted}, **chosen)


def theme_values(templates: Path, name: str) -> ThemeValues:
    """What a theme.toml sets. Raises SettingsError."""
    file = _file(templates, name)
    if file is None:
        existing = names(templates)
        hint = (
            nearest(name, existing)
            or f": use {', '.join(existing)}, or “emag theme copy {DEFAULT}”"
        )
        raise SettingsError([f"theme.name: there is no theme “{name}”{hint}"])
    return _read(file, file.stat().st_mtime_ns)


def _file(templates: Path, name: str) -> Path | None:
    files = (root / FOLDER / name / FILE for root in roots(templates))
    return next((file for file in files if file.is_file()), None)


@lru_cache(maxsize=32)
def _read(file: Path, _changed: int) -> ThemeValues:
    text = ""
    try:
        text = file.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
        Theme.model_validate(values)
    except ValidationError as error:
        raise SettingsError(list(_faults(file, error))) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([of_toml(text, error, of=str(file))]) from error
    except (OSError, ValueError) as error:
        fault = f"{file} cannot be read: check who may read it, and save it as UTF-8"
        raise SettingsError([fault]) from error
    if "name" in values:
        raise SettingsError([f"{file}: remove “name”: a theme is named by its folder"])
    return values


def _faults(file: Path, error: ValidationError) -> Iterable[str]:
    keys = [key for key in Theme.model_fields if key != "name"]
    for detail in error.errors():
        key = str(detail["loc"][0])
        if detail["type"] == "extra_forbidden":
            yield f"{file}: {key} is not a setting of a theme{nearest(key, keys)}"
        else:
            yield f"{file}: {key}: {detail['msg'].removeprefix('Value error, ')}"
