"""A newsroom with one sent issue and three readers, served by a real uvicorn."""

import base64
import shutil
from dataclasses import dataclass

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from emag import bootstrap, instance
from emag.content.gather import gather
from emag.demo import hosting
from emag.desk import approve as desk
from emag.issues.draft import draft
from emag.mailing.sending import address, deliver
from emag.newsroom import Newsroom
from emag.settings import load
from emag.web import app as web
from subscribers import membership
from subscribers.consent import Evidence
from tests.conftest import SECRET

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
name = "desk"
kind = "folder"
path = "stories"
section = "posts"
[[sections]]
name = "posts"
title = "New on the blog"
"""
STORY = """---
title: {title}
link: https://crier.example.org/{slug}
date: 2026-03-04 10:00
---
A few words on {title}, with <b>markup</b> & an ampersand.
"""
WEBHOOK_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    WEBHOOK_KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()


@dataclass
class Press:
    """The newsroom and what the tests do with it."""

    newsroom: Newsroom
    nudges: list[str]

    def issue(self, *titles: str) -> int:
        """Stories into the folder, and through the whole line to sent."""
        room = self.newsroom
        stories = room.settings.folder / "stories"
        stories.mkdir(exist_ok=True)
        for title in titles:
            slug = title.lower().replace(" ", "-")
            text = STORY.format(title=title, slug=slug)
            (stories / f"{slug}.md").write_text(text)
        gather(room.database, room.sources, now=room.now())
        return draft(room.database, room.settings, now=room.now(), by="ann").number

    def send(self, number: int) -> dict[str, int]:
        room = self.newsroom
        desk.approve(room.database, room.settings, number, now=room.now(), by="Ann")
        address.address(room.database, number, now=room.now(), by="ann")
        return deliver.deliver(
            room.sender,
            number,
            settings=room.settings,
            keys=room.keys,
        )

    def reader(self, address: str) -> None:
        """Somebody who is on the list already."""
        room = self.newsroom
        evidence = Evidence("import", wording="They agreed on paper.")
        with room.database.transaction() as conn:
            membership.add_on_basis(
                conn, room.keys, address=address, name="", evidence=evidence, now=room.now()
            )

    def dump(self) -> list[str]:
        """Everything in the database, in order."""
        with self.newsroom.database.engine.connect() as conn:
            return list(conn.connection.driver_connection.iterdump())


def signed(body: bytes, *, stamp: str = "1772700000") -> dict[str, str]:
    """The headers that SendGrid would send with that body."""
    signature = WEBHOOK_KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "Content-Type": "application/json",
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
    }


ENVIRON = {
    "EMAG_SECRET_KEY": SECRET,
    "EMAG_SIGNUP_SECRET": "for-the-webhook-of-the-tests",
    "EMAG_SENDGRID_WEBHOOK_KEY": PUBLIC_KEY,
    "EMAG_BASE_URL": "http://127.0.0.1:8400",
}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A publication with an empty database: migrated once, copied for every test."""
    folder = tmp_path_factory.mktemp("migrated") / "publication"
    folder.mkdir()
    (folder / "emag.toml").write_text(TOML)
    database = bootstrap.connect(load(folder, ENVIRON))
    bootstrap.upgrade(database)
    database.close()
    return folder


@pytest.fixture
def press(migrated, tmp_path, clock):
    folder = tmp_path / "publication"
    shutil.copytree(migrated, folder)
    newsroom = bootstrap.open_newsroom(folder, now=clock, environ=ENVIRON)
    instance.release(newsroom.database)  # a copy would not send
    yield Press(newsroom, [])
    newsroom.transport.close()
    newsroom.database.close()


@pytest.fixture
def client(press):
    """Speaks to the app over a real socket; follows no redirect by itself."""
    app = web.create(press.newsroom, nudge=lambda: press.nudges.append("nudge"))
    with (
        hosting.listen(0) as listener,
        hosting.serving(app, listener) as base,
        httpx.Client(base_url=base, timeout=10) as client,
    ):
        yield client
