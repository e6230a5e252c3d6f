"""Asks outside what the pre-flight needs: the addresses of an issue's links, and its DNS."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Thread

from emag.checks import Proof
from emag.checks.outside import Outside
from emag.content.links import asking
from emag.database import Database
from emag.desk.check_record import addresses
from emag.desk.look import Inspection, alone, with_record
from emag.domain import store as domain_store
from emag.issues import store
from emag.issues.issue import UNSENT, Issue
from emag.network import Deadline, TooSlow
from emag.press.printable import web_link
from emag.settings import Settings

SOON = timedelta(seconds=2.5)  # for somebody who waits
LONG = timedelta(seconds=30)  # for nobody
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"']+")


def look_and_ask(
    database: Database,
    settings: Settings,
    outside: Outside | None,
    which: int | str,
    *,
    now: datetime,
    within: timedelta = SOON,
) -> Inspection:
    """`look`, after asking what is not known yet, or may have been mended.

    Raises NotFound and PressError.
    """
    inspection = alone(database, settings, which, now=now)
    ask(database, settings, outside, inspection.proof, now=now, within=within)
    return with_record(database, settings, inspection)


def ask(
    database: Database,
    settings: Settings,
    outside: Outside | None,
    proof: Proof,
    *,
    now: datetime,
    within: timedelta = SOON,
    is_urgent: bool = True,
) -> None:
    """Asks what is not known yet or old, and keeps the answers. Never raises for an address."""
    if outside is not None:
        wanted = addresses(proof)
        ask_addresses(
            database, settings, outside, wanted, now=now, within=within, is_urgent=is_urgent
        )


def ask_addresses(
    database: Database,
    settings: Settings,
    outside: Outside,
    wanted: Collection[str],
    *,
    now: datetime,
    within: timedelta = LONG,
    is_urgent: bool = False,
) -> int:
    """Asks these addresses and the sending domain. Returns how many addresses answered."""
    end = Deadline.after(within.total_seconds())
    domain = _asking_domain(database, settings, outside, now=now)
    count = asking.ask(
        database,
        outside.links,
        wanted,
        base_url=settings.base_url,
        within=within,
        now=now,
        is_urgent=is_urgent,
    )
    with suppress(TooSlow):
        domain.join(end.remaining())
    return count


def _asking_domain(
    database: Database, settings: Settings, outside: Outside, *, now: datetime
) -> Thread:
    """A thread that asks DNS, and that no command waits for at its end."""

    def ask_quietly() -> None:
        with suppress(Exception):  # it is asked again; the database may be closed meanwhile
            ask_domain(database, settings, outside, now=now)

    thread = Thread(target=ask_quietly, name="domain", daemon=True)
    thread.start()
    return thread


def ask_domain(database: Database, settings: Settings, outside: Outside, *, now: datetime) -> None:
    """Asks DNS about the sending domain, unless it was asked a short while ago."""
    if outside.domain is None:
        return
    with database.reading() as conn:
        newest = domain_store.newest(conn, settings)
    if newest is None or newest.is_due(now=now):
        findings = outside.domain()
        with database.transaction() as conn:
            domain_store.remember(conn, settings, findings, now=now)


def ask_for_unsent(
    database: Database, settings: Settings, outside: Outside | None, *, now: datetime
) -> int:
    """Asks what the stories, notes and promos of unsent issues lead to. Returns how many."""
    if outside is None:
        return 0
    with database.reading() as conn:
        issues = [store.get(conn, issue.number) for issue in store.listing(conn, *UNSENT)]
    wanted = [address for issue in issues for address in _of(issue)]
    if issues:  # the template links to these in each
        publication = settings.publication
        wanted += filter(None, map(web_link, (publication.url, publication.write_for_us)))
    if settings.pictures.host == "source":
        wanted += [address for issue in issues for address in _pictures(issue)]
    return ask_addresses(database, settings, outside, wanted, now=now)


def _pictures(issue: Issue) -> list[str]:
    """The addresses of pictures that readers load where their sources keep them."""
    stories = (pick.story.picture.url for pick in issue.picks if pick.story.picture)
    promos = (promo.picture for promo in issue.promos)
    return [address for url in (*stories, *promos) if (address := web_link(url))]


def _of(issue: Issue) -> list[str]:
    """The addresses that editors and sources gave, as the press prints them."""
    texts = (issue.note, *(f"{promo.text} {promo.link}" for promo in issue.promos))
    written = (address for text in texts for address in _ADDRESS.findall(text))
    links_ = (*(pick.story.link for pick in issue.picks), *written)
    return [address for link in links_ if (address := web_link(link))]
