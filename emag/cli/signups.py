"""Sign-ups in a flood, and the old tool's links: held, links."""

from pathlib import Path
from typing import Annotated

import typer

from emag.cli import paper
from emag.cli.door import Door, now


def held(
    door: Door,
    *,
    release: Annotated[bool, typer.Option("--release", help="They are readers.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="They are an attack: forget them.")] = False,
) -> None:
    """Confirmations that a flood of sign-ups holds back; say what becomes of them."""
    from subscribers import cli

    if release and drop:
        raise typer.BadParameter("either --release or --drop")
    with door.list() as (_, database, keys):
        told = cli.held(database.transaction, keys, release=release, drop=drop, now=now())
    many = paper.counted(told["held"], "confirmation")
    said = f"{many} released" if release else f"{many} dropped" if drop else f"{many} held"
    since = f" since {told['since'][:16].replace('T', ' ')} UTC" if told["since"] else ""
    door.say(told, said + since)


def links(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
) -> None:
    """Take in the unsubscribe links of the tool you left, to be sent on to /u/TOKEN here.

    A CSV file with a column “email” and a column “token” or “link”.
    """
    from subscribers import cli

    with door.list() as (_, database, _):
        told = cli.links(database.transaction, file)
    refused = [[row["line"], row["reason"]] for row in told["refused"]]
    door.say(
        told,
        f"{paper.counted(told['taken'], 'old link')} will lead to our own page",
        *([paper.table(["Line#", "Refused because"], refused)] if refused else []),
    )
