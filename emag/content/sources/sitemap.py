"""Reads sitemaps: those of news, those that say when a page changed, and lists of sitemaps."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from xml.parsers import expat

from emag.content.pages.page import Links
from emag.content.sources import syndication
from emag.content.sources.entry import EntryText, Feed, FeedEntry, read_each
from emag.content.sources.fetch import FetchedPage
from emag.content.story import Picture
from emag.content.when.stamp import moment
from emag.errors import SourceError

MOST_PAGES = 50_000  # the standard's limit for one sitemap
MOST_NEWS = 500
MOST_LINKS = 50  # pages whose only recommendation is that they changed last
MOST_PARTS = 3
LONGEST_TEXT = 3_000  # characters of one element
MOST_BYTES = 10_000_000  # as unpacked

_ROOT = re.compile(rb"<(?:[\w.-]+:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_PACKED = b"\x1f\x8b"
_NEVER = datetime.min.replace(tzinfo=UTC)
# Sitemaps whose pages are stories, and those whose pages are none, by their names.
_STORIES = re.compile(r"news|post|article|blog|story|stories|job|vacanc|event", re.IGNORECASE)
_OTHERS = re.compile(
    r"page|categor|tag|author|user|taxonom|attachment|image|video|product|archive", re.IGNORECASE
)


@dataclass(slots=True)
class _Page:
    """One entry: its address, when it changed, and what a sitemap of news says of it."""

    link: str = ""
    changed: str = ""
    title: str = ""
    published: str = ""
    pictures: list[str] = field(default_factory=list)


def is_sitemap(page: FetchedPage) -> bool:
    """True for a page that begins like a sitemap, packed ones by their name."""
    if page.body[:2] == _PACKED:
        return page.url.partition("?")[0].endswith(".xml.gz")
    return bool(_root(page.body))


def parts(page: FetchedPage) -> tuple[str, ...]:
    """The sitemaps that an index names: those of stories first, then those that changed last.

    Empty for a sitemap of pages. Raises SourceError.
    """
    body = _unpacked(page)
    if _root(body) != b"sitemapindex":
        return ()
    entries = [entry for entry in _entries(body) if entry.link]
    wanted = [e for e in entries if _STORIES.search(_name(e.link))]
    wanted = wanted or [e for e in entries if not _OTHERS.search(_name(e.link))]
    wanted.sort(key=_changed, reverse=True)  # a stable sort: without dates the order stands
    return tuple(entry.link for entry in wanted[:MOST_PARTS])


def read(page: FetchedPage) -> Feed:
    """News as entries; other pages as links, those that changed last first. Raises SourceError."""
    body = _unpacked(page)
    if _root(body) != b"urlset":
        raise SourceError("what is served there is no sitemap; check the address")
    entries = [entry for entry in _entries(body) if entry.link]
    news = [entry for entry in entries if entry.title][:MOST_NEWS]
    if news:
        return Feed("", tuple(read_each(news, partial(_news, page=page))))
    dated = [entry for entry in entries if entry.changed]
    if entries and not dated:
        raise SourceError(
            "the sitemap does not say when its pages changed, so new ones cannot be told from old "
            "ones; give the address of a feed"
        )
    dated.sort(key=_changed, reverse=True)
    links = tuple(entry.link for entry in dated[:MOST_LINKS])
    return Feed("", (), links=Links(links, may_be_anything=True))


def joined(feeds: Iterable[Feed]) -> Feed:
    """The parts of a sitemap as one."""
    read = list(feeds)
    links = tuple(dict.fromkeys(link for feed in read for link in feed.links.addresses))
    entries = tuple(entry for feed in read for entry in feed.entries)[:MOST_NEWS]
    return Feed("", entries, links=Links(links[:MOST_LINKS], may_be_anything=True))


def _news(entry: _Page, page: FetchedPage) -> FeedEntry:
    return FeedEntry(
        links=(entry.link,),
        base=page.url,
        title=EntryText(entry.title),
        published=moment(entry.published) or moment(entry.changed),
        pictures=tuple(map(Picture, entry.pictures[:4])),
    )


def _changed(entry: _Page) -> datetime:
    return moment(entry.changed) or _NEVER


def _name(link: str) -> str:
    return link.partition("?")[0].rpartition("/")[2]


def _unpacked(page: FetchedPage) -> bytes:
    if page.body[:2] != _PACKED:
        return page.body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        body = unpacker.decompress(page.body, MOST_BYTES + 1)
    except zlib.error:
        raise SourceError("the sitemap is packed wrongly; its owner must mend it") from None
    if len(body) > MOST_BYTES:
        raise SourceError(f"the sitemap is larger than {MOST_BYTES:,} bytes as unpacked")
    return body


def _root(body: bytes) -> bytes:
    """The name of the first element, where it is one of a sitemap's."""
    root = _ROOT.match(syndication.start(body[:20_000].replace(b"\0", b"")))
    return root[1].lower() if root else b""


def _entries(body: bytes) -> Iterator[_Page]:
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        if not reader.pages:
            raise SourceError("what is served there is no sitemap that can be read") from None
    yield from reader.pages


class _Reader:
    """Collects the entries of a sitemap. An entity of its own is refused as unsafe."""

    _FIELDS = {  # noqa: RUF012 - constant
        "loc": "link",
        "lastmod": "changed",
        "title": "title",
        "publication_date": "published",
    }

    def __init__(self) -> None:
        self.pages: list[_Page] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.EntityDeclHandler = self._refuse
        self._open: list[str] = []
        self._text = ""

    def _refuse(self, *_: object) -> None:
        raise SourceError("the sitemap declares entities of its own, which is refused as unsafe")

    def _start(self, name: str, _: object) -> None:
        local = name.rpartition(" ")[2].rpartition(":")[2].lower()
        self._open.append(local)
        self._text = ""
        if local in {"url", "sitemap"}:
            if len(self.pages) >= MOST_PAGES:
                raise SourceError(f"the sitemap names more than {MOST_PAGES:,} pages, like none")
            self.pages.append(_Page())

    def _data(self, text: str) -> None:
        if len(self._text) < LONGEST_TEXT:
            self._text += text

    def _end(self, _: str) -> None:
        local = self._open.pop()
        value, self._text = self._text.strip()[:LONGEST_TEXT], ""
        if not self.pages or not value:
            return
        page, parent = self.pages[-1], self._open[-1] if self._open else ""
        if local == "loc" and parent == "image":
            page.pictures.append(value)
        elif local in self._FIELDS and parent in {"url", "sitemap", "news"}:
            setattr(page, self._FIELDS[local], value)
