"""Read what is on record: issues, why each story is in or out, and what became of each copy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emag.content.pool import Candidate
from emag.database import Database
from emag.issues import store, verdicts
from emag.issues.issue import UNSENT, Issue
from emag.issues.recipe import Verdict
from emag.issues.tray import gathered_since, in_tray
from emag.mailing.sending import ledger, results
from emag.mailing.sending.ledger import ListedDelivery
from emag.mailing.sending.results import PastIssue
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one story is in an issue or not."""

    candidate: Candidate
    verdict: Verdict


def issue(database: Database, which: int | str) -> Issue:
    """One issue with its picks: by number, “next” or “latest”. Raises NotFound."""
    with database.reading() as conn:
        return store.get(conn, which)


def issues(database: Database) -> list[Issue]:
    """All issues without their picks, the newest first."""
    with database.reading() as conn:
        return sorted(store.listing(conn), key=lambda issue: -issue.number)


@dataclass(frozen=True, slots=True)
class PastIssues:
    """One page of the past issues. `pages` says how many there are, at least one."""

    issues: Sequence[PastIssue]
    page: int
    pages: int
    total: int


def open_issues(database: Database) -> list[Issue]:
    """The issues that have not begun to leave, without their picks, the oldest first."""
    with database.reading() as conn:
        return store.listing(conn, *UNSENT)


def past(database: Database, *, page: int, size: int) -> PastIssues:
    """A page of the issues that have begun to leave or never will, the newest first."""
    with database.reading() as conn:
        total = results.count_past(conn)
        pages = max(math.ceil(total / size), 1)
        page = min(max(page, 1), pages)
        issues = results.past(conn, limit=size, offset=(page - 1) * size)
    return PastIssues(issues, page, pages, total)


def explain(
    database: Database, settings: Settings, which: int | str, *, now: datetime
) -> list[Explanation]:
    """Every story that was considered for an issue, then those gathered since, with the reason.

    Raises NotFound.
    """
    with database.reading() as conn:
        issue = store.get(conn, which)
        rows = verdicts.listing(conn, issue.number)
        rows += gathered_since(conn, settings, issue, now=now)
    return [Explanation(candidate, verdict) for verdict, candidate in rows]


def tray(
    database: Database, settings: Settings, which: int | str, *, now: datetime
) -> list[Explanation]:
    """The stories gathered since the draft that could go into the issue. Raises NotFound."""
    with database.reading() as conn:
        rows = in_tray(conn, settings, store.get(conn, which), now=now)
    return [Explanation(candidate, verdict) for verdict, candidate in rows]


def deliveries(
    database: Database, which: int | str, *, status: str | None = None
) -> tuple[int, list[ListedDelivery]]:
    """The issue's number and its deliveries, all or those of one status. Raises NotFound."""
    with database.reading() as conn:
        number = store.get(conn, which).number
        return number, list(ledger.listing(conn, number, status=status))
