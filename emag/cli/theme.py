"""The commands about themes: list them, and copy one to change it."""

from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call


def listing(call: Call) -> None:
    """List the themes; the one in use is the “name” below “theme” in emag.toml."""
    from emag.desk import themes

    listed = themes.listing(call.settings())
    rows = [
        [theme.name, "in use" if theme.is_active else "", "your own" if theme.is_own else ""]
        for theme in listed
    ]
    call.output(
        {
            "themes": [
                {"name": theme.name, "active": theme.is_active, "own": theme.is_own}
                for theme in listed
            ]
        },
        output.table(["Theme", "", ""], rows),
    )


def copy(
    call: Call,
    theme: Annotated[str, typer.Argument(metavar="NAME", help="A theme's name.")],
    new_name: Annotated[
        str, typer.Option("--name", metavar="NEW", help="The copy's name, if it has another one.")
    ] = "",
) -> None:
    """Copy a theme into templates/themes of the publication's folder, to change it there."""
    from emag.desk import themes

    folder = themes.copy(call.settings(), theme, new_name=new_name)
    name = folder.name
    call.output(
        {"theme": name, "folder": str(folder)},
        f"The theme is in {folder}: change theme.toml and the parts there",
        f'To use it, write name = "{name}" into [theme] of emag.toml',
    )
