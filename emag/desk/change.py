"""Makes changes of one issue, all in one transaction or none."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from emag.database import Database
from emag.issues import acts, store
from emag.issues.acts import IssueChange
from emag.issues.headings import in_order
from emag.issues.issue import UNFROZEN, UNSENT, Issue
from emag.settings import Settings

Plan = Callable[[Connection, Issue], Iterator[IssueChange]]


def perform(
    database: Database,
    settings: Settings,
    which: int | str,
    plan: Plan,
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Makes all changes of a plan in one transaction, or none. Gives the issue as it is then."""
    with database.transaction() as conn:
        issue = in_order(store.get(conn, which), settings)
        for change in plan(conn, issue):
            acts.perform(conn, issue.number, change, now=now, by=by)
        return settle(conn, issue.number, settings)


def settle(conn: Connection, number: int, settings: Settings) -> Issue:
    """What follows from changes: the automatic lines, and the sections that the issue needs.

    Nothing, where the issue has begun to leave: then only the archive's copy was corrected.
    """
    issue = store.get(conn, number)
    if issue.status not in UNSENT:
        return issue
    sections = in_order(issue, settings).sections
    if issue.status in UNFROZEN and sections != issue.sections:
        store.head(conn, number, sections)
    return store.follow_picks(conn, number, fallback=settings.publication.title)
