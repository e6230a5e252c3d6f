"""The SMTP dialogue on an open connection: pipelined, each reply matched to its message."""

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
_OUT_OF_ORDER = 503  # about the order of commands, not about a message
# Refusals that concern every reader: authentication required or wrong, relaying denied.
_ABOUT_US = frozenset({530, 534, 535, 538})
_POLICY = re.compile(r"\b5\.7\.\d+\b|relay(?:ing)? (?:access )?denied", re.IGNORECASE)
ENOUGH = 3  # refusals of us in a row, after which no other message is tried
# Replies as a server usually sends them: to a text; to an envelope, with or without RSET before.
_ACCEPTED_REPLY = re.compile(rb"250 ([^\n]*)\n")
_ENVELOPE_REPLIES = {
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
    """A message in pieces, most of which all readers share."""

    message: Message
    pieces: list[bytes]
    size: int


def _text(message: Message) -> _Text:
    pieces = message.pieces()
    return _Text(message, pieces, sum(map(len, pieces)))


class SmtpDialogue:
    """Sends messages on a connection that is open, secured and authenticated.

    If the server offers PIPELINING, the envelope of the next message is written together with the
    text of this one (RFC 2920). If it offers CHUNKING, the text is one chunk (RFC 3030).
    """

    def __init__(self, sock: socket.socket, offers: Mapping[str, str], waits: SmtpTimeouts) -> None:
        self._channel = SmtpChannel(sock)
        self._waits = waits
        self._unclean = False  # an envelope was refused: RSET must come before the next one
        self._reset = False  # RSET was sent, and its reply comes first
        self.pipelining = "pipelining" in offers
        self.chunking = "chunking" in offers
        self.smtputf8 = "smtputf8" in offers
        self.sized = "size" in offers
        size = offers.get("size", "").strip()
        self.limit = (
            int(size) if size.isascii() and size.isdigit() else 0
        )  # 0: the server names no limit
        self.alive = True
        self.sent = 0

    def _unfit(self, text: _Text) -> Receipt | None:
        """A refusal, without asking the server, of a message that it could never accept."""
        if not text.message.recipient.isascii() and not self.smtputf8:
            return Receipt(
                Outcome.REFUSED, "the server does not accept an address with these characters"
            )
        if self.limit and text.size > self.limit:
            reason = f"the message has {text.size} bytes, the server accepts {self.limit}"
            return Receipt(Outcome.REFUSED, reason, sender_fault=True)
        return None

    def exchange(
        self, messages: Sequence[Message], on_progress: OnProgress = ignore_progress
    ) -> Steps[list[Receipt]]:
        """Returns receipts, from the first message on. Messages without a receipt were not begun:
        the connection is lost (see `alive`), or the server refuses us.

        Each message is made when it is due, so that few are in memory.
        """
        receipts: list[Receipt] = []
        announced: _Text | None = None
        refusals, last = 0, len(messages) - 1  # refusals are of us, in a row
        for place, message in enumerate(messages):
            text = announced or _text(message)
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
                    on_progress(place, None)
                    receipt = yield from self._send_text(text, ahead, whole)
            except Lost as lost:
                self.alive = False
                if announced and isinstance(lost, Short):
                    receipts[-1] = Receipt(Outcome.DOUBTFUL, str(lost))
                    on_progress(place - 1, Outcome.DOUBTFUL)
                lost_after = Outcome.DOUBTFUL if whole[0] else Outcome.UNSENT
                on_progress(place, lost_after)
                receipts.append(Receipt(lost_after, str(lost)))
                break
            on_progress(place, receipt.outcome)
            receipts.append(receipt)
            self.sent += 1
            refusals = refusals + 1 if receipt.sender_fault else 0
            if not self.alive or refusals == ENOUGH:
                break
        return receipts

    def _ahead(self, message: Message) -> tuple[_Text | None, bytes]:
        """The next message and its envelope, unless the server could never accept it."""
        text = _text(message)
        if self._unfit(text):
            return None, b""
        # After a refused chunk its envelope stays open, so RSET comes first.
        return text, self._envelope(text, reset=self.chunking)

    def _announce(self, text: _Text, *, announced: bool) -> Steps[Receipt | None]:
        """Sends the envelope. Returns None once the server waits for the text, else the refusal."""
        if not announced:
            self._channel.expect_silence()
        if self.pipelining:
            if not announced:
                yield from self._write([self._envelope(text, reset=self._unclean)])
            due = _ENVELOPE_REPLIES[self.chunking, self._reset]
            if (yield from self._channel.read_expected(due, self._waits.command)):
                self._reset = self._unclean = False
                return None
            yield from self._expect_reset()
            replies = [(yield from self._channel.read(self._waits.command))]
            while len(replies) < (2 if self.chunking else 3) and replies[-1].code != _START:
                replies.append((yield from self._channel.read(self._waits.command)))
            return (yield from self._judge(replies))
        if self._unclean:
            yield from self._write([b"RSET\r\n"])
            self._reset = True
            yield from self._expect_reset()
        replies = []
        for line in self._lines(text):
            yield from self._write([line])
            replies.append((yield from self._channel.read(self._waits.command)))
            if replies[-1].code >= _TEMPORARY:
                break
        return (yield from self._judge(replies))

    def _write(self, pieces: Sequence[bytes]) -> Steps[None]:
        return self._channel.write(pieces, self._waits.block)

    def _envelope(self, text: _Text, *, reset: bool) -> bytes:
        """MAIL, RCPT and DATA in one group, which DATA ends."""
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
            reply = yield from self._channel.read(self._waits.command)
            if reply.code != _OK:
                raise Lost("the server refused RSET")
            self._reset = self._unclean = False

    def _judge(self, replies: Sequence[Reply]) -> Steps[Receipt | None]:
        """Returns the first refusal: those that follow are its consequences."""
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
            # It waits for a text although it refused the envelope: send an empty text.
            yield from self._write([b".\r\n"])
            yield from self._channel.read(self._waits.final)
        self._unclean = True
        return self._receipt(refusal, mail=refusal is replies[0])

    def _receipt(self, reply: Reply, *, mail: bool = False) -> Receipt:
        reason = without_addresses(f"{reply.code} {reply.text}")
        if reply.code == _CLOSING:
            self.alive = False
            # About the connection if no recipient was named yet, else about this message.
            return Receipt(Outcome.UNSENT if mail else Outcome.DEFERRED, reason)
        if reply.code < _PERMANENT:
            return Receipt(Outcome.DEFERRED, reason)
        sender_fault = mail or reply.code in _ABOUT_US or bool(_POLICY.search(reply.text))
        return Receipt(Outcome.REFUSED, reason, sender_fault=sender_fault)

    def _send_text(self, text: _Text, ahead: bytes, whole: list[bool]) -> Steps[Receipt]:
        """Sends the text and, in the same write, the next envelope; reads the reply to the text.

        `whole[0]` becomes True as soon as the end of the text may have left this machine.
        """
        self._channel.expect_silence()
        if self.chunking:
            head = b"BDAT %d LAST\r\n" % text.size
            pieces = [head, *text.pieces, ahead]
            end = len(head) + text.size - 1
        else:
            pieces, end = [*text.pieces, b".\r\n" + ahead], text.size
        yield from self._channel.write(pieces, self._waits.block, end=end, whole=whole)
        if accepted := (yield from self._channel.read_expected(_ACCEPTED_REPLY, self._waits.final)):
            return Receipt(Outcome.ACCEPTED, reference=_reference(accepted[1]))
        reply = yield from self._channel.read(self._waits.final)
        if reply.code >= _TEMPORARY:
            self._unclean = self.chunking
            return self._receipt(reply)
        if reply.code >= _START:
            raise Lost(f"the server answered {reply.code} where 250 was due")
        return Receipt(Outcome.ACCEPTED, reference=_reference(reply.words))


def _reference(words: bytes) -> str:
    return without_addresses(words.decode("utf-8", "replace").strip())[:100]
