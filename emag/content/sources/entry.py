"""An entry: what any format says of one story, before it is made safe and becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from emag.content.sources import clean
from emag.content.story import Kind, Picture, Story, canonical

LONGEST_NAME = 120
MOST_CATEGORIES = 40


class Unusable(Exception):
    """An entry that cannot become a story; the text says why."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it came, and whether it is HTML."""

    value: str = ""
    is_html: bool = False

    def plain(self, *, limit: int) -> str:
        if self.is_html:
            return clean.text_of(self.value, limit=limit)
        return clean.line(self.value, limit=limit)

    def markup(self) -> str:
        return self.value if self.is_html else clean.from_plain(self.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """All of it untrusted. `base` is what its addresses are relative to.

    Those inside its body are relative to `body_base` where the feed says so, else to its page.
    """

    links: tuple[str, ...]  # the best first
    base: str
    body_base: str = ""
    title: Words = Words()
    summary: Words = Words()
    body: Words = Words()
    published: datetime | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()  # those that the feed names outright
    starts: datetime | None = None
    place: str = ""
    more: Mapping[str, str] = field(default_factory=dict)  # a board's own fields, by local name


@dataclass(frozen=True, slots=True)
class Feed:
    """What a page held, in its order."""

    title: str
    entries: tuple[Entry, ...]


def story(entry: Entry, *, source: str, section: str) -> tuple[Story, str]:
    """The story, and its body as plain text with a line per block. Raises Unusable."""
    link = _link(entry)
    body = clean.clean(entry.body.markup(), base=entry.body_base or link)
    summary = entry.summary.plain(limit=clean.LONGEST_SUMMARY)
    summary = summary or clean.line(body.text, limit=clean.LONGEST_SUMMARY)
    title = entry.title.plain(limit=clean.LONGEST_TITLE) or clean.shorten(summary, limit=80)
    if not title:
        raise Unusable(f"{link} has neither a title nor a text")
    names = (clean.line(name, limit=LONGEST_NAME) for name in entry.categories)
    categories = tuple(dict.fromkeys(name for name in names if name))[:MOST_CATEGORIES]
    made = Story(
        source=source,
        kind=_kind(section, categories, dated=entry.starts is not None),
        link=link,
        title=title,
        summary=summary,
        body=body.html,
        published=entry.published,
        picture=_picture(entry, body, title),
        author=clean.line(entry.author, limit=LONGEST_NAME),
        categories=categories,
        featured=any(name.casefold() == "featured" for name in categories),
        starts=entry.starts,
        place=clean.line(entry.place, limit=LONGEST_NAME),
    )
    return made, body.text or summary


def _link(entry: Entry) -> str:
    for given in entry.links:
        if link := canonical(clean.absolute(given, base=entry.base)):
            return link
    name = entry.title.plain(limit=80)
    raise Unusable(f"“{name}” has no link" if name else "an entry has neither link nor title")


def _kind(section: str, categories: tuple[str, ...], *, dated: bool) -> Kind:
    """An event has a day. A post that is filed under events without one is a post about events."""
    names = {name.casefold() for name in categories} if dated else set()
    return Kind.EVENT if (names | {section.casefold()}) & {"event", "events"} else Kind.POST


def _picture(entry: Entry, body: clean.Cleaned, title: str) -> Picture | None:
    """The first the feed names, or else the first of the body; never without words for it.

    Where the feed names a picture of the body again, the words stand in the body.
    """
    words = {_file(given): given.alt for given in body.pictures}
    for given in (*entry.pictures, *body.pictures):
        found = clean.picture(
            given.url, base=entry.base, width=str(given.width), height=str(given.height)
        )
        if found:
            alt = clean.line(given.alt) or words.get(_file(found)) or title
            return replace(found, alt=alt)
    return None


def _file(picture: Picture) -> str:
    return picture.url.partition("?")[0]


def moment(text: str) -> datetime | None:
    """A time in ISO 8601 or RFC 5322, aware UTC; None for anything else. No zone means UTC."""
    value = text.strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return utc(read(value))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
