"""The issue as readers will see it, in a browser or as files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import Call, now
from emag.cli.signals import stop_requested

if TYPE_CHECKING:
    from emag.newsroom import Newsroom


def preview(
    call: Call,
    which: Annotated[
        str, typer.Argument(metavar="[N]", help="A number, “next” or “latest”.")
    ] = "next",
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="Write the files there.")
    ] = None,
    shots: Annotated[bool, typer.Option("--shots", help="With --out: pictures too.")] = False,
    topics: Annotated[
        str, typer.Option(metavar="A,B", help="With --out: for a reader who chose these topics.")
    ] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the page.")] = 8401,
) -> None:
    """A page that reloads as templates and picks change; with --out, files."""
    if shots and out is None:
        raise typer.BadParameter("--shots needs --out DIR")
    if topics and out is None:
        raise typer.BadParameter("--topics needs --out DIR; the page has a switch")
    if out is None:
        from emag.web import preview as page

        with stop_requested():  # Ctrl-C is how it ends, not how it fails
            page.serve(lambda: _open(call), which, port, announce=lambda url: _announce(call, url))
        return
    from emag.desk import preview_files

    with call.newsroom() as newsroom:
        chosen = [topic.strip() for topic in topics.split(",") if topic.strip()]
        files = preview_files.write(newsroom, which, out=out, shots=shots, topics=chosen)
    call.output({"files": [str(file) for file in files]}, *(str(file) for file in files))


def _open(call: Call) -> "Newsroom":
    from emag import bootstrap

    return bootstrap.open_newsroom(call.folder, now=now)


def _announce(call: Call, url: str) -> None:
    call.output({"url": url}, f"The preview is at {url} – Ctrl-C ends it")
