"""One issue from feeds to inboxes, from outside: real commands, real HTTP, real SMTP."""

import contextlib
import hashlib
import hmac
import json
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from emag.cli.commands import application

SECRET = "sign-up-secret-for-tests-0123456789"
POST = """<item><title>{title}</title><link>https://crier.example.org/{slug}</link>
<guid isPermaLink="false">{slug}</guid><pubDate>{date}</pubDate>
<description><![CDATA[<p>{title}: what a small team learned, in five minutes.</p>
<p><a href="https://elsewhere.example/?q=1&amp;r=2">A source</a></p>]]></description></item>"""
JOB = """<item><title>{title}</title><link>https://crier.example.org/jobs/{slug}</link>
<guid>{slug}</guid><pubDate>{date}</pubDate><description>{body}</description></item>"""
RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title>
<link>https://crier.example.org</link><description>d</description>{items}</channel></rss>"""


BORN = time.time()


def rfc822(days_ago: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(BORN - days_ago * 86400))


def posts() -> str:
    titles = ["A plain guide to alt text", "Budget season, calmly", "“Quotes” & ampersands <here>"]
    return RSS.format(
        items="".join(
            POST.format(
                title=title.replace("&", "&amp;").replace("<", "&lt;"),
                slug=f"p{n}",
                date=rfc822(n + 1),
            )
            for n, title in enumerate(titles)
        )
    )


