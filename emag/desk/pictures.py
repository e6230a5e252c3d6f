"""Fetches the pictures of what is or may be printed next, before anything is printed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from emag.content.pictures import fetching, picture_store
from emag.content.pictures.fetching import WITHIN, PictureCount
from emag.content.pictures.picture import (
    PictureFetcher,
    PictureForm,
    StoredPicture,
    Use,
    WantedPicture,
    path,
    without_focus,
)
from emag.content.story import Story
from emag.database import Database
from emag.issues import booking, store
from emag.issues.choice import considered
from emag.issues.illustrations import candidates, chosen, of_stories
from emag.issues.issue import UNSENT
from emag.settings import Settings

SOON = timedelta(seconds=30)  # for what an editor waits for
AT_APPROVAL = timedelta(seconds=10)  # for crops that the document is to show
_ROUNDS = 3  # a picture that is not fit gives way to the next one of its story
_MOST_STORIES = 60  # of the pool, the newest


def fetch(
    database: Database,
    settings: Settings,
    fetcher: PictureFetcher | None,
    *,
    now: datetime,
    within: timedelta = WITHIN,
    is_urgent: bool = False,
    with_pool: bool = True,
) -> PictureCount:
    """Fetches what issues, promos and the newest stories of the pool have no picture of yet.

    Where readers load pictures at their sources, they are only measured.
    With `is_urgent` one that failed is tried again at once, and with the pool those that are there
    are asked for again, too. Never raises for a picture.
    """
    if fetcher is None:
        return PictureCount()
    fetched = failed = 0
    again = fetching.AGAIN_SOON if is_urgent and with_pool else fetching.AGAIN
    for _ in range(_ROUNDS):
        with database.reading() as conn:
            wanted = _wanted(conn, settings, with_pool=with_pool)
        count = fetching.provide(
            database,
            fetcher,
            wanted,
            now=now,
            within=within / _ROUNDS,
            is_urgent=is_urgent,
            again=again,
        )
        fetched, failed = fetched + count.fetched, failed + count.failed
        if not count.fetched and not count.failed:
            break
        is_urgent = False  # once is enough
    return PictureCount(fetched, failed)


def fetch_soon(
    database: Database, settings: Settings, fetcher: PictureFetcher | None, *, now: datetime
) -> PictureCount:
    """Fetches what issues and promos have no picture of yet, for an editor who waits."""
    urgent = {"is_urgent": True, "with_pool": False}
    return fetch(database, settings, fetcher, now=now, within=SOON, **urgent)


def cut_crops(
    database: Database, fetcher: PictureFetcher | None, which: int | str, *, now: datetime
) -> None:
    """Cuts the crops of an issue that editors asked for a moment ago. Never raises for one."""
    if fetcher is None:
        return
    with database.reading() as conn:
        stories = [pick.story for pick in store.get(conn, which).picks]
        asked_for = [
            WantedPicture(picture.url, Use.STORY)
            for picture in filter(None, (story.picture for story in stories))
            if without_focus(picture.url) != picture.url
        ]
        states = picture_store.states(conn, asked_for)
    uncut = [crop for crop in asked_for if crop not in states]
    fetching.provide(database, fetcher, uncut, now=now, within=AT_APPROVAL, is_urgent=True)


def thumbnails(database: Database, stories: Sequence[Story]) -> dict[str, str]:
    """The paths of the stories' pictures in their small form, by the stories' links."""
    pictures_ = [picture for story in stories for picture in candidates(story)]
    with database.reading() as conn:
        stored = of_stories(conn, pictures_)
    paths = {}
    for story in stories:
        best = chosen(story, stored).picture
        copy = stored.get(best.url) if best else None
        if copy and copy.is_fit:
            paths[story.link] = path(copy, PictureForm.SMALL)
    return paths


def _wanted(conn: Connection, settings: Settings, *, with_pool: bool) -> list[WantedPicture]:
    stories = [*_of_issues(conn), *(_of_pool(conn) if with_pool else ())]
    use = Use.STORY if settings.pictures.host == "emag" else Use.MEASURE
    shown_pictures = [picture for story in stories for picture in candidates(story)]
    states = picture_store.states(conn, [_as(use, picture.url) for picture in shown_pictures])
    stored = {wanted.url: state.picture for wanted, state in states.items()}
    of_stories = [_as(use, url) for story in stories for url in _until_fit(story, stored, use)]
    return [*_of_publication(conn, settings), *of_stories]


def _as(use: Use, url: str) -> WantedPicture:
    """The picture for this use. One that is only measured is not cropped."""
    return WantedPicture(without_focus(url) if use is Use.MEASURE else url, use)


def _of_publication(conn: Connection, settings: Settings) -> Iterator[WantedPicture]:
    """The logo, and the pictures of promos."""
    is_host = settings.pictures.host == "emag"
    if is_host:
        for logo in filter(None, (settings.theme.logo, settings.theme.logo_dark)):
            yield WantedPicture(logo, Use.LOGO)
    for listed in booking.listing(conn):
        if listed.promo.picture and not listed.is_removed:
            yield _as(Use.PROMO if is_host else Use.MEASURE, listed.promo.picture)


def _of_issues(conn: Connection) -> Iterator[Story]:
    """The stories of unsent issues, in the editors' words."""
    for issue in store.listing(conn, *UNSENT):
        for pick in store.get(conn, issue.number).picks:
            yield pick.story


def _of_pool(conn: Connection) -> Iterable[Story]:
    """The newest stories that may get into an issue."""
    newest = [c.story for c in considered(conn) if not c.from_archive][-_MOST_STORIES:]
    return reversed(newest)


def _until_fit(story: Story, stored: Mapping[str, StoredPicture], use: Use) -> Iterable[str]:
    """The pictures of a story up to the first that is fit, or that has not been tried."""
    for picture in candidates(story):
        yield picture.url
        facts = stored.get(_as(use, picture.url).url)
        if facts is None or facts.is_fit:
            break
