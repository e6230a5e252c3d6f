"""The tables about what comes back: the mailbox for bounces, and who may report."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from emag.settings.kinds import Duration, Table

# The usual ports, by kind and by whether the connection begins encrypted.
_PORTS = {"imap": (143, 993), "pop3": (110, 995), "none": (0, 0)}


class MailboxSettings(Table):
    """Where undeliverable mail arrives. Its name and password are in the environment."""

    kind: Literal["none", "imap", "pop3"] = "none"
    host: str = "localhost"
    port: int = Field(default=0, ge=0, le=65535)  # 0: the usual one
    security: Literal["starttls", "tls", "none"] = "tls"
    folder: str = "INBOX"  # imap
    every: Duration = timedelta(minutes=5)
    remove: bool = False  # reports on messages of ours, once they are recorded
    timeout: Duration = timedelta(seconds=30)

    @property
    def door(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.kind][self.security == "tls"]


class FeedbackSettings(Table):
    """Who may report, beside those whose key is in the environment."""

    ses_topics: tuple[str, ...] = ()  # ARNs of the topics that Amazon SES tells
