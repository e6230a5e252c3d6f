"""Small IMAP and POP3 servers on real sockets, which can fail on demand."""

import re
import socketserver
import ssl
import threading
from dataclasses import dataclass, field

import pytest

from emag.mailing.returns.mailbox.account import Account
from emag.mailing.returns.mailbox.imap import ImapMailbox
from emag.mailing.returns.mailbox.pop3 import Pop3Mailbox

PASSWORD = 'pass "word" \\ of the tests'


@dataclass
class Stored:
    number: int
    body: bytes
    flags: set[str] = field(default_factory=set)


class Store:
    """The mails of one account. `fail` names a command at which the connection is dropped."""

    def __init__(self) -> None:
        self.mails: list[Stored] = []
        self.fail = ""
        self.after = 0  # how often that command still works
        self.log: list[str] = []
        self.locked: set[int] = set()  # the numbers of mails that the server does not hand out
        self.clear = 0  # logins without TLS
        self._next = 1

    def add(self, body: bytes, number: int = 0) -> int:
        number = number or self._next
        self.mails.append(Stored(number, body.replace(b"\n", b"\r\n")))
        self._next = number + 1
        return number

    def bodies(self) -> list[bytes]:
        return [mail.body.replace(b"\r\n", b"\n") for mail in self.mails]

    def drops(self, command: str) -> bool:
        self.log.append(command)
        if command != self.fail:
            return False
        self.after -= 1
        return self.after < 0


class LineServer(socketserver.StreamRequestHandler):
    wbufsize = -1  # an answer goes out in one piece

    def setup(self):
        if self.server.tls and self.server.implicit:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def start_tls(self):
        self.wfile.flush()
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self):
        super().finish()
        if isinstance(self.request, ssl.SSLSocket):  # closes the wrapped one, too
            self.request.close()


class Imap(LineServer):
    is_logged_in = False

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("* OK ready")
        self.wfile.flush()
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            words = rest.split(" ")
            command = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
            if self.server.store.drops(command):
                return
            method = getattr(self, "do_" + command.lower().replace(" ", "_"))
            goes_on = method(tag, rest)
            self.wfile.flush()
            if goes_on is False:
                return

    def do_capability(self, tag, _):
        # Like Dovecot: what a user may do is announced only after the login (RFC 3501).
        extra = " UIDPLUS" if self.server.uidplus and self.is_logged_in else ""
        extra += " STARTTLS" if self.server.tls and not self.server.implicit else ""
        self.say("* CAPABILITY IMAP4rev1" + extra)
        self.say(f"{tag} OK done")

    def do_starttls(self, tag, _):
        self.say(f"{tag} OK begin")
        self.start_tls()

    def do_login(self, tag, rest):
        self.server.store.clear += not isinstance(self.request, ssl.SSLSocket)
        quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
        right = rest in {f'LOGIN ann "{quoted}"', f'LOGIN "ann" "{quoted}"'}
        self.is_logged_in = right
        self.say(f"{tag} OK in" if right else f"{tag} NO no: {rest}")

    def do_select(self, tag, rest):
        exists = rest.split(" ", 1)[1].strip('"') == "INBOX"
        self.say(f"* {len(self.server.store.mails)} EXISTS")
        self.say(f"{tag} OK open" if exists else f"{tag} NO there is none")

    def do_uid_search(self, tag, rest):
        first, last = map(int, rest.split(" ")[2].split(":"))
        some = self.server.store.mails[first - 1 : last]
        unseen = [m for m in some if not m.flags & {"\\Seen", "\\Deleted"}]
        self.say("* SEARCH " + " ".join(str(m.number) for m in unseen))
        self.say(f"{tag} OK done")

    def do_uid_fetch(self, tag, rest):
        number = int(rest.split(" ")[2])
        most = int(re.search(r"<0\.(\d+)>", rest)[1])
        place, mail = next(
            (p, m) for p, m in enumerate(self.server.store.mails, 1) if m.number == number
        )
        body = mail.body[:most]
        if number in self.server.store.locked:
            self.say(f"{tag} NO locked")
            return
        self.say("* 1 RECENT")
        self.wfile.write(f"* {place} FETCH (UID {number} BODY[]<0> {{{len(body)}}}\r\n".encode())
        self.wfile.write(body)
        self.say(" FLAGS ())")
        self.say(f"{tag} OK done")

    def do_uid_store(self, tag, rest):
        _, _, numbers, _, flags = rest.split(" ", 4)
        for mail in self.server.store.mails:
            if str(mail.number) in numbers.split(","):
                mail.flags |= set(flags.strip("()").split())
        self.say(f"{tag} OK done")

    def do_uid_expunge(self, tag, rest):
        numbers = rest.split(" ")[2].split(",")
        store = self.server.store
        store.mails = [
            m for m in store.mails if not ("\\Deleted" in m.flags and str(m.number) in numbers)
        ]
        self.say(f"{tag} OK done")

    def do_logout(self, tag, _):
        self.say("* BYE")
        self.say(f"{tag} OK bye")
        return False


