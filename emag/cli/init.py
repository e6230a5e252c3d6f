"""The command “emag init”, which sets up a new publication."""

from pathlib import Path
from typing import Annotated

import typer

from emag.cli.call import Call


def init(
    call: Call,
    where: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> None:
    """Set up a publication in a new folder: emag.toml, .env and a database."""
    from emag.publication import create_publication

    settings = create_publication(where)
    folder = settings.folder
    call.output(
        {"folder": str(folder), "title": settings.publication.title},
        f"{settings.publication.title} is set up in {folder}:",
        "  emag.toml  the settings: sender, sources, sections, schedule",
        "  .env       the keys: keep them secret, and keep a copy in a safe place",
        f"Next: add your sources to emag.toml, then run “emag gather --dir {where}”",
    )
