"""The command “emag demo”, which runs everything on bundled content."""

import sys
from contextlib import nullcontext, redirect_stdout
from typing import Annotated

import typer

from emag.cli.call import Call


def demo(
    call: Call,
    once: Annotated[bool, typer.Option("--once", help="End after the last step.")] = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port of the inbox page.", show_default=False),
    ] = None,
    theme: Annotated[
        str, typer.Option(metavar="NAME", help="The look: see “emag theme list”.")
    ] = "noticeboard",
) -> None:
    """Run everything on bundled content in a temporary folder: from feeds to an inbox by SMTP."""
    from emag import demo as demonstration

    # With --json its report is progress, which belongs on standard error.
    with redirect_stdout(sys.stderr) if call.json else nullcontext():
        code = demonstration.run(once, port, theme)
    if call.json:
        call.output({"ok": code == 0})
    if code:
        raise typer.Exit(code)
