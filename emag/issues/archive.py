"""The issues that have left, as the public archive lists them: one query a page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from emag.content.tables import STORIES
from emag.issues import state
from emag.issues.correction import Correction, corrected_link
from emag.issues.issue import READABLE, Frozen, Status
from emag.issues.store import LARGEST_NUMBER
from emag.issues.tables import ACTS, CORRECTIONS, DOCUMENTS, ISSUES, PICKS

# The day its first message was accepted; while none is, when it began to leave.
_LEFT_AT = func.coalesce(
    ISSUES.c.first_accepted_at, ISSUES.c.began_at, ISSUES.c.closed_at, ISSUES.c.until
).label("left_at")
_CORRECTED_AT = (
    select(func.max(ACTS.c.at))
    .where(ACTS.c.issue == ISSUES.c.number, ACTS.c.target.like(f"{state.CORRECTION} %"))
    .scalar_subquery()
    .label("corrected_at")
)
_EDITION = func.coalesce(ISSUES.c.edition, ISSUES.c.number).label("edition")
_COLUMNS = (
    *(ISSUES.c.number, _EDITION, ISSUES.c.subject, ISSUES.c.preheader),
    *(_LEFT_AT, _CORRECTED_AT),
)
_NEWEST_FIRST = (_LEFT_AT.desc(), ISSUES.c.number.desc())


@dataclass(frozen=True, slots=True)
class ArchivedIssue:
    """One issue in the archive. `stories` are titles and links, where they were asked for.

    `corrected_at` is when a correction was last made or taken back.
    """

    number: int
    edition: int  # the number that readers see
    subject: str
    preheader: str
    left_at: datetime
    corrected_at: datetime | None = None
    stories: tuple[tuple[str, str], ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def changed_at(self) -> datetime:
        return max(self.left_at, self.corrected_at or self.left_at)


def newest(conn: Connection, *, limit: int, offset: int = 0) -> list[ArchivedIssue]:
    """Sent issues, newest first, without their stories."""
    return [ArchivedIssue(*row) for row in conn.execute(_sent(limit, offset))]


def newest_with_stories(conn: Connection, *, limit: int, offset: int = 0) -> list[ArchivedIssue]:
    """Sent issues, newest first, with the titles and links of their stories."""
    page = _sent(limit, offset).subquery()
    title, link = (STORIES.c.data[key].as_string() for key in ("title", "link"))
    query = (
        select(page, title.label("title"), link.label("link"))
        .outerjoin(PICKS, PICKS.c.issue == page.c.number)
        .outerjoin(STORIES, STORIES.c.id == PICKS.c.candidate)
        .order_by(page.c.left_at.desc(), page.c.number.desc(), PICKS.c.id)
    )
    return [_corrected(issue) for issue in _with_corrections(conn, _grouped(conn.execute(query)))]


def readable(conn: Connection, number: int) -> tuple[ArchivedIssue, Frozen] | None:
    """An issue as it was approved; None for one that has not begun to leave."""
    if not 0 < number <= LARGEST_NUMBER:
        return None
    document = [DOCUMENTS.c[name] for name in ("subject", "preheader", "html", "text", "hash")]
    query = (
        select(*_COLUMNS, *document)
        .join(DOCUMENTS, DOCUMENTS.c.issue == ISSUES.c.number)
        .where(ISSUES.c.number == number, ISSUES.c.status.in_(READABLE))
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    listed, frozen = row[: len(_COLUMNS)], row[len(_COLUMNS) :]
    [issue] = _with_corrections(conn, [ArchivedIssue(*listed)])
    return issue, Frozen(*frozen)


def corrections(conn: Connection, number: int) -> list[Correction]:
    """The corrections of an issue that stand, oldest first."""
    return _corrections(conn, [number]).get(number, [])


def _with_corrections(conn: Connection, issues: Iterable[ArchivedIssue]) -> list[ArchivedIssue]:
    issues = list(issues)
    numbers = [issue.number for issue in issues if issue.corrected_at]
    by_issue = _corrections(conn, numbers) if numbers else {}
    return [replace(one, corrections=tuple(by_issue.get(one.number, ()))) for one in issues]


def _corrections(conn: Connection, numbers: Sequence[int]) -> dict[int, list[Correction]]:
    query = (
        select(CORRECTIONS)
        .where(CORRECTIONS.c.issue.in_(numbers))
        .order_by(CORRECTIONS.c.issue, CORRECTIONS.c.number)
    )
    by_issue: dict[int, list[Correction]] = {}
    for row in conn.execute(query):
        links = tuple((old, new) for old, new in row.links)
        by_issue.setdefault(row.issue, []).append(Correction(row.at, row.by, row.note, links))
    return by_issue


def _corrected(issue: ArchivedIssue) -> ArchivedIssue:
    links = ((title, corrected_link(url, issue.corrections)) for title, url in issue.stories)
    return replace(issue, stories=tuple(links))


def _sent(limit: int, offset: int) -> Select[Any]:
    query = select(*_COLUMNS).where(ISSUES.c.status == Status.SENT.value)
    return query.order_by(*_NEWEST_FIRST).limit(limit).offset(offset)


def _grouped(rows: Iterable[Row[Any]]) -> Iterator[ArchivedIssue]:
    """Rows of one issue come one after the other; an issue without a story has one empty row."""
    for _, group in groupby(rows, key=lambda row: row.number):
        lines = list(group)
        stories = tuple((line.title, line.link) for line in lines if line.title is not None)
        first = lines[0]
        listed = (first.number, first.edition, first.subject, first.preheader)
        yield ArchivedIssue(*listed, first.left_at, first.corrected_at, stories)
