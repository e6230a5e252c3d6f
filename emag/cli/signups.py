"""Sign-ups that a flood holds back, and the links of the tool used before: held, links."""

from pathlib import Path
from typing import Annotated

import typer

from emag.cli import output, readers_output
from emag.cli.call import Call, EditorOption, login_name


def held(
    call: Call,
    *,
    release: Annotated[bool, typer.Option("--release", help="They are readers.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="They are an attack: forget them.")] = False,
    editor: EditorOption = None,
) -> None:
    """Confirmations that a flood of sign-ups holds back; --release or --drop decides."""
    if release and drop:
        raise typer.BadParameter("use either --release or --drop")
    with call.readers() as readers:
        if release:
            signups, word = readers.release_signups(by=editor or login_name()), "released"
        elif drop:
            signups, word = readers.drop_signups(by=editor or login_name()), "dropped"
        else:
            signups, word = readers.held_signups(), "held"
    since = f" since {signups.since:%Y-%m-%d %H:%M} UTC" if signups.since else ""
    call.output(
        {"held": signups.held, "since": signups.since},
        f"{output.count_text(signups.held, 'confirmation')} {word}{since}",
    )


def links(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    editor: EditorOption = None,
) -> None:
    """Import the unsubscribe links of the tool you used before. They work as /u/TOKEN here.

    A CSV file with a column “email” and a column “token” or “link”.
    """
    with call.readers() as readers:
        result = readers.import_legacy_links(file, by=editor or login_name())
    document = {"taken": result.stored, "refused": readers_output.refused_document(result.refused)}
    call.output(
        document,
        f"{output.count_text(result.stored, 'old link')} will lead to our own page",
        *readers_output.refused_table(result.refused),
    )
