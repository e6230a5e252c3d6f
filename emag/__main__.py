"""The command `emag`."""

import gc
import sys

from emag.cli.commands import application

# Objects between two looks for garbage. Python's 700 cost a fifth of the time to load a command,
# because hardly anything that is loaded becomes garbage.
OBJECTS = 50_000


def main() -> None:
    gc.set_threshold(OBJECTS, 20, 20)
    application(sys.argv[1:])(prog_name="emag")


if __name__ == "__main__":
    main()
