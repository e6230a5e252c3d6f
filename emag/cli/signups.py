"""Sign-ups in a flood, and the old tool's links: held, links."""

from pathlib import Path
from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, now


def held(
    call: Call,
    *,
    release: Annotated[bool, typer.Option("--release", help="They are readers.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="They are an attack: forget them.")] = False,
) -> None:
    """Confirmations that a flood of sign-ups holds back; say what becomes of them."""
    from subscribers import cli

    if release and drop:
        raise typer.BadParameter("either --release or --drop")
    with call.readers() as (_, database, keys):
        told = cli.held(database.transaction, keys, release=release, drop=drop, now=now())
    many = output.count_text(told["held"], "confirmation")
    said = f"{many} released" if release else f"{many} dropped" if drop else f"{many} held"
    since = f" since {told['since'][:16].replace('T', ' ')} UTC" if told["since"] else ""
    call.output(told, said + since)


def links(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
) -> None:
    """Take in the unsubscribe links of the tool you left, to be sent on to /u/TOKEN here.

    A CSV file with a column “email” and a column “token” or “link”.
    """
    from subscribers import cli

    with call.readers() as (_, database, _):
        told = cli.links(database.transaction, file)
    refused = [[row["line"], row["reason"]] for row in told["refused"]]
    call.output(
        told,
        f"{output.count_text(told['taken'], 'old link')} will lead to our own page",
        *([output.table(["Line#", "Refused because"], refused)] if refused else []),
    )
