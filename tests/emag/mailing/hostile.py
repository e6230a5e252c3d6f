"""A mail server on a real socket that misbehaves as it is told to, at any stage."""

import base64
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

# In the order of the dialogue. At “dot” the text is complete and not taken, at “answer” it is
# taken, “after” is when that was said.
STAGES = (
    "connect", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "text", "dot",
    "answer", "after",
)  # fmt: skip

# What it may do instead of its reply; anything else is said in the reply's place, and after a 421
# it hangs up.
CUT, MUTE, OMIT, TWICE = "cut", "mute", "omit", "twice"

_PATIENCE = 30.0  # seconds after which a test has gone wrong anyway


@dataclass
class Fault:
    """`does` at a stage, for the first `times`, or for so many `seconds` from the first time on.

    So many of the first `passes` are spared, and whoever's address does not end in `to`.
    """

    at: str
    does: str
    times: float = 1
    seconds: float = 0.0
    passes: int = 0
    to: str = ""
    began: float = 0.0

    def hits(self, stage: str, address: str) -> bool:
        if stage != self.at or not address.endswith(self.to):
            return False
        if self.passes:
            self.passes -= 1
            return False
        self.began = self.began or time.monotonic()
        if self.seconds:
            return time.monotonic() - self.began < self.seconds
        self.times -= 1
        return self.times >= 0


@dataclass
class Hostile:
    """What it offers and what it has: whom it took a message for, and the fields of each."""

    faults: list[Fault] = field(default_factory=list)
    offers: Collection[str] = ("PIPELINING",)
    closes_after: int = 0  # messages on one connection
    goodbye: str = ""  # what it says then
    delay: float = 0.0  # seconds before each reply
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    received: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, stage: str, address: str = "") -> str:
        with self.lock:
            return next((f.does for f in self.faults if f.hits(stage, address)), "")

    @contextmanager
    def serving(self) -> Iterator["Hostile"]:
        with _Server(self) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.1,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


class _Server(ThreadingTCPServer):
    request_queue_size = 100

    def __init__(self, hostile: Hostile) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.hostile = hostile


class _End(Exception):
    """This connection is over."""


