"""Sends messages by SMTP. smtplib connects and logs in; `smtp_dialogue` does the rest."""

import selectors
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from emag import connection_faults
from emag.errors import SenderRefused, TransportError, Unreachable
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt, without_addresses
from emag.mailing.transports import OnProgress, ignore_progress
from emag.mailing.transports.event_loop import EventLoop
from emag.mailing.transports.smtp_dialogue import ENOUGH, SmtpDialogue, SmtpTimeouts

_PERMANENT = 500
_GROUP_SECONDS = 0.01  # in which a group should leave
_QUIT_SECONDS = 2.0  # for the reply to QUIT, which nothing depends on

_Pending = list[tuple[int, Message]]


@dataclass(slots=True)
class _Line:
    """An open connection and the dialogue on it."""

    client: smtplib.SMTP
    dialogue: SmtpDialogue
    selector: selectors.BaseSelector

    def stale(self) -> bool:
        """True if the server sent something (421) or closed the connection while it was idle."""
        return bool(self.selector.select(timeout=0))

    def hang_up(self) -> None:
        if self.dialogue.alive and self.client.sock:
            with suppress(OSError):
                self.client.sock.settimeout(_QUIT_SECONDS)
                self.client.sock.sendall(b"QUIT\r\n")
                self.client.sock.recv(512)
        self.selector.close()
        self.client.close()


