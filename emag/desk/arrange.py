"""Changes what an issue holds: each change is an act that is recorded and voids an approval."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from emag.content.story import Kind
from emag.database import Database
from emag.desk import placing
from emag.desk.change import perform
from emag.errors import WrongMove
from emag.issues import state, store
from emag.issues.act import ActKind
from emag.issues.acts import IssueChange
from emag.issues.issue import Issue
from emag.issues.placement import Placement
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

    A story that readers have had in another issue is picked again, and its reason says so. Raises
    NotFound for a story or section that does not exist, WrongMove for a story that is in this
    issue, or in an approved one that has not been sent.
    """

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        candidate = placing.candidate(conn, story)
        if story in {pick.candidate for pick in issue.picks}:
            raise WrongMove(f"“{candidate.story.title}” is in issue {issue.number} already.")
        earlier = placing.sent_before(conn, candidate, issue)
        name = placing.section(issue, section or candidate.section).name
        again = f"in: picked again by {by}; it was in issue {earlier[-1]}" if earlier else ""
        placement = Placement(
            name, "", Because.PICKED, again or f"in: picked by {by}", turn=len(earlier)
        )
        yield placing.put(conn, issue.number, story, placement, kind=ActKind.PICK, place=place)

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
    """Takes stories out for good: no later issue takes them by itself. Raises NotFound.

    A story of the tray may be dropped too, before it is in any issue.
    """
    because = (Because.DROPPED, f"out: dropped by {by}")

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        for story in stories:
            section = placing.leaving(conn, issue, story)
            yield placing.out(ActKind.DROP, story, section, because)

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
    """Takes stories out of this issue; they come back in the next one. Raises NotFound.

    A story of the tray may be held too: it is then the first of the next issue.
    """
    because = (Because.HELD, f"out: held by {by} for the next issue")

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        for story in stories:
            section = placing.leaving(conn, issue, story)
            yield placing.out(ActKind.HOLD, story, section, because)

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
        name = placing.section(issue, section or placing.holding(issue, story).name).name
        yield from placing.moved(conn, issue, story, name, place)

    return perform(database, settings, which, plan, now=now, by=by)


def step(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    *,
    by_places: int,
    now: datetime,
    by: str,
) -> Issue:
    """Moves a story up (-1) or down (1) in its section. At the section's end it stays there."""

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        section = placing.holding(issue, story)
        here = [pick.candidate for pick in section.picks].index(story) + 1
        place = min(max(here + by_places, 1), len(section.picks))
        yield from placing.moved(conn, issue, story, section.name, place)

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
            name = placing.holding(issue, story).name
            places[name] = places.get(name, 0) + 1
            yield from placing.moved(conn, store.get(conn, issue.number), story, name, places[name])

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
        section = placing.holding(issue, story)
        chosen = next(pick.story for pick in section.picks if pick.candidate == story)
        if chosen.kind is not Kind.JOB:
            raise WrongMove(f"“{chosen.title}” is no job: only a job can be the job of the week.")
        yield IssueChange(ActKind.FEATURE, state.FEATURE, str(story))

    return perform(database, settings, which, plan, now=now, by=by)
