"""The commands about stories: add one by its address, and list the pool."""

from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, editor_name, now
from emag.cli.story_output import explanation_data, story_data

if TYPE_CHECKING:
    from emag.desk.pool import AddedStory


def add(
    call: Call,
    address: Annotated[str, typer.Argument(metavar="URL", help="The page that tells the story.")],
    *,
    section: Annotated[
        str | None, typer.Option(help="The section it belongs to. Default: by its kind.")
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Add the story of a web page to the pool: its title, summary, picture and by-line."""
    from emag.desk import pool
    from emag.sources import pages

    by = editor_name(editor)
    with call.database() as (settings, database):
        added = pool.add(
            database, settings, pages(settings), address, now=now(), by=by, section=section
        )
    candidate = added.candidate
    call.output(
        story_data(candidate.story)
        | {
            "id": candidate.id,
            "story": candidate.id,
            "kind": str(candidate.story.kind),
            "source": candidate.story.source,
            "section": candidate.section,
            "new": added.is_new,
            "had_in": added.had_in,
            "added_by": candidate.added_by or None,
        },
        _sentence(added),
    )


def listing(
    call: Call,
    *,
    tray: Annotated[
        bool, typer.Option("--tray", help="Only those gathered since the draft.")
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="Only those of this source; “by hand” for added ones.")
    ] = None,
) -> None:
    """List the stories seen since the last cut-off, and why each is in the issue or not."""
    from emag.desk import pool

    with call.database() as (settings, database):
        view = pool.view(database, settings, now=now())
        source = source and pool.source_name(settings, source)
    rows = [
        row
        for row in (view.tray if tray else view.rows)
        if source in {None, row.candidate.story.source}
    ]
    table = [
        [
            "in" if row.verdict.chosen else "out",
            row.candidate.id,
            row.candidate.story.title,
            row.candidate.story.source,
            row.verdict.section,
            row.verdict.reason,
        ]
        for row in rows
    ]
    columns = ["", "Story#", "Title", "Source", "Section", "Reason"]
    call.output(
        {
            "issue": view.issue.number if view.issue else None,
            "stories": [explanation_data(row) for row in rows],
        },
        output.table(columns, table) if rows else "There is no such story",
    )


def _sentence(added: "AddedStory") -> str:
    candidate = added.candidate
    title, number = f"“{candidate.story.title}”", candidate.id
    if added.had_in:
        return f"{title} was in issue {added.had_in}: “emag issue pick N {number}” puts it in again"
    if not added.is_new:
        return f"{title} is in the pool already, as story {number}, from {candidate.story.source}"
    return f"{title} is story {number} now, in the section {candidate.section}"
