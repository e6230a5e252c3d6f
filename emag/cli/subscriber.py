"""Who reads: add, show, list, unsubscribe, erase, import, export."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import LARGEST_NUMBER, Call, login_name, now
from emag.errors import EmagError

if TYPE_CHECKING:
    from emag.database import Database


class Standing(StrEnum):
    """What `--status` may ask for."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Export(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    LISTMONK = "listmonk"
    GHOST = "ghost"


Address = Annotated[str, typer.Argument(metavar="ADDRESS")]
Basis = Annotated[
    str, typer.Option(metavar="TEXT", help="How they agreed; kept as evidence of their consent.")
]


def add(
    call: Call,
    address: Address,
    name: Annotated[str, typer.Option(help="What to call the reader.")] = "",
    topic: Annotated[list[str] | None, typer.Option(help="Of interest. Repeatable.")] = None,
    basis: Basis = "",
) -> None:
    """Ask a reader for confirmation by mail; with --basis they are active at once."""
    from subscribers import cli

    with call.readers() as (settings, database, keys):
        unknown = set(topic or ()) - set(settings.signup.topics)
        if unknown:
            topics = ", ".join(settings.signup.topics)
            raise EmagError(f"There is no topic “{min(unknown)}”; there are {topics}")
        told = cli.add(
            database.transaction,
            keys,
            address,
            name=name,
            topics=topic or (),
            basis=basis,
            now=now(),
        )
    call.output(told, *_lines(told))


def show(call: Call, address: Address) -> None:
    """One reader."""
    from emag.desk import readers
    from subscribers import cli

    with call.readers() as (_, database, keys):
        told = cli.show(database.reading, keys, address)
        reason = told.get("reason") or readers.latest_reason(database, address)
    told |= {"reason": reason}
    call.output(told, *_lines(told))


def listing(
    call: Call,
    status: Annotated[Standing | None, typer.Option(metavar="S", help="Only these.")] = None,
) -> None:
    """Everybody, in the order in which they came."""
    from subscribers import cli

    with call.database() as (_, database):
        told = cli.listing(database.reading, status=status)
    rows = [[s["status"], s["address"], s["name"], s["since"][:10]] for s in told["subscribers"]]
    call.output(
        told,
        output.table(["Status", "Address", "Name", "Since"], rows) if rows else "There is nobody",
        output.sum_text(told["counts"], list(told["counts"])),
    )


def unsubscribe(call: Call, address: Address) -> None:
    """Take a reader off the list."""
    from subscribers import cli

    with call.readers() as (_, database, keys):
        told = cli.unsubscribe(database.transaction, keys, address, now=now())
    call.output(told, *_lines(told))


def erase(call: Call, address: Address) -> None:
    """Remove everything of a reader but a keyed hash that keeps them from being written to."""
    from subscribers import cli

    with call.readers() as (_, database, keys):
        told = cli.erase(database.transaction, keys, address, now=now())
        database.scrub()
    call.output(told, f"Everything of {told['address']} is erased but a hash that keeps mail away")


def load(
    call: Call,
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", exists=True, dir_okay=False)
    ] = None,
    basis: Basis = "",
    file_format: Annotated[
        str | None, typer.Option("--format", metavar="F", help="Else it is recognised.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="What a column holds. Repeatable."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come.")] = False,
    undo: Annotated[
        int | None, typer.Option(metavar="ID", max=LARGEST_NUMBER, help="Take an import back.")
    ] = None,
) -> None:
    """Take readers in from a file, on the basis on which they agreed; or --undo an import."""
    if (file is None) == (undo is None):
        raise typer.BadParameter("name a FILE to import, or the ID of an import to --undo")
    if undo is not None:
        _undo(call, undo)
        return
    assert file is not None
    if not basis.strip():
        raise typer.BadParameter("--basis TEXT: say how these readers agreed to be written to")
    from subscribers import cli

    with call.readers() as (_, database, keys), output.progress_bar(sys.stderr, file.name) as bar:
        told = cli.load(
            database.transaction,
            keys,
            file,
            basis=basis,
            by=login_name(),
            format=file_format,
            mapping=_mapping(column or []),
            dry_run=dry_run,
            now=now(),
            progress=bar.at,
        )
    call.output(told | {"dry_run": dry_run}, *_imported(told, dry_run=dry_run))


def _undo(call: Call, number: int) -> None:
    from subscribers import cli

    with call.readers() as (_, database, keys):
        told = cli.undo(database.transaction, keys, number, by=login_name(), now=now())
        database.scrub()
    counts = {name: count for name, count in told.items() if name != "id"}
    call.output(told, f"Import {number} is taken back: {output.sum_text(counts, list(counts))}")


def _mapping(columns: list[str]) -> dict[str, str]:
    pairs = [column.partition("=") for column in columns]
    if any(not (field and sign and name) for field, sign, name in pairs):
        raise typer.BadParameter("--map FIELD=COLUMN, such as --map email=Adresse")
    return {field: name for field, _, name in pairs}


def _imported(told: dict[str, Any], *, dry_run: bool) -> list[Any]:
    counts = output.sum_text(told, ("added", "updated", "unchanged", "suppressed", "skipped"))
    rows = [[row["outcome"], f"{row['rows']:,}", row["why"]] for row in told["why"]]
    refused = [[row["line"], row["reason"]] for row in told["refused"]]
    said = [
        *(f"Read as {file}" for file in told["files"]),
        f"It would be {counts}" if dry_run else f"Import {told['id']}: {counts}",
        *([output.table(["Outcome", "Rows#", "Because"], rows)] if rows else []),
        *([output.table(["Line#", "Refused because"], refused)] if refused else []),
    ]
    if not dry_run:
        said.append(f"“emag subscriber import --undo {told['id']}” takes it back")
    return said


def dump(
    call: Call,
    file_format: Annotated[Export, typer.Option("--format", metavar="F")] = Export.CSV,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Where to; else standard output."),
    ] = None,
) -> None:
    """Write everybody out, whatever their status."""
    from subscribers import cli

    with call.database() as (_, database):
        if out is None and call.json:
            call.output(cli.listing(database.reading))
        elif out is None:
            cli.export(database.reading, sys.stdout, format=file_format.value)
        else:
            written = _write(out, database, file_format)
            call.output({"file": str(out), "written": written}, f"{out} holds {written:,} readers")


def _write(out: Path, database: "Database", file_format: Export) -> int:
    """A new file that only its owner can read: it is full of addresses."""
    from subscribers import cli

    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise EmagError(f"{out} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        return cli.export(database.reading, file, format=file_format.value)


def _lines(told: dict[str, Any]) -> list[str]:
    """A reader in a few words."""
    names = {"name": "called", "reason": "because", "topics": "topics"}
    since = f"{told['address']} is {told['status']} since {told['since'][:10]}"
    more = [
        f"  {word} {', '.join(told[key]) if key == 'topics' else told[key]}"
        for key, word in names.items()
        if told.get(key)
    ]
    return [since, *more, *([told["note"]] if told.get("note") else [])]
