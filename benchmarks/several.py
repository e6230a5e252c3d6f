"""Two publications on one machine behind one web server, and nothing of one gets into the other.

    .venv/bin/python benchmarks/several.py [--readers 200]

Each is set up by “emag init --deploy”. Its program runs as its emag@.service says: the same folder,
environment and command, with a port of its own. One nginx serves both with TLS from the two
nginx.conf that were written. Then people sign up at both hosts, both send an issue at the same
moment to one mail server, and links of one are tried at the other. Needs nginx and openssl.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import old_links
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from old_links import OldMails

NAMES = ("crier", "herald")
SETTINGS = """
EMAG_PUBLICATION__SENDER={name} <{name}@{name}.example>
EMAG_PUBLICATION__POSTAL_ADDRESS=1 Market Square
EMAG_TRANSPORT__KIND=smtp
EMAG_TRANSPORT__HOST=127.0.0.1
EMAG_TRANSPORT__PORT={sink}
EMAG_TRANSPORT__SECURITY=none
"""


class Sink:
    """A mail server for both: it notes who sent what to whom."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []  # sender, reader, text

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(0)
        text = (envelope.content or b"").decode()  # type: ignore[union-attr]
        self.mails += [(str(envelope.mail_from), to, text) for to in envelope.rcpt_tos]
        return "250 taken"

    def to(self, reader: str) -> list[str]:
        return [text for _, to, text in self.mails if to == reader]


