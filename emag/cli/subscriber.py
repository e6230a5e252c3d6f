"""Readers: add, show, list, edit, unsubscribe, erase, import, export."""

import sys
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output, readers_output
from emag.cli.call import LARGEST_NUMBER, Call, EditorOption, editor_name, login_name
from emag.cli.strict import WrongUsage

if TYPE_CHECKING:
    from subscribers.desk import ImportResult, PastImport


class ListedStatus(StrEnum):
    """The values of `--status`."""

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
    str, typer.Option(metavar="TEXT", help="How they agreed. It is kept as evidence of consent.")
]


def add(
    call: Call,
    address: Address,
    *,
    name: Annotated[str, typer.Option(help="The reader's name.")] = "",
    topic: Annotated[list[str] | None, typer.Option(help="A topic they want. Repeatable.")] = None,
    basis: Basis = "",
    editor: EditorOption = None,
) -> None:
    """Ask a reader for confirmation by mail. With --basis they are active at once."""
    with call.readers() as readers:
        result = readers.add(
            address, by=editor or login_name(), name=name, topics=topic or (), basis=basis
        )
    document = {**readers_output.reader_document(result.reader), "note": result.note}
    call.output(document, *readers_output.reader_lines(result.reader, result.note))


def show(call: Call, address: Address) -> None:
    """Show one reader, and the issues that were made out to them."""
    with call.readers() as readers:
        reader = readers.find(address)
    document = readers_output.reader_document(reader) | readers_output.issue_data(reader)
    lines = readers_output.reader_lines(reader)
    call.output(document, *lines, *readers_output.issue_table(reader))


def listing(
    call: Call,
    status: Annotated[
        ListedStatus | None, typer.Option(metavar="S", help="Only readers of this status.")
    ] = None,
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only readers with this in their address or name.")
    ] = "",
) -> None:
    """List everybody, in the order in which they came."""
    with call.readers() as readers:
        result = readers.list(status=status, search=search.strip())
    documents = [readers_output.reader_document(reader) for reader in result.readers]
    rows = [
        [reader.status, reader.address, reader.name, f"{reader.since:%Y-%m-%d}"]
        for reader in result.readers
    ]
    call.output(
        {"subscribers": documents, "counts": result.counts},
        output.table(["Status", "Address", "Name", "Since"], rows) if rows else "There is nobody",
        output.sum_text(result.counts, list(result.counts)),
    )


def edit(
    call: Call,
    address: Address,
    *,
    name: Annotated[str | None, typer.Option(help="The reader's name.")] = None,
    topics: Annotated[
        str | None, typer.Option(metavar="A,B", help="What they get; “” for everything.")
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why. It is recorded.")] = "",
    editor: EditorOption = None,
) -> None:
    """Change a reader's name or topics. The consent record says who changed them."""
    if name is None and topics is None:
        raise WrongUsage("Give what to change: --name, --topics or both")
    wanted = None if topics is None else [t.strip() for t in topics.split(",") if t.strip()]
    with call.readers() as readers:
        by = editor_name(editor)
        reader = readers.edit(address, by=by, name=name, topics=wanted, reason=reason)
    document = readers_output.reader_document(reader)
    call.output(document, *readers_output.reader_lines(reader))


def unsubscribe(
    call: Call,
    address: Address,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="How they asked. Recorded.")] = "",
    editor: EditorOption = None,
) -> None:
    """Unsubscribe a reader."""
    with call.readers() as readers:
        reader = readers.unsubscribe(address, by=editor or login_name(), reason=reason)
    document = readers_output.reader_document(reader)
    call.output(document, *readers_output.reader_lines(reader))


