"""An SMTP server for the demo: stores every message and delivers none."""

import asyncio
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from types import TracebackType
from typing import Self

MAX_BYTES = 30_000_000
_LONGEST_LINE = 1_000_000  # bytes; a client that sends a longer line is disconnected
_PATH = re.compile(rb"(?:FROM|TO):\s*<([^<>\r\n]*)>(.*)$", re.IGNORECASE)
_START_TIMEOUT = 10  # seconds


@dataclass(frozen=True)
class Caught:
    """One received message: envelope, time, and the octets after dot-unstuffing."""

    number: int
    sender: str
    recipient: str
    at: datetime
    octets: bytes = field(repr=False)

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.octets, policy=policy.default)

    def part(self, kind: str) -> str:
        """Returns the text of the text/plain or text/html part, "" if there is none."""
        for part in self.message.walk():
            if part.get_content_type() == f"text/{kind}":
                return str(part.get_content())
        return ""


class Catcher:
    """Implements the part of RFC 5321 that a sender needs, with PIPELINING and 8BITMIME.

    A context manager that runs in its own thread. Stores one message for each recipient.
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._caught: list[Caught] = []
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catcher", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self.host, self.port = "127.0.0.1", 0

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT):
            raise OSError("The demo's mail server does not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def caught(self) -> tuple[Caught, ...]:
        """Returns all messages, oldest first."""
        with self._changed:
            return tuple(self._caught)

    def wait_for(self, count: int, *, seconds: float) -> bool:
        """Waits for at least `count` messages; returns False if they do not arrive in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._caught) >= count, seconds)

    def store(self, sender: str, recipients: list[str], octets: bytes) -> None:
        """Stores a message once for each recipient."""
        with self._changed:
            for recipient in recipients:
                number = len(self._caught) + 1
                self._caught.append(Caught(number, sender, recipient, self._now(), octets))
            self._changed.notify_all()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        tasks: set[asyncio.Task[None]] = set()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await SmtpSession(self, reader, writer).run()
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

        server = await asyncio.start_server(converse, self.host, 0, limit=_LONGEST_LINE)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class SmtpSession:
    """The SMTP session of one client."""

    def __init__(
        self, catcher: Catcher, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._catcher, self._reader, self._writer = catcher, reader, writer
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Answers commands until the client quits."""
        self._say("220 localhost ESMTP catcher")
        while True:
            await self._writer.drain()
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError:
                self._say("500 5.5.2 Line too long")
                return
            verb, _, rest = line.strip().partition(b" ")
            if verb.upper() == b"QUIT":
                self._say("221 2.0.0 Bye")
                return
            if verb.upper() == b"DATA":
                await self._data()
            else:
                self._say(self._answer(verb.upper(), rest))

    def _answer(self, verb: bytes, rest: bytes) -> str:
        if verb == b"EHLO":
            self._reset()
            features = ("localhost", f"SIZE {MAX_BYTES}", "PIPELINING", "8BITMIME", "SMTPUTF8")
            return "\r\n".join([f"250-{line}" for line in features] + ["250 ENHANCEDSTATUSCODES"])
        if verb in {b"HELO", b"RSET", b"NOOP"}:
            if verb != b"NOOP":
                self._reset()
            return "250 2.0.0 Ok" if verb != b"HELO" else "250 localhost"
        path = _PATH.match(rest)
        if verb == b"MAIL" and path and self._sender is None:
            self._sender = path[1].decode(errors="replace")
            return "250 2.1.0 Ok"
        if verb == b"RCPT" and path and path[1] and self._sender is not None:
            self._recipients.append(path[1].decode(errors="replace"))
            return "250 2.1.5 Ok"
        if verb in {b"MAIL", b"RCPT"}:
            return "501 5.5.4 Wrong syntax or wrong order"
        return "502 5.5.1 Command not implemented"

    async def _data(self) -> None:
        if not self._recipients:
            self._say("503 5.5.1 Send RCPT first")
            return
        self._say("354 End with a dot on a line of its own")
        await self._writer.drain()
        octets = bytearray()
        while (line := await self._reader.readuntil(b"\n")) != b".\r\n":
            octets += line.removeprefix(b".")
            if len(octets) > MAX_BYTES:
                raise asyncio.IncompleteReadError(b"", None)
        self._catcher.store(self._sender or "", self._recipients, bytes(octets))
        self._reset()
        self._say("250 2.0.0 Stored")

    def _reset(self) -> None:
        self._sender, self._recipients = None, []

    def _say(self, line: str) -> None:
        self._writer.write(f"{line}\r\n".encode())
