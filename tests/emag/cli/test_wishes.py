"""The page of wishes: each command on a real publication, and what it says."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "wishes.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| `(.+?)` \| (.+?) \|$", re.MULTILINE)
WISHES = [match.groups() for match in ROW.finditer(PAGE.read_text())]
DATE = "2026-12-25"  # on the page; here it is a Friday in some weeks
ZONE = ZoneInfo("Europe/London")

TOML = """
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
postal_address = "1 Market Square, Exampleton, EX1 2MP"
[schedule]
draft = "thu 16:00"
send = "fri 07:30"
[[sources]]
name = "stories"
kind = "folder"
path = "stories"
section = "news"
[[sources]]
name = "board"
kind = "folder"
path = "board"
section = "jobs"
[[sections]]
name = "news"
title = "News"
[[sections]]
name = "jobs"
title = "Jobs"
[network]
allow_private = true
"""


@pytest.fixture
def wished(publication, catching, join, emag):
    """Eight stories, four readers, a mail server."""
    (publication / "emag.toml").write_text(TOML)
    for old in (publication / "stories").iterdir():
        old.unlink()
    (publication / "board").mkdir()
    now = datetime.now(UTC)
    for number in range(1, 9):
        is_job = number > 5
        folder = publication / ("board" if is_job else "stories")
        lines = [
            f"title: {'Job' if is_job else 'Story'} {number}",
            f"date: {now - timedelta(hours=number):%Y-%m-%dT%H:%M}",
            f"link: https://crier.example.org/{number}",
            f"summary: What is said of number {number}.",
        ]
        if is_job:
            lines += [
                f"closes: {now + timedelta(days=60):%Y-%m-%d}",
                "employer: Exampleton Council",
            ]
        (folder / f"{number}.md").write_text("---\n" + "\n".join(lines) + "\n---\nA text.\n")
    join(*(f"{name}@example.org" for name in ("ann", "ben", "cat", "dan")))
    emag("gather")
    with catching() as catcher:
        yield catcher


def test_no_wish_is_impossible(wished, publication, emag, monkeypatch):
    assert [int(wish[0]) for wish in WISHES] == list(range(1, len(WISHES) + 1))
    assert len(WISHES) >= 40
    monkeypatch.chdir(publication)
    day = datetime.now(ZONE).date()
    friday = day + timedelta(days=(4 - day.weekday()) % 7 + 14)
    for number, wish, command, answer in WISHES:
        words = shlex.split(command.replace(DATE, friday.isoformat()))
        assert words[0] == "emag"
        result = emag(*words[1:])
        output = " ".join((result.out + result.err).split())
        assert answer in output, f"{number}. {wish}: {output}"
