"""Judges and remembers stories: those of a source, or one that an editor adds by its address."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from emag.content import pool, store
from emag.content.pages import completed, gaps
from emag.content.story import Kind, Story

# No setting can have these names.
BY_HAND = "by hand"  # the source of what editors add
SENT_IN = "sent in"  # the source of what other systems send
WITHOUT_FEED = frozenset({BY_HAND, SENT_IN})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where stories come from: a source, and the section that it feeds.

    `active` names all sources that are read: none of them loses a story to another. `added_by`
    names the editor who adds a story by hand. `is_own` marks a source that editors write.
    """

    source: str
    section: str
    active: frozenset[str]
    added_by: str = ""
    is_own: bool = False


class Admission(StrEnum):
    """What became of a story."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SHARED = "shared"  # another entry of this reading has the same link
    ELSEWHERE = "elsewhere"  # another source keeps it


class Intake:
    """Takes the stories of one reading into the pool, and counts them."""

    def __init__(
        self, conn: Connection, origin: Origin, stories: Sequence[Story], *, now: datetime
    ) -> None:
        self.new = self.changed = 0
        self.shared_links: Counter[str] = Counter()
        self._conn, self._origin, self._now = conn, origin, now
        self._identities: set[str] = set()
        self._newcomers: list[store.NewStory] = []
        is_known = origin.source in WITHOUT_FEED or store.has_stories(conn, origin.source)
        self._is_archive = not is_known
        self._is_ours = origin.is_own or bool(origin.added_by)
        self._pages = completed.pages(conn, {story.identity for story in stories})
        self._pooled = store.by_identity(conn, {story.identity for story in stories})
        self._by_guid = store.by_guid(conn, origin.source, _names(stories))

    def take(self, story: Story) -> Admission:
        """Admits or refreshes one story, unless another source keeps it."""
        admission, before = self._judged(story), self.new
        self._admit()
        is_late = admission is Admission.NEW and self.new == before  # another gather has added it
        return Admission.UNCHANGED if is_late else admission

    def take_all(self, stories: Iterable[Story]) -> None:
        """The same for many stories, of which the new ones are admitted in one statement."""
        for story in stories:
            self._judged(story)
        self._admit()

    def _judged(self, story: Story) -> Admission:
        if story.identity in self._identities and not story.cancelled:
            self.shared_links[story.link] += 1
            return Admission.SHARED
        self._identities.add(story.identity)
        story = _without_future_date(story, self._now)
        pooled = self._pooled.get(story.identity) or self._corrected(story)
        active = self._origin.active | WITHOUT_FEED
        if not self._is_ours and (page := self._pages.get(story.identity)):
            story = gaps.filled(story, page)
        if pooled is None:
            return Admission.UNCHANGED if story.cancelled else self._newcomer(story)
        if pool.belongs_to(pooled, self._origin.source, active=active):
            return self._refresh(pooled, story)
        return Admission.ELSEWHERE

    def _corrected(self, story: Story) -> pool.PooledStory | None:
        """The story with the same guid and another link, if this is a correction of it."""
        pooled = self._by_guid.get(story.guid)
        if pooled is None:
            return None
        before = store.by_ids(self._conn, [pooled.id])[pooled.id].story
        is_shown_too = before.identity in self._pooled  # then they are two entries of the source
        return pooled if not is_shown_too and pool.is_correction(before, story) else None

    def _newcomer(self, story: Story) -> Admission:
        new = store.NewStory(
            story,
            self._origin.section,
            from_archive=self._is_archive,
            added_by=self._origin.added_by,
            wants_page=self._wants_page(story),
        )
        self._newcomers.append(new)
        return Admission.NEW

    def _admit(self) -> None:
        self.new += store.admit_all(self._conn, self._newcomers, now=self._now)
        self._newcomers.clear()

    def _wants_page(self, story: Story) -> bool:
        """True for a story that lacks something, and whose page has not been read."""
        is_read = story.identity in self._pages
        return not is_read and not self._is_ours and gaps.has_gaps(story)

    def _refresh(self, pooled: pool.PooledStory, story: Story) -> Admission:
        """What the source says now; a story that an editor added stays in its section."""
        section = self._origin.section
        if pooled.added_by and not self._origin.added_by:
            section = pooled.section
        is_moved = bool(self._origin.added_by) and section != pooled.section
        if pool.judge(pooled, story) is pool.Intent.IGNORE and not is_moved:
            return Admission.UNCHANGED
        store.refresh(self._conn, story, id=pooled.id, section=section, now=self._now)
        self.changed += 1
        return Admission.CHANGED


def _names(stories: Sequence[Story]) -> set[str]:
    """The guids that name one story each. A feed may give all its entries the same one."""
    links: dict[str, set[str]] = {}
    for story in stories:
        links.setdefault(story.guid, set()).add(story.identity)
    return {guid for guid, identities in links.items() if guid and len(identities) == 1}


def _without_future_date(story: Story, now: datetime) -> Story:
    """Drops the date of a post from the future: it would come first in every order."""
    if story.kind is not Kind.EVENT and story.published and story.published > now:
        return replace(story, published=None)
    return story
