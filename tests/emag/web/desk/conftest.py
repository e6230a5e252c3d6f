"""The desk of a publication with two editors, served by a real uvicorn, and browsers for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from emag.demo import hosting
from emag.editors import people, sessions
from emag.editors.session import OpenedBy
from emag.web import app as web
from tests import chromium
from tests.emag.web.conftest import ENVIRON, Press

ALL = ("editor", "approver", "operator")


@dataclass
class Desk:
    """The desk as tests use it: people with a role each, signed in as they need."""

    press: Press
    base: str
    clients: list[httpx.Client] = field(default_factory=list)

    def invite(self, mailbox: str = "Ann <ann@example.org>", *roles: str) -> str:
        """Makes somebody an editor, and returns their address."""
        room = self.press.newsroom
        editor = people.invite(
            room.database, room.settings, mailbox, roles or ALL, now=room.now(), by="Olga"
        )
        return editor.address

    def token(self, address: str, opened_by: OpenedBy = OpenedBy.PASSKEY) -> str:
        room = self.press.newsroom
        return sessions.open_session(room.database, address, opened_by, now=room.now())

    def client(self, token: str = "") -> httpx.Client:
        """A browser's stand-in: it says that its forms are the desk's own. Follows redirects."""
        client = httpx.Client(
            base_url=self.base,
            timeout=20,
            follow_redirects=True,
            headers={"Sec-Fetch-Site": "same-origin"},
            cookies={"emag": token} if token else None,
        )
        self.clients.append(client)
        return client

    def signed_in(
        self,
        mailbox: str = "Ann <ann@example.org>",
        *roles: str,
        opened_by: OpenedBy = OpenedBy.PASSKEY,
    ) -> httpx.Client:
        """Invites somebody and signs them in."""
        return self.client(self.token(self.invite(mailbox, *roles), opened_by))

    def context(self, browser, token: str = "", **options):
        """A browser's context with that session."""
        context = browser.new_context(base_url=self.base, **options)
        if token:
            context.add_cookies([{"name": "emag", "value": token, "url": self.base}])
        return context


@pytest.fixture
def desk(press) -> Iterator[Desk]:
    app = web.create(press.newsroom, nudge=lambda: press.nudges.append("nudge"))
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        desk = Desk(press, base)
        yield desk
        for client in desk.clients:
            client.close()


class WatchedBrowser:
    """A browser that remembers every breach of a page's policy, in all its contexts."""

    def __init__(self, browser) -> None:
        self._browser = browser
        self.breaches: list[str] = []

    def __getattr__(self, name: str):
        return getattr(self._browser, name)

    def new_context(self, **options):
        return self._watched(self._browser.new_context(**options))

    def new_page(self, **options):
        return self._watched(self._browser.new_page(**options))

    def _watched(self, pages):
        pages.on("console", lambda message: self._note(message.text))
        return pages

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.breaches.append(text)


@pytest.fixture(scope="session")
def one_browser():
    with chromium.started() as browser:
        yield WatchedBrowser(browser)


@pytest.fixture
def browser(one_browser):
    """The browser of all tests. A breach of a page's policy fails the test that caused it."""
    yield one_browser
    breaches = list(one_browser.breaches)
    one_browser.breaches.clear()
    assert breaches == []


assert ENVIRON["EMAG_BASE_URL"].startswith("http://"), "the cookie's name follows from this"
