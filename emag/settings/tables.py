"""The tables of emag.toml and the variables of the environment, one model each."""

from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from emag.settings.alerts import AlertSettings
from emag.settings.approval import ApprovalSettings, JobsSettings
from emag.settings.backup import BackupSettings
from emag.settings.checks import ChecksSettings
from emag.settings.desk import DeskSettings
from emag.settings.environment import Environment
from emag.settings.kinds import (
    Duration,
    Mailbox,
    Name,
    SourceFormat,
    TomlTable,
    Window,
    duplicates,
    mailbox,
    nearest,
    zone,
)
from emag.settings.pictures import PictureSettings
from emag.settings.readers import Privacy, Signup
from emag.settings.returns import FeedbackSettings, MailboxSettings
from emag.settings.schedule import Schedule
from emag.settings.sendgrid import SendGridSettings
from emag.settings.theme import Theme
from emag.settings.themes import template_folders


class Publication(TomlTable):
    title: str = Field(min_length=1)
    tagline: str = ""
    url: str = ""
    language: str = "en-GB"
    timezone: Annotated[str, AfterValidator(zone)] = "Europe/London"
    postal_address: str = ""
    list_id: str = ""
    sender: Mailbox
    reply_to: Mailbox | None = None
    editors: tuple[Mailbox, ...] = ()
    write_for_us: str = ""  # address that the call to write for the magazine links to
    write_for_us_text: str = ""
    kicker_case: Literal["as-given", "sentence", "upper"] = "as-given"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def sender_name(self) -> str:
        return parseaddr(self.sender)[0] or self.title

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def sender_domain(self) -> str:
        return self.sender_address.rpartition("@")[2].lower()


class SourceSettings(TomlTable):
    name: Name
    kind: Literal["feed", "jobs", "folder", "calendar"]
    url: str = ""
    path: str = ""
    section: Name = "posts"
    format: SourceFormat = ""  # of a feed or jobs
    timeout: Duration = timedelta(seconds=20)  # for reading the whole source
    max_bytes: int = Field(default=5_000_000, ge=1_000)

    @model_validator(mode="after")
    def _complete(self) -> "SourceSettings":
        if self.kind == "folder":
            if not self.path:
                raise ValueError(f"source “{self.name}” of kind folder needs a path")
        elif self.kind == "calendar" and self.path and not self.url:
            pass  # events without an address link to the publication's own
        elif urlsplit(self.url).scheme not in {"http", "https", *self._other_schemes}:
            raise ValueError(f"source “{self.name}” needs a url that starts with https://")
        if self.format and self.kind not in {"feed", "jobs"}:
            raise ValueError(f"source “{self.name}” has a format, as only feed and jobs can have")
        return self

    @property
    def _other_schemes(self) -> tuple[str, ...]:
        """Calendar programs write `webcal` for an https address that serves a calendar."""
        return ("webcal", "webcals") if self.kind == "calendar" else ()


class SectionSettings(TomlTable):
    name: Name
    title: str = ""
    limit: int = Field(default=10, ge=1, le=100)
    order: Literal["newest", "featured"] = "newest"
    # None: since the cut-off of the last sent issue
    window: Window = None


class TransportSettings(TomlTable):
    kind: Literal["folder", "smtp", "sendgrid"] = "folder"
    path: str = "outbox"  # folder: the .eml files are written here
    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    connections: int = Field(default=4, ge=1, le=64)
    rate: float = Field(default=0, ge=0)  # messages per second; 0 is no limit
    domain_rate: float = Field(default=0, ge=0)  # the same for each receiving domain
    # The most messages on the first day of sending, the second, …; afterwards there is no limit.
    warm_up: tuple[Annotated[int, Field(ge=1)], ...] = ()
    timeout: Duration = timedelta(seconds=60)
    bounce_address: Annotated[str, AfterValidator(lambda v: mailbox(v) if v else v)] = ""
    # The selector that the relay signs with; empty: doctor tries the usual ones.
    dkim_selector: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,63}$")
    # smtp: the header field that carries the mark of a delivery to the provider behind the relay.
    mark_header: str = Field(default="", pattern=r"^(?:[Xx]-[A-Za-z0-9_-]{1,60})?$")

    @property
    def marks_in(self) -> str:
        """Returns the header field for the mark. Postmark's events repeat no other name of ours."""
        if self.kind != "smtp":
            return ""
        is_postmark = f".{self.host.lower()}".endswith(".postmarkapp.com")
        return self.mark_header or ("X-PM-Metadata-emag_delivery" if is_postmark else "")


