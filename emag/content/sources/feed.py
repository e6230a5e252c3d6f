"""A feed of posts or events: RSS, Atom or JSON Feed at a web address."""

from collections.abc import Callable
from dataclasses import dataclass

from emag.content.sources import Memory, Reading, jsonfeed, syndication
from emag.content.sources.entry import Entry, Feed, Unusable, story
from emag.content.sources.fetch import Limits, Page, fetch
from emag.content.sources.network import Network
from emag.content.story import Story

MOST_NOTES = 20

Make = Callable[[Entry], Story]


@dataclass(frozen=True, slots=True)
class FeedSource:
    """`timeout` in seconds for a whole read, `max_bytes` for the page as unpacked."""

    name: str
    url: str
    section: str = "posts"
    timeout: float = 20.0
    max_bytes: int = 5_000_000
    allow_private: bool = False

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError."""
        page = self.page(memory)
        return Reading(memory=memory, unchanged=True) if page is None else self.stories(page)

    def page(self, memory: Memory, *, purpose: str = "feed") -> Page | None:
        """What the address serves; None if it is what `memory` knows. Raises SourceError."""
        of = f"{purpose} {self.section} {self.url}"
        known = memory if memory.of == of else Memory(of=of)
        return fetch(
            self.url,
            known,
            limits=Limits(self.timeout, self.max_bytes),
            network=Network(self.allow_private),
        )

    def stories(self, page: Page) -> Reading:
        """Raises SourceError if the page is no feed."""
        feed = jsonfeed.read(page) if jsonfeed.is_json(page) else syndication.read(page)
        return reading(feed, page, self._story)

    def _story(self, entry: Entry) -> Story:
        return story(entry, source=self.name, section=self.section)[0]


def reading(feed: Feed, page: Page, make: Make) -> Reading:
    """Every entry made a story, or a note that says why it cannot be one."""
    stories: list[Story] = []
    notes: list[str] = []
    for entry in feed.entries:
        try:
            stories.append(make(entry))
        except Unusable as reason:
            notes.append(str(reason))
    if (more := len(notes) - MOST_NOTES) > 0:
        notes[MOST_NOTES:] = [f"and {more} more"]
    return Reading(
        stories=tuple(stories),
        memory=page.memory,
        notes=tuple(notes),
        entries=len(feed.entries),
        title=feed.title,
    )
