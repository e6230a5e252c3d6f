"""No GET or HEAD changes a row: every route that there is, and every link of every mail."""

import email
import email.policy
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import product
from typing import get_args
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from emag import bootstrap
from emag.mailing.letters.post import post_letters
from emag.web.app import create
from subscribers import membership, roll
from subscribers.consent import Evidence
from subscribers.tokens import Purpose

from .test_serve import serving

LINK = re.compile(r"https?://[^\s\"'<>)\]]+")
BROWSER = {"User-Agent": "Mozilla/5.0", "X-Forwarded-For": "198.51.100.9"}


@pytest.fixture
def newsroom(publication):
    newsroom = bootstrap.open_newsroom(publication, now=lambda: datetime.now(UTC))
    yield newsroom
    newsroom.database.close()


@pytest.fixture
def dump(publication):
    """Every row of every table, read past the program."""

    def dump():
        with closing(sqlite3.connect(publication / "emag.db")) as conn:
            names = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: conn.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}

    return dump


def mails(publication):
    rows = (path.read_bytes() for path in sorted((publication / "outbox").glob("*.eml")))
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in rows]


def links(mail):
    """In its parts and its headers."""
    texts = [str(value) for value in mail.values()]
    texts += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return {url.replace("&amp;", "&") for text in texts for url in LINK.findall(text)}


def routes(app):
    """The paths of all routes, also of those that lie in others."""
    rows, waiting = {}, list(app.routes)
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "routes", None) or getattr(route, "original_router", None)
        if inner is not None:
            waiting += getattr(inner, "routes", inner)
        if getattr(route, "path", ""):
            rows.setdefault(route.path, set()).update(getattr(route, "methods", None) or ())
    return rows


@pytest.fixture
def written(emag, approved, publication, newsroom):
    """An issue that went out and each kind of letter; what may stand in the routes' paths."""
    emag("issue", "send", "1", "--yes")
    keys, database = newsroom.keys, newsroom.database
    for name in ("new", "wants"):
        emag("subscriber", "add", f"{name}@example.org")
    post(newsroom)
    with database.transaction() as conn:
        now = newsroom.now()
        ann, ben = (roll.find(conn, f"{name}@example.org") for name in ("ann", "ben"))
        membership.request_address_change(
            conn, keys, ann.ref, address="ann@elsewhere.example", now=now
        )
        [*_, ref] = conn.execute(text("SELECT ref FROM letters WHERE kind = 'confirm'")).scalars()
        evidence = Evidence("link")
        membership.confirm(conn, keys, keys.sign("confirm", ref), evidence=evidence, now=now)
    post(newsroom)
    refs, left = [ann.ref, ben.ref, ref, "nobody"], f"{ben.ref} {int(now.timestamp())}"
    purposes = [purpose for purpose in get_args(Purpose) if purpose != "undo"]
    tokens = [keys.sign(purpose, ref) for purpose in purposes for ref in refs]
    tokens.append(keys.sign("undo", left))
    file = publication / "links.csv"
    file.write_text("email,token\nann@example.org,old-1\n")
    readers = bootstrap.readers(newsroom.settings, database, newsroom.now)
    readers.import_legacy_links(file, by="Ann")
    return {"token": [*tokens, "old-1", "nonsense"], "number": ["1", "2", "x"], "ref": ann.ref}


def post(newsroom):
    post_letters(
        newsroom.database,
        transport=newsroom.transport,
        settings=newsroom.settings,
        keys=newsroom.keys,
        now=newsroom.now(),
    )


def paths(template, values):
    names = re.findall(r"{(\w+)(?::\w+)?}", template)
    for some in product(*(values.get(name, ["1", "x"]) for name in names)):
        path = template
        for name, value in zip(names, some, strict=True):
            path = re.sub(rf"{{{name}(?::\w+)?}}", value, path)
        yield path


def test_looking_changes_nothing(written, newsroom, publication, dump):
    templates = routes(create(newsroom))
    assert {"/signup", "/confirm/{token}", "/unsubscribe/{token}", "/u/{token:path}"} <= set(
        templates
    )
    with serving(publication, "--no-engine") as (_, data):
        base = urlsplit(newsroom.settings.base_url).netloc
        with httpx.Client(base_url=data["url"], headers=BROWSER) as web:
            for mail in mails(publication):
                assert links(mail)
            before = dump()
            looked = 0
            wanted = [path for template in templates for path in paths(template, written)]
            for mail in mails(publication):
                urls = (url for url in links(mail) if urlsplit(url).netloc == base)
                wanted += [urlsplit(url)._replace(scheme="", netloc="").geturl() for url in urls]
            for path in dict.fromkeys(wanted):
                for method in ("GET", "HEAD"):
                    answer = web.request(method, path)
                    assert answer.status_code < 500, (method, path)
                    looked += 1
            assert dump() == before
            assert looked > 2 * len(templates)
            # And the button does what the look did not.
            ann = newsroom.keys.sign("unsubscribe", written["ref"])
            assert (
                web.post(f"/unsubscribe/{ann}", data={"List-Unsubscribe": "One-Click"}).status_code
                == 200
            )
            assert dump() != before


def test_every_link_of_a_mail_is_ours_or_in_the_issue(written, newsroom, publication):
    """No pixel, and nothing of one reader but the links that are promised."""
    base = newsroom.settings.base_url
    pages = {"confirm", "unsubscribe", "preferences", "not-me", "signup", "archive", ""}
    kinds = set()
    for mail in mails(publication):
        for url in links(mail):
            if url.startswith(base):
                kind = urlsplit(url).path.lstrip("/").partition("/")[0]
                assert kind in pages, url
                kinds.add(kind)
    assert {"unsubscribe", "preferences"} <= kinds
