"""The pool as editors see it: every story with its reason, and the stories that they add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from emag.content import store as pooled_stories
from emag.content.admit import BY_HAND, WITHOUT_FEED, Intake, Origin
from emag.content.pages.page import StoryPages
from emag.content.pool import Candidate, PooledStory
from emag.content.story import Kind, Story, canonical
from emag.database import Database
from emag.dates.store import upcoming
from emag.desk import arrange, placing
from emag.desk.records import Explanation
from emag.errors import NotFound, SourceError
from emag.issues import acts, approval, store, verdicts
from emag.issues.choice import choose_from, considered, considered_again
from emag.issues.issue import Issue
from emag.issues.tray import gathered_since, waits
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class PoolView:
    """The stories seen since the last cut-off, as they were gathered.

    They are judged for `issue`. Where none is open, their reasons are those of a draft made now.
    """

    issue: Issue | None
    rows: tuple[Explanation, ...]

    @property
    def tray(self) -> tuple[Explanation, ...]:
        """The stories gathered since the draft that wait for an editor."""
        return tuple(row for row in self.rows if waits(row.verdict))


@dataclass(frozen=True, slots=True)
class AddedStory:
    """A story that an editor added. `had_in` is the last issue by which readers had it."""

    candidate: Candidate
    is_new: bool
    had_in: int | None = None


class Triage(StrEnum):
    """What an editor decides about a story of the pool."""

    IN = "in"
    LATER = "later"  # in the next issue
    OUT = "out"  # for good


@dataclass(frozen=True, slots=True)
class TriagedStory:
    """A story after an editor's wish. `act` is what an undo takes back; 0 if it was so already."""

    title: str
    issue: int
    act: int


def view(database: Database, settings: Settings, *, now: datetime) -> PoolView:
    """Every story that the next issue could hold or could have held, with the reason."""
    with database.reading() as conn:
        try:
            issue = store.get(conn, "next")
        except NotFound:
            return PoolView(None, _for_a_draft(conn, settings, now=now))
        rows = verdicts.listing(conn, issue.number)
        rows += gathered_since(conn, settings, issue, now=now)
    return PoolView(issue, tuple(Explanation(candidate, verdict) for verdict, candidate in rows))


def add(
    database: Database,
    settings: Settings,
    pages: StoryPages,
    address: str,
    *,
    now: datetime,
    by: str,
    section: str | None = None,
) -> AddedStory:
    """Adds the story of a web page to the pool. The page is read with no transaction open.

    Of a story that is there already, what its source says stays. Raises NotFound for a section
    that does not exist, and SourceError for a page that cannot be read or is no story.
    """
    names = [heading.name for heading in settings.sections]
    if section is not None and section not in names:
        raise NotFound(f"There is no section “{section}”; there are {', '.join(names)}.")
    link, active = _link(address), frozenset(source.name for source in settings.sources)
    with database.reading() as conn:
        is_of_a_source = _is_of_a_source(_pooled(conn, link), active)
    if is_of_a_source:
        with database.transaction() as conn:
            return _again(conn, _pooled(conn, link), now=now, by=by)
    story = pages.read(link, source=BY_HAND, section=section or "")
    origin = Origin(BY_HAND, section or section_of(story, names), active, added_by=by)
    with database.transaction() as conn:
        pooled = _pooled(conn, story.link)
        if not _is_of_a_source(pooled, active):
            Intake(conn, origin, [story], now=now).take(story)
        if pooled is not None:
            return _again(conn, pooled, now=now, by=by)
        return _added(conn, _pooled(conn, story.link), is_new=True)


def triage(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    wish: Triage,
    *,
    now: datetime,
    by: str,
) -> TriagedStory:
    """Puts a story into an issue, keeps it for the next one, or takes it out for good.

    Raises NotFound and WrongMove as the verbs of `arrange` do.
    """
    with database.reading() as conn:
        candidate = placing.candidate(conn, story)
        issue = store.get(conn, which)
        before = acts.revision(conn, issue.number)
    if wish is Triage.IN:
        if story in {pick.candidate for pick in issue.picks}:
            return TriagedStory(candidate.story.title, issue.number, 0)
        arrange.pick(database, settings, issue.number, story, now=now, by=by)
    else:
        verb = arrange.hold if wish is Triage.LATER else arrange.drop
        verb(database, settings, issue.number, [story], now=now, by=by)
    with database.reading() as conn:
        new = [act for act in acts.listing(conn, issue.number) if act.id > before and act.by == by]
    return TriagedStory(candidate.story.title, issue.number, new[-1].id if new else 0)


def source_name(settings: Settings, name: str) -> str:
    """The name of a source that stories may have. Raises NotFound."""
    names = [*(source.name for source in settings.sources), *sorted(WITHOUT_FEED)]
    if name not in names:
        raise NotFound(f"There is no source “{name}”; there are {', '.join(names)}.")
    return name


def _for_a_draft(conn: Connection, settings: Settings, *, now: datetime) -> tuple[Explanation, ...]:
    date = upcoming(conn, settings, now)
    candidates = {c.id: c for c in (*considered(conn), *considered_again(conn, settings))}
    choice = choose_from(
        conn,
        settings,
        candidates.values(),
        since=store.cut_off(conn),
        until=now,
        send_at=date.send if date else None,
    )
    return tuple(Explanation(candidates[v.candidate], v) for v in choice.verdicts)


def _link(address: str) -> str:
    """The address in its one form. One without “https://” gets it."""
    written = address.strip()
    is_bare = "." in written and "://" not in written
    link = canonical(f"https://{written}" if is_bare else written)
    if not link or " " in written:
        raise SourceError(
            f"“{written[:200]}” is no web address: give one like https://example.org/page"
        )
    return link


def _pooled(conn: Connection, link: str) -> PooledStory | None:
    """What the pool holds under an address."""
    identity = Story(source="", kind=Kind.POST, link=link, title="").identity
    return pooled_stories.by_identity(conn, [identity]).get(identity)


def _is_of_a_source(pooled: PooledStory | None, active: frozenset[str]) -> bool:
    return pooled is not None and pooled.source in active


def _again(conn: Connection, pooled: PooledStory | None, *, now: datetime, by: str) -> AddedStory:
    """A story that the pool has. One that drafting passes over by now is new again."""
    assert pooled is not None
    had = [number for number, has_begun in approval.claimants(conn, pooled.id) if has_begun]
    if pooled.is_open or had:
        return _added(conn, pooled, is_new=False, had_in=had[-1] if had else None)
    pooled_stories.readmit(conn, pooled.id, now=now, added_by=by)
    return _added(conn, pooled, is_new=True)


def _added(
    conn: Connection, pooled: PooledStory | None, *, is_new: bool, had_in: int | None = None
) -> AddedStory:
    assert pooled is not None
    candidate = pooled_stories.by_ids(conn, [pooled.id])[pooled.id]
    return AddedStory(candidate, is_new, had_in)


def section_of(story: Story, names: Sequence[str]) -> str:
    """The section for a story whose section nobody named: that of its kind, or else the first."""
    wanted = {Kind.JOB: "jobs", Kind.EVENT: "events"}.get(story.kind, "posts")
    return wanted if wanted in names else next(iter(names), wanted)
