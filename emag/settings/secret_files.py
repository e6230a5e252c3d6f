"""Reads variables from files: EMAG_SMTP_PASSWORD_FILE names the file of EMAG_SMTP_PASSWORD."""

from collections.abc import Collection, Mapping
from pathlib import Path

SUFFIX = "_FILE"
LARGEST = 65_536  # bytes; a secret is short, and a wrong file may be huge


def with_files(
    variables: Mapping[str, str], names: Collection[str], folder: Path
) -> tuple[dict[str, str], list[str]]:
    """The variables with the contents of files in place of their names, and the faults.

    `names` are the variables that may be read from a file. A path that is not absolute begins at
    the publication's folder. One line end after the secret does not belong to it.
    """
    values, faults = dict(variables), list[str]()
    for name in sorted(names):
        file = values.pop(name + SUFFIX, "")
        if not file:
            continue
        if values.get(name):
            faults.append(f"{name} and {name}{SUFFIX} are both set: remove one of them")
            continue
        try:
            values[name] = _read(folder / file)
        except ValueError as error:
            faults.append(f"{name}{SUFFIX} names {file}, which {error}")
    return values, faults


def _read(file: Path) -> str:
    """Raises ValueError with the end of a sentence."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or "the system gives no reason").lower()
        raise ValueError(f"cannot be read: {reason}") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if len(content) > LARGEST:
        raise ValueError("is too large for a secret")
    if not text:
        raise ValueError("is empty")
    return text
