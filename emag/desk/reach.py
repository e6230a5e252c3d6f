"""How many readers an issue would reach now, and how many are left out for which reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select

from emag.database import Database
from emag.issues import store
from emag.issues.issue import Issue
from emag.mailing.sending.recipients import recipients
from emag.press import topics
from emag.press.document import Document
from emag.settings import Settings
from subscribers import roll


class Exclusion(StrEnum):
    """Why a person who is known to the list does not get an issue."""

    PENDING = "pending"  # signed up, and has not confirmed
    PAUSED = "paused"  # asked for no mail until a day
    TOPICS = "topics"  # the issue has no story of the topics they chose
    AUDIENCE = "audience"  # it goes only to those who got an earlier issue
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class ExclusionCount:
    """How many are left out for one reason."""

    reason: Exclusion
    count: int


@dataclass(frozen=True, slots=True)
class Reach:
    """The readers who would get an issue now, and those who are left out, by reason."""

    readers: int
    excluded: Sequence[ExclusionCount]


def reach(
    database: Database,
    settings: Settings,
    which: int | str,
    document: Document | None = None,
    *,
    now: datetime,
) -> Reach:
    """How many readers would get the issue now. Raises NotFound.

    With its document, readers for whom it has no story count as left out.
    """
    with database.reading() as conn:
        issue = store.get(conn, which)
        by_status, paused = roll.counts(conn), roll.count_paused(conn, now=now)
        reachable = by_status["active"] - paused
        addressed = reachable if issue.audience is None else _count(conn, issue, now=now)
        storyless = 0
        if document and document.topics:
            storyless = _without_story(conn, settings, issue, document, now=now)
    counts = {reason: by_status[reason] for reason in Exclusion if reason in by_status}
    counts |= {Exclusion.PAUSED: paused, Exclusion.TOPICS: storyless}
    counts[Exclusion.AUDIENCE] = reachable - addressed
    excluded = [
        ExclusionCount(reason, counts[reason]) for reason in Exclusion if counts.get(reason)
    ]
    return Reach(addressed - storyless, excluded)


def _count(conn: Connection, issue: Issue, *, now: datetime) -> int:
    query = recipients(conn, issue.number, now=now).subquery()
    return conn.execute(select(func.count()).select_from(query)).scalar_one()


def _without_story(
    conn: Connection, settings: Settings, issue: Issue, document: Document, *, now: datetime
) -> int:
    """Counts by the choices of topics, which are few, not by reader."""
    audience = recipients(conn, issue.number, now=now).subquery()
    query = select(audience.c.topics, func.count()).group_by(audience.c.topics)
    return sum(
        count
        for chosen, count in conn.execute(query)
        if not document.has_stories(_fitting(settings, document, chosen))
    )


def _fitting(settings: Settings, document: Document, chosen: str) -> topics.TopicSet:
    offered = settings.signup.topics
    return topics.visible(roll.chosen(chosen), offered=offered, printed=document.topics)
