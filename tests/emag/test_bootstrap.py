"""The newsroom is built as the settings say, or a sentence says what is missing."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emag import bootstrap, migrate
from emag.database import Database
from emag.errors import DatabaseError, EmagError, SettingsError
from emag.publication import create_publication
from emag.settings import load
from emag.sources import sources


@pytest.fixture
def crier(tmp_path) -> Path:
    """Returns the folder of a new publication."""
    folder = tmp_path / "town-crier"
    create_publication(folder, environ={})
    return folder


def variables(folder: Path) -> dict[str, str]:
    return dict(re.findall(r"^(EMAG_\w+)=(.*)$", (folder / ".env").read_text(), re.MULTILINE))


def test_init_makes_a_publication_that_opens(crier, clock):
    settings = load(crier, {})
    assert settings.publication.title == "Town Crier"
    newsroom = bootstrap.open_newsroom(crier, now=clock, environ={})
    try:
        assert newsroom.now() == clock.at
        assert newsroom.transport.name == "folder"
        assert newsroom.sources == ()
        assert newsroom.feedback == {}
        with newsroom.database.reading() as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM issues").scalar() == 0
    finally:
        newsroom.database.close()


def test_init_writes_new_keys_that_only_the_owner_can_read(crier, tmp_path):
    create_publication(tmp_path / "other", environ={})
    for name in ("EMAG_SECRET_KEY", "EMAG_SIGNUP_SECRET", "EMAG_SIGNUP_TOKEN"):
        assert len(variables(crier)[name]) >= 48
        assert variables(crier)[name] != variables(tmp_path / "other")[name]
    assert variables(crier)["EMAG_SIGNUP_SECRET"] != variables(crier)["EMAG_SIGNUP_TOKEN"]
    assert stat.S_IMODE((crier / ".env").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["emag.toml", ".env", "emag.db"])
def test_init_changes_no_existing_publication(tmp_path, name):
    (tmp_path / name).write_text("ours")
    with pytest.raises(EmagError, match="Nothing was changed"):
        create_publication(tmp_path, environ={})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "ours"}


@pytest.mark.parametrize("name", ['a "quoted" \\ name', "ä-ö_ü", "[1]", "…"])
def test_init_accepts_any_name_of_a_folder(tmp_path, name):
    settings = create_publication(tmp_path / name, environ={})
    assert settings.publication.title
    assert settings.publication.sender_address == "magazine@example.org"


def test_without_a_database_the_sentence_names_the_command_and_no_file_is_made(folder, clock):
    environ = {"EMAG_SECRET_KEY": "k" * 40}
    with pytest.raises(DatabaseError, match="emag db upgrade"):
        bootstrap.open_newsroom(folder, now=clock, environ=environ)
    assert not (folder / "emag.db").exists()


def test_a_missing_key_is_named(folder, clock):
    with pytest.raises(SettingsError, match="EMAG_SECRET_KEY is not set"):
        bootstrap.open_newsroom(folder, now=clock, environ={})


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("0000", "emag db upgrade"),
        ("9999", "newer version of emag"),
        ("0006", "before the first release"),
    ],
)
def test_a_database_of_another_version_is_not_opened(crier, revision, sentence):
    with closing(sqlite3.connect(crier / "emag.db")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        conn.commit()
    with pytest.raises(DatabaseError, match=sentence):
        bootstrap.open_database(load(crier, {}))


def test_a_newer_database_is_not_upgraded(crier):
    with closing(sqlite3.connect(crier / "emag.db")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    database = bootstrap.connect(load(crier, {}))
    with pytest.raises(DatabaseError, match="newer version"):
        bootstrap.upgrade(database)
    database.close()


def test_a_file_that_is_no_database_is_named(crier):
    (crier / "emag.db").write_bytes(b"not a database, surely" * 100)
    with pytest.raises(DatabaseError, match=r"damaged.*emag\.db"):
        bootstrap.open_database(load(crier, {}))


@pytest.mark.parametrize("url", ["what://user:hunter2@host/name", "hunter2", "postgresql//hunter2"])
def test_a_wrong_database_url_is_not_shown(folder, url):
    with pytest.raises(SettingsError) as caught:
        bootstrap.connect(load(folder, {"EMAG_DATABASE_URL": url}))
    assert "EMAG_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_unreachable_postgresql_is_named_without_its_password(folder):
    url = "postgresql://emag:hunter2@127.0.0.1:9/emag"
    with pytest.raises(DatabaseError) as caught:
        bootstrap.open_database(load(folder, {"EMAG_DATABASE_URL": url}))
    assert "EMAG_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_upgrading_an_up_to_date_database_loads_no_alembic(crier):
    code = (
        "import sys; from pathlib import Path; from emag import bootstrap;"
        "from emag.settings import load;"
        "print(bootstrap.upgrade(bootstrap.connect(load(Path(sys.argv[1])))));"
        "print('alembic' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(crier)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={k: v for k, v in os.environ.items() if not k.startswith("EMAG_")},
    )
    assert result.stdout.split() == [migrate.head(), "False"]


def test_upgrade_creates_the_folder_of_the_database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/deep/down/emag.db")
    assert bootstrap.upgrade(database) is None
    migrate.check(database)
    database.close()


SOURCES = """
[[sources]]
name = "notes"
kind = "folder"
path = "notes"
section = "events"
[network]
allow_private = true
[transport]
kind = "{kind}"
timeout = "7s"
"""


def add_settings(folder: Path, kind: str) -> None:
    text = (folder / "emag.toml").read_text() + SOURCES.format(kind=kind)
    (folder / "emag.toml").write_text(text)


def test_sources_are_built_from_the_settings(folder):
    add_settings(folder, "folder")
    posts, jobs, notes = sources(load(folder, {}), lambda: datetime(2026, 3, 5, tzinfo=UTC))
    assert [type(source).__name__ for source in (posts, jobs, notes)] == [
        "FeedSource",
        "JobsSource",
        "FolderSource",
    ]
    assert (posts.name, posts.section) == ("posts", "posts")
    assert (jobs.name, jobs.section) == ("jobs", "jobs")
    assert (notes.name, notes.section) == ("notes", "events")


@pytest.mark.parametrize("kind", ["folder", "smtp", "sendgrid"])
def test_transports_are_built_from_the_settings(folder, kind):
    add_settings(folder, kind)
    environ = {"EMAG_SENDGRID_API_KEY": "SG.x", "EMAG_SENDGRID_HOST": "http://127.0.0.1:9"}
    transport = bootstrap.transport(load(folder, environ))
    assert transport.name == kind
    transport.close()


def test_sendgrid_without_its_key_is_a_sentence(folder):
    add_settings(folder, "sendgrid")
    with pytest.raises(SettingsError, match="EMAG_SENDGRID_API_KEY"):
        bootstrap.transport(load(folder, {}))


def test_an_engine_that_cannot_run_is_a_sentence(crier, clock):
    newsroom = bootstrap.open_newsroom(crier, now=clock, environ={"EMAG_ENGINE": "procrastinate"})
    with pytest.raises(SettingsError, match="EMAG_ENGINE"):
        bootstrap.engine(lambda: newsroom)
    newsroom.database.close()
