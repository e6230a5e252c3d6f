"""The whole line on bundled content."""

import sys
from contextlib import nullcontext, redirect_stdout
from typing import Annotated

import typer

from emag.cli.call import Call


def demo(
    call: Call,
    once: Annotated[bool, typer.Option("--once", help="End when it is done.")] = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Of the inbox page.", show_default=False),
    ] = None,
) -> None:
    """Feeds, issue, check, approval, real SMTP, inbox: all of it, in a temporary folder."""
    from emag import demo as line

    # With --json its story is progress, and goes where progress goes.
    with redirect_stdout(sys.stderr) if call.json else nullcontext():
        code = line.run(once, port)
    if call.json:
        call.output({"ok": code == 0})
    if code:
        raise typer.Exit(code)
