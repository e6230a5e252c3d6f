"""Reads a mailbox by IMAP. Mails that were read are marked as seen, and removed on demand."""

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from emag.errors import ReportError, Unreachable
from emag.mailing.returns.mailbox import MAX_BYTES, MAX_MAILS, MailboxMail
from emag.mailing.returns.mailbox.account import Account, connected

_NUMBER = re.compile(rb"\d{1,10}")
_BATCH = 10_000  # mails searched by one command, whose answer is one line


class ImapMailbox:
    """A folder of an account. Mails that reported on ours are removed if `remove` is true."""

    name = "imap"

    def __init__(self, account: Account, *, folder: str = "INBOX", remove: bool = False) -> None:
        self._account, self._folder, self._remove = account, folder, remove

    @contextmanager
    def visit(self) -> Iterator["ImapVisit"]:
        """A connection for reading and marking. Raises Unreachable or ReportError."""
        host = self._account.host
        try:
            with connected(
                self._account, _connect, secure=_secure, log_in=self._log_in, close=_close
            ) as client:
                yield ImapVisit(client, remove=self._remove)
        except imaplib.IMAP4.abort as error:
            raise Unreachable(f"The mailbox on {host} ended the connection") from error
        except imaplib.IMAP4.error as error:
            # The server's words are not shown: some servers repeat the password.
            raise ReportError(f"The mailbox on {host} answers with an error") from error

    def _log_in(self, client: imaplib.IMAP4, account: Account) -> None:
        try:
            client.login(account.username, account.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise account.refused_login() from None
        quoted = self._folder.replace("\\", "\\\\").replace('"', '\\"')
        answer, _ = client.select(f'"{quoted}"')
        if answer != "OK":
            raise ReportError(f"The mailbox on {account.host} has no folder “{self._folder}”")


def _connect(account: Account) -> imaplib.IMAP4:
    if account.security == "tls":
        return imaplib.IMAP4_SSL(
            account.host, account.port, ssl_context=account.tls, timeout=account.timeout
        )
    return imaplib.IMAP4(account.host, account.port, timeout=account.timeout)


def _secure(client: imaplib.IMAP4, account: Account) -> None:
    if "STARTTLS" not in client.capabilities:
        raise account.without_tls("STARTTLS")
    client.starttls(account.tls)


def _close(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error):
        with suppress(OSError):  # an earlier error says more
            client.shutdown()


class ImapVisit:
    """One connection with a selected folder."""

    def __init__(self, client: imaplib.IMAP4, *, remove: bool) -> None:
        self._client, self._remove = client, remove

    def mails(self) -> Iterator[MailboxMail]:
        """The mails that are not marked as seen."""
        for number in self._unseen():
            # PEEK, because a mail is marked as seen only after it is recorded.
            _, parts = self._client.uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
            body = _literal(parts)
            if body is not None:
                yield MailboxMail(number.decode(), body)

    def _unseen(self) -> list[bytes]:
        """The numbers of the first unseen mails, all of them before anything is removed."""
        _, exists = self._client.response("EXISTS")
        last = int(exists[-1] or 0) if exists else 0
        numbers: list[bytes] = []
        for first in range(1, last + 1, _BATCH):
            batch = f"{first}:{min(last, first + _BATCH - 1)}"
            _, answer = self._client.uid("SEARCH", batch, "UNSEEN", "UNDELETED")
            numbers += _NUMBER.findall(answer[0] or b"") if answer else []
            if len(numbers) >= MAX_MAILS:
                break
        return numbers[:MAX_MAILS]

    def release(self, mails: Sequence[MailboxMail], *, removable: Sequence[MailboxMail]) -> None:
        """Marks mails as seen, and removes the removable ones if the settings say so."""
        self._flag(mails, r"(\Seen)")
        if self._remove and removable:
            self._flag(removable, r"(\Deleted)")
            # Without UIDPLUS, EXPUNGE would also remove what somebody else has marked.
            if "UIDPLUS" in self._capabilities():
                self._client.uid("EXPUNGE", _set(removable))

    def _capabilities(self) -> set[str]:
        """What the server can do now: many servers say it all only after the login (RFC 3501)."""
        _, answer = self._client.capability()
        return set(b" ".join(line for line in answer if line).decode("latin-1").upper().split())

    def _flag(self, mails: Sequence[MailboxMail], flags: str) -> None:
        if mails:
            self._client.uid("STORE", _set(mails), "+FLAGS.SILENT", flags)


def _set(mails: Sequence[MailboxMail]) -> str:
    return ",".join(mail.number for mail in mails)


def _literal(parts: Sequence[Any]) -> bytes | None:
    """The mail in a server's answer, which may hold other data before and after it."""
    return next((part[1] for part in parts if isinstance(part, tuple)), None)