def erase(call: Call, address: Address, editor: EditorOption = None) -> None:
    """Erase everything about a reader but a keyed hash, which keeps mail from the address."""
    with call.readers() as readers:
        reader = readers.erase(address, by=editor or login_name())
    call.output(
        readers_output.reader_document(reader),
        f"Everything about {reader.address} is erased but a hash that keeps mail away",
    )


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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    undo: Annotated[
        int | None, typer.Option(metavar="ID", max=LARGEST_NUMBER, help="Undo an import.")
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Import readers from a file, on the basis on which they agreed; or --undo an import."""
    if (file is None) == (undo is None):
        raise typer.BadParameter("name a FILE to import, or the ID of an import to --undo")
    if undo is not None:
        _undo(call, undo, editor or login_name())
        return
    assert file is not None
    if not basis.strip():
        raise typer.BadParameter("--basis TEXT: say how these readers agreed to be written to")
    with call.readers() as readers, output.progress_bar(sys.stderr, file.name) as bar:
        result = readers.import_file(
            file,
            by=editor or login_name(),
            basis=basis,
            format=file_format,
            mapping=_mapping(column or []),
            dry_run=dry_run,
            progress=bar.at,
        )
    call.output(_import_document(result, dry_run=dry_run), *_import_lines(result))


def _undo(call: Call, number: int, by: str) -> None:
    with call.readers() as readers:
        result = readers.undo_import(number, by=by)
    counts = result._asdict()
    text = output.sum_text(counts, list(counts))
    call.output({"id": number, **counts}, f"Import {number} is undone: {text}")


def imports(call: Call) -> None:
    """List what was imported: when, by whom, and what came of it."""
    with call.readers() as readers:
        past = readers.past_imports()
    rows = [
        [one.id, one.file, f"{one.at:%Y-%m-%d}", one.by, f"{one.added:,}", _state(one)]
        for one in past
    ]
    heads = ["Import#", "File", "Date", "By", "Added#", "State"]
    document = {"imports": [asdict(one) for one in past]}
    call.output(document, output.table(heads, rows) if rows else "Nothing was imported yet")


def _state(past: "PastImport") -> str:
    if past.undone_at:
        return f"undone by {past.undone_by}"
    return "imported" if past.finished_at else "not finished"


def _mapping(columns: list[str]) -> dict[str, str]:
    pairs = [column.partition("=") for column in columns]
    if any(not (field and sign and name) for field, sign, name in pairs):
        raise typer.BadParameter("write --map FIELD=COLUMN, such as --map email=Adresse")
    repeated = [
        field for field, count in Counter(field for field, *_ in pairs).items() if count > 1
    ]
    if repeated:
        raise typer.BadParameter(f"--map {repeated[0]}=… is given twice")
    return {field: name for field, _, name in pairs}


_OUTCOMES = ("added", "updated", "unchanged", "suppressed", "skipped")


def _import_document(result: "ImportResult", *, dry_run: bool) -> dict[str, Any]:
    return {
        "id": result.id,
        **{name: getattr(result, name) for name in _OUTCOMES},
        "files": result.files,
        "why": [
            {"outcome": outcome, "why": reason, "rows": rows}
            for (outcome, reason), rows in sorted(result.reasons.items())
        ],
        "refused": readers_output.refused_document(result.refused),
        "dry_run": dry_run,
    }


def _import_lines(result: "ImportResult") -> list[Any]:
    counts = output.sum_text({name: getattr(result, name) for name in _OUTCOMES}, _OUTCOMES)
    rows = [[outcome, f"{rows:,}", why] for (outcome, why), rows in sorted(result.reasons.items())]
    is_dry_run = result.id is None
    return [
        *(f"Read as {file}" for file in result.files),
        f"The import would be: {counts}" if is_dry_run else f"Import {result.id}: {counts}",
        *([output.table(["Outcome", "Rows#", "Because"], rows)] if rows else []),
        *readers_output.refused_table(result.refused),
        *([] if is_dry_run else [f"To undo it: emag subscriber import --undo {result.id}"]),
    ]


def dump(
    call: Call,
    file_format: Annotated[Export, typer.Option("--format", metavar="F")] = Export.CSV,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="The file; else standard output."),
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Export everybody, whatever their status. The audit record says who did."""
    if out is None and call.json:
        listing(call)
        return
    with call.readers() as readers:
        if out is None:
            readers.export(sys.stdout, by=editor_name(editor), format=file_format.value)
        else:
            by = editor_name(editor)
            written = readers.export_file(out, by=by, format=file_format.value)
            text = f"{out} holds {output.count_text(written, 'reader')}"
            call.output({"file": str(out), "written": written}, text)
