"""Asks the addresses of links, and keeps their answers in the database."""

from collections.abc import Collection
from datetime import datetime, timedelta

from emag.content.links import link_store
from emag.content.links.link import LinkAsker, is_askable
from emag.database import Database

RETENTION = timedelta(days=30)  # after the address was last asked


def ask(
    database: Database,
    asker: LinkAsker,
    addresses: Collection[str],
    *,
    base_url: str,
    within: timedelta,
    now: datetime,
    is_urgent: bool = False,
) -> int:
    """Asks those of the addresses whose answer is missing or old. Returns how many answered.

    With `is_urgent` one that was dead is asked again at once. No transaction is open meanwhile.
    """
    wanted = [a for a in dict.fromkeys(addresses) if is_askable(a, base_url=base_url)]
    with database.reading() as conn:
        answers_before = link_store.newest(conn, wanted)
    due = [
        a
        for a in wanted
        if a not in answers_before or answers_before[a].is_due(now=now, is_urgent=is_urgent)
    ]
    answers = asker.ask(due, within=within) if due else []
    if answers:
        with database.transaction() as conn:
            link_store.remember(conn, answers, now=now)
    return len(answers)


def forget(database: Database, *, now: datetime) -> None:
    """Erases the answers of addresses that nobody asks any more."""
    with database.transaction() as conn:
        link_store.forget(conn, before=now - RETENTION)
