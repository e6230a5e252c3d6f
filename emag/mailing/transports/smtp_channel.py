"""An open connection's two directions: bytes out, replies in, and nobody waits here."""

import re
import socket
import ssl
import sys
from collections.abc import Sequence
from typing import NamedTuple

from emag.mailing.transports.event_loop import READABLE, WRITABLE, Steps

_RECORD = 16_384  # one TLS record: a write is lost or arrives in these
_LONGEST_REPLY = 65_536
_MOST_PIECES = 512  # of one call; systems take 1,024
_LINE = re.compile(rb"(\d{3})(?:([ -])([^\n]*)|\r?)\n")


class Lost(Exception):
    """The connection is gone, or the other side no longer speaks SMTP."""


class Short(Lost):
    """A reply is missing, so that what passed for the last answer may have been the next one."""


class Reply(NamedTuple):
    """`words` are as they came: most replies are never looked at."""

    code: int
    words: bytes

    @property
    def text(self) -> str:
        return self.words.decode("utf-8", "replace").strip()


class SmtpChannel:
    """Waits by yielding, so that one thread can drive many (see `EventLoop`)."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(0)
        self._sock = sock
        self._secure = isinstance(sock, ssl.SSLSocket)
        self._heard = b""
        self._at = 0  # so much of it has been read

    def write(
        self,
        pieces: Sequence[bytes],
        wait: float,
        *,
        end: int = sys.maxsize,
        whole: list[bool] | None = None,
    ) -> Steps[None]:
        """`end` is the place of a text's last octet: a write that fails before it sent nothing.

        `whole[0]` becomes True as soon as that octet may have left this machine.
        """
        whole = whole or [False]
        size, done = sum(map(len, pieces)), 0
        if not self._secure and len(pieces) <= _MOST_PIECES:
            try:
                done = self._sock.sendmsg(pieces)  # as a rule all of it, and nothing is copied
            except BlockingIOError:
                done = 0
            except OSError as error:
                raise Lost(_why(error)) from error
            whole[0] = done > end
        if done < size:
            yield from self._rest(b"".join(pieces), done, wait, end, whole)

    def _rest(
        self, text: bytes, done: int, wait: float, end: int, whole: list[bool]
    ) -> Steps[None]:
        view, events = memoryview(text), 0
        while done < len(text):
            piece = view[done : done + _RECORD] if self._secure else view[done:]
            if self._secure:  # of a TLS record nobody knows how much had left
                whole[0] = whole[0] or done + len(piece) > end
            try:
                if events:
                    yield events, wait
                done += self._sock.send(piece)
                events = 0
            except (BlockingIOError, ssl.SSLWantWriteError):
                events = WRITABLE
            except ssl.SSLWantReadError:
                events = READABLE
            except OSError as error:
                raise Lost(_why(error)) from error
            whole[0] = whole[0] or done > end

    def expect_silence(self) -> None:
        """A reply too many would be taken for the next one: a text must not leave on it."""
        if self._at < len(self._heard):
            raise Lost("the server says more than it was asked")

    def heard(self, due: re.Pattern[bytes], wait: float) -> Steps[re.Match[bytes] | None]:
        """What is due, if it comes in one go, as it does as a rule; else it is still to be read."""
        if self._at == len(self._heard):
            yield from self._hear(wait)
        found = due.match(self._heard, self._at)
        if found:
            self._at = found.end()
        return found

    def read(self, wait: float) -> Steps[Reply]:
        """One reply of one or more lines."""
        words = b""
        while True:
            line = _LINE.match(self._heard, self._at)
            if line is None:
                if self._heard.find(b"\n", self._at) >= 0:
                    raise Lost("the server answers what is not SMTP")
                yield from self._hear(wait)
                continue
            self._at = line.end()
            code, mark, said = line.groups(b"")
            words = words + b" " + said if words else said
            if mark != b"-":
                return Reply(int(code), words)

    def _hear(self, wait: float) -> Steps[None]:
        heard, events = None, READABLE
        while heard is None:
            try:
                yield events, wait
                heard = self._sock.recv(_LONGEST_REPLY)
            except (BlockingIOError, ssl.SSLWantReadError):
                events = READABLE
            except ssl.SSLWantWriteError:
                events = WRITABLE
            except OSError as error:
                raise Lost(_why(error)) from error
        if not heard:
            raise Lost("the server closed the connection")
        self._heard, self._at = self._heard[self._at :] + heard, 0
        if len(self._heard) > _LONGEST_REPLY:
            raise Lost("the server's answer has no end")


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return f"the connection was lost ({error.strerror or type(error).__name__})"
