"""The issues that have left, as the public archive lists them: one query a page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select
from sqlmodel import col

from emag.content.tables import StoryRow
from emag.issues.issue import Frozen, Status
from emag.issues.store import LARGEST_NUMBER
from emag.issues.tables import DOCUMENTS, ISSUES, PICKS

# An issue that is still being sent has a page already, because its first readers follow its link.
_READABLE = (Status.SENDING.value, Status.PAUSED.value, Status.SENT.value)
# The day its first message was accepted; while none is, when it began to leave.
_LEFT_AT = func.coalesce(
    ISSUES.c.first_accepted_at, ISSUES.c.began_at, ISSUES.c.closed_at, ISSUES.c.until
).label("left_at")
_COLUMNS = (ISSUES.c.number, ISSUES.c.subject, ISSUES.c.preheader, _LEFT_AT)
_NEWEST_FIRST = (_LEFT_AT.desc(), ISSUES.c.number.desc())


@dataclass(frozen=True, slots=True)
class ArchivedIssue:
    """One issue in the archive. `stories` are titles and links, where they were asked for."""

    number: int
    subject: str
    preheader: str
    left_at: datetime
    stories: tuple[tuple[str, str], ...] = ()


def newest(conn: Connection, *, limit: int, offset: int = 0) -> list[ArchivedIssue]:
    """Sent issues, newest first, without their stories."""
    return [ArchivedIssue(*row) for row in conn.execute(_sent(limit, offset))]


def newest_with_stories(conn: Connection, *, limit: int, offset: int = 0) -> list[ArchivedIssue]:
    """Sent issues, newest first, with the titles and links of their stories."""
    page = _sent(limit, offset).subquery()
    title, link = (StoryRow.__table__.c.data[key].as_string() for key in ("title", "link"))  # type: ignore[attr-defined]
    query = (
        select(page, title.label("title"), link.label("link"))
        .outerjoin(PICKS, PICKS.c.issue == page.c.number)
        .outerjoin(StoryRow, col(StoryRow.id) == PICKS.c.candidate)
        .order_by(page.c.left_at.desc(), page.c.number.desc(), PICKS.c.id)
    )
    return [*_grouped(conn.execute(query))]


def readable(conn: Connection, number: int) -> tuple[ArchivedIssue, Frozen] | None:
    """An issue as it was approved; None for one that has not begun to leave."""
    if not 0 < number <= LARGEST_NUMBER:
        return None
    document = [DOCUMENTS.c[name] for name in ("subject", "preheader", "html", "text", "hash")]
    query = (
        select(*_COLUMNS, *document)
        .join(DOCUMENTS, DOCUMENTS.c.issue == ISSUES.c.number)
        .where(ISSUES.c.number == number, ISSUES.c.status.in_(_READABLE))
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    listed, frozen = row[: len(_COLUMNS)], row[len(_COLUMNS) :]
    return ArchivedIssue(*listed), Frozen(*frozen)


def _sent(limit: int, offset: int) -> Select[Any]:
    query = select(*_COLUMNS).where(ISSUES.c.status == Status.SENT.value)
    return query.order_by(*_NEWEST_FIRST).limit(limit).offset(offset)


def _grouped(rows: Iterable[Row[Any]]) -> Iterator[ArchivedIssue]:
    """Rows of one issue come one after the other; an issue without a story has one empty row."""
    for _, group in groupby(rows, key=lambda row: row.number):
        lines = list(group)
        stories = tuple((line.title, line.link) for line in lines if line.title is not None)
        first = lines[0]
        yield ArchivedIssue(first.number, first.subject, first.preheader, first.left_at, stories)
