"""The templates and words files that printing an issue reads, with their content."""

from dataclasses import dataclass
from pathlib import Path

from emag.press import words
from emag.press.settings import PressSettings
from emag.press.templates import used

_PARTS = ("issue/body.mjml", "issue/body.txt")


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One file by its name below `templates/`. `is_own` is false for one that emag ships."""

    name: str
    is_own: bool
    content: bytes


def template_files(settings: PressSettings) -> list[TemplateFile]:
    """Returns the files that printing an issue reads, by name, the publication's own first.

    Raises OSError for a file that cannot be read.
    """
    folders = settings.template_folders
    paths = {*used(_PARTS, folders=folders).values(), *words.files(settings)}
    files = [_file(path, folders) for path in paths]
    return sorted(files, key=lambda file: (not file.is_own, file.name))


def _file(path: Path, folders: tuple[Path, ...]) -> TemplateFile:
    """A theme's file has the theme in its name: “themes/council/parts/masthead.mjml”."""
    roots = (folders[0], folders[-1])
    folder = next(folder for folder in roots if path.is_relative_to(folder))
    name = path.relative_to(folder).as_posix()
    return TemplateFile(name, folder == folders[0], path.read_bytes())
