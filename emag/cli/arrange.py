"""Changing an issue: edit, note, pick, drop, order; each voids an approval."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import LARGEST_NUMBER, Call, IssueArgument, login_name, now
from emag.cli.issue import issue_data

if TYPE_CHECKING:
    from emag.database import Database
    from emag.issues.issue import Issue
    from emag.settings import Settings

    Change = Callable[[Database, Settings, int], Issue]

Story = Annotated[
    int,
    typer.Argument(
        metavar="STORY", max=LARGEST_NUMBER, help="A story's number, from “issue explain”."
    ),
]


def edit(
    call: Call,
    which: IssueArgument,
    subject: Annotated[str | None, typer.Option(help="The line readers see first.")] = None,
    preheader: Annotated[str | None, typer.Option(help="The line beside the subject.")] = None,
    note: Annotated[str | None, typer.Option(help="The editor's note, in Markdown.")] = None,
) -> None:
    """Change the subject, the preheader or the editor's note."""
    from emag.desk import arrange

    if (subject, preheader, note) == (None, None, None):
        raise typer.BadParameter("say what to change: --subject, --preheader or --note")
    _change(
        call,
        which,
        lambda db, told, n: arrange.edit(
            db, told, n, now=now(), by=login_name(), subject=subject, preheader=preheader, note=note
        ),
    )


def write_note(
    call: Call,
    which: IssueArgument,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="Markdown; without it, standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file with the note.")
    ] = None,
) -> None:
    """Write the editor's note: as text, from a file, or typed in."""
    from emag.desk import arrange

    if file is not None:
        text = file.read_text(encoding="utf-8")
    elif text is None:
        text = typer.get_text_stream("stdin").read()
    note = text.strip()
    _change(
        call,
        which,
        lambda db, told, n: arrange.edit(db, told, n, now=now(), by=login_name(), note=note),
    )


def pick(
    call: Call,
    which: IssueArgument,
    story: Story,
    section: Annotated[str | None, typer.Option(help="Where to; else its own section.")] = None,
    place: Annotated[
        int | None, typer.Option(min=1, help="At which place; else the last.", show_default=False)
    ] = None,
) -> None:
    """Take a story in."""
    from emag.desk import arrange

    before = None if place is None else place - 1
    _change(
        call,
        which,
        lambda db, told, n: arrange.pick(
            db, told, n, story, now=now(), by=login_name(), section=section, place=before
        ),
    )


def drop(call: Call, which: IssueArgument, story: Story) -> None:
    """Leave a story out, of later issues too."""
    from emag.desk import arrange

    _change(
        call,
        which,
        lambda db, told, n: arrange.drop(db, told, n, story, now=now(), by=login_name()),
    )


def order(
    call: Call,
    which: IssueArgument,
    stories: Annotated[
        list[int],
        typer.Argument(
            metavar="STORY...", max=LARGEST_NUMBER, help="The stories to come first, in order."
        ),
    ],
) -> None:
    """Put stories first in their section, in this order."""
    from emag.desk import arrange

    _change(
        call,
        which,
        lambda db, told, n: arrange.order(db, told, n, stories, now=now(), by=login_name()),
    )


def _change(call: Call, which: str, change: "Change") -> None:
    from emag.issues import store
    from emag.issues.issue import Status

    with call.database() as (settings, database):
        with database.reading() as conn:
            before = store.get(conn, which)
        issue = change(database, settings, before.number)
    voided = before.status is Status.APPROVED and issue.status is not Status.APPROVED
    again = f": it was approved, and needs “emag issue approve {issue.number}” again"
    said = f"Issue {issue.number} is changed" + (again if voided else "")
    call.output(issue_data(issue) | {"approval_voided": voided}, said)
