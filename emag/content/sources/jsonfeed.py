"""JSON Feed, read into entries; feedparser does not know it."""

import json
from collections.abc import Mapping
from typing import Any

from emag.content.sources.entry import Entry, Feed, Words, moment
from emag.content.sources.fetch import Page
from emag.content.story import Picture
from emag.errors import SourceError

MOST_ENTRIES = 500


def is_json(page: Page) -> bool:
    """By what it starts with: many servers name the wrong type."""
    start = page.body.replace(b"\0", b"")[:100].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith((b"{", b"["))


def load(page: Page) -> Any:
    """Any JSON document, as read. Raises SourceError."""
    try:
        return json.loads(page.body)
    except (ValueError, RecursionError):
        raise SourceError("what is served there starts like JSON, but is none") from None


def read(page: Page) -> Feed:
    """https://www.jsonfeed.org/version/1.1/. Raises SourceError for other JSON."""
    document = load(page)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise SourceError("what is served there is JSON, but no JSON Feed; check the address")
    entries = [_entry(item, document, page) for item in items[:MOST_ENTRIES] if is_object(item)]
    return Feed(text(document, "title"), tuple(entries))


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def text(item: Mapping[str, Any], name: str) -> str:
    """A field as text; empty where it is missing or something else."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _entry(item: Mapping[str, Any], document: Mapping[str, Any], page: Page) -> Entry:
    identity = text(item, "id")
    links = [text(item, "url"), text(item, "external_url")]
    if identity.lower().startswith(("http://", "https://")):
        links.append(identity)
    return Entry(
        links=tuple(link for link in links if link),
        base=text(document, "home_page_url") or page.url,
        title=Words(text(item, "title")),
        summary=Words(text(item, "summary")),
        body=_body(item),
        published=moment(text(item, "date_published")) or moment(text(item, "date_modified")),
        author=_author(item) or _author(document),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        pictures=tuple(_pictures(item)),
    )


def _body(item: Mapping[str, Any]) -> Words:
    if markup := text(item, "content_html"):
        return Words(markup, is_html=True)
    return Words(text(item, "content_text"))


def _author(item: Mapping[str, Any]) -> str:
    """Version 1.1 has a list, 1.0 one object."""
    for author in (*_list(item, "authors"), item.get("author")):
        if isinstance(author, dict) and (name := text(author, "name")):
            return name
    return ""


def _pictures(item: Mapping[str, Any]) -> list[Picture]:
    found = [Picture(text(item, name)) for name in ("image", "banner_image") if text(item, name)]
    files = (file for file in _list(item, "attachments") if is_object(file))
    images = (file for file in files if text(file, "mime_type").startswith("image/"))
    return [*found, *(Picture(text(file, "url"), text(file, "title")) for file in images)]


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []
