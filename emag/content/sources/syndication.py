"""Reads RSS and Atom, of every version and in every state of repair, into entries."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from emag.content.prose import byline
from emag.content.sources import atom, clean, parser
from emag.content.sources.entry import EntryText, Feed, FeedEntry, read_each, unreadable
from emag.content.sources.event_fields import BARE, event_fields
from emag.content.sources.fetch import FetchedPage
from emag.content.story import Picture
from emag.content.when.stamp import moment
from emag.errors import SourceError

MOST_ENTRIES = 500
MOST_PREFIXES = 50
_COMMENT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_]")
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_FEED_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_ALTERNATE = re.compile(
    rb"<link\b[^>]*type=[\"']application/(?:rss|atom|feed)\+(?:xml|json)[\"'][^>]*>", re.IGNORECASE
)
_HREF = re.compile(rb"href=[\"']([^\"']{1,500})[\"']", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_PODCASTS = "http://www.itunes.com/"  # how feedparser marks what stands in `itunes:keywords`
_HTML_TYPES = {"text/html", "application/xhtml+xml"}


def read(page: FetchedPage) -> Feed:
    """Reads a page. Raises SourceError for no feed, half a feed or one that declares entities."""
    plain = page.body.replace(b"\0", b"")  # UTF-16 and UTF-32 in ASCII's range
    _refuse(plain, page)
    try:
        return _feed(parser.parse(page.body, content_type=page.content_type), page)
    except SourceError:
        raise
    except Exception as error:  # hostile bytes fail in many ways
        raise SourceError("what is served there cannot be read as a feed") from error


@dataclass(frozen=True, slots=True)
class _Channel:
    """What a feed says for all its entries. Their addresses are relative to `base`."""

    base: str
    prefixes: tuple[str, ...]
    is_atom: bool
    author: str
    language: str


def _feed(parsed: Any, page: FetchedPage) -> Feed:
    # Illegal nesting leaves entries behind that hold nothing at all.
    filled = [entry for entry in parsed.entries if any(dict.values(entry))]
    title = _text_of(parsed.feed, "title").plain(limit=clean.LONGEST_TITLE)
    read_entry = partial(_entry, channel=_channel(parsed, page, title))
    return Feed(
        title=title,
        entries=tuple(read_each(filled[:MOST_ENTRIES], read_entry)),
    )


def is_web_page(page: FetchedPage) -> bool:
    """True for what begins like HTML, and for what is served as HTML and is no feed."""
    beginning = start(page.body[:20_000].replace(b"\0", b""))
    is_served_so = page.content_type.partition(";")[0].strip().lower() in _HTML_TYPES
    return bool(_WEB_PAGE.match(beginning)) or (
        is_served_so and beginning.startswith(b"<") and not _FEED_ROOT.search(page.body)
    )


def start(plain: bytes) -> bytes:
    """The start of a page, without comments and marks of its encoding."""
    return _COMMENT.sub(b"", plain[:20_000]).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _channel(parsed: Any, page: FetchedPage, title: str) -> _Channel:
    """An Atom feed's authors are those of its entries, too (RFC 4287, section 4.2.1)."""
    is_atom = str(parsed.get("version", "")).startswith("atom")
    home = clean.absolute(_text(parsed.feed, "link"), base=page.url)
    language = str(parsed.feed.get("language") or "")
    author = byline.joined(atom.authors(parsed.feed), language=language) if is_atom else ""
    return _Channel(
        base=home or page.url,
        prefixes=tuple(sorted(list(parsed.namespaces)[:MOST_PREFIXES], key=len, reverse=True)),
        is_atom=is_atom,
        author="" if author == title else author,
        language=language,
    )


