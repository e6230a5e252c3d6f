"""Reads JSON Feed into entries; feedparser does not know it."""

import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from emag.content.sources.entry import EntryText, Feed, FeedEntry, read_each
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
    objects = [item for item in items[:MOST_ENTRIES] if is_object(item)]
    entries = read_each(objects, partial(_entry, document=document, page=page))
    return Feed(text(document, "title"), tuple(entries))


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def text(item: Mapping[str, Any], name: str) -> str:
    """A field as text; empty where it is missing or something else."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _entry(item: Mapping[str, Any], document: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    identity = text(item, "id")
    links = [text(item, "url"), text(item, "external_url")]
    if identity.lower().startswith(("http://", "https://")):
        links.append(identity)
    return FeedEntry(
        links=tuple(link for link in links if link),
        base=text(document, "home_page_url") or page.url,
        guid=identity,
        title=EntryText(text(item, "title")),
        summary=EntryText(text(item, "summary")),
        body=_body(item),
        published=moment(text(item, "date_published")) or moment(text(item, "date_modified")),
        author=_author(item) or _author(document),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        pictures=tuple(_pictures(item)),
    )


def _body(item: Mapping[str, Any]) -> EntryText:
    if markup := text(item, "content_html"):
        return EntryText(markup, is_html=True)
    return EntryText(text(item, "content_text"))


def _author(item: Mapping[str, Any]) -> str:
    """Version 1.1 has a list, 1.0 one object."""
    for author in (*_list(item, "authors"), item.get("author")):
        if isinstance(author, dict) and (name := text(author, "name")):
            return name
    return ""


def _pictures(item: Mapping[str, Any]) -> list[Picture]:
    pictures = [Picture(text(item, name)) for name in ("image", "banner_image") if text(item, name)]
    files = (file for file in _list(item, "attachments") if is_object(file))
    images = (file for file in files if text(file, "mime_type").startswith("image/"))
    return [*pictures, *(Picture(text(file, "url"), text(file, "title")) for file in images)]


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []
