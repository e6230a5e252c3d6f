"""The command `emag`."""

import os
import sys

from emag.loading import loading


def main() -> None:
    # Pydantic would read the metadata of every installed package to look for plugins of its own.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # noqa: TID251 - before it is imported
    with loading():
        from emag.cli.commands import application

        command = application(sys.argv[1:])
    command(prog_name="emag")


if __name__ == "__main__":
    main()
