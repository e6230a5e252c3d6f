"""An entry: what any format says of one story, before it is cleaned and becomes a story."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import TypeVar

from emag.content.events import occasion, venue
from emag.content.left_out import LeftOut
from emag.content.pages.page import Links
from emag.content.prose import block, byline, kicker, writing
from emag.content.prose.block import Block
from emag.content.sources import clean
from emag.content.sources.picture_choice import chosen
from emag.content.story import Kind, Picture, Story, canonical

LONGEST_NAME = 120
LONGEST_GUID = 500  # characters; a longer one is no name
MOST_CATEGORIES = 40
_EVENTS = {"event", "events", "what’s on", "what's on", "digwyddiad", "digwyddiadau"}


T = TypeVar("T")


class Unusable(Exception):
    """An entry that cannot become a story; the text says why, and `reason` in a word."""

    def __init__(self, sentence: str, reason: LeftOut = LeftOut.UNREADABLE) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EntryText:
    """Text as it came, and whether it is HTML."""

    value: str = ""
    is_html: bool = False

    def plain(self, *, limit: int) -> str:
        if self.is_html:
            return clean.text_of(self.value, limit=limit)
        return clean.line(self.value, limit=limit)

    def blocks(self) -> tuple[Block, ...]:
        """The text as blocks, without the furniture of its markup."""
        if self.is_html:
            return clean.blocks_of(self.value)
        return block.from_text(clean.printable(self.value[: clean.LONGEST_BODY]))

    def markup(self) -> str:
        return self.value if self.is_html else clean.from_plain(self.value)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry, all of it untrusted. Its addresses are relative to `base`.

    Those inside its body are relative to `body_base` where the feed says so, else to its page.
    `guid` is the feed's own name for the entry. It stays when a link is corrected.
    """

    links: tuple[str, ...]  # the best first
    base: str
    guid: str = ""
    body_base: str = ""
    site: str = ""  # the name of the feed that it stands in
    title: EntryText = EntryText()
    summary: EntryText = EntryText()
    body: EntryText = EntryText()
    published: datetime | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()  # those that the feed names outright
    starts: datetime | None = None  # naive where the source names no zone: it is the publication's
    place: str = ""
    ends: datetime | None = None
    online: bool = False
    price: str = ""
    cancelled: bool = False
    kind: Kind | None = None  # what the source says that it is, if it does
    more: Mapping[str, str] = field(default_factory=dict)  # a board's own fields, by local name


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a page, in its order; in place of one that cannot be read, the reason.

    `links` are pages that are named without a word of what they tell. `is_index` marks what was put
    together from several addresses.
    """

    title: str
    entries: tuple[FeedEntry | Unusable, ...]
    format: str = ""
    links: Links = field(default_factory=Links)
    is_index: bool = False


def read_each(items: Iterable[T], read: Callable[[T], FeedEntry]) -> Iterator[FeedEntry | Unusable]:
    """Reads each item by itself: one that cannot be read costs no other."""
    for item in items:
        try:
            yield read(item)
        except Unusable as reason:
            yield reason
        except Exception:  # noqa: BLE001 - hostile input fails in many ways
            yield unreadable()


def unreadable(of: str = "an entry") -> Unusable:
    """The reason for an entry that no rule foresaw."""
    return Unusable(f"{of} cannot be read; ask the source's owner to correct it")


def story(entry: FeedEntry, *, source: str, section: str, zone: tzinfo = UTC) -> tuple[Story, str]:
    """The story, and its body as plain text with a line per block. Raises Unusable.

    An event's time that names no zone is in `zone`.
    """
    link = _link(entry)
    body = clean.clean(entry.body.markup(), base=entry.body_base or link)
    written = entry.title.plain(limit=clean.LONGEST_TITLE)
    text = writing.write(written, entry.summary.blocks(), body.blocks)
    title = clean.line(text.title, limit=clean.LONGEST_TITLE)
    if not title:
        raise Unusable(f"{link} has neither a title nor a text", LeftOut.TEXT)
    names = (clean.line(name, limit=LONGEST_NAME) for name in entry.categories)
    categories = tuple(dict.fromkeys(name for name in names if name))[:MOST_CATEGORIES]
    pictures = chosen(
        entry.pictures, body.pictures, base=entry.base, title=title, text=body.text or text.summary
    )
    written_by = byline.author(clean.line(entry.author, limit=LONGEST_NAME))
    author = text.author("" if byline.is_site(written_by, entry.site) else written_by)
    entry = _dated(entry, title, body.text or text.summary, categories, section, zone=zone)
    result = Story(
        source=source,
        kind=_kind(section, categories, dated=entry.starts is not None),
        link=link,
        guid=clean.line(entry.guid, limit=LONGEST_GUID),
        title=title,
        summary=clean.line(text.summary, limit=clean.LONGEST_SUMMARY),
        body=body.html,
        published=entry.published,
        picture=next(iter(pictures), None),
        other_pictures=pictures[1:],
        author=author,
        categories=categories,
        featured=any(name.casefold() == "featured" for name in categories),
        starts=entry.starts,
        ends=entry.ends,
        place=clean.line(entry.place, limit=LONGEST_NAME),
        online=entry.online,
        price=clean.line(entry.price, limit=venue.LONGEST_PRICE),
        cancelled=entry.cancelled,
        kicker=kicker.kicker(categories, section=section, others=(title, entry.site, author)),
    )
    return result, body.text or text.summary


def _link(entry: FeedEntry) -> str:
    for address in entry.links:
        if link := canonical(clean.absolute(address, base=entry.base)):
            return link
    name = entry.title.plain(limit=80)
    if name:
        raise Unusable(f"“{name}” has no link", LeftOut.ADDRESS)
    raise Unusable("an entry has neither link nor title", LeftOut.ADDRESS)


def _kind(section: str, categories: tuple[str, ...], *, dated: bool) -> Kind:
    """An event has a day. A post filed under events without a day is a post about events."""
    names = categories if dated else ()
    return Kind.EVENT if _is_filed((section, *names)) else Kind.POST


def _is_filed(names: Iterable[str]) -> bool:
    """True where a section or a category is for events."""
    return bool({name.casefold() for name in names} & _EVENTS)


def _dated(
    entry: FeedEntry,
    title: str,
    text: str,
    categories: tuple[str, ...],
    section: str,
    *,
    zone: tzinfo,
) -> FeedEntry:
    """The entry with the times of an event in UTC, and what only its text says of it.

    A post that is not in the section for events, and tells of a day that was, is a report.
    """
    starts, ends, place, online = entry.starts, entry.ends, entry.place, entry.online
    if starts is None and _is_filed((section, *categories)):
        day = entry.published.astimezone(zone).date() if entry.published else None
        announced = occasion.find(title, text, published=day, zone=zone)
        is_report = bool(announced and day and announced.starts.date() < day) and not _is_filed(
            (section,)
        )
        if announced and not is_report:
            starts, ends, online = announced.starts, announced.ends, online or announced.online
            place = place or announced.place
    if starts is None:
        return entry
    where = venue.venue(place)
    starts, ends = _utc(starts, zone), ends and _utc(ends, zone)
    return replace(
        entry,
        starts=starts,
        ends=ends if ends and ends > starts else None,
        place=where.place,
        online=online or where.online,
        price=entry.price or venue.price(text),
    )


def _utc(at: datetime, zone: tzinfo) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
