"""Sends alerts by a second mail server, which has nothing to do with the relay."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Literal

from emag import connection_faults
from emag.alerts import Alert
from emag.errors import Unreachable

_TIMEOUT = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class SecondServer:
    """Where the second mail server is, and how to sign in there."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str
    password: str


class SecondMail:
    """One message for each alert to everybody in `recipients`."""

    name = "smtp"

    def __init__(self, server: SecondServer, *, sender: str, recipients: Sequence[str]) -> None:
        self._server, self._sender, self._recipients = server, sender, tuple(recipients)

    def send(self, alert: Alert) -> None:
        """Raises Unreachable with one sentence."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, ", ".join(self._recipients)
        message["Subject"] = f"{alert.publication}: {' '.join(alert.subject.split())}"
        message["Date"] = format_datetime(alert.at)
        domain = parseaddr(self._sender)[1].rpartition("@")[2]
        message["Message-ID"] = make_msgid(f"alert-{alert.id}", domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(alert.text)
        try:
            with self._connected() as client:
                client.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(
                f"{self._server.host} did not take the alert: {_words(error)}"
            ) from None

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        client: smtplib.SMTP
        if server.security == "tls":
            client = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
        try:
            if server.security == "starttls":
                client.starttls(context=context)
            if server.username:
                client.login(server.username, server.password)
        except BaseException:
            client.close()
            raise
        return client


def _words(error: Exception) -> str:
    """The server's words without addresses, or what went wrong with the connection."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answer(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return connection_faults.reason(error)


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return str(code) if "@" in text else f"{code} {' '.join(text.split())}"