@dataclass
class Magazine:
    """One publication: its folder, its host name, and the port of its program."""

    name: str
    folder: Path
    port: int
    commands: OldMails = field(init=False)

    def __post_init__(self) -> None:
        self.commands = OldMails(self.folder)

    @property
    def host(self) -> str:
        return f"mail.{self.name}.example"

    def set_up(self, sink: int, readers: int) -> None:
        run = self.commands.run
        run("init", str(self.folder), "--url", f"https://{self.host}", "--deploy")
        with (self.folder / ".env").open("a") as env:
            env.write(SETTINGS.format(name=self.name, sink=sink))
        file = self.folder / "readers.csv"
        lines = [f"reader{number}@{self.name}.example" for number in range(readers)]
        file.write_text("\n".join(["email", *lines, "both@example.org"]))
        run("subscriber", "import", str(file), "--basis", "agreed on paper")
        run("issue", "draft", "--special", "--title", f"The {self.name} of this week")
        run("issue", "note", "1", f"What only the {self.name} says.")
        run("issue", "approve", "1", "--as", "Ann")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Runs the command of emag@.service as systemd would."""
        unit = (self.folder / "deploy" / "emag@.service").read_text().replace("%i", self.name)
        command, place = (
            re.search(rf"(?m)^{key}=(.+)$", unit)[1]  # type: ignore[index]
            for key in ("ExecStart", "WorkingDirectory")
        )
        words = command.replace("${PORT}", str(self.port)).split()
        environ = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}  # noqa: TID251 - a benchmark is an entry point
        log = self.folder.with_suffix(".log").open("w")
        process = subprocess.Popen(words, cwd=place, env=environ, stdout=log, stderr=log)
        try:
            old_links.wait_for(f"{self.name} at port {self.port}", self.answers)
            yield
        finally:
            process.terminate()
            process.wait(old_links.PATIENCE)
            log.close()

    def answers(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass
class Visitor:
    """Asks one web server for pages of either host, by TLS."""

    web: httpx.Client

    def get(self, magazine: Magazine, path: str) -> httpx.Response:
        return self.ask("GET", magazine, path)

    def post(self, magazine: Magazine, path: str, **form: str) -> httpx.Response:
        return self.ask("POST", magazine, path, data=form)

    def ask(self, method: str, magazine: Magazine, path: str, **more: Any) -> httpx.Response:
        headers, names = {"Host": magazine.host}, {"sni_hostname": magazine.host}
        return self.web.request(method, path, headers=headers, extensions=names, **more)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def nginx(place: Path, magazines: list[Magazine]) -> Iterator[Visitor]:
    """One nginx with the site of each, as written but for ports and the certificate."""
    tls, plain, pem = free_port(), free_port(), place / "live.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.example"
    subprocess.run(
        [*words.split(), "-keyout", pem, "-out", place / "chain.pem"],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (place / "chain.pem").read_text())
    for magazine in magazines:
        site = (magazine.folder / "deploy" / "nginx.conf").read_text()
        for port, instead in ((443, tls), (80, plain)):
            site = re.sub(rf"listen ((?:\[::\]:)?){port}\b", rf"listen \g<1>{instead}", site)
        site = re.sub(r"/etc/letsencrypt\S+\.pem", str(pem), site)
        site = site.replace("127.0.0.1:8400", f"127.0.0.1:{magazine.port}")
        (place / f"{magazine.name}.conf").write_text(site)
    whole = place / "nginx.conf"
    whole.write_text(
        f"pid {place}/pid; daemon off; error_log {place}/errors;\nevents {{}}\n"
        f"http {{ access_log off; include {place}/crier.conf; include {place}/herald.conf; }}\n"
    )
    process = subprocess.Popen(["nginx", "-p", place, "-e", place / "errors", "-c", whole])
    try:
        old_links.wait_for("nginx", lambda: socket.socket().connect_ex(("127.0.0.1", tls)) == 0)
        address = f"https://127.0.0.1:{tls}"
        with httpx.Client(base_url=address, verify=False, timeout=60) as web:
            yield Visitor(web)
    finally:
        process.terminate()
        process.wait(old_links.PATIENCE)


def sign_up(visitor: Visitor, magazines: list[Magazine], sink: Sink) -> None:
    """The same person signs up at both hosts, and confirms only at their own."""
    crier, herald = magazines
    links = {}
    for magazine in magazines:
        visitor.post(magazine, "/signup", email="new@example.org").raise_for_status()
    old_links.wait_for("two letters", lambda: len(sink.to("new@example.org")) == 2)
    for text in sink.to("new@example.org"):
        plain = text.replace("=\r\n", "")
        host, path = re.search(r"https://([^/\s]+)(/confirm/[^\s>]+)", plain).groups()  # type: ignore[union-attr]
        links[host] = path.replace("=3D", "=")
    assert set(links) == {crier.host, herald.host}, links
    assert visitor.post(herald, links[crier.host]).status_code >= 400, "a link of the other"
    visitor.post(crier, links[crier.host]).raise_for_status()
    statuses = [m.commands.status_of("new@example.org") for m in magazines]
    assert statuses == ["active", "pending"], statuses
    visitor.post(herald, links[herald.host]).raise_for_status()


def send(magazines: list[Magazine]) -> None:
    """Both at the same moment."""
    processes = []
    for magazine in magazines:
        command = magazine.commands.command("issue", "send", "1", "--yes", "--json")
        environ = magazine.commands.environ
        processes.append(subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True))
    for process in processes:
        output, _ = process.communicate(timeout=600)
        counts = json.loads(output)
        assert counts["planned"] == counts["accepted"], counts


def compare(visitor: Visitor, magazines: list[Magazine], sink: Sink, readers: int) -> None:
    """What each sent, and what a link of one does at the other's host."""
    issues = [mail for mail in sink.mails if "Feedback-ID" in mail[2]]
    for magazine, other in zip(magazines, reversed(magazines), strict=True):
        sent = [mail for mail in issues if mail[0].endswith(f"@{magazine.name}.example")]
        copies = Counter(to for _, to, _ in sent)
        assert len(copies) == sum(copies.values()) == readers + 2, len(copies)
        for _, to, text in sent:
            assert other.host not in text
            assert not to.endswith(f"@{other.name}.example")
        [text] = [text for _, to, text in sent if to == "both@example.org"]
        path = re.search(r"List-Unsubscribe: <https://[^/]+(/[^>]+)>", text)[1]  # type: ignore[index]
        before = other.commands.status_of("both@example.org")
        wrong = visitor.post(other, path, **{"List-Unsubscribe": "One-Click"})
        assert wrong.status_code >= 400, wrong.status_code
        assert other.commands.status_of("both@example.org") == before
        assert f"only the {magazine.name} says" in visitor.get(magazine, "/archive/1").text
        assert other.name not in visitor.get(magazine, "/archive").text
        assert visitor.get(magazine, "/metrics").status_code == 404
        visitor.post(magazine, path, **{"List-Unsubscribe": "One-Click"}).raise_for_status()
        status = [one.commands.status_of("both@example.org") for one in (magazine, other)]
        print(f"{magazine.host}: {len(sent)} copies from its own domain, once each; then {status}")
        assert magazine.commands.answer("consent", "verify")["ok"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    options = parser.parse_args()
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        place = Path(name)
        place.chmod(0o755)
        magazines = [Magazine(one, place / "srv" / one, free_port()) for one in NAMES]
        for magazine in magazines:
            magazine.set_up(controller.port, options.readers)
        stack.enter_context(magazines[0].running())
        with magazines[1].running():
            visitor = stack.enter_context(nginx(place, magazines))
            for magazine in magazines:
                assert visitor.get(magazine, "/healthz").json()
            sign_up(visitor, magazines, sink)
            send(magazines)
            compare(visitor, magazines, sink, options.readers)
        assert visitor.get(magazines[0], "/healthz").is_success
        assert visitor.get(magazines[1], "/healthz").status_code == 502
        print("One was stopped, and the other went on")
    controller.stop()
    print(f"{sys.argv[0]}: nothing of one was found in the other")


if __name__ == "__main__":
    main()
