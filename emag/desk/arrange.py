"""Changes what an issue holds: each change is an act that is recorded and voids an approval."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.content.story import Kind
from emag.database import Database
from emag.desk.change import perform
from emag.errors import NotFound, WrongMove
from emag.issues import approval, state, store
from emag.issues.act import ActKind
from emag.issues.acts import IssueChange
from emag.issues.issue import Issue, Section
from emag.issues.placement import Placement
from emag.issues.rank import between
from emag.issues.recipe import Because
from emag.settings import Settings


def pick(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    *,
    now: datetime,
    by: str,
    section: str | None = None,
    place: int | None = None,
) -> Issue:
    """Puts a story into an issue, at `place` (1 is first) or at the end of its section.

    Raises NotFound for a story or section that does not exist, WrongMove for a story that another
    issue has claimed or that is in this one.
    """

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        candidate = _candidate(conn, story)
        claimed = approval.claimed_by(conn, story) or issue.number
        if story in _numbers(issue) or claimed != issue.number:
            raise WrongMove(f"“{candidate.story.title}” is in issue {claimed} already.")
        name = _section(issue, section or candidate.section).name
        because = (Because.PICKED, f"in: picked by {by}")
        yield _put(
            conn,
            issue.number,
            story,
            kind=ActKind.PICK,
            section=name,
            place=place,
            because=because,
        )

    return perform(database, settings, which, plan, now=now, by=by)


def drop(
    database: Database,
    settings: Settings,
    which: int | str,
    stories: Sequence[int],
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Takes stories out for good: no later issue takes them by itself. Raises NotFound."""
    because = (Because.DROPPED, f"out: dropped by {by}")

    def plan(_: Connection, issue: Issue) -> Iterator[IssueChange]:
        for story in stories:
            yield _out(ActKind.DROP, story, _holding(issue, story), because)

    return perform(database, settings, which, plan, now=now, by=by)


def hold(
    database: Database,
    settings: Settings,
    which: int | str,
    stories: Sequence[int],
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Takes stories out of this issue; they come back in the next one. Raises NotFound."""
    because = (Because.HELD, f"out: held by {by} for the next issue")

    def plan(_: Connection, issue: Issue) -> Iterator[IssueChange]:
        for story in stories:
            yield _out(ActKind.HOLD, story, _holding(issue, story), because)

    return perform(database, settings, which, plan, now=now, by=by)


def move(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    *,
    now: datetime,
    by: str,
    section: str | None = None,
    place: int | None = None,
) -> Issue:
    """Moves a story to another section, or to `place` (1 is first) in its section."""

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        name = _section(issue, section or _holding(issue, story).name).name
        yield from _moved(conn, issue, story, name, place)

    return perform(database, settings, which, plan, now=now, by=by)


def order(
    database: Database,
    settings: Settings,
    which: int | str,
    stories: Sequence[int],
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Puts stories first in their sections, in the order given. The others follow as before."""

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        places: dict[str, int] = {}
        for story in stories:
            name = _holding(issue, story).name
            places[name] = places.get(name, 0) + 1
            yield from _moved(conn, store.get(conn, issue.number), story, name, places[name])

    return perform(database, settings, which, plan, now=now, by=by)


def feature(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Makes a job of the issue its job of the week. Raises NotFound and WrongMove."""

    def plan(_: Connection, issue: Issue) -> Iterator[IssueChange]:
        section = _holding(issue, story)
        chosen = next(pick.story for pick in section.picks if pick.candidate == story)
        if chosen.kind is not Kind.JOB:
            raise WrongMove(f"“{chosen.title}” is no job: only a job can be the job of the week.")
        yield IssueChange(ActKind.FEATURE, state.FEATURE, str(story))

    return perform(database, settings, which, plan, now=now, by=by)


def _moved(
    conn: Connection, issue: Issue, story: int, section: str, place: int | None
) -> Iterator[IssueChange]:
    """The change that moves a story, unless it is there already."""
    before = state.read(conn, issue.number, state.story(story))
    was_in = _holding(issue, story)
    order_before = [pick.candidate for pick in was_in.picks]
    here = order_before.index(story) + 1
    last = len(order_before)
    if was_in.name == section and here == min(place or last, last):
        return
    assert before is not None
    verdict = Placement.read(before)
    because = (verdict.because, verdict.reason)
    kind = ActKind.MOVE
    yield _put(conn, issue.number, story, kind=kind, section=section, place=place, because=because)


def _put(
    conn: Connection,
    number: int,
    story: int,
    *,
    kind: ActKind,
    section: str,
    place: int | None,
    because: tuple[Because, str],
) -> IssueChange:
    ranks = store.ranks(conn, number, section, without=story)
    at = len(ranks) if place is None else min(max(place - 1, 0), len(ranks))
    before, after = ranks[at - 1] if at else "", ranks[at] if at < len(ranks) else ""
    placement = Placement(section, between(before, after, story), *because)
    return IssueChange(kind, state.story(story), placement.written(), detail=str(at + 1))


def _out(kind: ActKind, story: int, section: Section, because: tuple[Because, str]) -> IssueChange:
    placement = Placement(section.name, "", *because)
    return IssueChange(kind, state.story(story), placement.written())


def _numbers(issue: Issue) -> set[int]:
    return {pick.candidate for pick in issue.picks}


def _candidate(conn: Connection, story: int) -> Candidate:
    candidate = pool.by_ids(conn, [story]).get(story)
    if candidate is None:
        raise NotFound(f"There is no story {story}: “emag issue explain” lists them.")
    return candidate


def _section(issue: Issue, name: str) -> Section:
    for section in issue.sections:
        if section.name == name:
            return section
    names = ", ".join(section.name for section in issue.sections)
    raise NotFound(f"Issue {issue.number} has no section “{name}”; it has {names}.")


def _holding(issue: Issue, story: int) -> Section:
    for section in issue.sections:
        if story in {pick.candidate for pick in section.picks}:
            return section
    raise NotFound(f"Story {story} is not in issue {issue.number}.")
