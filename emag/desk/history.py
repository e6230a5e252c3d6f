"""What was done to an issue, as sentences; takes it back and does it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from emag.content import store as pool
from emag.database import Database
from emag.desk.change import settle
from emag.issues import acts, approved, history, state, store
from emag.issues.act import Act, Refusal, standing, to_redo, to_undo
from emag.issues.approved import GivenApproval
from emag.issues.history import Names, NetChange, ToldAct
from emag.issues.issue import READABLE, UNSENT, Issue
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Reversible:
    """The acts that “Undo” and “Redo” would be about, None for none.

    `revision` is the number of the issue's newest act, 0 before the first.
    """

    revision: int
    undo: ToldAct | None
    redo: ToldAct | None


def listing(
    database: Database, settings: Settings, which: int | str, *, after: int = 0
) -> tuple[Issue, list[ToldAct]]:
    """An issue and its acts after number `after`, oldest first. Raises NotFound.

    What was written in one go is one entry.
    """
    with database.reading() as conn:
        issue = store.get(conn, which)
        every = entries(conn, settings, issue)
    return issue, [entry for entry in history.folded(every) if entry.act.id > after]


def approvals(database: Database, which: int | str) -> list[GivenApproval]:
    """Every approval of an issue, oldest first, also those that a change has voided."""
    with database.reading() as conn:
        return approved.listing(conn, store.get(conn, which).number)


def undoable(database: Database, which: int | str) -> set[int]:
    """The acts that can be taken back now: nobody changed the same thing since. Raises NotFound."""
    with database.reading() as conn:
        issue = store.get(conn, which)
        every = acts.listing(conn, issue.number)
    allowed = {
        act.id
        for act in standing(every)
        if issue.status in (READABLE if state.is_of_archive(act.target) else UNSENT)
    }
    return {number for number in allowed if isinstance(to_undo(every, number), Act)}


def compare(
    database: Database, settings: Settings, which: int | str, *, start: int, end: int
) -> list[NetChange]:
    """What differs after act `end` from what there was after act `start`. Raises NotFound."""
    with database.reading() as conn:
        issue = store.get(conn, which)
        every = acts.listing(conn, issue.number)
        return history.compare(every, _names(conn, settings, issue, every), start=start, end=end)


def entries(conn: Connection, settings: Settings, issue: Issue) -> list[ToldAct]:
    """All acts of an issue as sentences, oldest first."""
    every = acts.listing(conn, issue.number)
    return history.tell(every, _names(conn, settings, issue, every))


def reversible(database: Database, settings: Settings, issue: Issue) -> Reversible:
    """What “Undo” and “Redo” would do to an issue now."""
    with database.reading() as conn:
        every = entries(conn, settings, issue)
    listed = [entry.act for entry in every]
    by_number = {entry.act.id: entry for entry in every}
    undo, redo = to_undo(listed), to_redo(listed)
    return Reversible(
        listed[-1].id if listed else 0,
        None if isinstance(undo, Refusal) else by_number[undo.id],
        None if isinstance(redo, Refusal) else by_number[redo.id],
    )


def revision(database: Database, which: int | str) -> int:
    """The number of an issue's newest act; 0 where nobody has changed it. Raises NotFound."""
    with database.reading() as conn:
        return acts.revision(conn, store.get(conn, which).number)


def undo(
    database: Database,
    settings: Settings,
    which: int | str,
    act: int | None = None,
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Takes back act `act`, or the newest that stands.

    Raises WrongMove where somebody changed the same thing since.
    """
    with database.transaction() as conn:
        number = store.get(conn, which).number
        acts.undo(conn, number, act, now=now, by=by)
        return settle(conn, number, settings)


def redo(
    database: Database,
    settings: Settings,
    which: int | str,
    act: int | None = None,
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Does again what was taken back last, or act `act`. Raises WrongMove."""
    with database.transaction() as conn:
        number = store.get(conn, which).number
        acts.redo(conn, number, act, now=now, by=by)
        return settle(conn, number, settings)


def _names(conn: Connection, settings: Settings, issue: Issue, every: Sequence[Act]) -> Names:
    stories = pool.by_ids(conn, history.stories_in(every))
    titles = {number: candidate.story.title for number, candidate in stories.items()}
    sections = {section.name: section.title for section in issue.sections}
    return Names(titles, sections, settings.publication.zone)
