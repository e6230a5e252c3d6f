"""What all tests share: a clock, a publication, a real database, the corpus."""

import importlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlmodel import SQLModel

from emag.database import Database
from emag.settings import Settings, load

hypothesis_settings.register_profile("emag", deadline=None, max_examples=60)
hypothesis_settings.load_profile("emag")

TABLES = (
    "emag.content.tables",
    "emag.issues.tables",
    "emag.mailing.tables",
    "emag.schedule.tables",
    "subscribers.tables",
)
START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # a Thursday
SECRET = "a-secret-for-tests-only-0123456789abcdef"


@dataclass
class Clock:
    """Time from the door. `clock()` is now; `clock.forward(hours=1)` lets it pass."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path):
    """A real, empty SQLite database with every table."""
    for module in TABLES:
        importlib.import_module(module)
    database = Database(f"sqlite:///{tmp_path / 'emag.db'}")
    SQLModel.metadata.create_all(database.engine)
    yield database
    database.close()


TOML = """
[publication]
title = "The Town Crier"
tagline = "News for people who write for councils"
sender = "The Town Crier <crier@example.org>"
editors = ["Ann <ann@example.org>"]
postal_address = "1 Market Square, Exampleton, EX1 2MP"
url = "https://crier.example.org"
[schedule]
draft = "thu 16:00"
send = "fri 07:30"
[[sources]]
name = "posts"
kind = "feed"
url = "https://crier.example.org/feed.xml"
section = "posts"
[[sources]]
name = "jobs"
kind = "jobs"
url = "https://crier.example.org/jobs.xml"
section = "jobs"
[[sections]]
name = "posts"
title = "New on the blog"
limit = 15
[[sections]]
name = "jobs"
title = "Featured jobs"
limit = 8
order = "featured"
[[sections]]
name = "events"
title = "Events"
limit = 6
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A publication's folder with an emag.toml; tests may rewrite it."""
    folder = tmp_path / "publication"
    folder.mkdir()
    (folder / "emag.toml").write_text(TOML)
    return folder


@pytest.fixture
def settings(folder: Path) -> Settings:
    return load(
        folder, {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": "https://mail.crier.example.org"}
    )


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The shared test material of others, found through EMAG_CORPUS; never part of the project."""
    place = os.environ.get("EMAG_CORPUS")
    if not place or not Path(place).is_dir():
        pytest.skip("EMAG_CORPUS names no folder of test material")
    return Path(place)
