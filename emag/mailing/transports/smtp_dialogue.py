"""The SMTP dialogue on an open connection: pipelined, every reply matched to its message."""

import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt, without_addresses
from emag.mailing.transports import OnProgress, ignore_progress
from emag.mailing.transports.event_loop import Steps
from emag.mailing.transports.smtp_channel import Lost, Reply, Short, SmtpChannel

_OK, _START, _CLOSING, _TEMPORARY, _PERMANENT = 250, 354, 421, 400, 500
_OUT_OF_ORDER = 503  # about the dialogue, not about a message
# Refusals that no other reader would escape: authentication wanted or wrong, relaying denied.
_ABOUT_US = frozenset({530, 534, 535, 538})
_POLICY = re.compile(r"\b5\.7\.\d+\b|relay(?:ing)? (?:access )?denied", re.IGNORECASE)
ENOUGH = 3  # refusals of us in a row: the others need not be tried
# Replies as they come when all is well: to a text; to an envelope, with RSET's before it or not.
_TAKEN = re.compile(rb"250 ([^\n]*)\n")
_WELCOME = {
    (chunking, reset): re.compile(
        rb"(?:250 [^\n]*\n){%d}%b" % (2 + reset, b"" if chunking else rb"354 [^\n]*\n")
    )
    for chunking in (False, True)
    for reset in (False, True)
}


@dataclass(frozen=True, slots=True)
class SmtpTimeouts:
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


class _Text(NamedTuple):
    """A message as it goes over the wire, in pieces, most of which all readers share."""

    message: Message
    pieces: list[bytes]
    size: int


def _made(message: Message) -> _Text:
    pieces = message.pieces()
    return _Text(message, pieces, sum(map(len, pieces)))


