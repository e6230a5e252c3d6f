"""A new publication's folder."""

from pathlib import Path
from typing import Annotated

import typer

from emag.cli.call import Call


def init(
    call: Call,
    where: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")],
) -> None:
    """A publication's folder: emag.toml, .env, database."""
    from emag import bootstrap

    settings = bootstrap.init(where)
    folder = settings.folder
    call.output(
        {"folder": str(folder), "title": settings.publication.title},
        f"{settings.publication.title} is set up in {folder}:",
        "  emag.toml  what the editors decide: sender, sources, schedule",
        "  .env       its keys; keep them secret, and keep a copy",
        f"Next: write your sources into emag.toml, then “emag gather --dir {where}”",
    )
