"""What readers agreed to, and its proof: receipt, verify."""

from typing import Annotated, Any

import typer

from emag.cli import paper
from emag.cli.door import Door


def receipt(door: Door, address: Annotated[str, typer.Argument(metavar="ADDRESS")]) -> None:
    """Everything a reader agreed to and took back: when, how, in which words."""
    from subscribers import cli

    with door.list() as (_, database, keys):
        told = cli.receipt(database.reading, keys, address)
    events: list[dict[str, Any]] = told["events"]
    rows = [[e["at"][:19].replace("T", " "), e["act"], e["how"], e["wording"]] for e in events]
    door.say(
        told,
        f"{told['address']} is {told['status']} since {told['since'][:10]}",
        paper.table(["When (UTC)", "What", "How", "In these words"], rows)
        if rows
        else "Nothing is kept of what was agreed",
    )


def verify(door: Door) -> None:
    """Compute the ledger of consent again; exit 1 if a row of it was touched."""
    from subscribers import cli

    with door.list() as (_, database, keys):
        told = cli.verify(database.reading, keys)
    rows = paper.counted(told["rows"], "row")
    found = (
        f"The ledger of consent is whole: {rows}"
        if told["ok"]
        else f"The ledger of consent was touched: row {told['first_bad']} of {rows} is changed"
    )
    door.say(told, found)
    if not told["ok"]:
        raise typer.Exit(1)
