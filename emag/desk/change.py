"""Makes changes of one issue, all in one transaction or none."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from emag.database import Database
from emag.issues import acts, store
from emag.issues.acts import IssueChange
from emag.issues.issue import UNFROZEN, UNSENT, Issue, Section
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
        issue = _in_order(store.get(conn, which), settings)
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
    sections = _in_order(issue, settings).sections
    if issue.status in UNFROZEN and sections != issue.sections:
        store.head(conn, number, sections)
    return store.follow_picks(conn, number, fallback=settings.publication.title)


def _in_order(issue: Issue, settings: Settings) -> Issue:
    """The issue with the sections of the settings, in their order.

    A section that the settings no longer have stays, at the end, while it holds a story.
    """
    by_name = {section.name: section for section in issue.sections}
    names = {section.name for section in settings.sections}
    wanted = [
        replace(by_name.get(s.name, Section(s.name, s.title)), title=s.title)
        for s in settings.sections
    ]
    left = [section for section in issue.sections if section.name not in names and section.picks]
    return replace(issue, sections=(*wanted, *left))
