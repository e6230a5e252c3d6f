"""A source of posts or events at a web address, in any of the formats that hold stories."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from emag.content.left_out import LeftOut
from emag.content.sources import Memory, Reading, clean, formats
from emag.content.sources.cuts import marked
from emag.content.sources.entry import Feed, FeedEntry, Unusable, story, unreadable
from emag.content.sources.fetch import FetchedPage, FetchLimits, fetch
from emag.content.story import Kind, Story
from emag.network import NetworkAccess

MOST_NOTES = 20
PART_TIMEOUT = 10.0  # seconds for one part of a list of sitemaps

Make = Callable[[FeedEntry], Story]


@dataclass(frozen=True, slots=True)
class FeedSource:
    """`timeout` in seconds for a whole read, `max_bytes` for the page as unpacked.

    `zone` is where the time of an event is meant that names no zone. `format` is one of
    `formats.FormatName`; an empty one is found out.
    """

    name: str
    url: str
    section: str = "posts"
    timeout: float = 20.0
    max_bytes: int = 5_000_000
    allow_private: bool = False
    zone: tzinfo = UTC
    format: str = ""

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError."""
        page = self.page(memory)
        return Reading(memory=memory, unchanged=True) if page is None else self.stories(page)

    def page(self, memory: Memory, *, purpose: str = "feed") -> FetchedPage | None:
        """What the address serves; None if it is as `memory` has it. Raises SourceError."""
        of = f"{purpose} {self.section} {self.url}" + (self.format and f" {self.format}")
        return self.fetched(memory if memory.of == of else Memory(of=of))

    def fetched(self, memory: Memory) -> FetchedPage | None:
        """The same for a memory that is known to be about this address."""
        return fetch(
            self.url,
            memory,
            limits=FetchLimits(self.timeout, self.max_bytes),
            network=NetworkAccess(self.allow_private),
        )

    def stories(self, page: FetchedPage) -> Reading:
        """Raises SourceError if the page has no format that holds stories."""
        return reading(self.entries(page), page, self._story)

    def entries(self, page: FetchedPage, *, vacancies: bool = False) -> Feed:
        """The entries of a page of this source. Raises SourceError."""
        return formats.read(page, wanted=self.format, vacancies=vacancies, fetch=self._part)

    def _part(self, address: str) -> FetchedPage:
        part = replace(self, url=address, timeout=min(self.timeout, PART_TIMEOUT))
        page = part.fetched(Memory())
        assert page is not None  # only what is remembered can be unchanged
        return page

    def _story(self, entry: FeedEntry) -> Story:
        result = story(entry, source=self.name, section=self.section, zone=self.zone)[0]
        if entry.kind is Kind.JOB:
            sentence = f"“{result.title[:80]}” is a vacancy; a source of kind “jobs” reads it"
            raise Unusable(sentence, LeftOut.VACANCY)
        is_event = entry.kind is Kind.EVENT and result.starts is not None
        return replace(result, kind=Kind.EVENT) if is_event else result


def reading(feed: Feed, page: FetchedPage, make: Make) -> Reading:
    """Makes every entry a story, or a note that says why it cannot be one."""
    stories: list[Story] = []
    unusable: list[Unusable] = []
    for entry in marked(feed.entries):
        result = entry if isinstance(entry, Unusable) else _story(entry, feed.title, make)
        if isinstance(result, Unusable):
            unusable.append(result)
        else:
            stories.append(result)
    usable = [entry for entry in feed.entries if isinstance(entry, FeedEntry)]
    return Reading(
        stories=tuple(story for story in stories if not story.cancelled),
        cancelled=tuple(story for story in stories if story.cancelled),
        memory=page.memory.anew if feed.is_index else page.memory,  # its parts change
        notes=shortened([str(reason) for reason in unusable]),
        entries=len(feed.entries) + len(set(feed.links.addresses) - {s.link for s in stories}),
        refused=len(unusable),
        left_out=dict(Counter(str(entry.reason) for entry in unusable)),
        untitled=sum(not entry.title.value.strip() for entry in usable),
        title=clean.line(feed.title),
        format=feed.format,
        links=feed.links,
    )


def shortened(notes: list[str]) -> tuple[str, ...]:
    """The first notes, and how many more there are."""
    more = len(notes) - MOST_NOTES
    return (*notes[:MOST_NOTES], f"and {more} more") if more > 0 else tuple(notes)


def _story(entry: FeedEntry, site: str, make: Make) -> Story | Unusable:
    try:
        return make(replace(entry, site=entry.site or site))
    except Unusable as reason:
        return reason
    except Exception:  # noqa: BLE001 - one entry's fault must not cost the others
        name = clean.line(next(iter(entry.links), ""), limit=200)
        return unreadable(f"the entry {name}" if name else "an entry")
