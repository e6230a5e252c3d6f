"""The settings that printing an issue reads, and no others: a sealed bundle carries exactly these.

`emag.settings.Settings` has them all. What printing reads besides must be added here first, or the
type checker objects; then the bundle carries it too.
"""

from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from emag.settings import Theme


class PressPublication(Protocol):
    """The publication, as far as an issue shows it."""

    @property
    def title(self) -> str: ...
    @property
    def tagline(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def postal_address(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def reply_to(self) -> str | None: ...
    @property
    def write_for_us(self) -> str: ...
    @property
    def write_for_us_text(self) -> str: ...
    @property
    def kicker_case(self) -> str: ...


class PressSignup(Protocol):
    """The topics that readers can choose."""

    @property
    def topics(self) -> tuple[str, ...]: ...


class PressPictures(Protocol):
    """Where pictures are fetched from: “emag” or “source”."""

    @property
    def host(self) -> str: ...


class PressSettings(Protocol):
    """All settings of the press. The first template folder is the publication's own."""

    @property
    def publication(self) -> PressPublication: ...
    @property
    def signup(self) -> PressSignup: ...
    @property
    def theme(self) -> Theme: ...
    @property
    def pictures(self) -> PressPictures: ...
    @property
    def base_url(self) -> str: ...
    @property
    def template_folders(self) -> tuple[Path, ...]: ...
