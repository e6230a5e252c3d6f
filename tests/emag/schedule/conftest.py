"""A newsroom of what ships: a real database, a folder for mail, a shelf for stories."""

import json
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from emag import bootstrap
from emag.condition import Condition
from emag.content.sources import Memory, Reading
from emag.content.story import Kind, Story
from emag.errors import SourceError
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.folder import FolderTransport
from emag.newsroom import Newsroom
from emag.settings import Settings, load
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tokens import Keys


@dataclass
class Shelf:
    """A source in memory: it shows its last `shows` stories, as a feed does."""

    name: str = "posts"
    section: str = "posts"
    shows: int = 40
    stories: list[Story] = field(default_factory=list)
    trouble: str = ""
    reads: int = 0

    def read(self, _memory: Memory) -> Reading:
        self.reads += 1
        if self.trouble:
            raise SourceError(self.trouble)
        latest = tuple(self.stories[-self.shows :])
        return Reading(latest, entries=len(latest))

    def put(self, title: str, *, published=None) -> None:
        link = "https://crier.example.org/" + title.lower().replace(" ", "-")
        kind = Kind.JOB if self.section == "jobs" else Kind.POST
        self.stories.append(Story(self.name, kind, link, title, published=published))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def configure(folder: Path):
    """Settings with other lines in [schedule]; `editors` may be left out."""

    def _configure(**schedule: object) -> Settings:
        values = {"draft": "thu 16:00", "send": "fri 07:30"} | schedule
        # A string or a list of strings in JSON is one in TOML too.
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        toml = (folder / "emag.toml").read_text()
        start, end = toml.index("[schedule]"), toml.index("[[sources]]")
        (folder / "emag.toml").write_text(f"{toml[:start]}[schedule]\n{lines}{toml[end:]}")
        secret = {"EMAG_SECRET_KEY": "a-secret-for-tests-only-0123456789abcdef"}
        return load(folder, secret | {"EMAG_BASE_URL": "https://mail.crier.example.org"})

    return _configure


@pytest.fixture
def open_newsroom(database, clock, shelf, tmp_path):
    """A newsroom with three readers, for the settings given."""

    def _open(settings: Settings, *, readers: int = 3) -> Newsroom:
        keys = Keys(settings.environment.secret_key)
        with database.transaction() as conn:
            for number in range(readers):
                membership.add_on_basis(
                    conn,
                    keys,
                    address=f"reader{number}@example.org",
                    name="",
                    evidence=Evidence("import"),
                    now=clock(),
                )
        transport = FolderTransport(tmp_path / "outbox")
        sender = Sender(database, transport, Terms.of(settings), clock)
        readers = bootstrap.readers(settings, database, clock)
        condition = Condition(lambda: clock().timestamp())  # no time that passes here is a jump
        return Newsroom(
            settings, database, (shelf,), sender, {}, keys, clock, readers, condition=condition
        )

    return _open


@pytest.fixture
def newsroom(open_newsroom, configure):
    return open_newsroom(configure())


@pytest.fixture
def automatic(open_newsroom, configure):
    return open_newsroom(configure(approval="automatic"))


@pytest.fixture
def mail(tmp_path):
    """The messages that left, as (to, subject); `mail("reader")` for those to readers."""

    def _mail(to: str = "") -> list[tuple[str, str]]:
        parser = BytesHeaderParser(policy=policy.default)
        paths = sorted((tmp_path / "outbox").glob("*.eml"))
        mails = [parser.parsebytes(path.read_bytes()) for path in paths]
        return [(str(m["To"]), str(m["Subject"])) for m in mails if to in str(m["To"])]

    return _mail


@pytest.fixture
def texts(tmp_path):
    """What the editor was told, word by word."""

    def _texts() -> list[str]:
        paths = sorted((tmp_path / "outbox").glob("notice-*.eml"))
        messages = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
        return [" ".join(m.get_body(("plain",)).get_content().split()) for m in messages]

    return _texts
