"""Creates a publication: its folder, its settings, its keys and its database."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe
from string import Template
from typing import TYPE_CHECKING

from emag.bootstrap import anchor, connect, upgrade
from emag.errors import EmagError

if TYPE_CHECKING:
    from emag.settings import Settings

SECRETS = ("secret_key", "signup_secret", "signup_token", "stories_secret", "stories_token")


def create_publication(
    folder: Path, *, environ: Mapping[str, str] | None = None, base_url: str = ""
) -> "Settings":
    """Creates a publication's folder. Raises EmagError if it holds a publication already.

    Raises SettingsError, and leaves nothing behind, for a `base_url` that is not public.
    """
    from emag.settings import Environment, check_base_url, load, shipped_templates

    folder = folder.resolve()
    for name in ("emag.toml", ".env", "emag.db"):
        if (folder / name).exists():
            raise EmagError(
                f"{folder / name} exists already: choose another folder. Nothing was changed"
            )
    samples = shipped_templates() / "publication"
    title = " ".join(re.findall(r"[^\W_]+", folder.name)).title() or "Our Magazine"
    secrets = {name: token_urlsafe(48) for name in SECRETS}
    if base_url:
        check_base_url(base_url)
    secrets["base_url"] = base_url or Environment().base_url
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / ".env", (samples / "env").read_text(), secrets, mode=0o600)
    _write(folder / "emag.toml", (samples / "emag.toml").read_text(), {"title": title})
    settings = load(folder, environ)
    database = connect(settings)
    try:
        upgrade(database, anchor(settings))
    finally:
        database.close()
    return settings


def _write(path: Path, sample: str, values: Mapping[str, str], *, mode: int = 0o644) -> None:
    text = Template(sample).substitute(values)
    # O_EXCL and the mode at creation: nobody can read a key before the mode is set.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