class _Connection(BaseRequestHandler):
    """One client's dialogue. Replies to commands that came together leave together (RFC 2920)."""

    def handle(self) -> None:
        self.hostile: Hostile = self.server.hostile
        self.request.settimeout(_PATIENCE)
        self.buffer, self.replies = bytearray(), b""
        self.rcpt, self.sender, self.many = "", False, 0
        try:
            with suppress(_End, OSError):
                self.answer("connect", "")
                self.answer("greeting", "220 relay.example.net")
                while True:
                    self.command(self.until(b"\r\n").decode())
        finally:
            self.request.close()  # STARTTLS made another of it

    def command(self, line: str) -> None:
        word = line[:4].upper()
        handlers = {
            "EHLO": self.ehlo, "HELO": self.helo, "STAR": self.starttls, "AUTH": self.auth,
            "MAIL": self.mail, "RCPT": self.recipient, "DATA": self.data, "BDAT": self.chunk,
            "RSET": self.rset, "QUIT": self.quit,
        }  # fmt: skip
        handlers.get(word, self.unknown)(line)

    def ehlo(self, _line: str) -> None:
        offers = ["relay.example.net", *self.hostile.offers]
        offers += ["STARTTLS"] if self.hostile.tls else []
        offers += ["AUTH PLAIN"] if self.hostile.login else []
        lines = [f"250-{offer}" for offer in offers[:-1]]
        self.answer("ehlo", "\r\n".join([*lines, f"250 {offers[-1]}"]))

    def helo(self, _line: str) -> None:
        self.say("250 relay.example.net")

    def starttls(self, _line: str) -> None:
        if self.answer("starttls", "220 go ahead").startswith("220"):
            self.flush()
            assert self.hostile.tls
            self.request = self.hostile.tls.wrap_socket(self.request, server_side=True)

    def auth(self, line: str) -> None:
        credentials = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
        is_known = tuple(credentials) == self.hostile.login
        self.answer("auth", "235 2.7.0 welcome" if is_known else "535 5.7.8 who are you")

    def mail(self, line: str) -> None:
        self.rcpt = ""
        self.sender = self.answer("mail", "250 2.1.0 ok", line).startswith("250")

    def recipient(self, line: str) -> None:
        address = line.partition("<")[2].partition(">")[0]
        if not self.sender:
            self.say("503 5.5.1 MAIL first")
        elif self.answer("rcpt", "250 2.1.5 ok", address).startswith("250"):
            self.rcpt = address

    def data(self, _line: str) -> None:
        if not self.rcpt:
            self.say("503 5.5.1 RCPT first")
        elif self.answer("data", "354 go ahead", self.rcpt).startswith("354"):
            self.some_of_the_text()
            self.text(self.until(b"\r\n.\r\n"))

    def chunk(self, line: str) -> None:
        if self.rcpt:
            self.some_of_the_text()
        wanted = int(line.split()[1])
        while len(self.buffer) < wanted:
            self.hear()
        text = bytes(self.buffer[:wanted])
        del self.buffer[:wanted]
        if self.rcpt:
            self.text(text)
        else:
            self.say("503 5.5.1 RCPT first")

    def some_of_the_text(self) -> None:
        """So much that there is more to come."""
        if not self.buffer:
            self.hear()
        self.answer("text", "", self.rcpt)

    def text(self, text: bytes) -> None:
        address, self.rcpt, self.sender = self.rcpt, "", False
        if self.answer("dot", "", address):
            return
        with self.hostile.lock:
            self.hostile.received.append(address)
            self.hostile.heads.append(text.partition(b"\r\n\r\n")[0])
        self.answer("answer", "250 2.0.0 taken", address)
        self.many += 1
        if self.many == self.hostile.closes_after:
            self.say(self.hostile.goodbye)
            self.hang_up()
        self.answer("after", "")

    def rset(self, _line: str) -> None:
        self.rcpt, self.sender = "", False
        self.say("250 2.0.0 ok")

    def quit(self, _line: str) -> None:
        self.say("221 2.0.0 bye")
        self.hang_up()

    def unknown(self, _line: str) -> None:
        self.say("502 5.5.1 what")

    def answer(self, stage: str, usual: str, address: str = "") -> str:
        """Says what is due, or does what it was told to instead; what that came to."""
        does = self.hostile.fault(stage, address)
        if does == CUT:
            self.cut(stage)
        if does == MUTE:
            self.mute()
        if does in {OMIT, TWICE}:
            self.say(*[usual] * 2 * (does == TWICE))
            return usual or does
        self.say(does or usual)
        if does.startswith("421"):
            self.hang_up()
        return does or usual

    def say(self, *replies: str) -> None:
        for reply in filter(None, replies):
            self.replies += f"{reply}\r\n".encode()

    def flush(self) -> None:
        if self.replies:
            time.sleep(self.hostile.delay)
        self.request.sendall(self.replies)
        self.replies = b""

    def hear(self) -> None:
        self.flush()
        some = self.request.recv(65_536)
        if not some:
            raise _End
        self.buffer += some

    def until(self, end: bytes) -> bytes:
        looked = 0
        while (end_at := self.buffer.find(end, max(0, looked - len(end)))) < 0:
            looked = len(self.buffer)
            self.hear()
        words = bytes(self.buffer[:end_at])
        del self.buffer[: end_at + len(end)]
        return words

    def cut(self, stage: str) -> None:
        """Hangs up without a word; in a text's middle without reading the rest of it."""
        self.flush()
        if stage != "text":
            self.hang_up()
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.request.close()
        raise _End

    def mute(self) -> None:
        """Says nothing more, until the client has had enough."""
        self.flush()
        self.until_gone()

    def hang_up(self) -> None:
        """What was said arrives, whatever the client has on its way."""
        self.flush()
        self.request.shutdown(socket.SHUT_WR)
        self.until_gone()

    def until_gone(self) -> None:
        while self.request.recv(65_536):
            pass
        raise _End
