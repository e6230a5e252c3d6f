"""Servers around a publication that can fail: mail servers, a hook, a mailbox, a website."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

from tests.emag.content.conftest import Site, _Handler, _Server
from tests.emag.mailing.returns.mailbox.conftest import PASSWORD, Imap, Server, Store

MARK = "X-PM-Metadata-emag_delivery"
Listener = Callable[[str, str, str], None]  # the place, the subject and the words of an alert

__all__ = ["PASSWORD", "Hook", "MailServer", "Mailbox", "website"]


class MailServer:
    """A mail server at one port, which can go away, refuse everybody, or refuse single readers.

    `copies` counts the issues that it took by subject and reader, `marks` holds their deliveries.
    """

    def __init__(self, name: str, listen: Listener) -> None:
        self._name, self._listen = name, listen
        self._place = socket.socket()  # keeps the port while the server is away
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port = self._place.getsockname()[1]
        self.copies: Counter[tuple[str, str]] = Counter()
        self.marks: dict[str, str] = {}
        self.on_mail = self.on_reader = ""  # what it answers instead of 250
        self.refused = ""  # the readers whose addresses end so get `on_reader`
        self.most = 0  # how many messages it takes before it is busy; 0 for any number
        self._controller: Controller | None = None
        self.come()

    def come(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def go(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    def close(self) -> None:
        self.go()
        self._place.close()

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.most and self.copies.total() >= self.most:
            return "421 4.3.2 too busy, come back later"
        if self.on_mail:
            return self.on_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.on_reader and address.endswith(self.refused):
            return self.on_reader
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        subject = " ".join(str(message["Subject"]).split())
        if mark := message[MARK]:
            for reader in envelope.rcpt_tos:
                self.copies[subject, reader] += 1
                self.marks[reader] = str(mark)
        else:
            body = message.get_body(("plain",))
            self._listen(self._name, subject, body.get_content() if body else "")
        return "250 OK"


class Hook:
    """A web server that keeps what is posted to it."""

    def __init__(self, listen: Listener) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                listen("webhook", posted["subject"], posted["message"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Mailbox:
    """An IMAP account that can drop whoever signs in."""

    def __init__(self) -> None:
        self._server = Server(("127.0.0.1", 0), Imap)
        self._server.store = self.store = Store()
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def website() -> Iterator[Site]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site = Site(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.site
        server.shutdown()
        thread.join()
