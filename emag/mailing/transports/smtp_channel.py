"""Writes to and reads replies from an open SMTP connection. It yields instead of waiting."""

import re
import socket
import ssl
import sys
from collections.abc import Sequence
from typing import NamedTuple

from emag import connection_faults
from emag.mailing.transports.event_loop import READABLE, WRITABLE, Steps

_RECORD = 16_384  # one TLS record: a write is lost or arrives in these
_LONGEST_REPLY = 65_536
_MOST_PIECES = 512  # in one call; operating systems allow 1,024
_LINE = re.compile(rb"(\d{3})(?:([ -])([^\n]*)|\r?)\n")


class Lost(Exception):
    """The connection is lost, or the server no longer speaks SMTP."""


class Short(Lost):
    """A reply is missing, so the last reply may have belonged to the message before."""


class Reply(NamedTuple):
    """`words` are not decoded: most replies are never read."""

    code: int
    words: bytes

    @property
    def text(self) -> str:
        return self.words.decode("utf-8", "replace").strip()


class SmtpChannel:
    """Yields where it has to wait, so that one thread can serve many channels (see `EventLoop`)."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(0)
        self._sock = sock
        self._secure = isinstance(sock, ssl.SSLSocket)
        self._received = b""
        self._position = 0  # octets of it that have been read

    def write(
        self,
        pieces: Sequence[bytes],
        wait: float,
        *,
        end: int = sys.maxsize,
        whole: list[bool] | None = None,
    ) -> Steps[None]:
        """Writes all pieces. If it fails before the octet at `end`, the server has no whole text.

        `whole[0]` becomes True as soon as that octet may have left this machine.
        """
        whole = whole or [False]
        size, written = sum(map(len, pieces)), 0
        if not self._secure and len(pieces) <= _MOST_PIECES:
            try:
                written = self._sock.sendmsg(pieces)  # usually all of it, without a copy
            except BlockingIOError:
                written = 0
            except OSError as error:
                raise Lost(_reason(error)) from error
            whole[0] = written > end
        if written < size:
            yield from self._rest(b"".join(pieces), written, wait, end, whole)

    def _rest(
        self, text: bytes, written: int, wait: float, end: int, whole: list[bool]
    ) -> Steps[None]:
        view, events = memoryview(text), 0
        while written < len(text):
            piece = view[written : written + _RECORD] if self._secure else view[written:]
            if self._secure:  # nobody knows how much of a TLS record has left
                whole[0] = whole[0] or written + len(piece) > end
            try:
                if events:
                    yield events, wait
                written += self._sock.send(piece)
                events = 0
            except (BlockingIOError, ssl.SSLWantWriteError):
                events = WRITABLE
            except ssl.SSLWantReadError:
                events = READABLE
            except OSError as error:
                raise Lost(_reason(error)) from error
            whole[0] = whole[0] or written > end

    def expect_silence(self) -> None:
        """Raises Lost for an extra reply: it would be taken for the next command's."""
        if self._position < len(self._received):
            raise Lost("the server sent a reply that no command asked for")

    def read_expected(self, due: re.Pattern[bytes], wait: float) -> Steps[re.Match[bytes] | None]:
        """The replies that are due, if they come as expected; else None: they are still unread."""
        if self._position == len(self._received):
            yield from self._receive(wait)
        match = due.match(self._received, self._position)
        if match:
            self._position = match.end()
        return match

    def read(self, wait: float) -> Steps[Reply]:
        """Reads one reply of one or more lines."""
        words = b""
        while True:
            line = _LINE.match(self._received, self._position)
            if line is None:
                if self._received.find(b"\n", self._position) >= 0:
                    raise Lost("the server's reply is not SMTP")
                yield from self._receive(wait)
                continue
            self._position = line.end()
            code, mark, text = line.groups(b"")
            words = words + b" " + text if words else text
            if mark != b"-":
                return Reply(int(code), words)

    def _receive(self, wait: float) -> Steps[None]:
        octets, events = None, READABLE
        while octets is None:
            try:
                yield events, wait
                octets = self._sock.recv(_LONGEST_REPLY)
            except (BlockingIOError, ssl.SSLWantReadError):
                events = READABLE
            except ssl.SSLWantWriteError:
                events = WRITABLE
            except OSError as error:
                raise Lost(_reason(error)) from error
        if not octets:
            raise Lost("the server closed the connection")
        self._received, self._position = self._received[self._position :] + octets, 0
        if len(self._received) > _LONGEST_REPLY:
            raise Lost("the server's reply is too long")


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return f"the connection was lost: {connection_faults.reason(error)}"
