"""The commands that change what an issue holds: edit, note, pick, hold, drop, move and more."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import (
    Call,
    EditorOption,
    IssueArgument,
    database_number,
    editor_name,
    now,
)
from emag.cli.issue import issue_data
from emag.cli.pictures import fetch_pictures
from emag.cli.strict import WrongUsage
from emag.cli.text_file import read_text

if TYPE_CHECKING:
    from emag.database import Database
    from emag.issues.issue import Issue
    from emag.settings import Settings

    Change = Callable[[Database, Settings, int], Issue]

StoryArgument = Annotated[
    int,
    typer.Argument(
        metavar="STORY",
        callback=database_number,
        help="A story's number, from “emag issue explain”.",
    ),
]


def _each_once(stories: list[int]) -> list[int]:
    """The numbers of stories, of which none may be named twice; for a callback of an argument."""
    for story in stories:
        database_number(story)
        if stories.count(story) > 1:
            raise WrongUsage(f"Story {story} is named twice")
    return stories


StoriesArgument = Annotated[
    list[int],
    typer.Argument(
        metavar="STORY", callback=_each_once, help="Numbers from “emag issue explain”, in order."
    ),
]


def edit(
    call: Call,
    which: IssueArgument,
    *,
    subject: Annotated[str | None, typer.Option(help="The subject line.")] = None,
    preheader: Annotated[
        str | None, typer.Option(help="The line that mail programs show beside the subject.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="The editor's note, in Markdown.")] = None,
    editor: EditorOption = None,
) -> None:
    """Change an issue's subject, preheader or note. This voids an approval."""
    from emag.desk import edit as desk

    if (subject, preheader, note) == (None, None, None):
        raise WrongUsage("Say what to change: --subject, --preheader or --note")
    by = editor_name(editor)

    def change(database: "Database", settings: "Settings", number: int) -> "Issue":
        return desk.write(
            database,
            settings,
            number,
            now=now(),
            by=by,
            subject=subject,
            preheader=preheader,
            note=note,
        )

    change_issue(call, which, change)


def reset(
    call: Call,
    which: IssueArgument,
    *,
    subject: Annotated[bool, typer.Option("--subject", help="Reset the subject.")] = False,
    preheader: Annotated[bool, typer.Option("--preheader", help="Reset the preheader.")] = False,
    editor: EditorOption = None,
) -> None:
    """Make the subject or the preheader automatic again, so that it follows the picks.

    This voids an approval.
    """
    from emag.desk import edit as desk
    from emag.issues.lines import Line

    lines = [Line.SUBJECT] * subject + [Line.PREHEADER] * preheader
    if not lines:
        raise WrongUsage("Say what to reset: --subject or --preheader")
    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: desk.reset(
            database, settings, number, lines, now=now(), by=by
        ),
    )


def write_note(
    call: Call,
    which: IssueArgument,
    *,
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT", help="In Markdown. Without it, standard input is read."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file that holds the note.")
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Write an issue's note: from the command line, a file or standard input.

    This voids an approval.
    """
    from emag.desk import edit as desk

    if text is not None and file is not None:
        raise WrongUsage("Give either TEXT or --file")
    if file is not None:
        text = read_text(file)
    elif text is None:
        if sys.stdin.isatty():
            call.note("Type the note. Ctrl-D ends it.")
        text = typer.get_text_stream("stdin").read()
    note, by = text.strip(), editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: desk.write(
            database, settings, number, now=now(), by=by, note=note
        ),
    )


def pick(
    call: Call,
    which: IssueArgument,
    story: StoryArgument,
    *,
    section: Annotated[
        str | None, typer.Option(help="The section to put it in. Default: the story's own.")
    ] = None,
    place: Annotated[
        int | None,
        typer.Option(min=1, help="Its place in the section. Default: last.", show_default=False),
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Put a story into an issue. This voids an approval."""
    from emag.desk import arrange

    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: arrange.pick(
            database, settings, number, story, now=now(), by=by, section=section, place=place
        ),
    )


def drop(
    call: Call, which: IssueArgument, stories: StoriesArgument, editor: EditorOption = None
) -> None:
    """Take stories out of an issue, and out of later issues too. This voids an approval."""
    from emag.desk import arrange

    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: arrange.drop(
            database, settings, number, stories, now=now(), by=by
        ),
    )


def hold(
    call: Call, which: IssueArgument, stories: StoriesArgument, editor: EditorOption = None
) -> None:
    """Take stories out of an issue. They come back in the next one. This voids an approval."""
    from emag.desk import arrange

    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: arrange.hold(
            database, settings, number, stories, now=now(), by=by
        ),
    )


def move(
    call: Call,
    which: IssueArgument,
    story: StoryArgument,
    *,
    section: Annotated[
        str | None, typer.Option(help="The section to move it to. Default: where it is.")
    ] = None,
    place: Annotated[
        int | None,
        typer.Option(min=1, help="Its place in the section. Default: last.", show_default=False),
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Move a story to another place or section. This voids an approval."""
    from emag.desk import arrange

    if section is None and place is None:
        raise WrongUsage("Say where to: --section, --place or both")
    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: arrange.move(
            database, settings, number, story, now=now(), by=by, section=section, place=place
        ),
    )


def feature(
    call: Call, which: IssueArgument, story: StoryArgument, editor: EditorOption = None
) -> None:
    """Make a job the job of the week of this issue. This voids an approval."""
    from emag.desk import arrange

    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: arrange.feature(
            database, settings, number, story, now=now(), by=by
        ),
    )


def order(
    call: Call,
    which: IssueArgument,
    stories: StoriesArgument,
    editor: EditorOption = None,
) -> None:
    """Put stories first in their sections, in this order. This voids an approval."""
    from emag.desk import arrange

    by = editor_name(editor)
    change_issue(
        call,
        which,
        lambda database, settings, number: arrange.order(
            database, settings, number, stories, now=now(), by=by
        ),
    )


def change_issue(call: Call, which: str, change: "Change") -> None:
    """Changes an issue; prints what was done, and whether that voided an approval."""
    from emag.desk import history, records

    with call.database() as (settings, database):
        before = records.issue(database, which)
        revision = history.revision(database, before.number)
        issue = change(database, settings, before.number)
        fetch_pictures(settings, database)
        acts = history.listing(database, settings, issue.number, after=revision)[1]
    sentences = [entry.sentence for entry in acts]
    is_voided = before.status == "approved" and issue.status != "approved"
    data = {"approval_voided": is_voided, "done": sentences}
    call.output(
        issue_data(issue) | data,
        *(f"Issue {issue.number}: {sentence}" for sentence in sentences),
        *([] if sentences else [f"Issue {issue.number} was so already: nothing has changed"]),
        *([f"Run “emag issue approve {issue.number}” again"] if is_voided else []),
    )
