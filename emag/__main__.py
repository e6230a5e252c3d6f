"""The command `emag`."""

from emag.cli import app


def main() -> None:
    app(prog_name="emag")


if __name__ == "__main__":
    main()
