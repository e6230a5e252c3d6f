"""RSS and Atom, of every age and in every state of repair, read into entries."""

import calendar
import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from emag.content.sources import clean, parser
from emag.content.sources.entry import Entry, Feed, Words, moment
from emag.content.sources.fetch import Page
from emag.content.story import Picture
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
_STARTS = ("startdate", "dtstart", "starttime", "start")
_PLACES = ("location", "venue")
_HTML_TYPES = {"text/html", "application/xhtml+xml"}


def read(page: Page) -> Feed:
    """Raises SourceError for what is no feed, ends in its middle or declares entities."""
    plain = page.body.replace(b"\0", b"")  # UTF-16 and UTF-32 in ASCII's range
    _refuse(plain, page)
    try:
        return _feed(parser.parse(page.body, content_type=page.content_type), page)
    except SourceError:
        raise
    except Exception as error:  # it meets hostile bytes, and fails in many ways
        reason = type(error).__name__
        raise SourceError(f"what is served there cannot be read as a feed ({reason})") from error


def _feed(parsed: Any, page: Page) -> Feed:
    home = clean.absolute(_text(parsed.feed, "link"), base=page.url) or page.url
    prefixes = sorted(list(parsed.namespaces)[:MOST_PREFIXES], key=len, reverse=True)
    # Illegal nesting leaves entries behind that hold nothing at all.
    whole = [entry for entry in parsed.entries if any(dict.values(entry))]
    return Feed(
        title=_words(parsed.feed, "title").plain(limit=clean.LONGEST_TITLE),
        entries=tuple(_entry(entry, home, prefixes) for entry in whole[:MOST_ENTRIES]),
    )


def _refuse(plain: bytes, page: Page) -> None:
    start = _COMMENT.sub(b"", plain[:20_000]).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if plain[:2] == b"\x1f\x8b":
        raise SourceError(
            "what is served there is packed without saying so; its owner must mend it"
        )
    if not start.startswith(b"<"):
        raise SourceError("what is served there is neither XML nor JSON; check the address")
    root = _ROOT.search(start)
    prolog = start[: root.start()] if root else start
    if b"<!entity" in prolog.lower():
        raise SourceError("the feed declares entities of its own, which is refused as unsafe")
    if re.match(rb"<(?:!doctype\s+)?html\b", start, re.IGNORECASE):
        raise SourceError(f"a web page is served there, not a feed; {_hint(plain, page)}")
    if not _FEED_ROOT.search(plain):
        raise SourceError("what is served there is XML, but no feed; check the address")
    if b"<wp:wxr_version>" in plain[:20_000]:
        raise SourceError("an export of a whole site is served there; give the address of its feed")
    if not _CLOSED.search(plain):
        raise SourceError("the feed ends in its middle; it will be tried again later")


def _hint(plain: bytes, page: Page) -> str:
    link = _ALTERNATE.search(plain[:20_000])
    href = link and _HREF.search(link[0])
    if not href:
        return "give the address of the feed itself"
    found = clean.absolute(html.unescape(href[1].decode("utf-8", "replace")), base=page.url)
    return f"the page names {clean.line(found, limit=200)} as its feed"


def _entry(entry: Any, home: str, prefixes: Iterable[str]) -> Entry:
    more = _more(entry, prefixes)
    content = next((c for c in entry.get("content", []) if c.get("value")), None)
    # A video feed says all it has to say in the words beside the video.
    summary = _words(entry, "summary" if entry.get("summary") else "media_description")
    body = _typed(content) if content else summary
    own = clean.absolute(str(entry.get("title_detail", {}).get("base") or ""), base=home)
    return Entry(
        links=_links(entry),
        base=own or home,
        body_base=own,
        title=_words(entry, "title"),
        summary=summary if content else Words(),
        body=body,
        published=_published(entry),
        author=_author(entry),
        categories=tuple(_labels(entry)),
        pictures=tuple(_pictures(entry)),
        starts=moment(_first(more, _STARTS)),
        place=_first(more, _PLACES),
        more=more,
    )


