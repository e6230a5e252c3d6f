"""A mailbox by IMAP: what was read is marked as seen, and removed only if that is wanted."""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from emag.errors import ReportError, Unreachable
from emag.mailing.returns.mailbox import MAX_BYTES, MAX_LETTERS, Letter, untrusted

_NUMBER = re.compile(rb"\d{1,10}")
_AT_ONCE = 10_000  # mails looked through by one command, whose answer is one line


class ImapMailbox:
    """`security` is “tls”, “starttls” or “none”; `timeout` is in seconds, for each answer.

    `context` says whose certificates are good; without one, the system's authorities do.
    """

    name = "imap"

    def __init__(
        self,
        host: str,
        port: int,
        security: str,
        username: str,
        password: str,
        *,
        folder: str = "INBOX",
        remove: bool = False,
        timeout: float = 30.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._folder, self._remove, self._timeout = folder, remove, timeout
        self._context = context

    @contextmanager
    def visit(self) -> Iterator["ImapVisit"]:
        """A connection for reading and marking. Raises Unreachable or ReportError."""
        try:
            client = self._open()
            try:
                yield ImapVisit(client, remove=self._remove)
            finally:
                _leave(client)
        except ssl.SSLCertVerificationError as error:
            raise untrusted(self._host, error) from error
        except (OSError, imaplib.IMAP4.abort) as error:
            raise Unreachable(
                f"The mailbox on {self._host} cannot be reached ({type(error).__name__})"
            ) from error
        except imaplib.IMAP4.error as error:
            # Its words are not shown: some servers repeat what they were told.
            raise ReportError(f"The mailbox on {self._host} answers with an error") from error

    def _open(self) -> imaplib.IMAP4:
        context = self._context or ssl.create_default_context()
        if self._security == "tls":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                self._host, self._port, ssl_context=context, timeout=self._timeout
            )
        else:
            client = imaplib.IMAP4(self._host, self._port, timeout=self._timeout)
        try:
            if self._security == "starttls":
                self._secure(client, context)
            self._enter(client)
        except BaseException:
            _leave(client)
            raise
        return client

    def _secure(self, client: imaplib.IMAP4, context: ssl.SSLContext) -> None:
        """The password never goes in clear where this was asked for."""
        if "STARTTLS" not in client.capabilities:
            raise ReportError(f"The mailbox on {self._host} offers no STARTTLS")
        client.starttls(context)

    def _enter(self, client: imaplib.IMAP4) -> None:
        try:
            client.login(self._username, self._password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise ReportError(
                f"The mailbox on {self._host} refuses us: look at EMAG_MAILBOX_USERNAME and "
                "EMAG_MAILBOX_PASSWORD"
            ) from None
        quoted = self._folder.replace("\\", "\\\\").replace('"', '\\"')
        answer, _ = client.select(f'"{quoted}"')
        if answer != "OK":
            raise ReportError(f"The mailbox on {self._host} has no folder “{self._folder}”")


class ImapVisit:
    def __init__(self, client: imaplib.IMAP4, *, remove: bool) -> None:
        self._client, self._remove = client, remove

    def letters(self) -> Iterator[Letter]:
        for number in self._fresh():
            # PEEK: a mail is marked as seen only once it is recorded.
            _, parts = self._client.uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
            body = _literal(parts)
            if body is not None:
                yield Letter(number.decode(), body)

    def _fresh(self) -> list[bytes]:
        """The numbers of those not seen, the first ones; all known before anything is removed."""
        _, told = self._client.response("EXISTS")
        last = int(told[-1] or 0) if told else 0
        numbers: list[bytes] = []
        for first in range(1, last + 1, _AT_ONCE):
            some = f"{first}:{min(last, first + _AT_ONCE - 1)}"
            _, found = self._client.uid("SEARCH", some, "UNSEEN", "UNDELETED")
            numbers += _NUMBER.findall(found[0] or b"") if found else []
            if len(numbers) >= MAX_LETTERS:
                break
        return numbers[:MAX_LETTERS]

    def let_go(self, letters: Sequence[Letter], *, done_with: Sequence[Letter]) -> None:
        self._flag(letters, r"(\Seen)")
        if self._remove and done_with:
            self._flag(done_with, r"(\Deleted)")
            # Without UIDPLUS an EXPUNGE would take along what somebody else has marked.
            if "UIDPLUS" in self._client.capabilities:
                self._client.uid("EXPUNGE", _set(done_with))

    def _flag(self, letters: Sequence[Letter], flags: str) -> None:
        if letters:
            self._client.uid("STORE", _set(letters), "+FLAGS.SILENT", flags)


def _set(letters: Sequence[Letter]) -> str:
    return ",".join(letter.number for letter in letters)


def _literal(parts: Sequence[Any]) -> bytes | None:
    """The mail in a server's answer, which may say other things before and after it."""
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _leave(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error):
        with suppress(OSError):  # it says no more than what went wrong before
            client.shutdown()
