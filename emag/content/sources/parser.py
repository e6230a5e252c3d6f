"""feedparser, held to bounded time and to the structure of the feed."""

import threading
import time
from typing import Any

import feedparser
from feedparser import api

from emag.errors import SourceError

LONGEST_BYLINE = 500  # characters
MOST_AUTHORS = 20
MOST_ATTRIBUTES = 200  # of one element
PATIENCE = 20.0  # seconds for a whole feed; a big one takes one
FAULT = "emag_fault"  # an entry's key: one of its elements could not be read
CREATORS = "emag_creators"  # an entry's key: the names in its `dc:creator` elements

_LONGEST_REFERENCE = 8  # characters of “#x10FFFF”
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_PARENTS = frozenset({"item", "entry", "channel", "feed", "rss", "rdf"})
# What these say is about their parent. feedparser takes each for the entry's, however deep it is.
_OF_THE_PARENT = frozenset(
    {"title", "link", "id", "guid", "description", "summary", "subtitle", "tagline", "content"}
    | {"encoded", "body", "pubdate", "published", "updated", "modified", "issued", "created"}
    | {"date", "category", "subject"}
)
# Prefixes whose elements feedparser treats like those without one.
_PLAIN_PREFIXES = frozenset({"", "atom", "atom10", "dc", "dcterms", "content"})

_clock = threading.local()


def parse(body: bytes, *, content_type: str, patience: float = PATIENCE) -> Any:
    """Parses a feed with feedparser. Its two costly passes are off: nh3 cleans instead.

    An element that cannot be read marks its entry with FAULT. Raises SourceError for a feed that
    takes longer than `patience` seconds.
    """
    _clock.until = time.monotonic() + patience
    return feedparser.parse(
        body,  # bytes only: a string that is a path or an address would be opened
        response_headers={"content-type": content_type} if content_type else {},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


class _Bounded:
    """Corrects feedparser where it is slow, gives up a whole feed, or mixes elements up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The open elements: the tag, the name that feedparser knows it by, the base before it.
        self._open: list[tuple[str, str, Any]] = []
        super().__init__(*args, **kwargs)

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if time.monotonic() > _clock.until:
            raise SourceError("the feed takes too long to read; ask its owner to shorten it")
        name = f"nested_{tag}" if self._is_nested(tag) else tag
        self._open.append((tag, name, self.baseuri))
        self._guard(super().unknown_starttag, name, attrs)  # type: ignore[misc]

    def unknown_endtag(self, tag: str) -> None:
        name, base = tag, self.baseuri  # type: ignore[has-type]
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                _, name, base = self._open[place]
                del self._open[place:]
                break
        self._guard(super().unknown_endtag, name)  # type: ignore[misc]
        # feedparser forgets to go back to an empty base: one entry's would be the next one's too.
        self.baseuri = base

    def handle_charref(self, ref: str) -> None:
        if len(ref) > _LONGEST_REFERENCE or not _is_character(ref):
            self.handle_data(_UNREADABLE)  # type: ignore[attr-defined]
        else:
            super().handle_charref(ref)  # type: ignore[misc]

    def _is_nested(self, tag: str) -> bool:
        """True for an element that is about its parent where the parent is not the entry."""
        if self.incontent or not _is_of_the_parent(tag):  # type: ignore[attr-defined]
            return False
        # One of these that is still open was never closed: it holds nothing.
        tags = (tag for tag, _, _ in reversed(self._open) if not _is_of_the_parent(tag))
        parent = next(tags, "").rpartition(":")[2]
        return bool(parent) and parent not in _PARENTS

    def _guard(self, handle: Any, *args: Any) -> None:
        """One element that cannot be read costs its entry, not the feed."""
        try:
            handle(*args)
        except SourceError:
            raise
        except Exception:  # noqa: BLE001 - it meets hostile bytes, and fails in many ways
            if self.inentry and self.entries:  # type: ignore[attr-defined]
                self.entries[-1][FAULT] = True  # type: ignore[attr-defined]

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()  # type: ignore[attr-defined]
        if isinstance(name := context.get(key), str):
            context[key] = name[:LONGEST_BYLINE]  # its pattern takes the square of the length
        super()._sync_author_detail(key)  # type: ignore[misc]

    def _end_dc_creator(self) -> None:
        super()._end_dc_creator()  # type: ignore[misc]
        context = self._get_context()  # type: ignore[attr-defined]
        names = context.setdefault(CREATORS, [])
        if (name := str(context.get("author") or "")) and len(names) < MOST_AUTHORS:
            names.append(name)

    # A picture's description is not the entry's: feedparser would take it for summary or body.
    def _start_media_description(self, _attrs: Any) -> None:
        self.push("media_description", 1)  # type: ignore[attr-defined]

    def _end_media_description(self) -> None:
        self.pop("media_description")  # type: ignore[attr-defined]


def _is_of_the_parent(tag: str) -> bool:
    prefix, _, local = tag.rpartition(":")
    return prefix in _PLAIN_PREFIXES and local in _OF_THE_PARENT


def _is_character(reference: str) -> bool:
    """True for the number of a character that UTF-8 can write: no surrogate, none too large."""
    try:
        code = int(reference[1:], 16) if reference[:1] in {"x", "X"} else int(reference)
        chr(code).encode()
    except (ValueError, OverflowError):
        return False
    return True


class _Strict(_Bounded, api.StrictFeedParser):  # type: ignore[misc]
    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802 - SAX's name
        if len(attrs) > MOST_ATTRIBUTES:
            raise SourceError("the feed has an element with hundreds of attributes, like no feed")
        super().startElementNS(name, qname, attrs)


class _Loose(_Bounded, api.LooseFeedParser):  # type: ignore[misc]
    pass


# It offers no other way to name the classes that it builds.
api.StrictFeedParser = _Strict
api.LooseFeedParser = _Loose
