"""Writes an issue's subject, preheader and note, and makes its lines automatic again."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from emag.database import Database
from emag.desk.change import perform
from emag.desk.conflict import refuse_conflict
from emag.issues import state
from emag.issues.act import TYPING, ActKind
from emag.issues.acts import IssueChange
from emag.issues.issue import Issue
from emag.issues.lines import Line
from emag.settings import Settings


def write(
    database: Database,
    settings: Settings,
    which: int | str,
    *,
    now: datetime,
    by: str,
    subject: str | None = None,
    preheader: str | None = None,
    note: str | None = None,
    based_on: Mapping[str, str | None] | None = None,
    typing: str = "",
) -> Issue:
    """Writes the subject, the preheader or the note (Markdown); None leaves it alone.

    `based_on` gives the text of each field that the editor saw; where somebody else wrote another
    one since, nothing is written. Raises TextConflict. Acts with the same mark `typing` are taken
    back as one.
    """
    detail = TYPING + typing if typing else ""
    texts = {
        state.SUBJECT: None if subject is None else " ".join(subject.split()),
        state.PREHEADER: None if preheader is None else " ".join(preheader.split()),
        state.NOTE: note,
    }

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        for target, text in texts.items():
            if text is None:
                continue
            after = text or None if target == state.NOTE else text
            refuse_conflict(conn, issue.number, target, after, based_on or {})
            yield IssueChange(ActKind(target), target, after, detail=detail)

    return perform(database, settings, which, plan, now=now, by=by)


def reset(
    database: Database,
    settings: Settings,
    which: int | str,
    lines: Collection[Line],
    *,
    now: datetime,
    by: str,
    based_on: Mapping[str, str | None] | None = None,
) -> Issue:
    """Makes written lines automatic again: they then follow the picks.

    `based_on` is as in `write`. Raises TextConflict.
    """

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        for line in lines:
            refuse_conflict(conn, issue.number, line.value, None, based_on or {})
            yield IssueChange(ActKind(line.value), line.value, None)

    return perform(database, settings, which, plan, now=now, by=by)
