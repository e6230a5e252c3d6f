"""The files of the settings and texts, as a form shows them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from emag.errors import SettingsError
from emag.press import theme, words
from emag.settings import Settings, read_text, themes
from emag.settings.defaults import default
from emag.settings.sentences import of_toml
from emag.settings.toml_text import value_of
from emag.settings.write import fingerprint
from emag.settings_log.store import LoggedValue

SETTINGS_FILE = "emag.toml"


@dataclass(frozen=True, slots=True)
class SettingsText:
    """A file as a form shows it: its fingerprint, and the value of each key that is set."""

    file: str
    fingerprint: str
    values: Mapping[str, Any]
    look: Mapping[str, LoggedValue] = field(default_factory=dict)  # of the theme, where it is asked

    def value(self, key: str) -> LoggedValue:
        """The value of a key such as “theme.accent”, or None where it is not set."""
        return plain(value_of(self.values, key))

    def default(self, key: str) -> LoggedValue:
        """What counts where the key is not set; for the look it is what the theme sets."""
        name = key.removeprefix("theme.")
        return self.look[name] if name != key and name in self.look else default(key)


def opened(settings: Settings, file: str = SETTINGS_FILE) -> SettingsText:
    """Reads a file for a form. Raises SettingsError where it cannot be read."""
    path = settings.folder / file
    based_on, text = fingerprint(path), text_of(settings.folder, file)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([of_toml(text, error, of=path.name)]) from None
    look = _look(values, settings.folder) if file == SETTINGS_FILE else {}
    return SettingsText(file, based_on, values, look)


def _look(values: Mapping[str, Any], folder: Path) -> Mapping[str, LoggedValue]:
    """The settings of the look, with those of the theme; none while they have a fault."""
    try:
        chosen = themes.with_theme(values.get("theme", {}), folder / "templates")
    except (SettingsError, ValidationError):
        return {}
    return {key: plain(value) for key, value in theme.as_printed(chosen)}


def words_file(settings: Settings) -> str:
    """The file with the publication's own texts for readers, below its folder."""
    return f"templates/{words.file_name(settings)}"


def text_of(folder: Path, file: str) -> str:
    """The text of a file; a file of texts may not exist yet. Raises SettingsError."""
    if file == SETTINGS_FILE:
        return read_text(folder)
    path = folder / file
    return path.read_bytes().decode("utf-8-sig") if path.exists() else ""


def plain(value: object) -> LoggedValue:
    """A value as it is recorded: dates as text."""
    if isinstance(value, list):
        return [str(plain(entry)) for entry in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
