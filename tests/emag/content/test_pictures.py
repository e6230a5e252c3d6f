"""Which pictures are fetched when, what is kept of them, and what is erased."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emag.content.pictures import fetching, picture_store
from emag.content.pictures.picture import (
    FetchedPicture,
    PictureFile,
    PictureForm,
    PictureMemory,
    StoredPicture,
    Use,
    WantedPicture,
    files_in,
    focus,
    path,
    size_in,
)

GREEN = WantedPicture("https://tide.example/green.jpg", Use.STORY)
ABSENT = WantedPicture("https://tide.example/gone.jpg", Use.STORY)
HASH = "0123456789abcdef" * 2


class Shelf:
    """A fetcher with pictures on a shelf. `requested` names all that were asked for."""

    def __init__(self) -> None:
        self.shelf = {GREEN.url}
        self.requested: list[str] = []
        self.hash = HASH

    def fetch(self, wanted, *, within, memories):
        self.requested += [picture.url for picture in wanted]
        return [self._one(picture, memories.get(picture)) for picture in wanted]

    def _one(self, wanted, memory):
        if wanted.url not in self.shelf:
            return FetchedPicture(StoredPicture(wanted.url, wanted.use, reason="not there (404)"))
        stored = StoredPicture(wanted.url, wanted.use, self.hash, 900, 600, "jpg")
        if memory and memory.etag == self.hash:
            return FetchedPicture(stored, memory=memory, is_unchanged=True)
        names = ("lead.jpg", "lead@2x.jpg", "small.jpg", "small@2x.jpg")
        files = tuple(PictureFile(name, b"\xff\xd8") for name in names)
        return FetchedPicture(stored, files, PictureMemory(self.hash))


@pytest.fixture
def shelf():
    return Shelf()


def test_a_picture_is_fetched_once_and_a_missing_one_again_later(database, clock, shelf):
    def provide(**options):
        count = fetching.provide(database, shelf, [GREEN, ABSENT], now=clock(), **options)
        return count.fetched, count.failed

    assert provide() == (1, 1)
    assert provide() == (0, 0)
    clock.forward(minutes=1)
    assert provide(is_urgent=True) == (0, 1)
    clock.forward(minutes=12)
    assert provide() == (0, 0)  # it failed twice: the pause has grown
    clock.forward(minutes=12)
    shelf.shelf.add(ABSENT.url)
    assert provide() == (1, 0)
    assert shelf.requested.count(GREEN.url) == 1


def test_a_picture_that_vanishes_at_its_source_stays(database, clock, shelf):
    fetching.provide(database, shelf, [GREEN], now=clock())
    shelf.shelf.clear()
    clock.forward(days=30)
    fetching.provide(database, shelf, [GREEN], now=clock())
    assert fetching.find(database, HASH, "lead@2x.jpg").content == b"\xff\xd8"


def test_a_picture_that_changes_under_its_address_is_fetched_again_once_a_day(
    database, clock, shelf
):
    def provide(**options):
        count = fetching.provide(database, shelf, [GREEN], now=clock(), **options)
        return count.fetched, count.failed, len(shelf.requested)

    def stored():
        with database.reading() as conn:
            state = picture_store.states(conn, [GREEN])[GREEN]
        return state.picture.hash, state.memory.etag, state.failures

    assert provide() == (1, 0, 1)
    shelf.hash = "f" * 32
    clock.forward(hours=23)
    assert provide() == (0, 0, 1)
    assert provide(again=fetching.AGAIN_SOON) == (1, 0, 2)
    assert stored() == ("f" * 32, "f" * 32, 0)
    clock.forward(hours=25)
    assert provide() == (0, 0, 3)  # unchanged
    clock.forward(hours=25)
    shelf.shelf.clear()
    assert provide() == (0, 1, 4)
    assert provide() == (0, 0, 4)
    assert stored() == ("f" * 32, "f" * 32, 0)


def test_what_no_story_asks_for_is_erased_but_for_what_an_issue_shows(database, clock, shelf):
    fetching.provide(database, shelf, [GREEN, ABSENT], now=clock())
    html = f'<img src="https://mail.example/pictures/{HASH}/small@2x.jpg">'
    with database.transaction() as conn:
        picture_store.mark_printed(conn, files_in(html))
    clock.forward(days=59)
    assert fetching.forget(database, now=clock()) == 0
    fetching.provide(database, shelf, [ABSENT], now=clock())  # this one is still requested for
    clock.forward(days=2)
    assert fetching.forget(database, now=clock()) == 3
    assert fetching.find(database, HASH, "small@2x.jpg")
    assert fetching.find(database, HASH, "lead@2x.jpg") is None
    with database.reading() as conn:
        assert set(picture_store.states(conn, [GREEN, ABSENT])) == {ABSENT}


def test_an_address_of_any_length_is_kept(database, clock, shelf):
    long = replace(GREEN, url="https://tide.example/" + "ŵ" * 1900)
    shelf.shelf.add(long.url)
    fetching.provide(database, shelf, [long], now=clock())
    with database.reading() as conn:
        assert picture_store.states(conn, [long])[long].picture.hash == HASH


def test_crops_have_one_ratio_and_are_never_enlarged():
    assert size_in(PictureForm.LEAD, 4000, 3000) == (600, 400)
    assert size_in(PictureForm.LEAD, 4000, 3000, density=2) == (1200, 800)
    assert size_in(PictureForm.LEAD, 300, 900) == (300, 200)
    assert size_in(PictureForm.SMALL, 900, 90) == (120, 90)
    assert size_in(PictureForm.WHOLE, 960, 96) == (480, 48)
    assert size_in(PictureForm.WHOLE, 100, 1000) == (40, 400)


def test_a_focus_is_written_behind_the_address():
    assert focus("https://tide.example/a.jpg#focus=30,100") == (0.3, 1.0)
    assert focus("https://tide.example/a.jpg#focus=999,0") == (1.0, 0.0)
    assert focus("https://tide.example/a.jpg#top") == (0.5, 0.5)


def test_the_files_of_a_page_are_found_by_their_addresses():
    stored = StoredPicture("https://tide.example/a.jpg", Use.STORY, HASH, 900, 600, "jpg")
    address = f"https://mail.example{path(stored, PictureForm.LEAD, density=2)}"
    assert files_in(f'<img src="{address}"> <img src="x">') == {(HASH, "lead@2x.jpg")}


def test_a_year_of_pictures_is_forgotten_in_time(database, clock, shelf):
    assert fetching.forget(database, now=clock() + timedelta(days=365)) == 0
