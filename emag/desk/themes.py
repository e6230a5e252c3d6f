"""Lists the themes there are, and copies one into the publication's folder to be changed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from emag.errors import EmagError, NotFound
from emag.settings import Settings, themes
from emag.settings.kinds import nearest

PARTS = "parts"  # the templates that make the look


@dataclass(frozen=True, slots=True)
class ListedTheme:
    """A theme. `is_own` is true for one in the publication's folder."""

    name: str
    is_active: bool
    is_own: bool


def listing(settings: Settings) -> list[ListedTheme]:
    """All themes by name: emag's and the publication's own."""
    templates = settings.folder / "templates"
    return [
        ListedTheme(
            name,
            is_active=name == settings.theme.name,
            is_own=(templates / themes.FOLDER / name / themes.FILE).is_file(),
        )
        for name in themes.names(templates)
    ]


def copy(settings: Settings, name: str, *, new_name: str = "") -> Path:
    """Copies a theme with every template that makes its look. Returns the new folder.

    Raises NotFound for an unknown theme, and EmagError where the folder is there or unwritable.
    """
    templates = settings.folder / "templates"
    existing = themes.names(templates)
    if name not in existing:
        raise NotFound(f"There is no theme “{name}”{nearest(name, existing)}")
    target = templates / themes.FOLDER / (new_name or name)
    if target.exists():
        raise EmagError(f"{target} is there already: choose another name with --name")
    publications, own_theme, theme, shipped = themes.template_folders(templates, name)
    try:
        for source in (shipped / PARTS, theme, own_theme, publications / PARTS):
            _add(source, target / PARTS if source.name == PARTS else target)
    except OSError as error:
        raise EmagError(f"{target} cannot be written: {error.strerror}") from error
    return target


def _add(source: Path, target: Path) -> None:
    """Copies the files of a folder over those that are there."""
    if source.is_dir() and source != target:
        shutil.copytree(source, target, dirs_exist_ok=True)