def jobs() -> str:
    closed = time.strftime("%d %B %Y", time.gmtime(time.time() - 3 * 86400))
    rows = [
        ("*JOB OF THE WEEK* press officer – evenings, anytown council", "j1", "A good one."),
        ("content designer (x 2), otherton council", "j2", "Two of them."),
        ("web editor, shutville council", "j3", f"Closing date: {closed}"),
    ]
    return RSS.format(
        items="".join(
            JOB.format(title=title, slug=slug, body=body, date=rfc822(5))
            for title, slug, body in rows
        )
    )


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        body = {"/feed.xml": posts, "/jobs.xml": jobs}.get(self.path, lambda: "")().encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Inbox:
    """A real SMTP server that keeps every mail with its envelope."""

    def __init__(self):
        self.mail: list[tuple[str, str, bytes]] = []

    async def handle_DATA(self, server, session, envelope):
        for recipient in envelope.rcpt_tos:
            self.mail.append((envelope.mail_from, recipient, envelope.original_content))
        return "250 OK"

    def wait(self, recipient: str, mark: bytes = b"", seconds: float = 60) -> bytes:
        """Waits for the first mail to `recipient` that holds `mark`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _, to, data in list(self.mail):
                if to == recipient and mark in data:
                    return data
            time.sleep(0.05)
        raise AssertionError(f"no such mail for {recipient}")


ISSUE = b"List-Unsubscribe-Post"  # only issues have this field


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def inbox():
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    inbox.port = controller.port
    yield inbox
    controller.stop()


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Publication:
    """A publication's folder and the commands that a person types in it."""

    def __init__(self, folder: Path, port: int):
        self.folder = folder
        self.base = f"http://127.0.0.1:{port}"
        self.port = port

    def emag(self, *args: str, code: int = 0) -> dict:
        """Runs a command; what reads the sources and what sends, as processes of their own."""
        run = self._process if {"gather", "send"} & set(args) else self._invoke
        ended, out, err = run(["--dir", str(self.folder), *args, "--json"])
        assert ended == code, (args, ended, err[-2000:])
        assert "Traceback" not in err
        return json.loads(out) if out.strip() else {}

    def _process(self, words: list[str]) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "emag", *words]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stdout, result.stderr

    def _invoke(self, words: list[str]) -> tuple[int, str, str]:
        result = CliRunner().invoke(application(), ["--debug", *words], prog_name="emag")
        return result.exit_code, result.stdout, result.stderr

    @contextlib.contextmanager
    def serving(self):
        server = subprocess.Popen(
            [sys.executable, "-m", "emag", "--dir", self.folder, "serve", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            for _ in range(200):
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{self.base}/healthz").status_code == 200:
                        break
                time.sleep(0.1)
            else:
                raise AssertionError("emag serve does not answer")
            yield
        finally:
            server.terminate()
            _, errors = server.communicate(timeout=60)
            assert b"Traceback" not in errors, errors.decode()[-3000:]

    def dump(self) -> str:
        """Returns every row of every table, except those of the schedule."""
        with contextlib.closing(sqlite3.connect(self.folder / "emag.db")) as connection:
            return "\n".join(line for line in connection.iterdump() if "schedule_" not in line)


@pytest.fixture
def publication(tmp_path: Path, inbox: Inbox, site: str) -> Publication:
    folder = tmp_path / "crier"
    subprocess.run([sys.executable, "-m", "emag", "init", folder], check=True, capture_output=True)
    created = Publication(folder, free_port())
    (folder / "emag.toml").write_text(f"""
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
editors = ["Ann <ann@example.org>"]
postal_address = "1 Market Square, Exampleton, EX1 2MP"
[[sources]]
name = "posts"
kind = "feed"
url = "{site}/feed.xml"
section = "posts"
[[sources]]
name = "jobs"
kind = "jobs"
url = "{site}/jobs.xml"
section = "jobs"
[[sections]]
name = "posts"
title = "New on the blog"
[[sections]]
name = "jobs"
title = "Featured jobs"
order = "featured"
[transport]
kind = "smtp"
host = "127.0.0.1"
port = {inbox.port}
security = "none"
[network]
allow_private = true
""")
    with (folder / ".env").open("a") as env:
        env.write(f"\nEMAG_BASE_URL={created.base}\nEMAG_SIGNUP_SECRET={SECRET}\n")
    return created


def sign_up(publication: Publication, address: str, **more: str) -> httpx.Response:
    body = json.dumps({"email": address, **more}).encode()
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Emag-Timestamp": stamp,
        "X-Emag-Signature": f"v1={mac}",
    }
    return httpx.post(f"{publication.base}/hooks/signup", content=body, headers=headers)


def links(data: bytes) -> set[str]:
    message = message_from_bytes(data, policy=policy.default)
    bodies = "".join(part.get_content() for part in message.walk() if not part.is_multipart())
    urls = set(re.findall(r"https?://[^\s\"'<>)]+", bodies.replace("&amp;", "&")))
    return urls | set(re.findall(r"<(https?://[^>]+)>", message["List-Unsubscribe"] or ""))


def confirm(publication: Publication, inbox: Inbox, address: str) -> None:
    mail = inbox.wait(address)
    [link] = {link for link in links(mail) if "/confirm/" in link}
    assert httpx.get(link).status_code == 200
    assert publication.emag("subscriber", "show", address)["status"] == "pending"
    assert httpx.post(link).status_code == 200
    assert publication.emag("subscriber", "show", address)["status"] == "active"


ONCE = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id"]
ONCE += ["List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"]


def is_in_order(data: bytes, recipient: str) -> None:
    """What every message of an issue must be, on the wire."""
    message = message_from_bytes(data, policy=policy.default)
    for header in ONCE:
        assert len(message.get_all(header, [])) == 1, header
    assert recipient in message["To"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert html["Content-Transfer-Encoding"] == "quoted-printable"
    for words in ("A plain guide to alt text", "press officer", "unsubscribe", "EX1 2MP"):
        assert words.lower() in text.get_content().lower(), words
        assert words.lower() in html.get_content().lower(), words
    assert "[[" not in text.get_content() + html.get_content()
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.timeout(240)
def test_from_feeds_to_inboxes(publication: Publication, inbox: Inbox):
    readers = ["beth@example.com", "carol@example.net"]
    gathered = publication.emag("gather")["sources"]
    assert [(s["name"], s["ok"], s["new"]) for s in gathered] == [
        ("posts", True, 3),
        ("jobs", True, 3),
    ]
    assert [s["new"] + s["changed"] for s in publication.emag("gather")["sources"]] == [0, 0]
    with publication.serving():
        for address in [*readers, "never-confirms@example.com"]:
            assert sign_up(publication, address, name="B").status_code == 202
        assert httpx.post(
            f"{publication.base}/hooks/signup", json={"email": "x@y.org"}
        ).status_code in {401, 403}
        for address in readers:
            confirm(publication, inbox, address)

        drafted = publication.emag("issue", "draft")
        assert drafted["number"] == publication.emag("issue", "draft")["number"] == 1
        picked = {pick["title"] for section in drafted["sections"] for pick in section["picks"]}
        assert len(picked) == 5
        reasons = publication.emag("issue", "explain", "1")["items"]
        assert len(reasons) == 6
        assert all(item["reason"] for item in reasons)
        [out] = [item for item in reasons if not item["in"]]
        assert "clos" in out["reason"]

        assert publication.emag("issue", "check", "1")["ok"]
        publication.emag("issue", "send", "1", "--yes", code=1)  # nobody approved it
        assert publication.emag("issue", "approve", "1", "--as", "Ann")["status"] == "approved"
        publication.emag("issue", "send", "1", "--yes")

        status = publication.emag("issue", "status", "1")
        assert status["status"] == "sent"
        assert (status["planned"], status["accepted"]) == (2, 2)
        for address in readers:
            is_in_order(inbox.wait(address, ISSUE), address)
        assert not [to for _, to, data in inbox.mail if to.startswith("never") and ISSUE in data]
        senders = {sender for sender, to, data in inbox.mail if ISSUE in data}
        assert len(senders) == 2  # each its own bounce address

        looking_changes_nothing(publication, inbox, readers)
        leaving_takes_one_click(publication, inbox, readers[0])


def looking_changes_nothing(publication: Publication, inbox: Inbox, readers: list[str]) -> None:
    before = publication.dump()
    with httpx.Client(follow_redirects=False) as client:
        for address in readers:
            for link in links(inbox.wait(address, ISSUE)) | links(inbox.wait(address)):
                if link.startswith(publication.base):
                    assert client.get(link).status_code < 500, link
                    assert client.head(link).status_code < 500, link
    assert publication.dump() == before


def leaving_takes_one_click(publication: Publication, inbox: Inbox, address: str) -> None:
    message = message_from_bytes(inbox.wait(address, ISSUE), policy=policy.default)
    [link] = re.findall(r"<(https?://[^>]+)>", message["List-Unsubscribe"])
    for _ in range(2):  # providers repeat themselves
        answer = httpx.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert publication.emag("subscriber", "show", address)["status"] == "unsubscribed"
    assert publication.emag("consent", "verify")["ok"]
