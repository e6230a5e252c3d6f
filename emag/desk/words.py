"""Writes an editor's own words for a story, in one issue."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from emag.database import Database
from emag.desk.change import perform
from emag.desk.conflict import refuse_conflict
from emag.errors import NotFound, WrongMove
from emag.issues import state
from emag.issues.act import TYPING, ActKind
from emag.issues.acts import IssueChange
from emag.issues.issue import Issue
from emag.issues.words import Field, fault, tidy
from emag.settings import Settings


def write(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    texts: Mapping[Field, str | None],
    *,
    now: datetime,
    by: str,
    based_on: Mapping[Field, str | None] | None = None,
    typing: str = "",
) -> Issue:
    """Writes fields of a story for this issue; None goes back to the source's own.

    `based_on` gives what the editor saw in each field. Raises NotFound for a story that is not in
    the issue, WrongMove for a text that is not allowed there, TextConflict as `edit.write` does.
    Acts with the same mark `typing` are taken back as one.
    """
    detail = TYPING + typing if typing else ""
    tidied = {field: None if text is None else tidy(field, text) for field, text in texts.items()}
    for field, text in tidied.items():
        if text is not None and (sentence := fault(field, text)):
            raise WrongMove(sentence)
    seen_texts = {state.words(story, field): text for field, text in (based_on or {}).items()}

    def plan(conn: Connection, issue: Issue) -> Iterator[IssueChange]:
        if story not in {pick.candidate for pick in issue.picks}:
            raise NotFound(f"Story {story} is not in issue {issue.number}.")
        for field, text in tidied.items():
            target = state.words(story, field)
            refuse_conflict(conn, issue.number, target, text, seen_texts)
            yield IssueChange(ActKind.WORDS, target, text, detail=detail)

    return perform(database, settings, which, plan, now=now, by=by)


def reset(
    database: Database,
    settings: Settings,
    which: int | str,
    story: int,
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Goes back to the source's own words in every field."""
    texts: dict[Field, str | None] = dict.fromkeys(Field)
    return write(database, settings, which, story, texts, now=now, by=by)
