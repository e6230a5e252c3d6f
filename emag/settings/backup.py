"""The table [backup]: where backups are made, when, and how many are kept."""

from datetime import time
from typing import Annotated

from pydantic import BeforeValidator, Field

from emag.settings.kinds import TomlTable
from emag.settings.times import read_clock


def _daily(value: object) -> time | None:
    """A time of day such as “03:30”; “off” is none. Raises ValueError with a sentence."""
    if value == "off" or value is None:
        return None
    if isinstance(value, time):
        return value
    try:
        return read_clock(str(value), str(value))
    except ValueError:
        raise ValueError(
            f"“{value}” is not a time of day: write it like 03:30 (not from 01:00 to 01:59, when "
            "clocks change), or “off”"
        ) from None


class BackupSettings(TomlTable):
    """`folder` is inside the publication's folder, or an absolute path."""

    folder: str = Field(default="backups", min_length=1)
    at: Annotated[time | None, BeforeValidator(_daily)] = None
    keep: int = Field(default=14, ge=1)