def _refuse(plain: bytes, page: FetchedPage) -> None:
    beginning = start(plain)
    if plain[:2] == b"\x1f\x8b":
        raise SourceError(
            "what is served there is packed without saying so; its owner must mend it"
        )
    if not beginning.startswith(b"<"):
        raise SourceError("what is served there is neither XML nor JSON; check the address")
    root = _ROOT.search(beginning)
    prolog = beginning[: root.start()] if root else beginning
    if b"<!entity" in prolog.lower():
        raise SourceError("the feed declares entities of its own, which is refused as unsafe")
    if _WEB_PAGE.match(beginning):
        raise SourceError(f"a web page is served there, not a feed; {_hint(plain, page)}")
    if not _FEED_ROOT.search(plain):
        raise SourceError("what is served there is XML, but no feed; check the address")
    if b"<wp:wxr_version>" in plain[:20_000]:
        raise SourceError("an export of a whole site is served there; give the address of its feed")
    if not _CLOSED.search(plain):
        raise SourceError("the feed ends in its middle; it will be tried again later")


def _hint(plain: bytes, page: FetchedPage) -> str:
    link = _ALTERNATE.search(plain[:20_000])
    href = link and _HREF.search(link[0])
    if not href:
        return "give the address of the feed itself"
    address = clean.absolute(html.unescape(href[1].decode("utf-8", "replace")), base=page.url)
    return f"the page names {clean.line(address, limit=200)} as its feed"


def _entry(entry: Any, channel: _Channel) -> FeedEntry:
    if dict.get(entry, parser.FAULT):
        title = _text_of(entry, "title").plain(limit=80)
        raise unreadable(f"the entry “{title}”" if title else "an entry")
    more = _more(entry, channel.prefixes)
    event = event_fields(more, _bare(entry))
    content = atom.content(entry)
    # A video feed has no text but the description of the video.
    summary = _text_of(entry, "summary" if entry.get("summary") else "media_description")
    body = _typed(content) if content else summary
    base = _base(entry.get("title_detail"), channel.base)
    detail = content or entry.get("summary_detail")
    origin = entry.get("source") or {}
    return FeedEntry(
        links=_links(entry, channel),
        base=base or channel.base,
        guid=_text(entry, "id"),
        body_base=_base(detail, channel.base) or base,
        site=_text(origin, "nested_title") or _text(origin, "title"),
        title=_text_of(entry, "title"),
        summary=summary if content else EntryText(),
        body=body,
        published=_published(entry),
        author=_authors(entry, channel) or _authors(origin, channel) or channel.author,
        categories=tuple(_labels(entry, channel)),
        pictures=tuple(_pictures(entry, channel)),
        starts=event.starts,
        ends=event.ends,
        place=event.place,
        online=event.online,
        price=event.price,
        cancelled=event.cancelled,
        more=more,
    )


def _base(detail: Mapping[str, Any] | None, home: str) -> str:
    """The `xml:base` that an element stands under; empty where the feed gives none."""
    return clean.absolute(str((detail or {}).get("base") or ""), base=home)


def _links(entry: Any, channel: _Channel) -> tuple[str, ...]:
    """Its page, then a guid that is an address, then an enclosure.

    feedparser takes any guid for a link. Only an absolute address can be one.
    """
    guid = _text(entry, "id")
    link = _text(entry, "link")
    if entry.get("guidislink") and not guid.lower().startswith(("http://", "https://")):
        link = ""
    others = atom.addresses(entry, language=channel.language)
    files = [str(x.get("href", "")) for x in entry.get("enclosures", [])]
    address = guid if guid.lower().startswith(("http://", "https://")) else ""
    others = [other for other in others if other != guid]
    if channel.is_atom:
        return tuple(x for x in (*others, link, address, *files) if x)
    return tuple(x for x in (link, *others, address, *files) if x)


def _text_of(entry: Any, name: str) -> EntryText:
    detail = entry.get(f"{name}_detail")
    return _typed(detail) if detail else EntryText(_text(entry, name), is_html=True)


def _typed(detail: Mapping[str, Any]) -> EntryText:
    return EntryText(str(detail.get("value") or ""), detail.get("type", "text/html") in _HTML_TYPES)