def _links(entry: Any) -> tuple[str, ...]:
    """Its page, then a guid that is an address, then an enclosure. A guid that is none is no link.

    feedparser takes any guid for a link; only one that is absolute can be.
    """
    guid = _text(entry, "id")
    link = _text(entry, "link")
    if entry.get("guidislink") and not guid.lower().startswith(("http://", "https://")):
        link = ""
    others = [str(x.get("href", "")) for x in entry.get("links", []) if x.get("rel") == "alternate"]
    files = [str(x.get("href", "")) for x in entry.get("enclosures", [])]
    address = guid if guid.lower().startswith(("http://", "https://")) else ""
    others = [other for other in others if other != guid]
    return tuple(x for x in (link, *others, address, *files) if x)


def _words(entry: Any, name: str) -> Words:
    detail = entry.get(f"{name}_detail")
    return _typed(detail) if detail else Words(_text(entry, name), is_html=True)


def _typed(detail: Mapping[str, Any]) -> Words:
    return Words(str(detail.get("value") or ""), detail.get("type", "text/html") in _HTML_TYPES)


def _text(entry: Any, name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _published(entry: Any) -> datetime | None:
    """When it was published, or else last changed; None where neither is a date."""
    for name in ("published", "created", "updated"):
        if found := _time(entry, name):
            return found
    return None


def _time(entry: Any, name: str) -> datetime | None:
    # feedparser maps a missing `updated` to `published` with a warning; `in` does not.
    if f"{name}_parsed" not in entry.keys():  # noqa: SIM118
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(entry[f"{name}_parsed"]), tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return moment(_text(entry, name))


# “Ann (ann@…)”, “ann@… (Ann)”, “Ann <ann@…>”
_BYLINE = re.compile(r"^\s*([^@()<>]+?)\s*[(<][^@]*@|@[^()]*\(([^@()]+)\)\s*$")


def _author(entry: Any) -> str:
    """A name, never an address: an address in a feed is not meant for print."""
    given = _text(entry, "author")[: parser.LONGEST_BYLINE]
    if "@" not in given:
        return html.unescape(given)
    name = _BYLINE.search(given)
    return html.unescape(name[1] or name[2]) if name else ""


def _labels(entry: Any) -> Iterable[str]:
    for tag in entry.get("tags", []):
        yield html.unescape(str(tag.get("label") or tag.get("term") or ""))


def _pictures(entry: Any) -> Iterable[Picture]:
    given = [
        *(m for m in entry.get("media_content", []) if _is_picture(m)),
        *(e for e in entry.get("enclosures", []) if str(e.get("type", "")).startswith("image/")),
        *entry.get("media_thumbnail", []),
    ]
    words = clean.line(_text(entry, "media_description"), limit=200)
    for medium in given:
        address = str(medium.get("url") or medium.get("href") or "")
        size = (_number(medium.get("width")), _number(medium.get("height")))
        yield Picture(address, words, *size)


def _is_picture(medium: Mapping[str, Any]) -> bool:
    said = f"{medium.get('medium', '')} {medium.get('type', '')}"
    address = str(medium.get("url", "")).partition("?")[0].lower()
    return "image" in said or (
        not said.strip() and address.endswith((".jpg", ".jpeg", ".png", ".gif", ".webp"))
    )


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else 0  # noqa: PLR2004 - pixels


def _more(entry: Any, prefixes: Iterable[str]) -> dict[str, str]:
    """Fields of other vocabularies by local name: a board's namespace is its own address.

    WP Job Manager escapes its values inside CDATA, so one unescape is due.
    """
    starts = tuple(f"{prefix.lower()}_" for prefix in prefixes if prefix)
    found: dict[str, str] = {}
    for key in entry:
        prefix = next((start for start in starts if key.startswith(start)), None)
        if prefix and (value := _text(entry, key)):
            found.setdefault(key.removeprefix(prefix), html.unescape(value))
    return found


def _first(more: Mapping[str, str], names: Iterable[str]) -> str:
    return next((more[name] for name in names if more.get(name)), "")
