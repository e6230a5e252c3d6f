"""The command `emag issue words`: an editor's own words for a story, in one issue."""

from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.arrange import StoryArgument, change_issue
from emag.cli.call import Call, EditorOption, IssueArgument, editor_name, now
from emag.cli.strict import WrongUsage

if TYPE_CHECKING:
    from emag.database import Database
    from emag.issues.issue import Issue
    from emag.settings import Settings


def words(
    call: Call,
    which: IssueArgument,
    story: StoryArgument,
    *,
    title: Annotated[str | None, typer.Option(help="The title.")] = None,
    summary: Annotated[str | None, typer.Option(help="The summary, in short Markdown.")] = None,
    author: Annotated[str | None, typer.Option("--by", help="The by-line.")] = None,
    picture: Annotated[
        str | None, typer.Option(metavar="URL|none", help="A picture's address, or “none”.")
    ] = None,
    alt: Annotated[str | None, typer.Option(help="What the picture shows.")] = None,
    link_text: Annotated[str | None, typer.Option(help="The words on its button.")] = None,
    focus: Annotated[
        str | None, typer.Option(metavar="PLACE", help="What the crop keeps: top-left, … or 30,20.")
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Go back to the source's words in every field.")
    ] = False,
    editor: EditorOption = None,
) -> None:
    """Write a story's title, summary, by-line, picture or alt text for this issue.

    --focus says which part of its picture stays in view where it is cropped.
    The source's words are kept beside them. This voids an approval.
    """
    from emag.desk import words as desk
    from emag.issues.words import Field

    values = (title, summary, author, picture, alt, link_text, focus)
    texts = {field: text for field, text in zip(Field, values, strict=True) if text is not None}
    if reset == bool(texts):
        raise WrongUsage("Give either the fields to write, such as --title, or --reset")
    by = editor_name(editor)

    def change(database: "Database", settings: "Settings", number: int) -> "Issue":
        if reset:
            return desk.reset(database, settings, number, story, now=now(), by=by)
        return desk.write(database, settings, number, story, texts, now=now(), by=by)

    change_issue(call, which, change)