class NetworkSettings(TomlTable):
    allow_private: bool = False


def _default_sections() -> tuple[SectionSettings, ...]:
    return (
        SectionSettings(name="posts", title="New on the blog", limit=15),
        SectionSettings(name="jobs", title="Featured jobs", limit=8, order="featured"),
        SectionSettings(name="events", title="Events", limit=6),
    )


class Settings(TomlTable):
    """All settings. `folder` is the absolute path of the publication's folder."""

    folder: Path
    publication: Publication
    schedule: Schedule = Schedule()
    approval: ApprovalSettings = ApprovalSettings()
    desk: DeskSettings = DeskSettings()
    jobs: JobsSettings = JobsSettings()
    checks: ChecksSettings = ChecksSettings()
    sources: tuple[SourceSettings, ...] = ()
    sections: tuple[SectionSettings, ...] = Field(
        default_factory=_default_sections, validate_default=True
    )
    transport: TransportSettings = TransportSettings()
    sendgrid: SendGridSettings = SendGridSettings()
    mailbox: MailboxSettings = MailboxSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    alerts: AlertSettings = AlertSettings()
    network: NetworkSettings = NetworkSettings()
    theme: Theme = Theme()
    pictures: PictureSettings = PictureSettings()
    signup: Signup = Signup()
    privacy: Privacy = Privacy()
    backup: BackupSettings = BackupSettings()
    environment: Environment = Environment()

    @property
    def base_url(self) -> str:
        """The public address of the web pages, without a slash at the end."""
        return self.environment.base_url.rstrip("/")

    @property
    def database_url(self) -> str:
        return self.environment.database_url or f"sqlite:///{self.folder / 'emag.db'}"

    @property
    def sendgrid_host(self) -> str:
        """The address of SendGrid's API, or of a stand-in, without a slash at the end."""
        return (self.environment.sendgrid_host or self.sendgrid.host).rstrip("/")

    @property
    def list_id(self) -> str:
        """RFC 2919: a label below a domain that the publication owns. It should never change."""
        return self.publication.list_id or f"emag.{self.publication.sender_domain}"

    @property
    def bounce_address(self) -> str:
        """The address for bounces. Each message adds its own +token to the local part."""
        domain = self.publication.sender_domain
        return self.transport.bounce_address or f"bounces@{domain}"

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The folders that hold templates: the publication's own first, emag's last."""
        return template_folders(self.folder / "templates", self.theme.name)

    @field_validator("sections")
    @classmethod
    def _consistent(
        cls, sections: tuple[SectionSettings, ...], info: ValidationInfo
    ) -> tuple[SectionSettings, ...]:
        """Checks names. A rule of this field is also checked while another table has a fault."""
        names = [section.name for section in sections]
        sources: tuple[SourceSettings, ...] = info.data.get("sources", ())
        faults = [f"section “{n}” is named twice" for n in sorted(duplicates(names))]
        faults += [
            f"source “{n}” is named twice" for n in sorted(duplicates([s.name for s in sources]))
        ]
        faults += [
            f"source “{source.name}” feeds the section “{source.section}”, "
            f"which does not exist{nearest(source.section, names)}"
            for source in sources
            if source.section not in names
        ]
        if faults:
            raise ValueError("\n".join(faults))
        return sections
