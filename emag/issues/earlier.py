"""Reads what recent issues held: their inbox lines, and the pages that they led to."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from emag.content.tables import STORIES
from emag.issues.issue import Issue
from emag.issues.tables import ISSUES, PICKS

RECENT = 12  # issues


@dataclass(frozen=True, slots=True)
class EarlierIssue:
    """What an issue that began to leave had in the inbox, and its note."""

    number: int
    subject: str
    preheader: str
    note: str


def recent(conn: Connection, issue: Issue) -> list[EarlierIssue]:
    """The issues that began to leave before this one, the newest first."""
    columns = (ISSUES.c.number, ISSUES.c.subject, ISSUES.c.preheader, ISSUES.c.note)
    query = select(*columns).where(ISSUES.c.began_at.is_not(None), ISSUES.c.number != issue.number)
    if issue.began_at:
        query = query.where(ISSUES.c.began_at < issue.began_at)
    rows = conn.execute(query.order_by(ISSUES.c.began_at.desc()).limit(RECENT))
    return [EarlierIssue(*row) for row in rows]


def stories(
    conn: Connection, issues: Collection[int], identities: Collection[str]
) -> dict[str, tuple[int, int]]:
    """The story of each identity that one of the issues had, and the last such issue."""
    query = (
        select(STORIES.c.identity, PICKS.c.candidate, PICKS.c.issue)
        .join(PICKS, PICKS.c.candidate == STORIES.c.id)
        .where(STORIES.c.identity.in_(list(identities)), PICKS.c.issue.in_(list(issues)))
        .order_by(PICKS.c.issue)
    )
    return {identity: (story, issue) for identity, story, issue in conn.execute(query)}
