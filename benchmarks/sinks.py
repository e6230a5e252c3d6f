"""Mail servers for benchmarks that accept everything, and one that answers like SendGrid.

Each runs in a process of its own and ends when its standard input ends.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

BACKLOG = "100"


class Sink(asyncio.Protocol):
    """Accepts everything without reading it, and answers as fast as it can."""

    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.in_text = transport, bytearray(), False
        self.looked = 0
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        replies = []
        while True:
            if self.in_text:
                end = self.buffer.find(b"\r\n.\r\n", max(0, self.looked - 5))
                if end < 0:
                    self.looked = len(self.buffer)
                    break
                del self.buffer[: end + 5]
                self.in_text, self.looked = False, 0
                Sink.received += 1
                self.message_accepted()
                replies.append(b"250 taken\r\n")
            line, separator, _ = self.buffer[:1000].partition(b"\r\n")
            if not separator:
                break
            del self.buffer[: len(line) + 2]
            self.command(bytes(line))
            replies.append(self.reply(bytes(line[:4]).upper()))
        self.transport.write(b"".join(replies))

    def command(self, line: bytes) -> None:
        """Is called for each command. A sink that records recipients overrides it."""

    def message_accepted(self) -> None:
        """Is called for each message. A sink that counts messages overrides it."""

    def reply(self, word: bytes) -> bytes:
        if word == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250 SIZE 50000000\r\n"
        self.in_text = word == b"DATA"
        if self.in_text:
            return b"354 go\r\n"
        return b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"


class Api(asyncio.Protocol):
    """Answers POST /v3/mail/send as SendGrid does, shortly after the last octet."""

    received = 0
    delay = 0.05

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, bytearray()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) >= length:
            Api.received += body.count(b'"emag_delivery"')
            asyncio.get_running_loop().call_later(self.delay, self.answer)

    def answer(self) -> None:
        lines = (
            "HTTP/1.1 202 Accepted",
            "Content-Length: 0",
            f"X-Message-Id: sink-{Api.received}",
            "X-RateLimit-Limit: 600",
            "X-RateLimit-Remaining: 599",
            f"X-RateLimit-Reset: {int(time.time()) + 60}",
            "Connection: close",
        )
        self.transport.write("\r\n".join([*lines, "", ""]).encode())
        self.transport.close()


async def serve(kind: type[Sink] | type[Api]) -> None:
    server = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(kind.received, flush=True)


@contextmanager
def own_sink(kind: str, expected: int) -> Iterator[int]:
    """Runs a sink and yields its port. Afterwards it must have the expected number of messages."""
    command = [sys.executable, __file__, kind]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        received = int(process.communicate()[0])
    assert received == expected, f"the sink has {received} of {expected}"


def postfix(name: str) -> str | None:
    """Returns the path of one of Postfix's tools, if it is installed."""
    return shutil.which(name, path=f"{os.defpath}:/usr/sbin:/usr/local/sbin")


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Runs Postfix's sink, which accepts everything and stores nothing, and yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = postfix("smtp-sink")
    assert program
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *user, f"127.0.0.1:{port}", BACKLOG]) as process:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.02)
        yield port
        process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(Api if sys.argv[1] == "api" else Sink))
