"""The commands about what was done to an issue: history, undo, redo."""

from typing import Annotated

import typer

from emag.cli import output
from emag.cli.arrange import change_issue
from emag.cli.call import (
    LARGEST_NUMBER,
    Call,
    EditorOption,
    IssueArgument,
    editor_name,
    now,
)

ActOption = Annotated[
    int | None,
    typer.Option(
        "--act",
        metavar="ID",
        min=1,
        max=LARGEST_NUMBER,
        help="The act's number, from “emag issue history”.",
    ),
]


def history(call: Call, which: IssueArgument) -> None:
    """Show who changed an issue, how and when."""
    from emag.desk import history as desk

    with call.database() as (settings, database):
        issue, entries = desk.listing(database, settings, which)
    zone = settings.publication.zone
    acts = [
        {
            "id": entry.act.id,
            "at": entry.act.at.astimezone(zone).isoformat(),
            "by": entry.act.by,
            "what": entry.act.kind.value,
            "said": entry.sentence,
            "undone": entry.is_undone,
        }
        for entry in entries
    ]
    rows = [
        [
            entry.act.id,
            output.time_text(entry.act.at, zone),
            entry.sentence,
            "taken back" if entry.is_undone else "",
        ]
        for entry in entries
    ]
    call.output(
        {"acts": acts},
        output.table(["Act#", "When", "What", ""], rows)
        if rows
        else f"Nobody has changed issue {issue.number} since it was drafted",
    )


def undo(
    call: Call, which: IssueArgument, act: ActOption = None, editor: EditorOption = None
) -> None:
    """Take back the newest change of an issue, or the one named by --act."""
    _reverse(call, which, act, editor, again=False)


def redo(
    call: Call, which: IssueArgument, act: ActOption = None, editor: EditorOption = None
) -> None:
    """Do again the change that was taken back last, or the one named by --act."""
    _reverse(call, which, act, editor, again=True)


def _reverse(call: Call, which: str, act: int | None, editor: str | None, *, again: bool) -> None:
    from emag.desk import history as desk

    by = editor_name(editor)
    reverse = desk.redo if again else desk.undo
    change_issue(
        call,
        which,
        lambda database, settings, number: reverse(
            database, settings, number, act, now=now(), by=by
        ),
    )
