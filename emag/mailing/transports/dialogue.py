"""The SMTP dialogue on an open connection: pipelined, every reply matched to its message."""

import re
import socket
import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from emag.mailing.delivery import Outcome, Receipt, anonymous
from emag.mailing.message import Message
from emag.mailing.transports import Told, silent

_OK, _START, _CLOSING, _TEMPORARY, _PERMANENT = 250, 354, 421, 400, 500
_OUT_OF_ORDER = 503  # about the dialogue, not about a message
# Refusals that no other reader would escape: authentication wanted or wrong, relaying denied.
_ABOUT_US = frozenset({530, 534, 535, 538})
_POLICY = re.compile(r"\b5\.7\.\d+\b|relay(?:ing)? (?:access )?denied", re.IGNORECASE)
ENOUGH = 3  # refusals of us in a row: the others need not be tried
_RECORD = 16_384  # one TLS record: a write is lost or arrives in these
_LONGEST_REPLY = 65_536
_AFTER_CODE = frozenset({b" ", b"-", b"\r", b""})


class Lost(Exception):
    """The connection is gone, or the other side no longer speaks SMTP."""


class Reply(NamedTuple):
    """`words` are as they came: most replies are never looked at."""

    code: int
    words: bytes

    @property
    def text(self) -> str:
        return self.words.decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds to wait; at a unit of 60 none is below those of RFC 5321 section 4.5.3.2."""

    unit: float = 60.0

    @property
    def command(self) -> float:
        return 5 * self.unit

    @property
    def block(self) -> float:
        return 3 * self.unit

    @property
    def final(self) -> float:
        return 10 * self.unit


class Dialogue:
    """Speaks on a connection that is open, secured and authenticated.

    Where the server offers PIPELINING, the envelope of the next message travels in the same write
    as the text of this one (RFC 2920). Where it offers CHUNKING, the text is one chunk (RFC 3030).
    """

    def __init__(self, sock: socket.socket, offers: Mapping[str, str], waits: Waits) -> None:
        self._sock = sock
        self._waits = waits
        # As a rule what is set for one reply is right for the next write: changing it costs a call.
        self._wait = waits.block
        sock.settimeout(self._wait)
        self._heard = b""
        self._at = 0  # so much of it has been read
        self._unclean = False  # a refused envelope lies open: RSET comes before the next
        self._reset = False  # RSET was said, and its reply comes first
        self.pipelining = "pipelining" in offers
        self.chunking = "chunking" in offers
        self.smtputf8 = "smtputf8" in offers
        self.sized = "size" in offers
        self.limit = int(offers.get("size", "0").strip() or 0) if self.sized else 0
        self.alive = True
        self.sent = 0

    def _unfit(self, message: Message, wire: bytes) -> Receipt | None:
        """The refusal of a message that this server could never take, before a word is said."""
        if not message.recipient.isascii() and not self.smtputf8:
            return Receipt(Outcome.REFUSED, "the server takes no address with letters like these")
        if self.limit and len(wire) > self.limit:
            reason = f"the message has {len(wire)} bytes, the server takes {self.limit}"
            return Receipt(Outcome.REFUSED, reason, sender_fault=True)
        return None

    def exchange(self, messages: Sequence[Message], told: Told = silent) -> list[Receipt]:
        """Receipts from the first message on; those missing were not begun: the connection is lost
        (see `alive`), or nobody of ours is welcome.

        Each message is made when it is due: few of them are in memory, and those are warm.
        """
        receipts: list[Receipt] = []
        announced: bytes | None = None
        refusals = 0  # of us, in a row
        for place, message in enumerate(messages):
            wire = announced or message.wire()
            if refusal := self._unfit(message, wire):
                receipts.append(refusal)
                continue
            whole = [False]
            try:
                receipt = self._announce(message, wire, announced=announced is not None)
                announced, ahead = None, b""
                if receipt is None:
                    if self.pipelining and place + 1 < len(messages):
                        announced, ahead = self._ahead(messages[place + 1])
                    told(place, None)
                    receipt = self._text(wire, ahead, whole)
            except Lost as lost:
                self.alive = False
                lost_after = Outcome.DOUBTFUL if whole[0] else Outcome.UNSENT
                told(place, lost_after)
                receipts.append(Receipt(lost_after, str(lost)))
                break
            told(place, receipt.outcome)
            receipts.append(receipt)
            self.sent += 1
            refusals = refusals + 1 if receipt.sender_fault else 0
            if not self.alive or refusals == ENOUGH:
                break
        return receipts

    def _ahead(self, message: Message) -> tuple[bytes | None, bytes]:
        """The next message and its envelope, unless the server could never take it."""
        wire = message.wire()
        if self._unfit(message, wire):
            return None, b""
        # A chunk that is refused leaves its envelope open, so RSET goes ahead.
        return wire, self._envelope(message, wire, reset=self.chunking)

    def _announce(self, message: Message, wire: bytes, *, announced: bool) -> Receipt | None:
        """None once the server waits for the text, else what the refusal comes to."""
        if self.pipelining:
            if not announced:
                self._write(self._envelope(message, wire, reset=self._unclean))
            self._expect_reset()
            stages = 2 if self.chunking else 3
            return self._judge([self._read(self._waits.command) for _ in range(stages)])
        if self._unclean:
            self._write(b"RSET\r\n")
            self._reset = True
            self._expect_reset()
        replies = []
        for line in self._lines(message, wire):
            self._write(line)
            replies.append(self._read(self._waits.command))
            if replies[-1].code >= _TEMPORARY:
                break
        return self._judge(replies)

    def _envelope(self, message: Message, wire: bytes, *, reset: bool) -> bytes:
        """MAIL, RCPT and DATA in one go: DATA ends the group."""
        self._reset = reset
        return b"".join([b"RSET\r\n" * reset, *self._lines(message, wire)])

    def _lines(self, message: Message, wire: bytes) -> list[bytes]:
        mail = f"MAIL FROM:<{message.sender}>"
        mail += f" SIZE={len(wire)}" if self.sized else ""
        mail += "" if message.recipient.isascii() else " BODY=8BITMIME SMTPUTF8"
        lines = [f"{mail}\r\n".encode(), f"RCPT TO:<{message.recipient}>\r\n".encode()]
        return lines if self.chunking else [*lines, b"DATA\r\n"]

    def _expect_reset(self) -> None:
        if self._reset:
            if self._read(self._waits.command).code != _OK:
                raise Lost("the server would not start anew")
            self._reset = self._unclean = False

    def _judge(self, replies: Sequence[Reply]) -> Receipt | None:
        """The first refusal counts; what follows it is only its echo."""
        refusal = None
        due = (_OK, _OK) if self.chunking else (_OK, _OK, _START)
        for reply, code in zip(replies, due, strict=False):
            if reply.code >= _TEMPORARY and reply.code != _OUT_OF_ORDER:
                refusal = reply
                break
            if reply.code >= _TEMPORARY or (reply.code >= _START) is not (code == _START):
                raise Lost(f"the server answered {reply.code} where {code} was due")
        if refusal is None:
            return None
        if replies[-1].code == _START:
            # It takes a text for a message whose envelope it refused: an empty one is due.
            self._write(b".\r\n")
            self._read(self._waits.final)
        self._unclean = True
        return self._receipt(refusal, mail=refusal is replies[0])

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

    def _text(self, wire: bytes, ahead: bytes, whole: list[bool]) -> Receipt:
        """Sends the text and, in the same write, the next envelope; reads what came of the text.

        `whole[0]` becomes True as soon as the end of the text may have left this machine.
        """
        if self.chunking:
            head = b"BDAT %d LAST\r\n" % len(wire)
            self._write(head, wire, ahead, end=len(head) + len(wire) - 1, whole=whole)
        else:
            self._write(wire, b".\r\n" + ahead, end=len(wire), whole=whole)
        reply = self._read(self._waits.final)
        if reply.code >= _TEMPORARY:
            self._unclean = self.chunking
            return self._receipt(reply)
        if reply.code >= _START:
            raise Lost(f"the server answered {reply.code} where 250 was due")
        return Receipt(Outcome.ACCEPTED, reference=anonymous(reply.text)[:100])

    def _write(
        self, *pieces: bytes, end: int = sys.maxsize, whole: list[bool] | None = None
    ) -> None:
        """`end` is the place of a text's last octet: a write that fails before it sent nothing."""
        whole = whole or [False]
        secure = isinstance(self._sock, ssl.SSLSocket)
        size, done = sum(map(len, pieces)), 0
        try:
            if not secure:
                done = self._sock.sendmsg(pieces)  # as a rule all of it, and nothing is copied
                whole[0] = done > end
            view = memoryview(b"".join(pieces) if done < size else b"")
            while done < size:
                piece = view[done : done + _RECORD] if secure else view[done:]
                if secure:  # of a TLS record nobody knows how much had left
                    whole[0] = whole[0] or done + len(piece) > end
                done += self._sock.send(piece)
                whole[0] = whole[0] or done > end
        except OSError as error:
            raise Lost(_why(error)) from error

    def _read(self, wait: float) -> Reply:
        """One reply of one or more lines."""
        words = b""
        while True:
            end = self._heard.find(b"\n", self._at)
            if end < 0:
                self._hear(wait)
                continue
            line = self._heard[self._at : end]
            self._at = end + 1
            code, mark = line[:3], line[3:4]
            if not code.isdigit() or mark not in _AFTER_CODE:
                raise Lost("the server answers what is not SMTP")
            words = words + b" " + line[4:] if words else line[4:]
            if mark != b"-":
                return Reply(int(code), words)

    def _hear(self, wait: float) -> None:
        try:
            if wait != self._wait:
                self._sock.settimeout(wait)
                self._wait = wait
            heard = self._sock.recv(_LONGEST_REPLY)
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
