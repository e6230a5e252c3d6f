"""The SMTP dialogue on an open connection: pipelined, every reply matched to its message."""

import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from emag.mailing.delivery import Outcome, Receipt, anonymous
from emag.mailing.message import Message

_OK, _START, _CLOSING, _TEMPORARY, _PERMANENT = 250, 354, 421, 400, 500
# Refusals that no other reader would escape: authentication wanted or wrong, relaying denied.
_ABOUT_US = frozenset({530, 534, 535, 538})
_POLICY = re.compile(r"\b5\.7\.\d+\b|relay(?:ing)? (?:access )?denied", re.IGNORECASE)
_RECORD = 16_384  # one TLS record: a write is lost or arrives in these
_LONGEST_REPLY = 65_536


class Lost(Exception):
    """The connection is gone, or the other side no longer speaks SMTP."""


class Reply(NamedTuple):
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds to wait for each reply; at a unit of 60 those of RFC 5321 section 4.5.3.2."""

    unit: float = 60.0

    @property
    def command(self) -> float:
        return 5 * self.unit

    @property
    def data(self) -> float:
        return 2 * self.unit

    @property
    def block(self) -> float:
        return 3 * self.unit

    @property
    def final(self) -> float:
        return 10 * self.unit


class Dialogue:
    """Speaks on a connection that is open, secured and authenticated."""

    def __init__(self, sock: socket.socket, offers: Mapping[str, str], waits: Waits) -> None:
        self._sock = sock
        self._waits = waits
        self._heard = b""
        self._unclean = False  # a refused envelope lies open: RSET comes before the next
        self.pipelining = "pipelining" in offers
        self.smtputf8 = "smtputf8" in offers
        self.sized = "size" in offers
        self.limit = int(offers.get("size", "0").strip() or 0) if self.sized else 0
        self.alive = True
        self.sent = 0

    def unfit(self, message: Message, wire: bytes) -> Receipt | None:
        """The refusal of a message that this server could never take, before a word is said."""
        if not message.recipient.isascii() and not self.smtputf8:
            return Receipt(Outcome.REFUSED, "the server takes no address with letters like these")
        if self.limit and len(wire) > self.limit:
            reason = f"the message has {len(wire)} bytes, the server takes {self.limit}"
            return Receipt(Outcome.REFUSED, reason, sender_fault=True)
        return None

    def exchange(self, batch: Sequence[tuple[Message, bytes]]) -> list[Receipt]:
        """Receipts from the first message on; those missing were not begun. See `alive`.

        The envelope of the next message travels in the same write as the text of this one.
        """
        receipts: list[Receipt] = []
        announced = False
        for place, (message, wire) in enumerate(batch):
            dotted = [False]
            following = batch[place + 1] if place + 1 < len(batch) else None
            try:
                if self.pipelining and not announced:
                    self._write(self._envelope(message, wire))
                receipt = self._answers(message, wire)
                announced = receipt is None and self.pipelining and following is not None
                if receipt is None:
                    ahead = self._envelope(*following) if announced and following else b""
                    receipt = self._text(wire, ahead, dotted)
            except Lost as lost:
                self.alive = False
                lost_after = Outcome.DOUBTFUL if dotted[0] else Outcome.UNSENT
                receipts.append(Receipt(lost_after, str(lost)))
                break
            receipts.append(receipt)
            self.sent += 1
            if not self.alive:
                break
        return receipts

    def _envelope(self, message: Message, wire: bytes) -> bytes:
        """MAIL, RCPT and DATA in one go (RFC 2920): DATA ends the group."""
        lines = self._lines(message, wire)
        if self._unclean:
            lines.insert(0, b"RSET\r\n")
        return b"".join(lines)

    def _lines(self, message: Message, wire: bytes) -> list[bytes]:
        utf8 = not message.recipient.isascii()
        mail = f"MAIL FROM:<{message.sender}>"
        mail += f" SIZE={len(wire)}" if self.sized else ""
        mail += " BODY=8BITMIME SMTPUTF8" if utf8 else ""
        recipient = f"RCPT TO:<{message.recipient}>"
        return [f"{mail}\r\n".encode(), f"{recipient}\r\n".encode(), b"DATA\r\n"]

    def _answers(self, message: Message, wire: bytes) -> Receipt | None:
        """None once the server waits for the text, else what the refusal comes to."""
        if self.pipelining:
            if self._unclean:
                self._expect_reset()
            replies = [self._read(wait) for wait in self._envelope_waits()]
            return self._judge(replies)
        if self._unclean:
            self._write(b"RSET\r\n")
            self._expect_reset()
        replies = []
        for line, wait in zip(self._lines(message, wire), self._envelope_waits(), strict=True):
            self._write(line)
            replies.append(self._read(wait))
            if replies[-1].code >= _TEMPORARY:
                break
        return self._judge(replies)

    def _envelope_waits(self) -> tuple[float, float, float]:
        return self._waits.command, self._waits.command, self._waits.data

    def _expect_reset(self) -> None:
        if self._read(self._waits.command).code != _OK:
            raise Lost("the server would not start anew")
        self._unclean = False

    def _judge(self, replies: Sequence[Reply]) -> Receipt | None:
        """The first refusal counts; what follows it is only its echo."""
        stage, reply = next(
            ((s, r) for s, r in enumerate(replies) if r.code >= _TEMPORARY), (-1, replies[-1])
        )
        if stage < 0:
            if reply.code != _START:
                raise Lost(f"the server answered {reply.code} where 354 was due")
            return None
        if replies[-1].code == _START:
            # It takes a text for a message whose envelope it refused: an empty one is due.
            self._write(b".\r\n")
            self._read(self._waits.final)
        self._unclean = True
        return self._receipt(reply, mail=stage == 0)

    def _receipt(self, reply: Reply, *, mail: bool = False) -> Receipt:
        reason = anonymous(f"{reply.code} {reply.text}")
        if reply.code == _CLOSING:
            self.alive = False
            # About the connection where nobody was named yet, else about this message.
            return Receipt(Outcome.UNSENT if mail else Outcome.DEFERRED, reason)
        if reply.code < _PERMANENT:
            return Receipt(Outcome.DEFERRED, reason)
        ours = mail or reply.code in _ABOUT_US or bool(_POLICY.search(reply.text))
        return Receipt(Outcome.REFUSED, reason, sender_fault=ours)

    def _text(self, wire: bytes, ahead: bytes, dotted: list[bool]) -> Receipt:
        """Sends the text and, in the same write, the next envelope; reads what came of the text.

        `dotted[0]` becomes True as soon as the final dot may have left this machine.
        """
        stuffed = wire.replace(b"\r\n.", b"\r\n..") if b"\r\n." in wire else wire
        self._write(stuffed + b".\r\n" + ahead, dot=len(stuffed), dotted=dotted)
        reply = self._read(self._waits.final)
        if reply.code >= _TEMPORARY:
            return self._receipt(reply)
        if reply.code >= _START:
            raise Lost(f"the server answered {reply.code} where 250 was due")
        return Receipt(Outcome.ACCEPTED, reference=anonymous(reply.text)[:100])

    def _write(
        self, data: bytes, *, dot: int | None = None, dotted: list[bool] | None = None
    ) -> None:
        """`dot` is the place of the final dot: a write that fails before it sent no message."""
        view, done = memoryview(data), 0
        secure = isinstance(self._sock, ssl.SSLSocket)
        self._sock.settimeout(self._waits.block)
        try:
            while done < len(data):
                piece = view[done : done + _RECORD] if secure else view[done:]
                if secure and dot is not None and dotted and done + len(piece) > dot:
                    dotted[0] = True  # of a TLS record nobody knows how much had left
                done += self._sock.send(piece)
                if dot is not None and dotted and done > dot:
                    dotted[0] = True
        except OSError as error:
            raise Lost(_why(error)) from error

    def _read(self, wait: float) -> Reply:
        """One reply of one or more lines."""
        lines: list[str] = []
        while True:
            line, found, rest = self._heard.partition(b"\n")
            if not found:
                self._hear(wait)
                continue
            self._heard = rest
            if not line[:3].isdigit() or line[3:4] not in {b" ", b"-", b"\r", b""}:
                raise Lost("the server answers what is not SMTP")
            lines.append(line[4:].decode("utf-8", "replace").strip())
            if line[3:4] != b"-":
                return Reply(int(line[:3]), " ".join(lines))

    def _hear(self, wait: float) -> None:
        try:
            self._sock.settimeout(wait)
            heard = self._sock.recv(_LONGEST_REPLY)
        except OSError as error:
            raise Lost(_why(error)) from error
        if not heard:
            raise Lost("the server closed the connection")
        self._heard += heard
        if len(self._heard) > _LONGEST_REPLY:
            raise Lost("the server's answer has no end")


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return f"the connection was lost ({error.strerror or type(error).__name__})"
