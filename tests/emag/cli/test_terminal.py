"""At a terminal a person is asked before a send or a cancellation, and sees a progress bar."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


class Terminal:
    """A command on a terminal of its own; `until` reads on, `type` writes, `end` gives the code."""

    def __init__(self, folder, *words):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emag", *words],
            cwd=ROOT,
            env=os.environ | {"EMAG_DIR": str(folder), "TERM": "xterm", "COLUMNS": "100"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        self.output = ""

    def read(self) -> bool:
        if not select.select([self.master], [], [], 0.1)[0]:
            return True
        try:
            data = os.read(self.master, 4096)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.output += data.decode(errors="replace")
        return bool(data)

    def until(self, words, seconds=20.0):
        end = time.monotonic() + seconds
        while words not in self.output:
            assert self.read(), self.output
            assert time.monotonic() < end, self.output

    def type(self, words):
        os.write(self.master, words.encode())

    def end(self) -> int:
        while self.read():
            pass
        return self.process.wait(timeout=20)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(publication):
    opened = []

    def start(*words) -> Terminal:
        opened.append(Terminal(publication, *words))
        return opened[-1]

    yield start
    for item in opened:
        item.close()


def test_a_send_asks_first_and_shows_a_bar(emag, approved, publication, terminal):
    first = terminal("issue", "send", "1")
    first.until("3 readers by folder?")
    first.type("n\n")
    assert first.end() == 1
    assert "was not sent" in first.output
    assert emag("issue", "show", "1", "--json").json["status"] == "approved"

    second = terminal("issue", "send", "1")
    second.until("[y/N]")
    second.type("y\n")
    assert second.end() == 0
    assert "━" in second.output  # the bar
    assert "3/3" in second.output
    assert len(list((publication / "outbox").glob("*.eml"))) == 3


def test_with_yes_a_send_does_not_ask(emag, approved, terminal):
    sending = terminal("issue", "send", "1", "--yes")
    assert sending.end() == 0
    assert "[y/N]" not in sending.output
    assert emag("issue", "show", "1", "--json").json["status"] == "sent"


def test_a_status_has_its_colour_on_a_terminal_only(emag, approved, terminal):
    listing = terminal("issue", "list")
    assert listing.end() == 0
    assert "\x1b[32mapproved" in listing.output
    assert "\x1b" not in emag("issue", "list").out


def test_a_cancellation_asks_first_and_says_who_has_the_issue(approved, terminal, emag):
    requests = terminal("issue", "cancel", "1")
    requests.until("No reader has it. Cancel issue 1 for good?")
    requests.type("n\n")
    assert requests.end() == 1
    assert "Issue 1 was not cancelled" in requests.output
    assert emag("issue", "show", "1", "--json").json["status"] == "approved"
    again = terminal("issue", "cancel", "1")
    again.until("for good?")
    again.type("y\n")
    assert again.end() == 0
    assert emag("issue", "show", "1", "--json").json["status"] == "cancelled"
