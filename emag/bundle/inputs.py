"""The inputs of an issue's document: all that the press read when the issue was approved."""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import metadata
from typing import Self

from pydantic import TypeAdapter

from emag.bundle.sealed_settings import SealedSettings
from emag.issues.issue import Issue
from emag.press.sources import TemplateFile

# The packages whose output is part of a document.
_PACKAGES = (
    *(
        "babel",
        "cssselect",
        "cssutils",
        "jinja2",
        "lxml",
        "markdown-it-py",
        "markupsafe",
        "mjml-python",
    ),
    *("nh3", "premailer"),
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a document was made of, besides the publication's own templates.

    `printed_at` is the printed date of an issue without a send time. `shipped` holds the SHA-256
    of each template of emag that was read, and `packages` the versions that were installed.
    """

    issue: Issue
    printed_at: datetime
    settings: SealedSettings
    shipped: Mapping[str, str]
    packages: Mapping[str, str]

    def to_json(self) -> bytes:
        return _adapter().dump_json(self, indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Reads what `to_json` wrote. Raises pydantic's ValidationError, which is a ValueError."""
        return _adapter().validate_json(text)  # type: ignore[return-value]


def shipped_hashes(files: list[TemplateFile]) -> dict[str, str]:
    """The SHA-256 of the files that emag ships, by name."""
    return {f.name: hashlib.sha256(f.content).hexdigest() for f in files if not f.is_own}


def installed_packages() -> dict[str, str]:
    """The versions of Python and of the packages that print."""
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **versions}


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Inputs]:
    return TypeAdapter(Inputs)
