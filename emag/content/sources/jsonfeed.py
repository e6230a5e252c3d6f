"""Reads JSON Feed into entries; feedparser does not know it."""

import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from emag.content.prose import byline
from emag.content.sources.entry import EntryText, Feed, FeedEntry, read_each, unreadable
from emag.content.sources.fetch import FetchedPage
from emag.content.story import Picture
from emag.content.when.stamp import moment
from emag.errors import SourceError

MOST_ENTRIES = 500
LONGEST_NUMBER = 30  # digits; Python refuses to read several thousand


def is_json(page: FetchedPage) -> bool:
    """True for a page that starts like JSON: many servers name the wrong type."""
    start = page.body.replace(b"\0", b"")[:100].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith((b"{", b"["))


def load(page: FetchedPage) -> Any:
    """Reads any JSON document. Raises SourceError."""
    try:
        return loads(page.body)
    except (ValueError, RecursionError):
        raise SourceError("what is served there starts like JSON, but is none") from None


def loads(text: bytes) -> Any:
    """Reads JSON. A number that is too long or none, such as NaN, becomes None."""
    return json.loads(text, parse_int=_integer, parse_float=_real, parse_constant=lambda _: None)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= LONGEST_NUMBER else None


def _real(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def read(page: FetchedPage) -> Feed:
    """https://www.jsonfeed.org/version/1.1/. Raises SourceError for other JSON."""
    document = load(page)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise SourceError("what is served there is JSON, but no JSON Feed; check the address")
    entries = read_each(items[:MOST_ENTRIES], partial(_entry, document=document, page=page))
    return Feed(text(document, "title"), tuple(entries))


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def text(item: Mapping[str, Any], name: str) -> str:
    """A field as text; empty where it is missing or something else."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _entry(item: Any, document: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    if not is_object(item):
        raise unreadable()
    identity = _identity(item)
    links = [text(item, "url"), text(item, "external_url")]
    if identity.lower().startswith(("http://", "https://")):
        links.append(identity)
    files = [text(file, "url") for file in _files(item)]
    language = text(item, "language") or text(document, "language")
    return FeedEntry(
        links=tuple(link for link in (*links, *files) if link),
        base=text(document, "home_page_url") or page.url,
        guid=identity,
        title=EntryText(text(item, "title")),
        summary=EntryText(text(item, "summary")),
        body=_body(item),
        published=moment(text(item, "date_published")) or moment(text(item, "date_modified")),
        author=_authors(item, language) or _authors(document, language),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        pictures=tuple(_pictures(item)),
    )


def _identity(item: Mapping[str, Any]) -> str:
    """The id as text: one that is a number counts as its digits."""
    value = item.get("id")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else text(item, "id")


def _body(item: Mapping[str, Any]) -> EntryText:
    if markup := text(item, "content_html"):
        return EntryText(markup, is_html=True)
    return EntryText(text(item, "content_text"))


def _authors(item: Mapping[str, Any], language: str) -> str:
    """Version 1.1 has a list, 1.0 one object."""
    people = (author for author in (*_list(item, "authors"), item.get("author")) if author)
    names = [text(author, "name") for author in people if is_object(author)]
    return byline.joined(names, language=language) or next(filter(None, names), "")


def _pictures(item: Mapping[str, Any]) -> list[Picture]:
    pictures = [Picture(text(item, name)) for name in ("image", "banner_image") if text(item, name)]
    images = (file for file in _files(item) if text(file, "mime_type").startswith("image/"))
    return [*pictures, *(Picture(text(file, "url"), text(file, "title")) for file in images)]


def _files(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [file for file in _list(item, "attachments") if is_object(file)]


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []
