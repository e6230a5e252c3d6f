"""The command “emag init”, which sets up a new publication."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import Call

if TYPE_CHECKING:
    from emag.settings import Settings


def init(
    call: Call,
    where: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    *,
    url: Annotated[
        str,
        typer.Option(metavar="URL", help="The public address, such as https://mail.example.org."),
    ] = "",
    deploy: Annotated[
        bool,
        typer.Option(
            "--deploy",
            help="Also write the files for systemd, Caddy, nginx, Docker, Prometheus and Grafana, "
            "filled in. With a publication that is there, write only these.",
        ),
    ] = False,
) -> None:
    """Set up a publication in a new folder: emag.toml, .env and a database."""
    from emag.publication import create_publication
    from emag.settings import load

    is_there = deploy and (where / "emag.toml").exists()
    settings = load(where) if is_there else create_publication(where, base_url=url)
    files = _deploy(settings) if deploy else []
    folder = settings.folder
    call.output(
        {"folder": str(folder), "title": settings.publication.title, "deploy": files},
        *(() if is_there else _lines(settings, where)),
        *([f"In {folder / 'deploy'}: {', '.join(files)}"] if files else []),
        *([f"The files in {folder / 'deploy'} stay as they were"] if deploy and not files else []),
    )


def _deploy(settings: "Settings") -> list[str]:
    """The names of the files that were written."""
    from emag.deployment import write_deployment

    return [file.path.name for file in write_deployment(settings) if file.is_new]


def _lines(settings: "Settings", where: Path) -> tuple[str, ...]:
    return (
        f"{settings.publication.title} is set up in {settings.folder}:",
        "  emag.toml  the settings: sender, sources, sections, schedule",
        "  .env       the keys: keep them secret, and keep a copy in a safe place",
        f"Next: add your sources to emag.toml, then run “emag gather --dir {where}”",
    )