class SmtpTransport:
    """Keeps connections and uses them again, one for each thread; `per_connection` messages each.

    The slower the server, the smaller the groups: one message if each takes 10 ms.
    `timeout` is the limit for connecting, in seconds, and the unit of all other time-outs: at 60
    they are those of RFC 5321 section 4.5.3.2. `context` holds the trusted certificate
    authorities.
    """

    name = "smtp"

    def __init__(  # noqa: PLR0917 - in the order of the settings
        self,
        host: str,
        port: int = 587,
        security: str = "starttls",
        username: str = "",
        password: str = "",
        timeout: float = 60.0,
        *,
        batch: int = 12,
        per_connection: int = 500,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.host, self.port, self.security = host, port, security
        self._largest_batch, self._message_seconds = batch, 0.0
        self._username, self._password = username, password
        self._waits = SmtpTimeouts(timeout)
        self._per_connection = per_connection
        self._context = context
        self._loop = EventLoop()
        self._lock = threading.Lock()
        self._idle: list[_Line] = []

    @property
    def batch(self) -> int:
        """As many as leave within a moment: few, for they may be in doubt after a crash."""
        if not self._message_seconds:
            return 1
        return max(1, min(self._largest_batch, int(_GROUP_SECONDS / self._message_seconds)))

    def send(self, messages: Sequence[Message]) -> list[Receipt]:
        return self.send_reporting(messages, ignore_progress)

    def send_reporting(self, messages: Sequence[Message], on_progress: OnProgress) -> list[Receipt]:
        """Opens a new connection after a lost one, as long as that gets messages sent."""
        unfit = Receipt(Outcome.REFUSED, "the address is not allowed in a mail envelope")
        receipts = {n: unfit for n, message in enumerate(messages) if not message.sendable}
        pending = [(n, message) for n, message in enumerate(messages) if n not in receipts]
        reason = ""
        while pending:
            try:
                line = self._take() or self._open()
            except TransportError as error:
                if not receipts:
                    raise
                reason = str(error)
                break
            is_new, count = not line.dialogue.sent, len(pending)
            pending, reason = self._exchange(line, pending, receipts, on_progress)
            # After a doubtful message the run waits, so that no other one becomes doubtful.
            if reason and ((is_new and len(pending) == count) or _must_stop(receipts.values())):
                break
        if pending and not receipts:
            raise Unreachable(f"{self.host}: {reason}")
        return [receipts.get(n) or Receipt(Outcome.UNSENT, reason) for n in range(len(messages))]

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for line in idle:
            line.hang_up()

    def _exchange(
        self, line: _Line, pending: _Pending, receipts: dict[int, Receipt], on_progress: OnProgress
    ) -> tuple[_Pending, str]:
        """Sends over one connection. Returns what is still pending, and why it stopped."""
        places, began = [n for n, _ in pending], monotonic()
        if places[-1] >= len(places):  # not the first attempt for all of them
            on_progress = _for_places(on_progress, places)
        assert line.client.sock
        steps = line.dialogue.exchange([message for _, message in pending], on_progress)
        results = self._loop.run(line.client.sock, steps)
        # No lock: the measure of another thread is as good.
        self._message_seconds = (
            self._message_seconds + (monotonic() - began) / max(1, len(results))
        ) / 2
        for (n, _), receipt in zip(pending, results, strict=False):
            if receipt.outcome is not Outcome.UNSENT:
                receipts[n] = receipt
        self._give_back(line)
        left = [item for item in pending if item[0] not in receipts]
        is_lost = bool(results) and not line.dialogue.alive
        return left, results[-1].reason if is_lost or _is_refused(results) else ""

    def _take(self) -> _Line | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                line = self._idle.pop()
            if not line.stale():
                return line
            line.dialogue.alive = False
            line.hang_up()

    def _give_back(self, line: _Line) -> None:
        if not line.dialogue.alive or line.dialogue.sent >= self._per_connection:
            line.hang_up()
            return
        with self._lock:
            self._idle.append(line)

    def _open(self) -> _Line:
        """Raises Unreachable if waiting may help, SenderRefused if a setting is wrong."""
        try:
            client = self._connect()
        except ssl.SSLCertVerificationError as error:
            raise SenderRefused(
                f"{self.host} is not trusted: {connection_faults.certificate(error)}"
            ) from error
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error) from error
        except OSError as error:
            raise Unreachable(
                f"{self.host} cannot be reached: {connection_faults.reason(error)}"
            ) from error
        assert client.sock
        # No Nagle algorithm: a command must not wait until the last packet is acknowledged.
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector = selectors.DefaultSelector()
        selector.register(client.sock, selectors.EVENT_READ)
        return _Line(
            client, SmtpDialogue(client.sock, client.esmtp_features, self._waits), selector
        )

    def _connect(self) -> smtplib.SMTP:
        # With a name given here, smtplib does not ask the DNS for ours.
        if self.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, "localhost", timeout=self._waits.unit, context=self._trust()
            )
        else:
            client = smtplib.SMTP(self.host, self.port, "localhost", timeout=self._waits.unit)
        try:
            self._greet(client)
        except BaseException:
            client.close()
            raise
        return client

    def _greet(self, client: smtplib.SMTP) -> None:
        assert client.sock
        client.local_hostname = _own_name(client.sock)
        client.ehlo_or_helo_if_needed()
        if self.security == "starttls":
            if not client.has_extn("starttls"):
                raise SenderRefused(
                    f"{self.host} offers no STARTTLS, and emag sends nothing unencrypted: "
                    'see transport.security, or use port 465 with security = "tls"'
                )
            client.starttls(context=self._trust())
            client.ehlo_or_helo_if_needed()
        if self._username:
            try:
                client.login(self._username, self._password)
            except smtplib.SMTPResponseException:
                raise
            except smtplib.SMTPException as error:
                if isinstance(error, smtplib.SMTPServerDisconnected):
                    raise
                raise SenderRefused(f"{self.host} offers no supported way to log in") from error

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def _refusal(self, error: smtplib.SMTPResponseException) -> TransportError:
        words = error.smtp_error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        reply = without_addresses(f"{error.smtp_code} {text}")
        if error.smtp_code < _PERMANENT:
            return Unreachable(f"{self.host} is not ready ({reply})")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return SenderRefused(f"{self.host} refuses our user name or password ({reply})")
        return SenderRefused(f"{self.host} refuses us ({reply})")


def _for_places(on_progress: OnProgress, places: Sequence[int]) -> OnProgress:
    return lambda place, outcome: on_progress(places[place], outcome)


def _must_stop(receipts: Iterable[Receipt]) -> bool:
    return any(r.outcome is Outcome.DOUBTFUL or r.sender_fault for r in receipts)


def _is_refused(receipts: Sequence[Receipt]) -> bool:
    last = receipts[-ENOUGH:]
    return len(last) == ENOUGH and all(receipt.sender_fault for receipt in last)


def _own_name(sock: socket.socket) -> str:
    """This machine's full host name, or else its address (RFC 5321 section 4.1.3)."""
    name = socket.gethostname()
    if "." in name:
        return name
    address = sock.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
