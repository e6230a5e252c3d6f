"""Reads a mailbox by POP3, which cannot mark mails: this process remembers what it has read."""

import logging
import poplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from emag.errors import ReportError, Unreachable
from emag.mailing.returns.mailbox import MAX_BYTES, MAX_MAILS, MailboxMail
from emag.mailing.returns.mailbox.account import Account, connected

_log = logging.getLogger(__name__)

_MAX_LINES = 2_000  # of a mail that is too long to be fetched whole
_MAX_LINE = 4_096  # bytes; the rest of a line is left out
_MAX_REMEMBERED = 100_000


class Pop3Mailbox:
    """An account. Mails that reported on ours are removed if `remove` is true.

    After a restart the same mails are read again, which does no harm: a report counts once.
    """

    name = "pop3"

    def __init__(self, account: Account, *, remove: bool = False) -> None:
        self._account, self._remove = account, remove
        self._released: dict[str, None] = {}

    @contextmanager
    def visit(self) -> Iterator["Pop3Visit"]:
        """A connection for reading and removing. Raises Unreachable or ReportError."""
        host = self._account.host
        try:
            with connected(
                self._account, _connect, secure=_secure, log_in=_log_in, close=_close
            ) as client:
                yield Pop3Visit(client, self._released, remove=self._remove)
                client.quit()  # only now does the server remove mails
        except poplib.error_proto as error:
            if _is_lost(error):
                raise Unreachable(f"The mailbox on {host} ended the connection") from error
            # The server's words are not shown: some servers repeat the password.
            raise ReportError(f"The mailbox on {host} answers with an error") from error
        while len(self._released) > _MAX_REMEMBERED:
            del self._released[next(iter(self._released))]


class _LongLines(poplib.POP3):
    """Reads lines of any length: the library gives up at 2,048 bytes, and bounces hold longer."""

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(_MAX_LINE)
        if not line:
            raise poplib.error_proto("-ERR EOF")
        rest = line
        while not rest.endswith(b"\n"):
            rest = self.file.readline(_MAX_LINE)
            if not rest:
                raise poplib.error_proto("-ERR EOF")
        return line.rstrip(b"\r\n"), len(line)


class _LongLinesTls(_LongLines, poplib.POP3_SSL):
    pass


def _connect(account: Account) -> poplib.POP3:
    if account.security == "tls":
        return _LongLinesTls(
            account.host, account.port, context=account.tls, timeout=account.timeout
        )
    return _LongLines(account.host, account.port, timeout=account.timeout)


def _secure(client: poplib.POP3, account: Account) -> None:
    try:
        client.stls(account.tls)
    except poplib.error_proto as error:
        if _is_lost(error):
            raise
        raise account.without_tls("STLS") from error


def _log_in(client: poplib.POP3, account: Account) -> None:
    try:
        client.user(account.username)
        client.pass_(account.password)
    except poplib.error_proto as error:
        if _is_lost(error):
            raise
        raise account.refused_login() from None


def _close(client: poplib.POP3) -> None:
    with suppress(OSError):  # an earlier error says more
        client.close()


class Pop3Visit:
    """One connection. `released` are the mails that earlier visits released."""

    def __init__(self, client: poplib.POP3, released: dict[str, None], *, remove: bool) -> None:
        self._client, self._released, self._remove = client, released, remove
        self._places: dict[str, int] = {}

    def mails(self) -> Iterator[MailboxMail]:
        """The mails that were not released."""
        sizes = dict(_pairs(self._client.list()[1]))
        listed = [(number, int(place)) for place, number in _pairs(self._client.uidl()[1])]
        new = [(number, place) for number, place in listed if number not in self._released]
        for number, place in new[:MAX_MAILS]:
            self._places[number] = place
            try:
                body = self._fetch(place, int(sizes.get(str(place), "0")))
            except poplib.error_proto as error:
                if _is_lost(error):
                    raise
                # The server does not hand this mail out. It stays there for a person.
                self._released[number] = None
                _log.warning("a mail in the mailbox cannot be fetched; it was left there")
                continue
            yield MailboxMail(number, body)

    def _fetch(self, place: int, size: int) -> bytes:
        if size > MAX_BYTES:
            return b"\r\n".join(self._client.top(place, _MAX_LINES)[1])[:MAX_BYTES]
        return b"\r\n".join(self._client.retr(place)[1])

    def release(self, mails: Sequence[MailboxMail], *, removable: Sequence[MailboxMail]) -> None:
        """Remembers mails, and removes the removable ones if the settings say so."""
        self._released.update(dict.fromkeys(mail.number for mail in mails))
        for mail in removable if self._remove else ():
            self._client.dele(self._places[mail.number])


def _is_lost(error: poplib.error_proto) -> bool:
    """True for a connection that ended, which the library reports as an answer."""
    return "EOF" in str(error)


def _pairs(lines: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    """The two words of each line, as LIST and UIDL give them."""
    for line in lines:
        first, _, second = line.decode("latin-1").strip().partition(" ")
        if first.isdigit() and second:
            yield first, second.strip()
