"""The settings that printing an issue reads, as a bundle carries them: no secret is among them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from emag.mailing.copy.mail_merge import issue_letterhead
from emag.mailing.copy.message import Letterhead
from emag.press.settings import PressPublication
from emag.settings import Settings, Theme
from emag.settings.themes import template_folders


@dataclass(frozen=True, slots=True)
class SealedPublication:
    """The publication, as far as an issue shows it. `timezone` is a name such as Europe/London."""

    title: str
    tagline: str
    url: str
    language: str
    timezone: str
    postal_address: str
    sender: str
    reply_to: str | None
    write_for_us: str
    write_for_us_text: str
    kicker_case: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def of(cls, publication: PressPublication) -> Self:
        return cls(
            title=publication.title,
            tagline=publication.tagline,
            url=publication.url,
            language=publication.language,
            timezone=publication.zone.key,
            postal_address=publication.postal_address,
            sender=publication.sender,
            reply_to=publication.reply_to,
            write_for_us=publication.write_for_us,
            write_for_us_text=publication.write_for_us_text,
            kicker_case=publication.kicker_case,
        )


@dataclass(frozen=True, slots=True)
class SealedSignup:
    """The topics that readers could choose."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedPictures:
    """Where the pictures were fetched from."""

    host: str


@dataclass(frozen=True, slots=True)
class SealedSettings:
    """What printing reads, and the letterhead of the copies."""

    publication: SealedPublication
    signup: SealedSignup
    theme: Theme
    base_url: str
    letterhead: Letterhead
    pictures: SealedPictures

    @classmethod
    def of(cls, settings: Settings, issue: int) -> Self:
        return cls(
            publication=SealedPublication.of(settings.publication),
            signup=SealedSignup(settings.signup.topics),
            theme=settings.theme,
            base_url=settings.base_url,
            letterhead=issue_letterhead(issue, settings),
            pictures=SealedPictures(settings.pictures.host),
        )


@dataclass(frozen=True, slots=True)
class RebuildSettings:
    """Sealed settings for the press, with the publication's templates in a folder."""

    sealed: SealedSettings
    templates: Path

    @property
    def publication(self) -> SealedPublication:
        return self.sealed.publication

    @property
    def signup(self) -> SealedSignup:
        return self.sealed.signup

    @property
    def theme(self) -> Theme:
        return self.sealed.theme

    @property
    def pictures(self) -> SealedPictures:
        return self.sealed.pictures

    @property
    def base_url(self) -> str:
        return self.sealed.base_url

    @property
    def template_folders(self) -> tuple[Path, ...]:
        return template_folders(self.templates, self.theme.name)
