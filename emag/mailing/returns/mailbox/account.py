"""Connects to an account on a mail server: secure the connection, log in, explain failures."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from emag.connection_faults import certificate, reason
from emag.errors import ReportError, Unreachable

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is. `security` is “tls”, “starttls” or “none”, `timeout` in seconds.

    `context` says whose certificates are trusted; None means the system's authorities.
    """

    host: str
    port: int
    security: str
    username: str
    password: str
    timeout: float = 30.0
    context: ssl.SSLContext | None = None

    @property
    def tls(self) -> ssl.SSLContext:
        """The context for a secure connection."""
        return self.context or ssl.create_default_context()

    def refused_login(self) -> ReportError:
        """The error for a wrong user name or password. The server's words may repeat them."""
        return ReportError(
            f"The mailbox on {self.host} refuses the login: check EMAG_MAILBOX_USERNAME and "
            "EMAG_MAILBOX_PASSWORD"
        )

    def without_tls(self, command: str) -> ReportError:
        """The error for a server that cannot secure the connection as the settings demand."""
        return ReportError(f"The mailbox on {self.host} offers no {command}")


@contextmanager
def connected(
    account: Account,
    connect: Callable[[Account], Client],
    *,
    secure: Callable[[Client, Account], None],
    log_in: Callable[[Client, Account], None],
    close: Callable[[Client], None],
) -> Iterator[Client]:
    """An open connection, logged in, and closed at the end.

    The password is never sent in clear where the settings demand STARTTLS. Raises Unreachable or
    ReportError.
    """
    try:
        client = connect(account)
        try:
            if account.security == "starttls":
                secure(client, account)
            log_in(client, account)
            yield client
        finally:
            close(client)
    except ssl.SSLCertVerificationError as error:
        raise ReportError(
            f"The mailbox on {account.host} shows a certificate that is not trusted "
            f"({certificate(error)})"
        ) from error
    except OSError as error:
        raise Unreachable(
            f"The mailbox on {account.host} cannot be reached: {reason(error)}"
        ) from error
