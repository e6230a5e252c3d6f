"""A publication with every kind of link in its old mails, and a trial of them by HTTP.

Everything is made by commands, as people would: stories with pictures, issues that go to a few
readers as files, a correction, and sign-ups over HTTP. `try_all` then follows each kind of link on
a running “emag serve”, with readers of its own for each round, for a link can be used up.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from typer.testing import CliRunner

from emag.cli.commands import application

KINDS = ("leaver", "clicker", "chooser", "mover", "doubter", "asker", "gone", "older", "bouncer")
TOML = """
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
editors = ["Ann <ann@example.org>"]
postal_address = "1 Market Square, Exampleton, EX1 2MP"
url = "https://crier.example.org"
[[sources]]
name = "stories"
kind = "folder"
path = "stories"
section = "posts"
[transport]
kind = "folder"
[network]
allow_private = true
[signup]
per_network = 0
per_domain = 0
per_hour = 0
flood = 0
"""
STORY = """---
title: The {word} opens again
date: {day}
link: https://crier.example.org/{word}
summary: What was said about the {word}.
picture: {pictures}/{word}.png
alt: The {word}, seen from the square.
---
It was said at some length.
"""
REPORT = """From: Mailer <mailer-daemon@mx.example.net>
To: {back}
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {reader}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user
--b--
"""
PATIENCE = 60.0  # seconds, for anything


@dataclass
class OldMails:
    """A publication's folder, and the database that its commands use."""

    folder: Path
    url: str = ""
    rounds: int = 2
    user: tuple[str, ...] = ()  # the words that make another user run a command
    clock: datetime | None = None  # what “faketime” shows; each command is a minute later
    mails: dict[str, list[EmailMessage]] = field(default_factory=dict)

    def run(self, *words: str, code: int = 0, as_json: bool = True) -> str:
        """Runs a command and returns its output."""
        more = ["--json"] if as_json else []
        result = subprocess.run(
            [*self.command(*words), *more],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == code, (words, result.stdout, result.stderr)
        return result.stdout

    def run_here(self, *words: str) -> None:
        """The same in this process, for many commands of which only the effect matters."""
        result = CliRunner().invoke(application(), [*words, "--json"], env=self.environ)
        assert result.exit_code == 0, (words, result.output)

    def command(self, *words: str) -> list[str]:
        return [*self.user, *self._time(), str(Path(sys.executable).with_name("emag")), *words]

    def _time(self) -> list[str]:
        if self.clock is None:
            return []
        self.clock += timedelta(minutes=1)
        return ["faketime", "-f", f"@{self.clock:%Y-%m-%d %H:%M:%S}"]

    @property
    def environ(self) -> dict[str, str]:
        variables = {"EMAG_DIR": str(self.folder), "EMAG_DATABASE_URL": self.url}
        return dict(os.environ) | variables  # noqa: TID251 - a benchmark is an entry point

    def answer(self, *words: str) -> dict[str, object]:
        return dict(json.loads(self.run(*words)))

    def reader(self, kind: str, number: int) -> str:
        return f"{kind}{number}@example.org"

    def status_of(self, address: str) -> object:
        return self.answer("subscriber", "show", address)["status"]

    @property
    def outbox(self) -> list[Path]:
        return sorted((self.folder / "outbox").glob("*.eml"))

    def collect(self) -> None:
        """Reads every mail that has left, by its reader."""
        self.mails = {}
        for path in self.outbox:
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            self.mails.setdefault(str(mail["To"].addresses[0].addr_spec), []).append(mail)

    def link(self, reader: str, part: str) -> str:
        """The newest link of a kind in a reader's mails, as a path."""
        for mail in reversed(self.mails[reader]):
            body = mail.get_body(("plain",))
            assert body is not None
            if match := re.search(rf"https?://[^/\s]+(/{part}/[^\s>)\]]+)", body.get_content()):
                return match[1]
        raise AssertionError((reader, part))

    @contextmanager
    def served(self, *words: str) -> Iterator[httpx.Client]:
        """Runs “emag serve” and gives a client of it."""
        log = self.folder.with_name(f"{self.folder.name}.log").open("a")
        command, pipe = self.command("serve", "--port", "0", "--json", *words), subprocess.PIPE
        process = subprocess.Popen(
            command, env=self.environ, stdout=pipe, stderr=log, text=True, start_new_session=True
        )
        assert process.stdout
        lines: list[str] = []
        try:
            while not lines or lines[-1] != "}\n":
                lines.append(process.stdout.readline())
                assert lines[-1], f"see {log.name}"
            address = json.loads("".join(lines))["url"]
            with httpx.Client(base_url=address, timeout=PATIENCE) as web:
                yield web
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # also what “faketime” or “runuser” began
            process.wait(PATIENCE)
            log.close()


def wait_for(subject: str, is_there: object) -> None:
    """Waits until a condition holds. Fails after a minute."""
    until = time.monotonic() + PATIENCE
    while not is_there():  # type: ignore[operator]
        assert time.monotonic() < until, subject
        time.sleep(0.2)


# --- What is made before -----------------------------------------------------------------------


class Gallery(BaseHTTPRequestHandler):
    """A website that has a picture at every address."""

    def do_GET(self) -> None:
        content = BytesIO()
        Image.effect_noise((640, 360), 80).convert("RGB").save(content, "PNG")
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(content.getvalue())

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@contextmanager
def gallery() -> Iterator[str]:
    web = ThreadingHTTPServer(("127.0.0.1", 0), Gallery)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()


def make(folder: Path, *, issues: int, rounds: int = 2, now: str) -> OldMails:
    """Makes the publication, its readers and its issues, and reads the mails that left."""
    return build(OldMails(folder, rounds=rounds), issues=issues, now=now)


def build(paper: OldMails, *, issues: int, now: str) -> OldMails:
    folder = paper.folder
    paper.run("init", str(folder))
    (folder / "emag.toml").write_text(TOML)
    (folder / "stories").mkdir()
    add_readers(paper)
    with gallery() as pictures:
        for word in ("bridge", "market", "school"):
            text = STORY.format(word=word, pictures=pictures, day=now[:10])
            (folder / "stories" / f"{word}.md").write_text(text)
        paper.run("gather")
        send(paper, 1, "issue", "draft")
    for number in range(2, issues + 1):
        send(paper, number, "issue", "draft", "--special", "--title", f"Special edition {number}")
    link = "https://crier.example.org/bridge"
    note = "The address of the bridge was wrong."
    paper.run("issue", "correct", "1", "--link", link, f"{link}-new", "--note", note, "--as", "Ann")
    ask(paper)
    paper.collect()
    return paper


def add_readers(paper: OldMails) -> None:
    file = paper.folder / "first.csv"
    there = [kind for kind in KINDS if kind not in {"asker", "doubter"}]
    readers = [paper.reader(kind, n) for kind in there for n in range(paper.rounds)]
    file.write_text("email\n" + "\n".join(readers))
    paper.run("subscriber", "import", str(file), "--basis", "agreed on the old form")
    old = [
        f"{paper.reader('older', n)},http://old.example.org/leave/{n}" for n in range(paper.rounds)
    ]
    file.write_text("email,link\n" + "\n".join(old))
    paper.run("subscriber", "links", str(file))


def send(paper: OldMails, number: int, *draft: str) -> None:
    run = paper.run_here if number > 2 and not paper.clock else paper.run
    run(*draft)
    if number > 1:
        run("issue", "note", str(number), f"This is the note of issue {number}.")
    run("issue", "approve", str(number), "--as", "Ann")
    run("issue", "send", str(number), "--yes")


def ask(paper: OldMails) -> None:
    """Sign-ups that nobody has confirmed, changes of address, and readers who were erased."""
    paper.collect()
    with paper.served() as web:
        before = len(paper.outbox)
        for number in range(paper.rounds):
            for kind in ("asker", "doubter"):
                web.post("/signup", data={"email": paper.reader(kind, number)}).raise_for_status()
            page = paper.link(paper.reader("mover", number), "preferences")
            web.post(page, data={"address": f"moved{number}@example.org"}).raise_for_status()
        wait_for("the letters", lambda: len(paper.outbox) >= before + 3 * paper.rounds)
    for number in range(paper.rounds):
        paper.run("subscriber", "erase", paper.reader("gone", number))


# --- What must work afterwards -----------------------------------------------------------------


def try_all(paper: OldMails, web: httpx.Client, number: int, *, issues: int) -> list[str]:
    """Follows every kind of old link with the readers of round `number`; returns the kinds."""
    tried = [part(paper, web, number) for part in (leave, click, choose, change, doubt, confirm)]
    tried += [forgotten(paper, web, number), from_before(paper, web, number)]
    tried += [bounce(paper, number), *read_archive(web, issues)]
    return tried


def try_lasting(paper: OldMails, web: httpx.Client, number: int, *, issues: int) -> list[str]:
    """The same without links that work for some days only."""
    tried = [part(paper, web, number) for part in (leave, click, choose, forgotten, from_before)]
    return [*tried, *read_archive(web, issues)]


def leave(paper: OldMails, web: httpx.Client, number: int) -> str:
    reader = paper.reader("leaver", number)
    path = paper.link(reader, "unsubscribe")
    assert "<button" in web.get(path).raise_for_status().text
    assert paper.status_of(reader) == "active", "a GET changes nothing"
    undo = re.search(r"/undo/[^\"]+", web.post(path).raise_for_status().text)
    assert paper.status_of(reader) == "unsubscribed"
    assert undo
    web.post(undo[0]).raise_for_status()
    assert paper.status_of(reader) == "active"
    web.post(path).raise_for_status()
    assert paper.status_of(reader) == "unsubscribed"
    return "unsubscribe page, and its undo"


def click(paper: OldMails, web: httpx.Client, number: int) -> str:
    reader = paper.reader("clicker", number)
    for mail in paper.mails[reader]:
        [path] = re.findall(r"^<https?://[^/]+(/[^>]+)>$", str(mail["List-Unsubscribe"]))
        web.post(path, data={"List-Unsubscribe": "One-Click"}).raise_for_status()
    assert paper.status_of(reader) == "unsubscribed"
    return f"one-click of each of {len(paper.mails[reader])} mails"


def choose(paper: OldMails, web: httpx.Client, number: int) -> str:
    reader = paper.reader("chooser", number)
    path = paper.link(reader, "preferences")
    assert reader in web.get(path).raise_for_status().text
    assert reader in web.get(f"{path}/data").raise_for_status().text
    web.post(path, data={"topics_shown": "1", "topics": "jobs"}).raise_for_status()
    assert paper.answer("subscriber", "show", reader)["topics"] == ["jobs"]
    return "preferences, and the reader's data"


def change(paper: OldMails, web: httpx.Client, number: int) -> str:
    moved = f"moved{number}@example.org"
    path = paper.link(moved, "confirm")
    assert "<button" in web.get(path).raise_for_status().text
    web.post(path).raise_for_status()
    assert paper.status_of(moved) == "active"
    return "confirmation of a new address"


def doubt(paper: OldMails, web: httpx.Client, number: int) -> str:
    reader = paper.reader("doubter", number)
    web.post(paper.link(reader, "not-me")).raise_for_status()
    assert paper.status_of(reader) != "pending"
    return "“this wasn't me”"


def confirm(paper: OldMails, web: httpx.Client, number: int) -> str:
    reader = paper.reader("asker", number)
    path = paper.link(reader, "confirm")
    assert "<button" in web.get(path).raise_for_status().text
    assert paper.status_of(reader) == "pending", "a GET changes nothing"
    web.post(path).raise_for_status()
    assert paper.status_of(reader) == "active"
    return "confirmation of a sign-up"


def forgotten(paper: OldMails, web: httpx.Client, number: int) -> str:
    reader = paper.reader("gone", number)
    for part in ("unsubscribe", "preferences"):
        web.get(paper.link(reader, part)).raise_for_status()
    web.post(paper.link(reader, "unsubscribe")).raise_for_status()
    return "links of an erased reader"


def from_before(paper: OldMails, web: httpx.Client, number: int) -> str:
    path = f"/u/{number}"
    assert "<button" in web.get(path).raise_for_status().text
    web.post(path, data={"List-Unsubscribe": "One-Click"}).raise_for_status()
    assert paper.status_of(paper.reader("older", number)) == "unsubscribed"
    return "link of the tool that was used before"


def bounce(paper: OldMails, number: int) -> str:
    reader = paper.reader("bouncer", number)
    [back] = re.findall(r"<(.+)>", str(paper.mails[reader][0]["Return-Path"]))
    file = paper.folder / f"bounce{number}.eml"
    file.write_text(REPORT.format(back=back, reader=reader))
    paper.run("feedback", "read", str(file))
    assert paper.status_of(reader) == "bounced"
    return "bounce address of the first issue"


def read_archive(web: httpx.Client, issues: int) -> list[str]:
    pages = [web.get("/archive").raise_for_status()]
    while older := re.search(r"""rel="next" href="[^"]+(/archive\?page=\d+)""", pages[-1].text):
        pages.append(web.get(older[1]).raise_for_status())
    for number in range(1, issues + 1):
        web.get(f"/archive/{number}").raise_for_status()
    first = web.get("/archive/1").text
    assert "The address of the bridge was wrong." in first
    assert "/bridge-new" in first
    feed = web.get("/archive/feed.xml").raise_for_status().text
    assert f"/archive/{issues}" in feed
    pictures = {*re.findall(r"/pictures/[^\"\s)]+", first)}
    assert pictures
    for path in pictures:
        assert web.get(path).raise_for_status().headers["content-type"].startswith("image/")
    return [
        f"{issues} pages of the archive, on {len(pages)} pages of its list",
        "the correction",
        "the feed",
        f"{len(pictures)} pictures",
    ]


def is_quiet_while_held(paper: OldMails, web: httpx.Client) -> None:
    """Asks for a letter, and sees that none leaves for some rounds of the schedule."""
    before = len(paper.outbox)
    web.post("/signup", data={"email": f"late{before}@example.org"}).raise_for_status()
    health = web.get("/healthz")
    assert health.status_code == httpx.codes.SERVICE_UNAVAILABLE, health.text
    time.sleep(timedelta(seconds=10).total_seconds())
    assert len(paper.outbox) == before, "a held database sends nothing"
