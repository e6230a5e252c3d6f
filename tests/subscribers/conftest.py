"""A list with a real server around it, and ways to look at every row."""

import hmac
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import inspect, text

from emag.web.pages import Pages
from subscribers import membership
from subscribers.anchor import Anchor
from subscribers.consent import Evidence
from subscribers.desk import ReaderDesk
from subscribers.tokens import Keys
from subscribers.web import Site, router

WORDING = "Yes, send me The Town Crier every Friday. I can leave with one click."
SECRET, TOKEN = "hook-secret-for-tests", "hook-token-for-tests"


@pytest.fixture
def keys() -> Keys:
    return Keys("a-secret-for-tests-only-0123456789abcdef")


@pytest.fixture
def anchor(database, keys, tmp_path) -> Anchor:
    """The anchor of the consent record, which follows every commit."""
    anchor = Anchor(tmp_path / "consent.anchor", keys)
    anchor.create(database.reading)
    anchor.follow(database.engine, database.after_commit)
    return anchor


@pytest.fixture
def desk(database, keys, clock, anchor) -> ReaderDesk:
    return ReaderDesk(
        transaction=database.transaction,
        reading=database.reading,
        scrub=database.scrub,
        keys=keys,
        anchor=anchor,
        now=clock,
        topics=("posts", "jobs", "events"),
    )


@pytest.fixture
def dump(database):
    """Every row of every table, to compare before and after."""

    def dump() -> dict[str, list[tuple]]:
        with database.reading() as conn:
            tables = inspect(conn).get_table_names()
            return {
                table: sorted(map(repr, conn.execute(text(f'SELECT * FROM "{table}"'))))
                for table in tables
            }

    return dump


class People:
    """Does what readers do, through the verbs."""

    def __init__(self, database, keys, clock) -> None:
        self.database, self.keys, self.now = database, keys, clock

    def ask(self, address, **more):
        evidence = Evidence("form", wording=WORDING, version="1", ip="198.51.100.7")
        with self.database.transaction() as conn:
            return membership.sign_up(
                conn, self.keys, address=address, evidence=evidence, now=self.now(), **more
            )

    def letters(self, kind="confirm"):
        with self.database.transaction() as conn:
            letters = membership.claim_letters(conn, limit=1_000, now=self.now())
            for letter in letters:
                membership.record_letter_sent(
                    conn, letter.id, message_id=f"<{letter.id}@test>", now=self.now()
                )
        return [letter for letter in letters if letter.kind == kind]

    def token(self, letter, purpose="confirm"):
        return self.keys.sign(purpose, letter.ref, expires=self.now() + timedelta(days=7))

    def press(self, token):
        with self.database.transaction() as conn:
            return membership.confirm(
                conn, self.keys, token, evidence=Evidence("link"), now=self.now()
            )

    def reader(self, address, **more) -> str:
        """Signs up and confirms; gives the reader's ref."""
        assert self.ask(address, **more).outcome == "asked"
        letter = self.letters()[-1]
        return self.press(self.token(letter)).ref

    def leave(self, address):
        with self.database.transaction() as conn:
            return membership.unsubscribe(
                conn, self.keys, address=address, evidence=Evidence("test"), now=self.now()
            )

    def number(self, address) -> int:
        with self.database.reading() as conn:
            return conn.execute(
                text("SELECT id FROM subscribers WHERE key = :k"), {"k": address.casefold()}
            ).scalar_one()

    def report(self, address, report):
        with self.database.transaction() as conn:
            return membership.record_report(
                conn, self.keys, self.number(address), report, detail="550", now=self.now()
            )

    def erase(self, address):
        with self.database.transaction() as conn:
            return membership.erase(
                conn, self.keys, address=address, evidence=Evidence("test"), now=self.now()
            )


@pytest.fixture
def people(database, keys, clock) -> People:
    return People(database, keys, clock)


@pytest.fixture
def nudges() -> list[int]:
    return []


@pytest.fixture
def site(database, keys, clock, nudges, settings) -> Site:
    return Site(
        storage=database,
        keys=keys,
        now=clock,
        page=Pages(settings),
        title="The Town Crier",
        wording=WORDING,
        wording_version="2026-03",
        base_url="http://127.0.0.1",
        topics=("posts", "jobs", "events"),
        privacy_url="https://crier.example.org/privacy",
        signup_secret=SECRET,
        signup_token=TOKEN,
        nudge=lambda: nudges.append(1),
    )


class Stage:
    """A real server on this machine, started once; each test puts its own pages on it."""

    def __init__(self, sock: socket.socket) -> None:
        self.address = f"http://127.0.0.1:{sock.getsockname()[1]}"
        self.pages = FastAPI()

    async def __call__(self, scope, receive, send) -> None:
        await self.pages(scope, receive, send)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    # Named as TCP, or asyncio leaves Nagle on and every answer waits 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.bind(("127.0.0.1", 0))
        stage = Stage(sock)
        server = uvicorn.Server(
            uvicorn.Config(stage, log_level="error", ws="none", lifespan="off", interface="asgi3")
        )
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        yield stage
        server.should_exit = True
        thread.join()


@pytest.fixture
def web(site, stage) -> Iterator[httpx.Client]:
    stage.pages = FastAPI()
    stage.pages.include_router(router(site))
    with httpx.Client(base_url=stage.address, timeout=20) as client:
        yield client


@pytest.fixture
def signed(clock):
    """The headers of a signed webhook request."""

    def signed(body: bytes, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
        stamp = str(int(clock().timestamp()) if at is None else at)
        mac = hmac.digest(secret.encode(), stamp.encode() + b"." + body, "sha256").hex()
        return {"X-Emag-Timestamp": stamp, "X-Emag-Signature": f"v1={mac}"}

    return signed


@pytest.fixture
def stamp():
    """The hidden field of a sign-up page."""

    def stamp(html: str) -> str:
        match = re.search(r'name="shown" value="([^"]+)"', html)
        assert match
        return match[1]

    return stamp
