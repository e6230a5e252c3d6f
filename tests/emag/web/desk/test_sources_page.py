"""The page “Sources”: what each gave, what is wrong, and trying one without storing anything."""

import re
from dataclasses import dataclass

import pytest

from emag.content.gather import gather
from emag.content.sources import Memory, Reading
from emag.content.story import Kind, Story
from emag.desk import records
from emag.errors import NotFound
from tests import chromium


@dataclass(frozen=True)
class Unchanging:
    """A source that shows one story for ever."""

    story: Story
    name: str = "desk"
    section: str = "posts"

    def read(self, _memory: Memory) -> Reading:
        return Reading((self.story,), entries=1)


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_source_that_was_never_read(desk):
    page = text(desk.signed_in().get("/desk/sources"))
    assert "desk Not read yet" in page
    assert "Folder · stories" in page


def test_reading_all_stores_the_stories_and_says_what_came(desk):
    folder = desk.press.newsroom.settings.folder / "stories"
    folder.mkdir()
    (folder / "one.md").write_text("---\ntitle: One\nlink: https://a.example/1\n---\nText.")
    (folder / "two.md").write_text("nothing")
    client = desk.signed_in()
    page = text(client.post("/desk/sources/read"))
    assert "All sources are read. New stories: 1." in page
    assert "desk Works" in page
    assert "2 entries: 1 new, 0 changed" in page
    assert "1 fault at the last read" in page
    assert "1 entry was left out: 1 has a fault in its file." in page
    assert "two.md: it needs front matter" in page
    assert "One" in client.get("/desk/pool").text


def test_a_source_that_fails_says_why(desk):
    client = desk.signed_in()
    page = text(client.post("/desk/sources/read"))
    assert "Could not be read: desk." in page
    assert "desk Failed" in page
    assert "cannot be read; check its path" in page


def test_a_source_that_dries_up(desk, clock):
    room = desk.press.newsroom
    story = Story("desk", Kind.POST, "https://a.example/1", "A new bridge")
    desk.signed_in()
    gather(room.database, [Unchanging(story)], now=clock())
    client = desk.client(desk.token("ann@example.org"))
    assert "Nothing new since" not in text(client.get("/desk/sources"))
    gather(room.database, [Unchanging(story)], now=clock.forward(days=15))
    client = desk.client(desk.token("ann@example.org"))
    page = text(client.get("/desk/sources"))
    assert "desk Dry" in page
    assert "Nothing new since 5 March 2026" in page
    assert "desk : Nothing new since 5 March 2026" in text(client.get("/desk"))


def test_trying_one_stores_nothing(desk):
    folder = desk.press.newsroom.settings.folder / "stories"
    folder.mkdir()
    (folder / "one.md").write_text("---\ntitle: One <b>\nlink: https://a.example/1\n---\nText.")
    (folder / "two.md").write_text("nothing")
    (folder / "three.md").write_text("nothing")
    client = desk.signed_in()
    client.get("/desk")
    before = desk.press.dump()
    answer = client.post("/desk/sources/desk/try")
    page = text(answer)
    assert answer.status_code == 200
    assert "What “desk” gives now" in page
    assert "One &lt;b&gt;" in answer.text
    assert "Entries 2 entries were left out: 2 have a fault in their files" in page
    assert "two.md: it needs front matter" in page
    assert desk.press.dump() == before
    assert client.post("/desk/sources/nowhere/try").status_code == 404


def test_a_viewer_reads_and_presses_nothing(desk):
    client = desk.signed_in("Vic <vic@example.org>", "viewer")
    page = client.get("/desk/sources")
    assert page.status_code == 200
    assert "Try it now" not in page.text
    assert client.post("/desk/sources/read").status_code == 403
    assert client.post("/desk/sources/desk/try").status_code == 403
    with pytest.raises(NotFound):
        records.issue(desk.press.newsroom.database, "next")


@pytest.mark.browser
def test_in_a_browser(desk, browser):
    desk.press.issue("A new bridge")
    token = desk.token(desk.invite())
    for width in (320, 1280):
        context = desk.context(browser, token, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.goto("/desk/sources")
        assert chromium.audit(page) == []
        assert chromium.faults(page) == []
        page.get_by_role("button", name="Try it now").click()
        page.get_by_role("heading", name="What “desk” gives now").wait_for()
        assert chromium.audit(page) == []
        assert chromium.faults(page) == []
        context.close()
