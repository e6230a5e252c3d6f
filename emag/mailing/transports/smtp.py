"""Messages leave by SMTP: smtplib opens, secures and authenticates; the dialogue is ours."""

import selectors
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from emag.errors import SenderRefused, TransportError, Unreachable
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt, without_addresses
from emag.mailing.transports import OnProgress, ignore_progress
from emag.mailing.transports.event_loop import EventLoop
from emag.mailing.transports.smtp_dialogue import ENOUGH, SmtpDialogue, SmtpTimeouts

_PERMANENT = 500
_MOMENT = 0.01  # seconds in which a group leaves
_FAREWELL = 2.0  # seconds for a QUIT that nobody depends on

_Todo = list[tuple[int, Message]]


@dataclass(slots=True)
class _Line:
    """An open connection and the dialogue on it."""

    client: smtplib.SMTP
    dialogue: SmtpDialogue
    ear: selectors.BaseSelector

    def stale(self) -> bool:
        """True if the server said something unasked (421) or hung up while nobody listened."""
        return bool(self.ear.select(timeout=0))

    def hang_up(self) -> None:
        if self.dialogue.alive and self.client.sock:
            with suppress(OSError):
                self.client.sock.settimeout(_FAREWELL)
                self.client.sock.sendall(b"QUIT\r\n")
                self.client.sock.recv(512)
        self.ear.close()
        self.client.close()


class SmtpTransport:
    """Connections are kept and used again, one a thread, and replaced after `per_connection`.

    Groups are as small as the server is slow: one message if each takes 10 ms.
    `timeout` in seconds is for connecting, and the unit of every other wait: at 60 they are those
    of RFC 5321 section 4.5.3.2. `context` holds the authorities that may vouch for the server.
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
        self._largest, self._each = batch, 0.0
        self._username, self._password = username, password
        self._waits = SmtpTimeouts(timeout)
        self._per_connection = per_connection
        self._context = context
        self._wheel = EventLoop()
        self._lock = threading.Lock()
        self._idle: list[_Line] = []

    @property
    def batch(self) -> int:
        """What leaves in a moment: all of it may be in doubt after a crash, so it is few."""
        if not self._each:
            return 1
        return max(1, min(self._largest, int(_MOMENT / self._each)))

    def send(self, messages: Sequence[Message]) -> list[Receipt]:
        return self.send_reporting(messages, ignore_progress)

    def send_reporting(self, messages: Sequence[Message], told: OnProgress) -> list[Receipt]:
        """A lost connection is opened anew for the rest, as long as that leads on."""
        unfit = Receipt(Outcome.REFUSED, "the address cannot stand in an envelope")
        receipts = {n: unfit for n, message in enumerate(messages) if not message.sendable}
        todo = [(n, message) for n, message in enumerate(messages) if n not in receipts]
        why = ""
        while todo:
            try:
                line = self._take() or self._open()
            except TransportError as error:
                if not receipts:
                    raise
                why = str(error)
                break
            fresh, count = not line.dialogue.sent, len(todo)
            todo, why = self._speak(line, todo, receipts, told)
            # What was left in doubt must not be joined by the next one: the run waits first.
            if why and ((fresh and len(todo) == count) or _decided(receipts.values())):
                break
        if todo and not receipts:
            raise Unreachable(f"{self.host}: {why}")
        return [receipts.get(n) or Receipt(Outcome.UNSENT, why) for n in range(len(messages))]

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for line in idle:
            line.hang_up()

    def _speak(
        self, line: _Line, todo: _Todo, receipts: dict[int, Receipt], told: OnProgress
    ) -> tuple[_Todo, str]:
        """What is still to do, and why it stopped there."""
        places, began = [n for n, _ in todo], monotonic()
        if places[-1] >= len(places):  # not the first try of them all
            told = _moved(told, places)
        assert line.client.sock
        steps = line.dialogue.exchange([message for _, message in todo], told)
        got = self._wheel.run(line.client.sock, steps)
        # No lock: another thread's measure is as good as this one's.
        self._each = (self._each + (monotonic() - began) / max(1, len(got))) / 2
        for (n, _), receipt in zip(todo, got, strict=False):
            if receipt.outcome is not Outcome.UNSENT:
                receipts[n] = receipt
        self._give_back(line)
        left = [item for item in todo if item[0] not in receipts]
        lost = bool(got) and not line.dialogue.alive
        return left, got[-1].reason if lost or _unwelcome(got) else ""

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
        """Raises Unreachable where waiting may help, SenderRefused where settings are wrong."""
        try:
            client = self._connect()
        except ssl.SSLCertVerificationError as error:
            raise SenderRefused(
                f"{self.host}: its certificate is not trusted ({error.verify_message})"
            ) from error
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error) from error
        except OSError as error:
            raise Unreachable(f"{self.host} cannot be reached ({_said(error)})") from error
        assert client.sock
        # A reply must not wait for the packet before it to be acknowledged (Nagle).
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ear = selectors.DefaultSelector()
        ear.register(client.sock, selectors.EVENT_READ)
        return _Line(client, SmtpDialogue(client.sock, client.esmtp_features, self._waits), ear)

    def _connect(self) -> smtplib.SMTP:
        # A name given here keeps smtplib from asking the DNS for ours.
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
                    f"{self.host} offers no STARTTLS, and nothing is sent in clear: "
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
                raise SenderRefused(f"{self.host} offers no way to log in that we know") from error

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def _refusal(self, error: smtplib.SMTPResponseException) -> TransportError:
        words = error.smtp_error
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        reply = without_addresses(f"{error.smtp_code} {said}")
        if error.smtp_code < _PERMANENT:
            return Unreachable(f"{self.host} is not ready ({reply})")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return SenderRefused(f"{self.host} refuses our user name or password ({reply})")
        return SenderRefused(f"{self.host} refuses us ({reply})")


def _moved(told: OnProgress, places: Sequence[int]) -> OnProgress:
    return lambda place, outcome: told(places[place], outcome)


def _decided(receipts: Iterable[Receipt]) -> bool:
    return any(r.outcome is Outcome.DOUBTFUL or r.sender_fault for r in receipts)


def _unwelcome(receipts: Sequence[Receipt]) -> bool:
    last = receipts[-ENOUGH:]
    return len(last) == ENOUGH and all(receipt.sender_fault for receipt in last)


def _own_name(sock: socket.socket) -> str:
    """A full host name if this machine has one, else its address (RFC 5321 section 4.1.3)."""
    name = socket.gethostname()
    if "." in name:
        return name
    address = sock.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _said(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or without_addresses(str(error)) or type(error).__name__