class SmtpDialogue:
    """Speaks on a connection that is open, secured and authenticated.

    Where the server offers PIPELINING, the envelope of the next message travels in the same write
    as the text of this one (RFC 2920). Where it offers CHUNKING, the text is one chunk (RFC 3030).
    """

    def __init__(self, sock: socket.socket, offers: Mapping[str, str], waits: SmtpTimeouts) -> None:
        self._line = SmtpChannel(sock)
        self._waits = waits
        self._unclean = False  # a refused envelope lies open: RSET comes before the next
        self._reset = False  # RSET was said, and its reply comes first
        self.pipelining = "pipelining" in offers
        self.chunking = "chunking" in offers
        self.smtputf8 = "smtputf8" in offers
        self.sized = "size" in offers
        size = offers.get("size", "").strip()
        self.limit = int(size) if size.isascii() and size.isdigit() else 0  # 0 is for none told
        self.alive = True
        self.sent = 0

    def _unfit(self, text: _Text) -> Receipt | None:
        """The refusal of a message that this server could never take, before a word is said."""
        if not text.message.recipient.isascii() and not self.smtputf8:
            return Receipt(Outcome.REFUSED, "the server takes no address with letters like these")
        if self.limit and text.size > self.limit:
            reason = f"the message has {text.size} bytes, the server takes {self.limit}"
            return Receipt(Outcome.REFUSED, reason, sender_fault=True)
        return None

    def exchange(
        self, messages: Sequence[Message], told: OnProgress = ignore_progress
    ) -> Steps[list[Receipt]]:
        """Receipts from the first message on; those missing were not begun: the connection is lost
        (see `alive`), or nobody of ours is welcome.

        Each message is made when it is due: few of them are in memory, and those are warm.
        """
        receipts: list[Receipt] = []
        announced: _Text | None = None
        refusals, last = 0, len(messages) - 1  # refusals are of us, in a row
        for place, message in enumerate(messages):
            text = announced or _made(message)
            if not announced and (refusal := self._unfit(text)):
                receipts.append(refusal)
                continue
            whole = [False]
            try:
                receipt = yield from self._announce(text, announced=announced is not None)
                announced, ahead = None, b""
                if receipt is None:
                    if self.pipelining and place < last:
                        announced, ahead = self._ahead(messages[place + 1])
                    told(place, None)
                    receipt = yield from self._say(text, ahead, whole)
            except Lost as lost:
                self.alive = False
                if announced and isinstance(lost, Short):
                    receipts[-1] = Receipt(Outcome.DOUBTFUL, str(lost))
                    told(place - 1, Outcome.DOUBTFUL)
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

    def _ahead(self, message: Message) -> tuple[_Text | None, bytes]:
        """The next message and its envelope, unless the server could never take it."""
        text = _made(message)
        if self._unfit(text):
            return None, b""
        # A chunk that is refused leaves its envelope open, so RSET goes ahead.
        return text, self._envelope(text, reset=self.chunking)

    def _announce(self, text: _Text, *, announced: bool) -> Steps[Receipt | None]:
        """None once the server waits for the text, else what the refusal comes to."""
        if not announced:
            self._line.expect_silence()
        if self.pipelining:
            if not announced:
                yield from self._write([self._envelope(text, reset=self._unclean)])
            due = _WELCOME[self.chunking, self._reset]
            if (yield from self._line.heard(due, self._waits.command)):
                self._reset = self._unclean = False
                return None
            yield from self._expect_reset()
            replies = [(yield from self._line.read(self._waits.command))]
            while len(replies) < (2 if self.chunking else 3) and replies[-1].code != _START:
                replies.append((yield from self._line.read(self._waits.command)))
            return (yield from self._judge(replies))
        if self._unclean:
            yield from self._write([b"RSET\r\n"])
            self._reset = True
            yield from self._expect_reset()
        replies = []
        for line in self._lines(text):
            yield from self._write([line])
            replies.append((yield from self._line.read(self._waits.command)))
            if replies[-1].code >= _TEMPORARY:
                break
        return (yield from self._judge(replies))

    def _write(self, pieces: Sequence[bytes]) -> Steps[None]:
        return self._line.write(pieces, self._waits.block)

    def _envelope(self, text: _Text, *, reset: bool) -> bytes:
        """MAIL, RCPT and DATA in one go: DATA ends the group."""
        self._reset = reset
        return b"".join([b"RSET\r\n" * reset, *self._lines(text)])

    def _lines(self, text: _Text) -> list[bytes]:
        message, recipient = text.message, text.message.recipient
        size = f" SIZE={text.size}" if self.sized else ""
        eight = "" if recipient.isascii() else " BODY=8BITMIME SMTPUTF8"
        mail = f"MAIL FROM:<{message.sender}>{size}{eight}\r\n".encode()
        lines = [mail, f"RCPT TO:<{recipient}>\r\n".encode()]
        return lines if self.chunking else [*lines, b"DATA\r\n"]

    def _expect_reset(self) -> Steps[None]:
        if self._reset:
            reply = yield from self._line.read(self._waits.command)
            if reply.code != _OK:
                raise Lost("the server would not start anew")
            self._reset = self._unclean = False

    def _judge(self, replies: Sequence[Reply]) -> Steps[Receipt | None]:
        """The first refusal counts; what follows it is only its echo."""
        refusal = None
        due = (_OK, _OK) if self.chunking else (_OK, _OK, _START)
        for reply, code in zip(replies, due, strict=False):
            if reply.code >= _TEMPORARY and reply.code != _OUT_OF_ORDER:
                refusal = reply
                break
            if reply.code >= _TEMPORARY or (reply.code >= _START) is not (code == _START):
                kind = Short if reply.code == _START else Lost
                raise kind(f"the server answered {reply.code} where {code} was due")
        if refusal is None:
            return None
        if replies[-1].code == _START:
            # It takes a text for a message whose envelope it refused: an empty one is due.
            yield from self._write([b".\r\n"])
            yield from self._line.read(self._waits.final)
        self._unclean = True
        return self._receipt(refusal, mail=refusal is replies[0])

    def _receipt(self, reply: Reply, *, mail: bool = False) -> Receipt:
        reason = without_addresses(f"{reply.code} {reply.text}")
        if reply.code == _CLOSING:
            self.alive = False
            # About the connection where nobody was named yet, else about this message.
            return Receipt(Outcome.UNSENT if mail else Outcome.DEFERRED, reason)
        if reply.code < _PERMANENT:
            return Receipt(Outcome.DEFERRED, reason)
        ours = mail or reply.code in _ABOUT_US or bool(_POLICY.search(reply.text))
        return Receipt(Outcome.REFUSED, reason, sender_fault=ours)

    def _say(self, text: _Text, ahead: bytes, whole: list[bool]) -> Steps[Receipt]:
        """Sends the text and, in the same write, the next envelope; reads what came of the text.

        `whole[0]` becomes True as soon as the end of the text may have left this machine.
        """
        self._line.expect_silence()
        if self.chunking:
            head = b"BDAT %d LAST\r\n" % text.size
            pieces = [head, *text.pieces, ahead]
            end = len(head) + text.size - 1
        else:
            pieces, end = [*text.pieces, b".\r\n" + ahead], text.size
        yield from self._line.write(pieces, self._waits.block, end=end, whole=whole)
        if taken := (yield from self._line.heard(_TAKEN, self._waits.final)):
            return Receipt(Outcome.ACCEPTED, reference=_reference(taken[1]))
        reply = yield from self._line.read(self._waits.final)
        if reply.code >= _TEMPORARY:
            self._unclean = self.chunking
            return self._receipt(reply)
        if reply.code >= _START:
            raise Lost(f"the server answered {reply.code} where 250 was due")
        return Receipt(Outcome.ACCEPTED, reference=_reference(reply.words))


def _reference(words: bytes) -> str:
    return without_addresses(words.decode("utf-8", "replace").strip())[:100]
