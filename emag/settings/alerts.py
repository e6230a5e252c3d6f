"""The table [alerts] of emag.toml: when people are told of trouble, and by which other ways."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from emag.settings.kinds import Mailbox, TomlTable, is_loopback

PAUSES_AT = 0.3  # percent of complaints; at the same share, mailbox providers begin to refuse


def _hook(value: str) -> str:
    try:
        url = urlsplit(value)
        is_allowed = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname))
        is_whole = bool(url.hostname)
    except ValueError:
        is_allowed = is_whole = False
    # The address may hold a secret, so it is not repeated.
    if value and not (is_allowed and is_whole):
        raise ValueError("alerts.webhook must be an address that begins with https://")
    return value


class AlertSettings(TomlTable):
    """Trouble is mailed to the editors by the relay. The ways here work while it is away."""

    # Percent of an issue's accepted copies; 0 tells nobody and pauses nothing.
    complaints: float = Field(default=0.1, ge=0, le=100)
    webhook: Annotated[str, AfterValidator(_hook)] = Field(default="", repr=False)
    # Another mail server than that of [transport]. Its user name and password are in .env.
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_to: tuple[Mailbox, ...] = ()  # empty: the editors

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the ways that are set up."""
        ways = {"webhook": self.webhook, "smtp": self.smtp_host}
        return tuple(name for name, place in ways.items() if place)
