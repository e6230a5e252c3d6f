"""Finds out which format a page has, and reads its entries: one way in for every format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import islice
from typing import Any

from emag.content.sources import boards, jsonfeed, listing, sitemap, syndication, wordpress
from emag.content.sources.entry import Feed
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.linked_data import documents, is_of_type, objects
from emag.content.sources.schema_article import is_article
from emag.content.sources.schema_event import is_event
from emag.errors import SourceError

LOOKED_AT = 50  # objects of a JSON document


class FormatName(StrEnum):
    """The formats of posts and vacancies, by the names that the settings have for them."""

    FEED = "feed"
    JSON_FEED = "json-feed"
    WORDPRESS = "wordpress"
    GREENHOUSE = "greenhouse"
    LEVER = "lever"
    SCHEMA = "schema.org"
    SITEMAP = "sitemap"


Fetch = Callable[[str], FetchedPage]
_BOARDS = {FormatName.GREENHOUSE, FormatName.LEVER}


def read(page: FetchedPage, *, wanted: str, vacancies: bool, fetch: Fetch) -> Feed:
    """The entries of a page in the format that is wanted, or else in the one that it has.

    With `vacancies`, only those count. `fetch` gets the parts of a list of sitemaps. Raises
    SourceError.
    """
    is_json = jsonfeed.is_json(page)
    document = jsonfeed.load(page) if is_json and not _is_json_feed(page) else None
    if document == [] and not wanted:
        raise SourceError("an empty list is served there; if that is right, write its format")
    name = FormatName(wanted) if wanted else _detected(page, document, is_json=is_json)
    if not vacancies and name in _BOARDS:
        raise SourceError("vacancies are served there; write kind = “jobs” for this source")
    return replace(_read(name, page, document, vacancies=vacancies, fetch=fetch), format=name)


def _read(
    name: FormatName, page: FetchedPage, document: Any, *, vacancies: bool, fetch: Fetch
) -> Feed:
    is_json = jsonfeed.is_json(page)
    if name is FormatName.SITEMAP:
        return _sitemap(page, fetch, vacancies=vacancies)
    if name is FormatName.SCHEMA:
        return _described(page, [document] if is_json else documents(page.body), vacancies)
    if name is FormatName.FEED:
        return syndication.read(page)
    if name is FormatName.JSON_FEED or not is_json:
        return jsonfeed.read(page)
    if name is FormatName.WORDPRESS:
        return _of_its_kind(wordpress.read(document, page), document, "posts of WordPress")
    return _of_its_kind(boards.read(document, page), document, f"a board of {name.title()}")


def _is_json_feed(page: FetchedPage) -> bool:
    return b"jsonfeed.org/version/" in page.body[:500].replace(b"\\/", b"/")


def _detected(page: FetchedPage, document: Any, *, is_json: bool) -> FormatName:
    """The format, by what the address answers."""
    if is_json:
        return FormatName.JSON_FEED if document is None else _of_json(document)
    if sitemap.is_sitemap(page):
        return FormatName.SITEMAP
    return FormatName.SCHEMA if syndication.is_web_page(page) else FormatName.FEED


def _of_json(document: Any) -> FormatName:
    nodes = list(islice(objects(document), LOOKED_AT))
    for node in nodes:
        if name := boards.named(node):
            return FormatName(name)
        if is_of_type(node, "ItemList", "Blog", "CollectionPage") or is_article(node):
            return FormatName.SCHEMA
        if is_event(node):
            return FormatName.SCHEMA
        if wordpress.is_post(node):
            return FormatName.WORDPRESS
    is_board = isinstance(document, dict) and isinstance(document.get("jobs"), list)
    return FormatName.GREENHOUSE if is_board else FormatName.JSON_FEED


def _described(page: FetchedPage, described: Sequence[Any], vacancies: bool) -> Feed:
    feed = listing.read(described, page, vacancies=vacancies)
    if feed is not None:
        return feed
    if not jsonfeed.is_json(page):
        syndication.read(page)  # it says why a web page is no feed, and which feed it names
    raise SourceError("what is served there describes no stories; check the address")


def _of_its_kind(feed: Feed, document: Any, name: str) -> Feed:
    """An empty board is no fault; anything else in its place is."""
    is_empty = document == [] or (isinstance(document, dict) and document.get("jobs") == [])
    if not feed.entries and not is_empty:
        raise SourceError(f"what is served there is JSON, but not {name}; check the address")
    return feed


def _sitemap(page: FetchedPage, fetch: Fetch, *, vacancies: bool) -> Feed:
    parts = sitemap.parts(page)
    feed = sitemap.joined(_parts(parts, fetch)) if parts else sitemap.read(page)
    if vacancies:  # the title of a page says too little of a vacancy
        news = [link for entry in feed.entries for link in getattr(entry, "links", ())]
        addresses = (*news, *feed.links.addresses)[: sitemap.MOST_LINKS]
        return Feed("", (), links=replace(feed.links, addresses=addresses, are_jobs=True))
    return replace(feed, is_index=bool(parts))


def _parts(addresses: Sequence[str], fetch: Fetch) -> Iterator[Feed]:
    """Each part by itself. Raises SourceError where none can be read."""
    failures: list[SourceError] = []
    for address in addresses:
        try:
            yield sitemap.read(fetch(address))
        except SourceError as error:
            failures.append(error)
    if len(failures) == len(addresses):
        raise failures[0]