def _text(entry: Any, name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _published(entry: Any) -> datetime | None:
    """When it was published, or else last changed; None where neither is a date.

    feedparser's own reading of a date is not used: it makes 1 November of “2026/11/20”.
    """
    texts = (dict.get(entry, name) for name in ("published", "created", "updated"))
    times = (moment(text) for text in texts if isinstance(text, str))
    return next((time for time in times if time), None)


# “Ann (ann@…)”, “ann@… (Ann)”, “Ann <ann@…>”
_BYLINE = re.compile(r"^\s*([^@()<>]+?)\s*[(<][^@]*@|@[^()]*\(([^@()]+)\)\s*$")


def _authors(entry: Any, channel: _Channel) -> str:
    """All authors of an entry. Of an item of RSS only `dc:creator` may be there several times."""
    names = atom.authors(entry) if channel.is_atom else dict.get(entry, parser.CREATORS, [])
    if not channel.is_atom and len(names) < 2:  # noqa: PLR2004 - several
        return _author(entry)
    # An account is an author, too: the entry has nobody else's.
    return byline.joined(names, language=channel.language) or next(iter(names), "")


def _author(entry: Any) -> str:
    """A name, never an address: an address in a feed is not meant for print."""
    byline = _text(entry, "author")[: parser.LONGEST_BYLINE]
    if "@" not in byline:
        return html.unescape(byline)
    name = _BYLINE.search(byline)
    return html.unescape(name[1] or name[2]) if name else ""


def _labels(entry: Any, channel: _Channel) -> Iterable[str]:
    """An entity in the attributes of Atom is decoded already."""
    for tag in entry.get("tags", []):
        if tag.get("scheme") == _PODCASTS:  # words for a search, and not what it is about
            continue
        label = str(tag.get("label") or tag.get("term") or "")
        yield label if channel.is_atom else html.unescape(label)


def _pictures(entry: Any, channel: _Channel) -> Iterable[Picture]:
    media = [
        *(m for m in entry.get("media_content", []) if _is_picture(m)),
        *(e for e in _files(entry, channel) if str(e.get("type", "")).startswith("image/")),
        *entry.get("media_thumbnail", []),
    ]
    alt = clean.line(_text(entry, "media_description"), limit=200)
    for medium in media:
        address = str(medium.get("url") or medium.get("href") or "")
        size = (_number(medium.get("width")), _number(medium.get("height")))
        yield Picture(address, alt, *size)
    if channel.is_atom:
        yield from atom.pictures(entry)


def _files(entry: Any, channel: _Channel) -> Iterable[Any]:
    return [] if channel.is_atom else entry.get("enclosures", [])


def _is_picture(medium: Mapping[str, Any]) -> bool:
    declared = f"{medium.get('medium', '')} {medium.get('type', '')}"
    address = str(medium.get("url", "")).partition("?")[0].lower()
    return "image" in declared or (
        not declared.strip() and address.endswith((".jpg", ".jpeg", ".png", ".gif", ".webp"))
    )


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else 0  # noqa: PLR2004 - pixels


def _more(entry: Any, prefixes: Iterable[str]) -> dict[str, str]:
    """The fields of other vocabularies, by local name: a board's namespace is its own address.

    WP Job Manager escapes its values inside CDATA, so they are unescaped once.
    """
    starts = tuple(f"{prefix.lower()}_" for prefix in prefixes if prefix)
    fields: dict[str, str] = {}
    for key in entry:
        prefix = next((start for start in starts if key.startswith(start)), None)
        if prefix and (value := _text(entry, key)):
            fields.setdefault(key.removeprefix(prefix), html.unescape(value))
    return fields


def _bare(entry: Any) -> dict[str, str]:
    """The fields of an event that a site writes without a vocabulary."""
    return {name: value for name in BARE & dict.keys(entry) if (value := _text(entry, name))}
