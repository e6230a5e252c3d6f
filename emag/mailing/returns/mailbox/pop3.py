"""A mailbox by POP3, which cannot mark: what was read is remembered, and removed if wanted."""

import logging
import poplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from emag.errors import ReportError, Unreachable
from emag.mailing.returns.mailbox import MAX_BYTES, MAX_LETTERS, Letter, untrusted

_log = logging.getLogger(__name__)

_LINES = 2_000  # of a mail that is too long to be fetched whole
_LONGEST = 4_096  # octets of a line; what goes beyond is left out
_MOST_KNOWN = 100_000


class Pop3Mailbox:
    """`security` is “tls”, “starttls” or “none”; `timeout` is in seconds, for each answer.

    `context` says whose certificates are good; without one, the system's authorities do.
    What it has handed out is known only to this process. After a restart the same mails are read
    again, which does no harm: a report counts once.
    """

    name = "pop3"

    def __init__(
        self,
        host: str,
        port: int,
        security: str,
        username: str,
        password: str,
        *,
        remove: bool = False,
        timeout: float = 30.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._remove, self._timeout = remove, timeout
        self._context = context
        self._known: dict[str, None] = {}

    @contextmanager
    def visit(self) -> Iterator["Pop3Visit"]:
        """A connection for reading and removing. Raises Unreachable or ReportError."""
        try:
            client = self._open()
            try:
                yield Pop3Visit(client, self._known, remove=self._remove)
                client.quit()  # only now does the server remove anything
            finally:
                _leave(client)
        except ssl.SSLCertVerificationError as error:
            raise untrusted(self._host, error) from error
        except OSError as error:
            raise Unreachable(
                f"The mailbox on {self._host} cannot be reached ({type(error).__name__})"
            ) from error
        except poplib.error_proto as error:
            if _is_lost(error):
                raise Unreachable(f"The mailbox on {self._host} hung up") from error
            # Its words are not shown: some servers repeat what they were told.
            raise ReportError(f"The mailbox on {self._host} answers with an error") from error
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def _open(self) -> poplib.POP3:
        context = self._context or ssl.create_default_context()
        if self._security == "tls":
            client: poplib.POP3 = _Secure(
                self._host, self._port, context=context, timeout=self._timeout
            )
        else:
            client = _Plain(self._host, self._port, timeout=self._timeout)
        try:
            if self._security == "starttls":
                self._secure(client, context)
            self._enter(client)
        except BaseException:
            _leave(client)
            raise
        return client

    def _secure(self, client: poplib.POP3, context: ssl.SSLContext) -> None:
        """The password never goes in clear where this was asked for."""
        try:
            client.stls(context)
        except poplib.error_proto as error:
            if _is_lost(error):
                raise
            raise ReportError(f"The mailbox on {self._host} offers no STLS") from error

    def _enter(self, client: poplib.POP3) -> None:
        try:
            client.user(self._username)
            client.pass_(self._password)
        except poplib.error_proto as error:
            if _is_lost(error):
                raise
            raise ReportError(
                f"The mailbox on {self._host} refuses us: look at EMAG_MAILBOX_USERNAME and "
                "EMAG_MAILBOX_PASSWORD"
            ) from None


class _Plain(poplib.POP3):
    """Takes lines of any length: the library gives up at 2,048 octets, and mails that came back
    hold longer ones.
    """

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(_LONGEST)
        if not line:
            raise poplib.error_proto("-ERR EOF")
        rest = line
        while not rest.endswith(b"\n"):
            rest = self.file.readline(_LONGEST)
            if not rest:
                raise poplib.error_proto("-ERR EOF")
        return line.rstrip(b"\r\n"), len(line)


class _Secure(_Plain, poplib.POP3_SSL):
    pass


class Pop3Visit:
    def __init__(self, client: poplib.POP3, known: dict[str, None], *, remove: bool) -> None:
        self._client, self._known, self._remove = client, known, remove
        self._places: dict[str, int] = {}

    def letters(self) -> Iterator[Letter]:
        sizes = dict(_pairs(self._client.list()[1]))
        listed = [(number, int(place)) for place, number in _pairs(self._client.uidl()[1])]
        fresh = [(number, place) for number, place in listed if number not in self._known]
        for number, place in fresh[:MAX_LETTERS]:
            self._places[number] = place
            try:
                body = self._fetch(place, int(sizes.get(str(place), "0")))
            except poplib.error_proto as error:
                if _is_lost(error):
                    raise
                # The server does not give it out. It stays where it is, for a person.
                self._known[number] = None
                _log.warning("a mail in the mailbox cannot be fetched; it was left there")
                continue
            yield Letter(number, body)

    def _fetch(self, place: int, size: int) -> bytes:
        if size > MAX_BYTES:
            return b"\r\n".join(self._client.top(place, _LINES)[1])[:MAX_BYTES]
        return b"\r\n".join(self._client.retr(place)[1])

    def let_go(self, letters: Sequence[Letter], *, done_with: Sequence[Letter]) -> None:
        self._known.update(dict.fromkeys(letter.number for letter in letters))
        for letter in done_with if self._remove else ():
            self._client.dele(self._places[letter.number])


def _leave(client: poplib.POP3) -> None:
    with suppress(OSError):  # it says no more than what went wrong before
        client.close()


def _is_lost(error: poplib.error_proto) -> bool:
    """True for a connection that ended, which the library calls an answer."""
    return "EOF" in str(error)


def _pairs(lines: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    """The two words of each line, as LIST and UIDL give them."""
    for line in lines:
        first, _, second = line.decode("latin-1").strip().partition(" ")
        if first.isdigit() and second:
            yield first, second.strip()