class Pop3(LineServer):
    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def send(self, body: bytes) -> None:
        for line in body.split(b"\r\n"):
            self.wfile.write((b"." if line.startswith(b".") else b"") + line + b"\r\n")
        self.say(".")

    def handle(self):
        self.deleted: set[int] = set()
        self.say("+OK ready")
        self.wfile.flush()
        while line := self.rfile.readline():
            command, _, rest = line.decode().strip().partition(" ")
            if self.server.store.drops(command.upper()):
                return
            goes_on = getattr(self, "do_" + command.lower())(rest)
            self.wfile.flush()
            if goes_on is False:
                return

    @property
    def mails(self):
        return list(enumerate(self.server.store.mails, 1))

    def do_capa(self, _):
        self.say("+OK")
        self.send(b"UIDL\r\nSTLS" if self.server.tls and not self.server.implicit else b"UIDL")

    def do_stls(self, _):
        self.say("+OK begin")
        self.start_tls()

    def do_user(self, _):
        self.server.store.clear += not isinstance(self.request, ssl.SSLSocket)
        self.say("+OK")

    def do_pass(self, rest):
        self.say("+OK" if rest == PASSWORD else f"-ERR no: {rest}")

    def do_list(self, _):
        self.say("+OK")
        self.send("\r\n".join(f"{p} {len(m.body)}" for p, m in self.mails).encode())

    def do_uidl(self, _):
        self.say("+OK")
        self.send("\r\n".join(f"{p} u{m.number}" for p, m in self.mails).encode())

    def do_retr(self, rest):
        mail = self.server.store.mails[int(rest) - 1]
        if mail.number in self.server.store.locked:
            self.say("-ERR locked")
        else:
            self.say("+OK")
            self.send(mail.body)

    def do_top(self, rest):
        place, lines = map(int, rest.split())
        self.say("+OK")
        whole = self.server.store.mails[place - 1].body.split(b"\r\n")
        self.send(b"\r\n".join(whole[: lines + 1]))

    def do_dele(self, rest):
        self.deleted.add(self.server.store.mails[int(rest) - 1].number)
        self.say("+OK")

    def do_quit(self, _):
        store = self.server.store
        store.mails = [m for m in store.mails if m.number not in self.deleted]
        self.say("+OK bye")
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    block_on_close = True
    uidplus = True
    tls: ssl.SSLContext | None = None
    implicit = False

    def handle_error(self, *_: object):
        """A client that goes away in the middle is no news."""


@dataclass
class FakeAccount:
    store: Store
    kind: str
    port: int
    server: Server

    def mailbox(
        self,
        password: str = PASSWORD,
        security: str = "none",
        host: str = "127.0.0.1",
        context: ssl.SSLContext | None = None,
        timeout: float = 5.0,
        **options,
    ):
        make = ImapMailbox if self.kind == "imap" else Pop3Mailbox
        account = Account(host, self.port, security, "ann", password, timeout, context)
        return make(account, **options)


@pytest.fixture(params=["imap", "pop3"])
def account(request):
    """An account on a running server, by IMAP and by POP3."""
    server = Server(("127.0.0.1", 0), Imap if request.param == "imap" else Pop3)
    server.store = Store()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield FakeAccount(server.store, request.param, server.server_address[1], server)
    server.shutdown()
    server.server_close()
    thread.join()
