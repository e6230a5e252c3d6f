"""feedparser, kept within bounded time."""

import threading
import time
from typing import Any

import feedparser
from feedparser import api

from emag.errors import SourceError

LONGEST_BYLINE = 500  # characters
MOST_ATTRIBUTES = 200  # of one element
PATIENCE = 20.0  # seconds for a whole feed; a big one takes one

_clock = threading.local()


def parse(body: bytes, *, content_type: str, patience: float = PATIENCE) -> Any:
    """What feedparser makes of these bytes; its two costly passes are off, nh3 cleans instead.

    Raises SourceError for a feed built to take for ever, after `patience` seconds.
    """
    _clock.until = time.monotonic() + patience
    return feedparser.parse(
        body,  # bytes only: a string that is a path or an address would be opened
        response_headers={"content-type": content_type} if content_type else {},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


class _Bounded:
    """Two of feedparser's steps take the square of what they are given; here they get little."""

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if time.monotonic() > _clock.until:
            raise SourceError("the feed takes too long to understand; ask its owner to shorten it")
        super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()  # type: ignore[attr-defined]
        if isinstance(name := context.get(key), str):
            context[key] = name[:LONGEST_BYLINE]
        super()._sync_author_detail(key)  # type: ignore[misc]

    # A picture's words are not the entry's: feedparser would take them for its summary or body.
    def _start_media_description(self, _attrs: Any) -> None:
        self.push("media_description", 1)  # type: ignore[attr-defined]

    def _end_media_description(self) -> None:
        self.pop("media_description")  # type: ignore[attr-defined]


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
