"""Applies the recipe to what the pool holds, for a new issue and for the tray of an open one."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.issues import approval, repeated, verdicts
from emag.issues.recipe import Choice, SectionRule, choose
from emag.settings import Settings


def considered(conn: Connection, *, after: datetime | None = None) -> list[Candidate]:
    """The open candidates that no closed issue has claimed, or those gathered after a moment."""
    claimed = set(conn.execute(approval.claimed_for_good()).scalars())
    candidates = pool.open_candidates(conn, after=after)
    return [candidate for candidate in candidates if candidate.id not in claimed]


def considered_again(conn: Connection, settings: Settings) -> list[Candidate]:
    """The stories that readers had and may get once more."""
    again = repeated.repeats(conn, times=settings.jobs.repeat)
    return list(pool.by_ids(conn, again).values())


def choose_from(
    conn: Connection,
    settings: Settings,
    candidates: Iterable[Candidate],
    *,
    since: datetime | None,
    until: datetime,
    send_at: datetime | None,
) -> Choice:
    """The sections that these candidates give, with a verdict on each.

    `since` is the last claimed issue's cut-off and `until` this one's. Whether a job is open is
    judged on the day of the send.
    """
    zone = settings.publication.zone
    repeats = repeated.repeats(conn, times=settings.jobs.repeat)
    rules = [
        SectionRule(section.name, section.title, section.limit, section.order, section.window)
        for section in settings.sections
    ]
    return choose(
        candidates,
        rules,
        since=since,
        until=until,
        today=(send_at or until).astimezone(zone).date(),
        leaves_at=(send_at or until).astimezone(zone),
        used=repeated.picked_for_specials(conn) | approval.used(conn, among=pool.open_ids()),
        earlier=verdicts.earlier(conn, also=repeats),
        repeats=repeats,
        zone=zone,
    )
