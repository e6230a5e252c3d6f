"""Every transport with a way to look at what arrived, behind one face."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from emag.mailing.transports import Transport
from emag.mailing.transports.folder import FolderTransport
from emag.mailing.transports.sendgrid import SendGridTransport
from emag.mailing.transports.smtp import SmtpTransport
from tests.emag.mailing.conftest import Answer, Provider, Relay
from tests.emag.mailing.hostile import CUT, Fault, Hostile


@dataclass
class World:
    """One transport and the world behind it. `arrived` gives (recipient, Message-ID) pairs."""

    transport: Transport
    arrived: Callable[[], list[tuple[str, str]]]
    away: Callable[[], Transport]  # one whose other side is not there
    wrong_key: Callable[[], Transport] | None = None
    lose_answer: Callable[[], None] | None = None
    refuse: Callable[[str], None] | None = None  # for good, for this address
    defer: Callable[[str], None] | None = None  # for now


def _read(data: bytes) -> tuple[str, str]:
    message = BytesParser(policy=policy.default).parsebytes(data)
    return message["To"].addresses[0].addr_spec, str(message["Message-ID"])


def folder_world(outbox: Path, tmp_path: Path) -> World:
    def away() -> Transport:
        (tmp_path / "a-file").write_text("in the way")
        return FolderTransport(tmp_path / "a-file" / "outbox")

    return World(
        FolderTransport(outbox),
        lambda: [_read(file.read_bytes()) for file in sorted(outbox.glob("*.eml"))],
        away,
    )


def smtp_world(relay: Callable[..., Relay], closed_port: int, *, pipelining: bool) -> World:
    built = relay(pipelining=pipelining, login=("crier", "open sesame"))

    def transport(port: int, password: str = "open sesame") -> SmtpTransport:
        return SmtpTransport("127.0.0.1", port, "none", "crier", password, 5.0)

    def lose() -> None:
        built.faults["answer"] = "drop"

    def refuse(address: str) -> None:
        built.faults["rcpt"] = lambda to, _: (
            f"550 5.1.1 <{to}>: no such user" if to == address else None
        )

    def defer(address: str) -> None:
        built.faults["rcpt"] = lambda to, _: f"451 4.7.1 <{to}>: later" if to == address else None

    return World(
        transport(built.port),
        lambda: [_read(received.data) for received in built.received],
        lambda: transport(closed_port),
        lambda: transport(built.port, "wrong"),
        lose,
        refuse,
        defer,
    )


def chunks_world(server: Hostile, closed_port: int, tls: dict[str, Any]) -> World:
    """Another server than the one above, over TLS, and one that takes a text in chunks."""

    def transport(port: int, password: str = "open sesame") -> SmtpTransport:
        return SmtpTransport("127.0.0.1", port, "starttls", "crier", password, 5.0, **tls)

    def always(stage: str, does: str, address: str = "") -> None:
        server.faults.append(Fault(stage, does, times=float("inf"), to=address))

    return World(
        transport(server.port),
        lambda: [_read(head + b"\r\n\r\n") for head in server.heads],
        lambda: transport(closed_port),
        lambda: transport(server.port, "wrong"),
        lambda: always("answer", CUT),
        lambda address: always("rcpt", f"550 5.1.1 <{address}>: no such user", address),
        lambda address: always("rcpt", f"451 4.7.1 <{address}>: later", address),
    )


def sendgrid_world(provider: Provider, closed_port: int) -> World:
    def wrong() -> Transport:
        provider.answers.append(Answer(401, [{"message": "The provided key is invalid"}]))
        return SendGridTransport("SG.wrong", provider.host, 5.0)

    def refuse(address: str) -> None:
        def answer(request: dict) -> Answer:
            to = [personal["to"][0]["email"] for personal in request["personalizations"]]
            if address not in to:
                return Answer()
            field = f"personalizations.{to.index(address)}.to.0.email"
            return Answer(400, [{"message": f"{address} is not valid", "field": field}])

        provider.answers += [answer] * 2

    def arrived() -> list[tuple[str, str]]:
        return [
            (personal["to"][0]["email"], personal["headers"]["Message-ID"])
            for personal in provider.accepted
        ]

    return World(
        SendGridTransport("SG.right", provider.host, 5.0),
        arrived,
        lambda: SendGridTransport("SG.right", f"http://127.0.0.1:{closed_port}", 5.0),
        wrong,
        lambda: provider.answers.append(Answer(0)),
        refuse,
    )


@pytest.fixture
def hostile(server_tls):
    offers = ("PIPELINING", "CHUNKING")
    options = {"login": ("crier", "open sesame"), "tls": server_tls}
    with Hostile([], offers=offers, **options).serving() as server:
        yield server


@pytest.fixture(
    params=["folder", "smtp", "smtp without pipelining", "smtp with chunks", "sendgrid"]
)
def world(request, outbox, tmp_path, relay, closed_port):
    if request.param == "folder":
        built = folder_world(outbox, tmp_path)
    elif request.param == "smtp with chunks":
        server, trust = map(request.getfixturevalue, ("hostile", "trust"))
        built = chunks_world(server, closed_port, {"context": trust})
    elif request.param == "sendgrid":
        built = sendgrid_world(request.getfixturevalue("provider"), closed_port)
    else:
        built = smtp_world(relay, closed_port, pipelining=request.param == "smtp")
    yield built
    built.transport.close()


@pytest.fixture
def secretive() -> Callable[[str], None]:
    """Asserts that a reason tells neither an address nor a secret."""

    def check(reason: str) -> None:
        assert not re.search(r"\S@\S", reason), reason
        assert not re.search(r"SG\.|open sesame|wrong\b", reason), reason
        assert "\n" not in reason
        assert len(reason) <= 200

    return check
