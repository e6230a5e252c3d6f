"""A publication with a folder of stories, and the command line run in this process."""

import asyncio
import json
import re
import shutil
import socket
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from emag import bootstrap, instance
from emag.cli.commands import application
from emag.database import Database
from emag.publication import create_publication
from subscribers import membership
from subscribers.consent import Evidence
from tests.emag.content.conftest import site  # noqa: F401 - a fixture

TOML = """
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
editors = ["Ann <ann@example.org>"]
postal_address = "1 Market Square, Exampleton, EX1 2MP"
url = "https://crier.example.org"
[schedule]
draft = "thu 16:00"
send = "fri 07:30"
[[sources]]
name = "stories"
kind = "folder"
path = "stories"
section = "posts"
[transport]
kind = "folder"
"""

STORY = """---
title: {title}
date: {date}
link: https://crier.example.org/{slug}
summary: What was said about {slug}.
---
It was said at some length, with a [link](https://crier.example.org/more/{slug}).
"""


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def initialised(tmp_path_factory) -> Path:
    """What `emag init` makes, once for all."""
    folder = tmp_path_factory.mktemp("made") / "crier"
    create_publication(folder, environ={})
    return folder


@pytest.fixture
def publication(tmp_path, initialised) -> Path:
    """As `emag init` leaves it, with settings, three stories and a real database."""
    folder = shutil.copytree(initialised, tmp_path / "crier")
    with closing(Database(f"sqlite:///{folder / 'emag.db'}")) as database:
        instance.release(database)  # a copy would not send
    (folder / "emag.toml").write_text(TOML)
    (folder / "stories").mkdir()
    day = datetime.now(UTC) - timedelta(days=1)
    for number, slug in enumerate(("bridge", "market", "school")):
        text = STORY.format(
            title=f"The {slug} [bold]again[/bold]",
            slug=slug,
            date=(day - timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M"),
        )
        (folder / "stories" / f"{slug}.md").write_text(text)
    return folder


@pytest.fixture
def emag(publication, monkeypatch):
    """Runs a command on the publication, which must end with `code`."""
    monkeypatch.setenv("EMAG_DIR", str(publication))  # as an operator's shell would

    def run(*words: str, code: int = 0, typed: str | None = None) -> Result:
        outcome = CliRunner().invoke(
            application(), ["--debug", *map(str, words)], input=typed, prog_name="emag"
        )
        result = Result(outcome.exit_code, outcome.stdout, outcome.stderr)
        assert result.code == code, f"{words}: {result}"
        assert "Traceback" not in result.err
        return result

    return run


@pytest.fixture
def join(publication):
    """Puts readers on the list, active on a stated basis."""

    def join(*addresses: str) -> None:
        newsroom = bootstrap.open_newsroom(publication, now=lambda: datetime.now(UTC))
        with newsroom.database.transaction() as conn:
            for address in addresses:
                assert membership.add_on_basis(
                    conn,
                    newsroom.keys,
                    address=address,
                    name="",
                    evidence=Evidence("import", wording="agreed on the old form"),
                    now=newsroom.now(),
                )
        newsroom.database.close()

    return join


@pytest.fixture
def drafted(emag):
    """An issue, number 1, with all three stories in it."""
    emag("gather")
    return emag("issue", "draft", "--json").json


@pytest.fixture
def approved(emag, drafted, join):
    """The same, approved, with three readers."""
    join("ann@example.org", "ben@example.org", "cat@example.org")
    emag("issue", "approve", "1", "--as", "Ann")
    return drafted


@pytest.fixture
def settings_of(publication):
    """Rewrites emag.toml: `settings_of(kind="smtp")` replaces the value of each key named."""

    def change(**values) -> None:
        text = (publication / "emag.toml").read_text()
        for key, value in values.items():
            text, rows = re.subn(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(value)}", text)
            assert rows, key
        (publication / "emag.toml").write_text(text)

    return change


class Catcher:
    """Keeps what it is handed; a reader called `busy` is put off, one called `gone` refused."""

    def __init__(self, pause: float):
        self.pause, self.caught = pause, []
        self.senders = []  # reader and envelope sender of each message

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("busy"):
            return "451 4.7.1 come back later"
        if address.startswith("gone"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.pause)
        self.caught += envelope.rcpt_tos
        self.senders += [(reader, envelope.mail_from) for reader in envelope.rcpt_tos]
        return "250 OK"


@pytest.fixture
def free_port():
    def free_port() -> int:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return server.getsockname()[1]

    return free_port


@pytest.fixture
def catching(publication, free_port):
    """A real mail server, which the publication sends by; `pause` is how long a message takes."""

    @contextmanager
    def catching(pause: float = 0.0):
        catcher = Catcher(pause)
        controller = Controller(catcher, hostname="127.0.0.1", port=free_port())
        controller.start()
        text = (publication / "emag.toml").read_text().partition("[transport]")[0]
        text += f'[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {controller.port}\n'
        (publication / "emag.toml").write_text(f'{text}security = "none"\nconnections = 1\n')
        try:
            yield catcher
        finally:
            controller.stop()

    return catching
