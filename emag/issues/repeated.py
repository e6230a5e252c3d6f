"""Stories that come again: jobs that are still open, and those that an editor held for later."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from emag.content.story import Kind
from emag.content.tables import STORIES
from emag.issues.issue import UNSENT
from emag.issues.recipe import Because, Repeat
from emag.issues.tables import CLAIMS, ISSUES, PICKS, VERDICTS

# A job that found no room in so many issues after the last one that had it stays out, so that the
# work of one issue does not grow with the publication's age.
_LOOK_BACK = 10  # issues


def repeats(conn: Connection, *, times: int) -> dict[int, Repeat]:
    """The stories that readers had in a recent issue and that may come again by themselves.

    These are jobs that fewer than `times` further issues have had, and stories that an editor
    picked again and then held. A story that an unsent issue has claimed is not among them.
    """
    last, turn = func.max(CLAIMS.c.issue).label("last"), func.count().label("turn")
    unsent = select(ISSUES.c.number).where(ISSUES.c.began_at.is_(None))
    waits = select(CLAIMS.c.candidate).where(CLAIMS.c.issue.in_(unsent))
    had = (
        select(CLAIMS.c.candidate, last, turn)
        .where(CLAIMS.c.candidate.in_(_recently_claimed(times)), CLAIMS.c.candidate.not_in(waits))
        .group_by(CLAIMS.c.candidate)
        .subquery()
    )
    story = STORIES.c
    is_job = and_(story.data["kind"].as_string() == Kind.JOB.value, had.c.turn <= times)
    query = (
        select(had.c.candidate, had.c.last, had.c.turn)
        .join(STORIES, STORIES.c.id == had.c.candidate)
        .where(or_(is_job, _is_held_since(had.c.candidate, had.c.last)))
    )
    return {candidate: Repeat(last, turn) for candidate, last, turn in conn.execute(query)}


def picked_for_specials(conn: Connection) -> dict[int, int]:
    """The stories in special editions that have not been sent, and which edition.

    The weekly issue leaves them to it.
    """
    query = (
        select(PICKS.c.candidate, PICKS.c.issue)
        .join(ISSUES, ISSUES.c.number == PICKS.c.issue)
        .where(ISSUES.c.is_special, ISSUES.c.status.in_(UNSENT))
        .order_by(PICKS.c.issue)
    )
    return {row.candidate: row.issue for row in conn.execute(query)}


def _recently_claimed(times: int) -> Select[Any]:
    newest = (
        select(ISSUES.c.number)
        .where(ISSUES.c.edition.is_not(None))
        .order_by(ISSUES.c.edition.desc())
        .limit(times + _LOOK_BACK)
    )
    return select(CLAIMS.c.candidate).where(CLAIMS.c.issue.in_(newest))


def _is_held_since(candidate: ColumnElement[int], last: ColumnElement[int]) -> ColumnElement[bool]:
    held = and_(VERDICTS.c.because == Because.HELD.value, VERDICTS.c.issue > last)
    return exists().where(VERDICTS.c.candidate == candidate, held)
