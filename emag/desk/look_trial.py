"""Prints an issue with other colours, fonts or another logo, to look at before they are saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from emag.database import Database
from emag.desk.appearance import with_sample_reader
from emag.desk.settings_text import opened
from emag.errors import NotFound, SettingsError
from emag.issues import store
from emag.issues.headings import in_order
from emag.issues.issue import UNFROZEN, Issue
from emag.issues.lines import current
from emag.press import sample, theme
from emag.press.compose import compose
from emag.press.document import Document
from emag.settings import PictureSettings, Settings, Theme, themes


@dataclass(frozen=True, slots=True)
class TriedLook:
    """A look that was tried on. `warnings` says which colours emag must change to be readable."""

    theme: Theme
    warnings: tuple[str, ...]


def try_on(settings: Settings, values: Mapping[str, object]) -> TriedLook:
    """The look that the settings would have with other values, as if they were saved.

    Values that cannot be used are left out. One that is the same as now is that of the theme, and
    changes with another theme.
    """
    wanted = dict(opened(settings).values.get("theme", {}))
    chosen, before = settings.theme, theme.as_printed(settings.theme)
    for name, value in values.items():
        if value == getattr(before, name, None):
            continue
        try:
            chosen = themes.with_theme({**wanted, name: value}, settings.folder / "templates")
        except (ValidationError, SettingsError):
            continue
        wanted[name] = value
    return TriedLook(chosen, tuple(theme.adjusted(chosen)))


def printed(database: Database, settings: Settings, look: TriedLook, *, now: datetime) -> Document:
    """The next issue in this look, or the latest, or a sample. Raises PressError."""
    wearing = settings.model_copy(update={"theme": look.theme})
    logos = {"logo", "logo_dark"}
    if any(getattr(look.theme, n) != getattr(settings.theme, n) for n in logos):  # not copied yet
        wearing = wearing.model_copy(update={"pictures": PictureSettings(host="source")})
    document = compose(_issue(database, wearing), wearing, now=now)
    return with_sample_reader(document, settings, edition=1)


def _issue(database: Database, settings: Settings) -> Issue:
    for which in ("next", "latest"):
        try:
            with database.reading() as conn:
                issue = store.get(conn, which)
        except NotFound:
            continue
        return current(in_order(issue, settings)) if issue.status in UNFROZEN else issue
    return sample.issue(settings)
