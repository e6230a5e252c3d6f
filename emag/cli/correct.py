"""The command “emag issue correct”: the archive's copy of an issue that has left."""

from typing import Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, IssueArgument, editor_name, now
from emag.cli.strict import StrictCommand, WrongUsage

_OPTION, _JOINT = "--link", "\0"  # no word of a command line can hold a NUL


class LinkCommand(StrictCommand):
    """A command whose `--link` takes two values. A repeatable option of typer takes only one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words, rest = [], list(args)
        while rest:
            word = rest.pop(0)
            words.append(word)
            if word == _OPTION:
                values, rest = rest[:2], rest[2:]
                words.append(_JOINT.join(values))
        return super().parse_args(ctx, words)


def _pairs(links: list[str]) -> list[str]:
    """For a callback of the option: each value holds the old address and the new one."""
    for link in links:
        if link.count(_JOINT) != 1:
            raise WrongUsage("--link takes two addresses: the old one and the new one")
    return links


LinkOption = Annotated[
    list[str] | None,
    typer.Option(
        _OPTION,
        metavar="OLD NEW",
        callback=lambda links: _pairs(links or []),
        help="An address in the issue, and the one that it should be. Repeat for more.",
    ),
]
NoteOption = Annotated[
    str,
    typer.Option("--note", metavar="TEXT", help="What was wrong. Readers of the archive see it."),
]


def correct(
    call: Call,
    which: IssueArgument,
    *,
    note: NoteOption,
    link: LinkOption = None,
    editor: EditorOption = None,
) -> None:
    """Correct the archive's copy of a sent issue, with a visible note.

    What was sent stays on record. “emag issue undo N” takes the correction back.
    """
    from emag.desk import correct as desk

    by = editor_name(editor)
    links = [(old, new) for old, _, new in (pair.partition(_JOINT) for pair in link or [])]
    with call.database() as (settings, database):
        issue = desk.correct(database, settings, which, note=note, links=links, now=now(), by=by)
    count = output.count_text(len(links), "link")
    call.output(
        {
            "number": issue.number,
            "url": issue.url,
            "corrections": [
                {"at": one.at, "by": one.by, "note": one.note, "links": one.links}
                for one in issue.corrections
            ],
        },
        f"The archive's copy of issue {issue.number} has the note"
        + (f", and {count} corrected" if links else ""),
        f"  {issue.url}",
    )
