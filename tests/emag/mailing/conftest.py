"""What the tests of mailing share: messages, readers, an issue, a mail server, a provider."""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import insert

from emag.database import Database
from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Issue, Move, Status
from emag.mailing.copy.message import EncodedDocument, Letterhead, Message
from emag.press.document import Document
from emag.settings import Settings
from subscribers.tables import SUBSCRIBERS
from subscribers.tokens import Keys
from tests.conftest import SECRET, START, Clock
from tests.emag.mailing import certificate as certificates

HTML = (
    "<!DOCTYPE html>\n<html><body><p>[[greeting]]</p>\n<p>Märkte &amp; news, "
    + "a long line without an end " * 60
    + '</p>\n.a line that starts with a dot\n<a href="[[unsubscribe_url]]">Unsubscribe</a>'
    '<a href="[[preferences_url]]">Preferences</a></body></html>\n'
)
TEXT = "[[greeting]]\n\nMärkte & news\n\nLeave: [[unsubscribe_url]]\n\n.dots\n[[preferences_url]]"
DOCUMENT = Document("Märkte and news – no. 1", "What is new", HTML, TEXT)
LETTERHEAD = Letterhead(
    "The Town Crier <crier@example.org>",
    "The Town Crier",
    reply_to="Ann <ann@example.org>",
    list_id="emag.example.org",
    stream="issue1",
)


@pytest.fixture
def keys() -> Keys:
    return Keys(SECRET)


@pytest.fixture
def encoded() -> EncodedDocument:
    return EncodedDocument(DOCUMENT, LETTERHEAD, label="issue-1")


@pytest.fixture
def message(encoded: EncodedDocument, keys: Keys) -> Callable[..., Message]:
    """Makes one reader's message."""

    def make(number: int = 1, address: str = "", name: str = "", **other: Any) -> Message:
        mark = keys.short("bounce", number)
        links = {
            "greeting": f"Hello {name},",
            "unsubscribe_url": f"https://mail.example.org/unsubscribe/ref{number}.{mark}",
            "preferences_url": f"https://mail.example.org/preferences/ref{number}.{mark}",
        }
        values = {
            "delivery": number,
            "sender": f"bounces+{mark}@example.org",
            "recipient": address or f"reader{number}@example.net",
            "name": name,
            "encoded": encoded,
            "values": links,
            "mark": mark,
            "date": START,
        }
        return Message(**values | other)

    return make


@pytest.fixture
def readers(database: Database) -> Callable[[int], list[int]]:
    """Puts so many active readers on the list; their ids."""

    def add(many: int) -> list[int]:
        rows = [
            {
                "ref": f"ref-{n:06d}",
                "address": f"reader{n}@example.net",
                "key": f"reader{n}@example.net",
                "name": f"Reader {n}",
                "status": "active",
                "topics": [],
                "since": START,
                "joined_at": START,
                "ask": 0,
                "open": False,
                "soft": 0,
            }
            for n in range(1, many + 1)
        ]
        with database.transaction() as conn:
            for start in range(0, many, 1000):
                conn.execute(insert(SUBSCRIBERS), rows[start : start + 1000])
        return list(range(1, many + 1))

    return add


@pytest.fixture
def approved(database: Database, clock: Clock) -> Callable[..., int]:
    """An issue that was approved, with its frozen document; its number."""

    def make(document: Document = DOCUMENT) -> int:
        issue = Issue(
            number=0,
            status=Status.DRAFT,
            subject=document.subject,
            since=None,
            until=clock(),
            send_at=None,
            local_date=f"{clock() + timedelta(days=7):%Y-%m-%d}",
        )
        with database.transaction() as conn:
            number = store.add(conn, issue).number
            frozen = Frozen(
                document.subject,
                document.preheader,
                document.html,
                document.text,
                document.hash,
            )
            approval.freeze(conn, number, frozen, record="")
            life.move(conn, number, Move.APPROVE, now=clock(), by="ann")
        return number

    return make


@pytest.fixture
def quick(settings: Settings) -> Callable[..., Settings]:
    """The settings with other values for the transport."""

    def make(**transport: Any) -> Settings:
        changed = settings.transport.model_copy(update=transport)
        return settings.model_copy(update={"transport": changed})

    return make


@dataclass
class ReceivedMessage:
    """A message that the mail server has, whatever it answered."""

    sender: str
    recipient: str
    data: bytes
    mail_options: list[str]


Fault = str | Callable[..., str | None]


