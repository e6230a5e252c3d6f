"""The tables about bounces and complaints: the mailbox, and the providers that report."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from emag.settings.kinds import Duration, TomlTable

# The usual ports by kind: without and with TLS from the start.
_PORTS = {"imap": (143, 993), "pop3": (110, 995), "none": (0, 0)}


class MailboxSettings(TomlTable):
    """The mailbox that bounces arrive in. Its user name and password are in the environment."""

    kind: Literal["none", "imap", "pop3"] = "none"
    host: str = "localhost"
    port: int = Field(default=0, ge=0, le=65535)  # 0: the usual port of the kind
    security: Literal["starttls", "tls", "none"] = "tls"
    folder: str = "INBOX"  # imap only
    every: Duration = timedelta(minutes=5)
    remove: bool = False  # remove a report on one of our messages once it is recorded
    timeout: Duration = timedelta(seconds=30)

    @property
    def connect_port(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.kind][self.security == "tls"]


class FeedbackSettings(TomlTable):
    """The providers that report without a key in the environment."""

    ses_topics: tuple[str, ...] = ()  # ARNs of the Amazon SNS topics that SES publishes to
