"""A calendar of events: an iCalendar file, or a page that describes its events (schema.org)."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from emag.content.left_out import LeftOut
from emag.content.sources import Memory, Reading, clean, ical_event, ical_text, schema_event
from emag.content.sources.entry import (
    LONGEST_GUID,
    FeedEntry,
    Unusable,
    read_each,
    story,
    unreadable,
)
from emag.content.sources.feed import FeedSource, shortened
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jsonfeed import is_json, load
from emag.content.sources.linked_data import by_reference, documents, objects
from emag.content.sources.recurrence import HORIZON, Occurrence, Reckoner
from emag.content.story import Kind, Story, canonical
from emag.errors import SourceError

_UNTIL = " until "


@dataclass(frozen=True, slots=True)
class _Contents:
    """The events that a calendar shows, and how many were not read.

    `is_whole` is true where an event that it does not show is not in the calendar. `unread` are the
    guids of those whose dates cannot be reckoned.
    """

    entries: tuple[FeedEntry | Unusable, ...]
    title: str = ""
    left_out: int = 0
    is_whole: bool = False
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CalendarSource:
    """The file `path` or the address `url`. Events without an address link to `page`.

    `zone` is the publication's: a time without a zone is there. `now` tells the time.
    """

    name: str
    url: str
    section: str
    now: Callable[[], datetime]
    zone: ZoneInfo
    path: Path | None = None
    page: str = ""
    timeout: float = 20.0
    max_bytes: int = 5_000_000
    allow_private: bool = False

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError. An unchanged calendar is reckoned again once a date has passed."""
        now, of = self.now(), f"calendar {self.section} {self.url} {self.path} {self.zone.key}"
        earlier = _valid(memory, of, now)
        page = self._page(earlier)
        if page is None:
            return Reading(memory=memory, unchanged=True)
        reading = self._reading(page, now)
        until = _next_change(reading.stories, now, self.zone)
        remembered = replace(page.memory, of=f"{of}{_UNTIL}{until.isoformat()}")
        return replace(reading, memory=remembered)

    @property
    def _home(self) -> str:
        """What events without an address link to."""
        return self.page or self.url

    def _page(self, memory: Memory) -> FetchedPage | None:
        if self.path is None:
            limits = self.timeout, self.max_bytes, self.allow_private
            return FeedSource(self.name, self.url, self.section, *limits).fetched(memory)
        body = _file(self.path, self.max_bytes)
        digest = hashlib.sha256(body).hexdigest()
        if digest == memory.digest:
            return None
        return FetchedPage(self._home, body, "", Memory(digest=digest))

    def _reading(self, page: FetchedPage, now: datetime) -> Reading:
        contents = self._contents(page, now)
        results = [e if isinstance(e, Unusable) else self._story(e) for e in contents.entries]
        unusable = [result for result in results if isinstance(result, Unusable)]
        notes = [str(result) for result in unusable]
        refused = len(unusable)
        if contents.left_out:
            note = f"it has too many events to come; {contents.left_out} of them were not read"
            notes.insert(0, note)
        stories = _told_apart([s for s in results if isinstance(s, Story)], self._home)
        to_come = [s for s in stories if not _is_over(s, now, self.zone)]
        active = _once([s for s in to_come if not s.cancelled])
        return Reading(
            stories=tuple(active),
            cancelled=tuple(s for s in to_come if s.cancelled),
            memory=page.memory,
            notes=shortened(notes),
            entries=len(active) + refused,
            refused=refused,
            left_out=dict(Counter(str(result.reason) for result in unusable)),
            title=contents.title,
            names=frozenset(s.guid for s in to_come) | contents.unread
            if contents.is_whole
            else None,
        )

    def _contents(self, page: FetchedPage, now: datetime) -> "_Contents":
        start = page.body[:2_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf \t\r\n")
        if start.startswith(b"<") or is_json(page):
            return _Contents(tuple(_described(page)))
        calendar = ical_text.read(page.body, today=now.astimezone(self.zone).date())
        entries: list[FeedEntry | Unusable] = []
        unread: set[str] = set()
        for events, occurrence in Reckoner(calendar, now, self.zone).all():
            if isinstance(occurrence, Unusable):
                entries.append(occurrence)
                unread.add(clean.line(ical_text.name_of(events[0]), limit=LONGEST_GUID))
            elif occurrence is not None:
                entries.append(_entry(events, occurrence, self._home))
        return _Contents(
            tuple(entries),
            title=clean.line(calendar.name),
            left_out=calendar.left_out,
            is_whole=not calendar.left_out,
            unread=frozenset(unread),
        )

    def _story(self, entry: FeedEntry) -> Story | Unusable:
        """The event's story. What a web page describes may be without a date."""
        try:
            result, _ = story(entry, source=self.name, section=self.section, zone=self.zone)
        except Unusable as reason:
            return reason
        except Exception:  # noqa: BLE001 - one event's fault must not cost the others
            return unreadable("an event")
        if result.starts is None:
            return Unusable(f"the event “{result.title[:80]}” has no date", LeftOut.DATE)
        return replace(result, kind=Kind.EVENT, author="")


def _valid(memory: Memory, of: str, now: datetime) -> Memory:
    """The memory while no date has passed since; else one that makes the calendar be read."""
    subject, _, until = memory.of.partition(_UNTIL)
    is_valid = subject == of and until and now < datetime.fromisoformat(until)
    return memory if is_valid else Memory(of=of)


def _next_change(stories: Sequence[Story], now: datetime, zone: ZoneInfo) -> datetime:
    """When the same calendar may give other dates: after the next event, or tomorrow."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    times = [t for s in stories for t in (s.starts, s.ends) if t and t > now]
    return min([*times, datetime.combine(tomorrow, time(), zone).astimezone(UTC)])


def _file(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
    except OSError:
        raise SourceError(f"the file {path} cannot be read; check its path") from None
    if len(body) > max_bytes:
        raise SourceError(
            f"{path} is larger than {max_bytes:,} bytes: if that is meant, raise max_bytes"
        )
    return body


def _described(page: FetchedPage) -> Iterator[FeedEntry | Unusable]:
    """The events that a web page, or a JSON document, describes. Raises SourceError for none."""
    sources = [load(page)] if is_json(page) else documents(page.body)
    nodes = [node for document in sources for node in objects(document)]
    events = [node for node in nodes if schema_event.is_event(node)]
    if not events:
        raise SourceError(
            "what is served there is no calendar and describes no events; give the address of an "
            ".ics file"
        )
    named = by_reference(nodes)
    room = events[: ical_text.MOST_COMPONENTS]
    yield from read_each(room, lambda node: schema_event.entry(node, named, base=page.url))


def _entry(
    events: tuple[ical_text.EventText, ...], occurrence: Occurrence, page: str
) -> FeedEntry | Unusable:
    try:
        return ical_event.entry(events, occurrence, page=page)
    except Unusable as reason:
        return reason
    except Exception:  # noqa: BLE001 - one event's fault must not cost the others
        return unreadable("an event")


def _told_apart(stories: Sequence[Story], home: str) -> list[Story]:
    """Marks the stories that link to one page, so that none takes another's place."""
    counts = Counter(s.identity for s in stories)
    shared = canonical(home)
    return [replace(s, shares_link=counts[s.identity] > 1 or s.link == shared) for s in stories]


def _once(stories: Sequence[Story]) -> list[Story]:
    """In order of time; of a series that is written out event by event, the next one."""
    first: dict[tuple[str, str], Story] = {}
    for story_ in sorted(stories, key=_start):
        first.setdefault((story_.title.casefold(), story_.where.casefold()), story_)
    return list(first.values())


def _is_over(story_: Story, now: datetime, zone: ZoneInfo) -> bool:
    """True for an event that is over or too far away to be printed."""
    starts = _start(story_)
    occurrence = Occurrence(None, starts, story_.ends, story_.cancelled)
    return occurrence.is_over(now, zone) or starts > now + HORIZON


def _start(story_: Story) -> datetime:
    assert story_.starts is not None  # _story refuses others
    return story_.starts
