"""The command “emag preview”, which shows an issue in a browser or writes it as files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import Call, now
from emag.cli.signals import stop_requested
from emag.cli.strict import WrongUsage

if TYPE_CHECKING:
    from emag.newsroom import Newsroom

PORT = 8401


def preview(
    call: Call,
    which: Annotated[
        str, typer.Argument(metavar="N", help="An issue's number, “next” or “latest”.")
    ] = "next",
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Write files here, show no page."),
    ] = None,
    shots: Annotated[
        bool,
        typer.Option("--shots", help="With --out: write screenshots too, and a contact sheet."),
    ] = False,
    topics: Annotated[
        str, typer.Option(metavar="A,B", help="With --out: as a reader of these topics gets it.")
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The page's port. Default: 8401.", show_default=False),
    ] = None,
) -> None:
    """Show an issue on a page that reloads when templates or picks change.

    With --out it writes issue.html, issue.txt and issue.mjml instead.
    """
    if out is None:
        _refuse_without_out(shots=shots, topics=topics)
        _serve(call, which, PORT if port is None else port)
        return
    if port is not None:
        raise WrongUsage("Use either --port or --out: with --out there is no page")
    from emag.desk import preview_files

    with call.newsroom() as newsroom:
        chosen = [topic.strip() for topic in topics.split(",") if topic.strip()]
        files = preview_files.write(newsroom, which, out=out, shots=shots, topics=chosen)
    call.output({"files": [str(file) for file in files]}, *(str(file) for file in files))


def _refuse_without_out(*, shots: bool, topics: str) -> None:
    if shots:
        raise WrongUsage("--shots needs --out DIR")
    if topics:
        raise WrongUsage("--topics needs --out DIR: on the page you can switch topics")


def _serve(call: Call, which: str, port: int) -> None:
    from emag.web import preview as page

    def open_newsroom() -> "Newsroom":
        from emag import bootstrap

        return bootstrap.open_newsroom(call.folder, now=now)

    def announce(url: str) -> None:
        call.output({"url": url}, f"The preview is at {url} – press Ctrl-C to end it")

    with stop_requested():  # Ctrl-C is the normal end, not an error
        page.serve(open_newsroom, which, port, announce=announce)
