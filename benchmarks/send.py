"""Measures how fast an issue is sent, with all database writes, and the CPU time of a message.

    .venv/bin/python benchmarks/send.py [--readers 20000 100000] [--html 5000 60000] [--quick]

In the same run, Postfix's smtp-source and plain smtplib send to the same sink. They record nothing.
Sender and sink run on this machine, each in a process of its own. CPU is the user and system time
of the sending process: on a shared machine it is steadier than messages a second. “against” is
emag's CPU time divided by the other's. Below 1, emag is cheaper. At the end it measures the whole
command with its start, before and after the start was made quicker (benchmarks/start.py).
"""

import argparse
import json
import resource
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sinks
import start
from sqlalchemy import text

from emag import bootstrap
from emag.database import Database
from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Issue, Move, Status
from emag.mailing.copy.mail_merge import of_document
from emag.mailing.sending import deliver
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.sendgrid import SendGridTransport
from emag.mailing.transports.smtp import SmtpTransport
from emag.press.document import Document
from emag.settings import Settings, load
from subscribers.roll import Reader
from subscribers.tokens import Keys

SECRET = "a-secret-for-a-benchmark-0123456789abcdef"
TOML = '[publication]\ntitle = "The Town Crier"\nsender = "The Town Crier <crier@example.org>"\n'
WORDS = "Councils up and down the country are looking for people who can write plainly. "
MILLION = 1_000_000
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
INSERT INTO subscribers
    (ref, address, key, name, status, topics, since, joined_at, ask, open, soft)
SELECT 'reference-' || (1000000000 + i), 'reader' || i || '@example.net',
    'reader' || i || '@example.net', 'Reader ' || i, 'active', '[]', {now}, {now}, 0, {no}, 0 FROM n
"""


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a benchmark is an entry point


def document(size: int) -> Document:
    """Returns HTML of about `size` bytes in paragraphs, with the reader's name and two links."""
    paragraph = f'<p style="margin:0 0 12px;color:#1d2321">{WORDS * 4}</p>\n'
    links = '<a href="[[unsubscribe_url]]">Leave</a> <a href="[[preferences_url]]">Change</a>'
    body = f"<h1>[[greeting]]</h1>{paragraph * (size // len(paragraph))}{links}"
    plain = f"[[greeting]]\n\n{WORDS * (size // 400)}\n\n[[unsubscribe_url]]\n[[preferences_url]]\n"
    return Document("New on the blog – 5 March", "", f"<!DOCTYPE html><html>{body}</html>", plain)


def settings_of(folder: Path, connections: int) -> Settings:
    (folder / "emag.toml").write_text(TOML)
    environ = {
        "EMAG_SECRET_KEY": SECRET,
        "EMAG_BASE_URL": "https://mail.example.org",
        "EMAG_TRANSPORT__CONNECTIONS": str(connections),
    }
    return load(folder, environ)


def approved(database: Database, printed: Document, readers: int) -> int:
    """Adds readers and an approved issue."""
    with database.transaction() as conn:
        sqlite = conn.dialect.name == "sqlite"
        words = {"now": f"'{now():%Y-%m-%d %H:%M:%S.%f}'", "no": "0"}
        words = words if sqlite else {"now": "now()", "no": "false"}
        conn.execute(text(FILL.format(**words)), {"many": readers})
        drafted = Issue(0, Status.DRAFT, printed.subject, None, now(), None, "2026-03-05")
        number = store.add(conn, drafted).number
        frozen = Frozen(printed.subject, "", printed.html, printed.text, printed.hash)
        approval.freeze(conn, number, frozen, record="{}")
        life.move(conn, number, Move.APPROVE, now=now(), by="ann")
    return number


# --- The measurements, each in a process of its own ------------------------------------------


@contextmanager
def measured(messages: int) -> Iterator[None]:
    wall, cpu = time.monotonic(), used()
    yield
    wall, cpu = time.monotonic() - wall, used() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"wall": wall, "rate": messages / wall, "cpu": cpu / messages * 1e6, "peak": peak}
        )
    )


def used(whose_usage: int = resource.RUSAGE_SELF) -> float:
    usage = resource.getrusage(whose_usage)
    return usage.ru_utime + usage.ru_stime


def fill(task: dict[str, Any]) -> None:
    settings = settings_of(Path(task["folder"]), 1)
    database = bootstrap.connect(settings)
    bootstrap.upgrade(database)
    print(approved(database, document(task["html"]), task["readers"]))
    database.close()


def by_emag(task: dict[str, Any]) -> None:
    """Addresses, claims and sends an issue, and records the outcome of each reader."""
    settings = settings_of(Path(task["folder"]), task["connections"])
    database = bootstrap.connect(settings)
    if task["what"] == "sendgrid":
        host = f"http://127.0.0.1:{task['port']}"
        transport: SendGridTransport | SmtpTransport = SendGridTransport("SG.bench", host)
    else:
        transport = SmtpTransport("127.0.0.1", task["port"], "none")
    with measured(task["readers"]):
        address(database, 1, now=now(), by="ann")
        counts = deliver.deliver(
            Sender(database, transport, Terms.of(settings), now),
            1,
            settings=settings,
            keys=Keys(SECRET),
        )
        transport.close()
    assert counts["accepted"] == task["readers"], counts
    database.close()


def addressing(task: dict[str, Any]) -> None:
    database = bootstrap.connect(settings_of(Path(task["folder"]), 1))
    with measured(task["readers"]):
        assert address(database, 1, now=now(), by="ann") == task["readers"]
    database.close()


