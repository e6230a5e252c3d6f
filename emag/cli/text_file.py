"""Reads and writes a text file that the user named."""

from pathlib import Path

from emag.errors import EmagError


def read_text(file: Path) -> str:
    """The text of a UTF-8 file."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise EmagError(f"{file} is not text in UTF-8: save it as UTF-8") from None


def write_text(file: Path, text: str) -> None:
    """Writes a file in UTF-8."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EmagError(f"{file} cannot be written: {error.strerror}.") from None
