"""Texts for readers that were not saved, to look at on their pages and in their letters."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from emag.press import words
from emag.press.compose import compose_mail
from emag.settings import Settings
from emag.settings.toml_text import Unwritable, changed


class TriedSettings(Settings):
    """Settings whose texts come first from a folder of their own."""

    trial_folder: Path

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The folder with the texts that are tried, then the usual ones."""
        return (self.trial_folder, *super().template_folders)


@contextmanager
def tried(settings: Settings, texts: Mapping[str, str]) -> Iterator[Settings]:
    """The settings with other texts, while the block lasts.

    A text that cannot be used is left out, as it is in a file.
    """
    with tempfile.TemporaryDirectory(prefix="emag-texts-") as name:
        file = Path(name) / words.file_name(settings)
        file.parent.mkdir(parents=True)
        file.write_text(_toml(texts), encoding="utf-8")
        fields = {key: getattr(settings, key) for key in type(settings).model_fields}
        yield TriedSettings.model_construct(**fields, trial_folder=Path(name))


def letter(settings: Settings, kind: str) -> str:
    """A letter to readers as HTML, such as “confirm”. Raises PressError."""
    return compose_mail(kind, settings, {}).html


def _toml(texts: Mapping[str, str]) -> str:
    try:
        return changed("", dict(texts))
    except Unwritable:
        return ""