def by_smtplib(task: dict[str, Any]) -> None:
    """Sends one reader's message again and again, in as many threads. Records nothing."""
    settings = settings_of(Path(task["folder"]), task["connections"])
    copies = of_document(1, document(task["html"]), settings, Keys(SECRET), edition=1)
    reader = Reader(1, "reference-0000000000000001", "reader1@example.net", "Reader 1")
    message = copies.message(1, reader, now=now())
    wire, share = message.wire(), task["readers"] // task["connections"]

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", task["port"], "localhost") as client:
            for _ in range(share):
                client.sendmail(message.sender, [message.recipient], wire)

    threads = [threading.Thread(target=work) for _ in range(task["connections"])]
    with measured(task["readers"]):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def by_smtp_source(task: dict[str, Any]) -> None:
    """Sends with Postfix's generator, written in C: plain text as long as the message."""
    settings = settings_of(Path(task["folder"]), 1)
    copies = of_document(1, document(task["html"]), settings, Keys(SECRET), edition=1)
    wire = copies.message(1, Reader(1, "r", "reader1@example.net", "Reader 1"), now=now()).wire()
    program = sinks.postfix("smtp-source")
    command = [program, "-s", task["connections"], "-m", task["readers"]]
    command += ["-l", len(wire), "-f", "a@example.org", "-t", "b@example.net"]
    wall, many = time.monotonic(), task["readers"]
    subprocess.run([*map(str, command), f"127.0.0.1:{task['port']}"], check=True)
    wall, cpu = time.monotonic() - wall, used(resource.RUSAGE_CHILDREN)
    print(json.dumps({"wall": wall, "rate": many / wall, "cpu": cpu / many * 1e6, "peak": 0}))


ROLES: dict[str, Callable[[dict[str, Any]], None]] = {
    "fill": fill,
    "emag": by_emag,
    "sendgrid": by_emag,
    "addressing": addressing,
    "smtplib": by_smtplib,
    "smtp-source": by_smtp_source,
}


# --- The table -------------------------------------------------------------------------------


def child(role: str, **task: Any) -> Any:
    command = [sys.executable, __file__, "--child", json.dumps({"what": role, **task})]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(name: str, figures: dict[str, Any], against: str = "") -> None:
    peak = f"{figures['peak']:,.0f}" if figures["peak"] else ""
    print(
        f"{name:<34}{figures['rate']:>10,.0f}{figures['cpu']:>10,.0f}{peak:>9}  {against}",
        flush=True,
    )


def by_smtp(readers: int, html: int, connections: int, sink: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        task: dict[str, Any] = {
            "folder": folder,
            "readers": readers,
            "html": html,
            "connections": connections,
        }
        child("fill", **task)
        peers = [p for p in ("smtp-source", "smtplib") if p == "smtplib" or sinks.postfix(p)]
        # The others record nothing, so a fifth of the messages is enough.
        fewer = task | {"readers": max(5_000, readers // 5) // connections * connections}
        figures = {}
        for name in ("emag", *peers):
            many = (task if name == "emag" else fewer)["readers"]
            server = sinks.smtp_sink() if sink == "smtp-sink" else sinks.own_sink("smtp", many)
            with server as port:
                figures[name] = child(name, **(task | {"readers": many}), port=port)
        print(
            f"\n{readers:,} readers, {html // 1000} KB of HTML, {connections} connections to {sink}"
        )
        row("emag, every outcome recorded", figures["emag"])
        for name in peers:
            ratio = figures["emag"]["cpu"] / figures[name]["cpu"]
            row(f"{name}, nothing recorded", figures[name], f"{ratio:.2f} against {name}")


def by_sendgrid(readers: int, html: int, connections: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        task = {"folder": folder, "readers": readers, "html": html, "connections": connections}
        child("fill", **task)
        with sinks.own_sink("api", readers) as port:
            figures = child("sendgrid", **task, port=port)
        requests = -(-readers // 1000)
        print(f"\n{readers:,} readers by SendGrid, {requests} requests, {connections} in flight")
        row("emag, every outcome recorded", figures, f"{requests / figures['wall']:.0f} requests/s")


def by_addressing(readers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        task = {"folder": folder, "readers": readers, "html": 5_000}
        child("fill", **task)
        figures = child("addressing", **task)
        print(
            f"\nAddressing {readers:,} readers: {figures['wall']:.1f} s, {figures['peak']:.0f} MB"
        )


def main(task: argparse.Namespace) -> None:
    print(f"{'':<34}{'messages/s':>10}{'CPU µs':>10}{'MB':>9}")
    kinds = ["smtp-sink", "a sink of ours"] if sinks.postfix("smtp-sink") else ["a sink of ours"]
    for readers in task.readers:
        for html in task.html:
            for sink in kinds:
                by_smtp(readers, html, task.connections, sink)
    by_sendgrid(max(task.readers), task.html[0], task.connections)
    by_addressing(MILLION // 10 if task.quick else MILLION)
    start.compare(min(task.readers), task.html, 1 if task.quick else task.rounds)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, nargs="+", default=[20_000, 100_000])
    options.add_argument("--html", type=int, nargs="+", default=[5_000, 60_000])
    options.add_argument("--connections", type=int, default=4)
    options.add_argument("--rounds", type=int, default=3, help="of the whole command, see start.py")
    options.add_argument("--quick", action="store_true", help="2,000 readers, to see that it works")
    options.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    wanted = options.parse_args()
    if wanted.child:
        ROLES[wanted.child["what"]](wanted.child)
    else:
        wanted.readers = [2_000] if wanted.quick else wanted.readers
        main(wanted)