@dataclass
class Relay:
    """A mail server and its named misbehaviours, by stage of the dialogue.

    A fault is a reply, “drop”, “hang”, or a function of the address (and of how many messages there
    were) that gives one of these or None.
    """

    pipelining: bool = True
    utf8: bool = False
    size: int | None = 33_554_432
    faults: dict[str, Fault] = field(default_factory=dict)
    closes_after: int = 0  # messages on one connection
    delay: float = 0.0
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    login: tuple[str, str] | None = None
    received: list[ReceivedMessage] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    port: int = 0
    open: list[asyncio.Transport] = field(default_factory=list)

    @property
    def recipients(self) -> list[str]:
        return [received.recipient for received in self.received]

    async def fault(self, stage: str, server: SMTP, address: str = "") -> str | None:
        self.commands.append(stage)
        fault = self.faults.get(stage)
        reply_text = fault(address, len(self.received)) if callable(fault) else fault
        while reply_text == "hang":
            await asyncio.sleep(0.01)
            if server._reader._eof:  # the client hung up
                server.transport.close()
                raise ConnectionResetError
        if reply_text == "drop":
            server.transport.abort()
            raise ConnectionResetError
        return reply_text

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        if refused := await self.fault("ehlo", server):
            return [refused]
        session.host_name = hostname
        if self.pipelining:
            responses.insert(0, "250-PIPELINING")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if refused := await self.fault("mail", server, address):
            return refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refused := await self.fault("rcpt", server, address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.delay:
            await asyncio.sleep(self.delay)
        recipient = envelope.rcpt_tos[0]
        if refused := await self.fault("text", server, recipient):
            return refused
        received = ReceivedMessage(
            envelope.mail_from, recipient, envelope.content, envelope.mail_options
        )
        self.received.append(received)
        await self.fault("answer", server, recipient)
        session.many = getattr(session, "many", 0) + 1
        if session.many == self.closes_after:
            await server.push("250 2.0.0 queued, and goodbye")
            server.transport.close()
            raise ConnectionResetError
        return f"250 2.0.0 queued as {len(self.received)} for <{recipient}>"


class _Smtp(SMTP):
    """aiosmtpd, with the stages that it has no hook for."""

    relay: Relay

    async def _handle_client(self):
        self.relay.connections += 1
        self.relay.open.append(self.transport)
        try:
            refused = await self.relay.fault("greeting", self)
            if refused:
                await self.push(refused)
                self.transport.close()
                return
            await super()._handle_client()
        except ConnectionResetError:
            pass

    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and (refused := await self.relay.fault("data", self)):
            if not refused.startswith("354"):
                return await self.push(refused)
            await self.push(refused)
            await asyncio.sleep(0.3)
            self.transport.abort()
            raise ConnectionResetError
        return await super().smtp_DATA(arg)

    async def smtp_STARTTLS(self, arg):
        if refused := await self.relay.fault("starttls", self):
            return await self.push(refused)
        return await super().smtp_STARTTLS(arg)

    async def push(self, status):
        if self.relay.faults.get("nonsense"):
            status = "HTTP/1.1 400 Bad Request"
        return await super().push(status)

    async def handle_exception(self, error):
        raise error


def _server(relay: Relay) -> Controller:
    def knows(_mechanism: str, login: bytes, password: bytes) -> bool:
        return (login.decode(), password.decode()) == relay.login

    class Served(Controller):
        def factory(self):
            server = _Smtp(
                relay,
                hostname="relay.example.net",
                data_size_limit=relay.size,
                enable_SMTPUTF8=relay.utf8,
                tls_context=None if relay.implicit_tls else relay.tls,
                auth_callback=knows,
                auth_exclude_mechanism=None if relay.login else ["LOGIN", "PLAIN"],
                auth_require_tls=False,
                auth_required=False,
                loop=self.loop,
            )
            server.relay = relay
            return server

        def _trigger_server(self):
            """The first real client calls the factory; a rehearsal would be counted."""
            self._factory_invoked.set()
            self.smtpd = True

        def start(self):
            super().start()
            relay.port = self.server.sockets[0].getsockname()[1]

    return Served(
        relay,
        hostname="127.0.0.1",
        port=0,
        ssl_context=relay.tls if relay.implicit_tls else None,
    )


def _stop(server: Controller, relay: Relay) -> None:
    """Ends the connections first: a server that is stopped would leave them open."""
    finished = threading.Event()

    def hang_up() -> None:
        for transport in relay.open:
            transport.abort()
        server.loop.call_soon(server.loop.call_soon, finished.set)

    server.loop.call_soon_threadsafe(hang_up)
    finished.wait(5)
    server.stop()


@pytest.fixture
def relay() -> Iterator[Callable[..., Relay]]:
    """Starts mail servers; they end with the test."""
    with ExitStack() as stack:

        def start(**wanted: Any) -> Relay:
            started = Relay(**wanted)
            server = _server(started)
            server.start()
            stack.callback(_stop, server, started)
            return started

        yield start


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a certificate that nobody knows, with the key."""
    file = tmp_path_factory.mktemp("tls") / "relay.pem"
    file.write_bytes(certificates.create())
    return file


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    """For whom that certificate is good."""
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass
class Answer:
    """What the provider answers. 0 hangs up without a word after it has read the request."""

    status: int = 202
    errors: list[dict[str, Any]] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Provider:
    """Answers like SendGrid's Mail Send, and keeps what it was asked."""

    host: str = ""
    answers: list[Answer | Callable[[dict[str, Any]], Answer]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    subusers: list[str | None] = field(default_factory=list)
    validate: Callable[[dict[str, Any]], None] | None = None
    wrong: list[str] = field(default_factory=list)

    def answer(self, request: dict[str, Any]) -> Answer:
        self.requests.append(request)
        if self.validate:
            try:
                self.validate(request)
            except AssertionError as error:
                self.wrong.append(str(error))
        answer = self.answers.pop(0) if self.answers else Answer()
        answer = answer(request) if callable(answer) else answer
        if answer.status in {202, 0}:
            self.accepted += request["personalizations"]
        return answer


class _Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        provider: Provider = self.server.provider
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v3/mail/send":
            self.send_error(404)
            return
        provider.keys.append(self.headers["Authorization"])
        provider.subusers.append(self.headers["On-Behalf-Of"])
        with self.server.lock:
            answer = provider.answer(json.loads(body))
        threading.Event().wait(answer.delay)
        if not answer.status:
            self.close_connection = True
            return
        words = b"" if answer.errors is None else json.dumps({"errors": answer.errors}).encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(words)))
        if answer.status == 202:
            self.send_header("X-Message-Id", f"sg-{len(provider.requests)}")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_: object):
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Desk) as server:
        started = Provider(host=f"http://127.0.0.1:{server.server_port}")
        server.provider, server.lock = started, threading.Lock()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield started
        server.shutdown()
        thread.join()


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
