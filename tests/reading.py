"""Serves a publication to a real browser, with its letters and a clock for tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

from fastapi import FastAPI, HTTPException

from emag import bootstrap
from emag.content.gather import gather
from emag.demo import hosting
from emag.desk import approve
from emag.issues.draft import draft
from emag.mailing.letters import post
from emag.mailing.sending import address, deliver
from emag.newsroom import Newsroom
from emag.settings import load
from emag.web import app
from subscribers import roll
from tests.conftest import SECRET

TOML = """
[publication]
title = "The Town Crier"
tagline = "News for people who write for councils"
url = "https://crier.example.org"
language = "{language}"
sender = "The Town Crier <crier@example.org>"
editors = ["Ann <ann@example.org>"]
postal_address = "1 Market Square, Exampleton, EX1 2MP"
[[sources]]
name = "desk"
kind = "folder"
path = "stories"
[[sections]]
name = "posts"
title = "New on the blog"
[[sections]]
name = "jobs"
title = "Featured jobs"
[signup]
privacy_url = "https://crier.example.org/privacy"
{signup}
{more}
"""
STORY = """---
title: "{title}"
link: https://crier.example.org/{slug}
date: 2026-03-04 10:00
---
A few words on {title}.
"""
BROKEN = (429, 500, 503)  # statuses of error pages: /answer/429 shows the first


@dataclass
class Site:
    """The served publication and the links in its readers' letters."""

    room: Newsroom
    base: str
    clock: object

    def link(self, purpose: str) -> str:
        """Posts all letters, and returns the newest link of this kind."""
        room = self.room
        posted = {"transport": room.transport, "settings": room.settings, "keys": room.keys}
        post.post_letters(room.database, now=room.now(), **posted)
        outbox = room.settings.folder / room.settings.transport.path
        files = sorted(outbox.rglob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        for file in reversed(files):
            message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
            text = message.get_body(("plain",)).get_content()
            match = re.search(rf"https?://\S+(/{purpose}/\S+)", text)
            if match:
                return self.base + match[1]
        raise AssertionError(f"no letter holds a link to {purpose}")

    def link_of(self, purpose: str, reader: str) -> str:
        """Returns a link from a mail to this reader."""
        with self.room.database.reading() as conn:
            ref = roll.find(conn, reader).ref
        return f"{self.base}/{purpose}/{self.room.keys.sign(purpose, ref)}"

    def standing(self, reader: str) -> str:
        with self.room.database.reading() as conn:
            person = roll.find(conn, reader)
        return str(person.status) if person else ""

    def history(self, reader: str) -> list[dict]:
        """Returns the entries of consent of this reader."""
        with self.room.database.reading() as conn:
            return roll.history(conn, roll.find(conn, reader).id)

    def send(self, *titles: str) -> None:
        """Gathers, drafts, approves and sends an issue with these stories."""
        room = self.room
        for at, title in enumerate(titles):
            file = room.settings.folder / "stories" / f"{at}.md"
            file.parent.mkdir(exist_ok=True)
            file.write_text(STORY.format(title=title, slug=at))
        gather(room.database, room.sources, now=room.now())
        number = draft(room.database, room.settings, now=room.now(), by="ann").number
        approve.approve(room.database, room.settings, number, now=room.now(), by="Ann")
        address.address(room.database, number, now=room.now(), by="ann")
        deliver.deliver(room.sender, number, settings=room.settings, keys=room.keys)


@contextmanager
def served(
    folder: Path, clock, *, language: str = "en-GB", signup: str = "", more: str = ""
) -> Iterator[Site]:
    """Serves a new publication. The folder may already hold templates and words."""
    folder.mkdir(exist_ok=True)
    (folder / "emag.toml").write_text(TOML.format(language=language, signup=signup, more=more))
    with hosting.listen(0) as listener:
        base = hosting.address(listener)
        environ = {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": base}
        database = bootstrap.connect(load(folder, environ))
        bootstrap.upgrade(database)
        database.close()
        room = bootstrap.open_newsroom(folder, now=clock, environ=environ)
        web = app.create(room)
        _broken(web)
        try:
            with hosting.serving(web, listener):
                yield Site(room, base, clock)
        finally:
            room.transport.close()
            room.database.close()


def _broken(web: FastAPI) -> None:
    @web.get("/answer/{status}")
    def answer(status: int) -> None:
        if status not in BROKEN:
            raise HTTPException(404)
        if status == 500:
            raise ValueError
        raise HTTPException(status)
