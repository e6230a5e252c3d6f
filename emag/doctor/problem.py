"""One fault of a publication's set-up."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the set-up.

    “block” stops an issue or makes it unlawful. “warn” is for the editor to judge. `area` is the
    part that was examined: settings, files, database, templates, transport, mailbox, dns, proxies,
    web, pictures, clock or sources.
    """

    area: str
    message: str
    severity: Literal["block", "warn"] = "block"
