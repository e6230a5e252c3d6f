"""The fixtures of all tests: a clock, a publication, a real database, the corpus."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import delete

from emag import bootstrap, migrate
from emag.database import Database
from emag.instance import INSTANCES
from emag.settings import Settings, load
from tests import postgres, quick

# The same examples on every machine, so that a failure comes from the change.
hypothesis_settings.register_profile("emag", deadline=None, max_examples=60, derandomize=True)
hypothesis_settings.load_profile("emag")
quick.install()

START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # a Thursday
SECRET = "a-secret-for-tests-only-0123456789abcdef"


@dataclass
class Clock:
    """The time for tests. `clock()` returns it, and `clock.forward(hours=1)` moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, made once. Copying it is faster than creating the tables."""
    file = tmp_path_factory.mktemp("empty") / "emag.db"
    database = Database(f"sqlite:///{file}")
    migrate.declared().create_all(database.engine)
    database.close()
    return file


# These tests run on both databases. The others run on SQLite only, to keep the whole fast.
HERE = Path(__file__).parent
ON_BOTH = {
    HERE / "emag" / name
    for name in (
        "content/test_gather.py",
        "content/test_pictures.py",
        "content/test_store.py",
        "issues/test_draft.py",
        "issues/test_store.py",
        "desk/test_approve.py",
        "desk/test_four_eyes.py",
        "audit/test_audit.py",
        "editors/test_people.py",
        "editors/test_presence.py",
        "editors/test_sign_in.py",
        "desk/test_arrange.py",
        "desk/test_specials.py",
        "desk/test_promos.py",
        "mailing/sending/test_rate_limit.py",
        "mailing/letters/test_post.py",
        "mailing/sending/test_deliver.py",
        "mailing/sending/test_ledger.py",
        "mailing/sending/test_results.py",
        "mailing/test_transitions.py",
        "mailing/letters/test_notice.py",
        "mailing/returns/test_letter_bounces.py",
        "mailing/returns/test_reports.py",
        "mailing/sending/test_topics.py",
        "mailing/sending/test_warmup.py",
        "schedule/test_dates.py",
        "schedule/test_runs.py",
        "schedule/test_tick.py",
    )
} | {
    HERE / "subscribers" / name
    for name in (
        "exchange/test_formats.py",
        "exchange/test_load.py",
        "exchange/test_own.py",
        "exchange/test_undo.py",
        "test_dialect.py",
        "test_growth.py",
        "test_ledger.py",
        "test_membership.py",
        "test_never_back.py",
        "test_search.py",
    )
}


assert all(path.is_file() for path in ON_BOTH), "a module of ON_BOTH has moved"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    definition = metafunc.definition
    sqlite_alone = definition.get_closest_marker("sqlite")
    if "database" in metafunc.fixturenames and definition.path in ON_BOTH and not sqlite_alone:
        both = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
        metafunc.parametrize("database", both, indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    quick.long_ones_first(items)


def pytest_collection_finish() -> None:
    quick.freeze()


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A real PostgreSQL, started for the first test that needs it."""
    with postgres.started() as server:
        yield server


@pytest.fixture(scope="session")
def full_template(server: postgres.Server) -> str:
    return postgres.with_tables(server, migrate.declared())


@pytest.fixture(scope="session")
def upgraded_template(server: postgres.Server) -> str:
    """A database after “emag db upgrade”, with the tables of Procrastinate."""
    name = server.make()
    database = Database(server.url(name))
    bootstrap.upgrade(database)
    with database.transaction() as conn:  # a database made from it must not look like a copy
        conn.execute(delete(INSTANCES))
    database.close()
    return name


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A real, empty database with every table: SQLite, and PostgreSQL too in modules ON_BOTH."""
    if getattr(request, "param", "sqlite") == "sqlite":
        file = request.getfixturevalue("empty_database")
        copy = shutil.copy(file, request.getfixturevalue("tmp_path") / "emag.db")
        database = Database(f"sqlite:///{copy}")
        yield database
        database.close()
    else:
        server = request.getfixturevalue("server")
        with server.emptied(request.getfixturevalue("full_template")) as database:
            yield database


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
    """A publication's folder with an emag.toml, which tests may change."""
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
    """The folder of test material that EMAG_CORPUS names. It is not part of the project."""
    place = os.environ.get("EMAG_CORPUS")
    if not place or not Path(place).is_dir():
        pytest.skip("EMAG_CORPUS names no folder of test material")
    return Path(place)
