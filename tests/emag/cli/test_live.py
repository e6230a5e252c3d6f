"""A running “emag serve” takes changed settings by itself, and keeps the old ones on a fault."""

import re
import signal
import threading
import time
import urllib.request

import pytest

from tests.emag.cli.test_serve import get, serving

SECONDS = 60  # a change is taken within two, on a machine that has nothing else to do


@pytest.fixture
def edit(publication):
    """Replaces a text in emag.toml, as an editor's program does."""

    def edit(old: str, new: str) -> None:
        toml = publication / "emag.toml"
        text = toml.read_text()
        assert old in text
        toml.write_text(text.replace(old, new))

    return edit


def wait_for(url: str, text: str) -> str:
    """The page once it holds the text."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        page = get(url)[1]
        if text in page:
            return page
        time.sleep(0.1)
    raise AssertionError(f"{url} never held “{text}”")


def log_of(process) -> str:
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return err


def test_a_new_title_shows_without_a_restart_and_no_request_is_lost(publication, edit):
    with serving(publication) as (process, data):
        archive = f"{data['url']}/archive"
        assert "The Town Crier" in get(archive)[1]
        answers, ended = [], threading.Event()

        def ask() -> None:
            while not ended.is_set():
                with urllib.request.urlopen(archive, timeout=10) as answer:
                    answers.append((answer.status, answer.read().decode()))

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            edit("The Town Crier", "The Village Voice")
            assert "The Town Crier" not in wait_for(archive, "The Village Voice")
        finally:
            ended.set()
            asking.join()
        assert {status for status, _ in answers} == {200}
        assert all(re.search("The (Town Crier|Village Voice)", page) for _, page in answers)
        assert "publication.title has a new value" in log_of(process)


def read_until(process, text: str) -> None:
    """Reads the log up to a line that holds the text."""
    for line in process.stderr:
        if text in line:
            return
    raise AssertionError(f"the log never held “{text}”")


def test_the_timetable_goes_by_the_new_sources(publication, edit):
    with serving(publication) as (process, _):
        read_until(process, "Gathered 3 new stories from 1 source")
        (publication / "more").mkdir()
        (publication / "more" / "late.md").write_text(
            "---\ntitle: Late\ndate: 2026-03-04\nlink: https://crier.example.org/late\n---\nText.\n"
        )
        edit(
            "[transport]",
            '[[sources]]\nname = "more"\nkind = "folder"\npath = "more"\nsection = "posts"\n'
            "[transport]",
        )
        edit("[schedule]", '[schedule]\ngather = "1s"')
        read_until(process, "Gathered 1 new story from 2 sources")


def test_a_fault_keeps_what_ran_and_a_repair_is_taken(publication, edit):
    with serving(publication) as (process, data):
        archive = f"{data['url']}/archive"
        edit('title = "The Town Crier"', 'titel = "The Village Voice"')
        read_until(process, "publication.titel is not a setting")
        assert "The Town Crier" in get(archive)[1]
        edit('titel = "The Village Voice"', 'title = "The Village Voice"')
        wait_for(archive, "The Village Voice")
        log_of(process)


def test_what_needs_a_restart_is_named_and_waits(publication, edit):
    with (publication / ".env").open("a") as file:
        file.write("EMAG_SIGNUP_TOKEN=a-token-of-the-tests\n")
    with serving(publication) as (process, data):
        edit("[transport]\n", '[transport]\npath = "elsewhere"\n')
        with (publication / ".env").open("a") as file:
            file.write("EMAG_SMTP_PASSWORD=do-not-print-me\n")
        edit("The Town Crier", "The Village Voice")
        wait_for(f"{data['url']}/archive", "The Village Voice")
        log = log_of(process)
        assert "transport.path needs a restart: until then its old value counts" in log
        assert "EMAG_SMTP_PASSWORD needs a restart" in log
        assert "do-not-print-me" not in log
        assert not (publication / "elsewhere").exists()


def test_new_words_for_readers_show(publication):
    with serving(publication) as (process, data):
        words = publication / "templates" / "words"
        words.mkdir(parents=True)
        (words / "en.toml").write_text('[signup]\nheading = "Come and read {title}"\n')
        wait_for(f"{data['url']}/signup", "Come and read The Town Crier")
        (words / "en.toml").write_text("[signup\n")
        read_until(process, "The settings stay as they were")
        assert "Come and read" in get(f"{data['url']}/signup")[1]
        log_of(process)
