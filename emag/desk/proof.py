"""The advertiser's proof: a promo as it ran, the accepted copies, and no reader's data."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy import Connection

from emag.database import Database
from emag.desk import promos
from emag.errors import NotFound
from emag.issues import approval, booking, store
from emag.issues.issue import Issue
from emag.issues.promo import Promo, RunStatus, place_in_words
from emag.mailing.delivery import DeliveryStatus
from emag.mailing.sending import condensed, ledger
from emag.press import promo as printed
from emag.press.dates import Dates
from emag.press.language import BRITISH, locale_of
from emag.press.templates import render
from emag.press.words import words
from emag.settings import Settings

FEWEST = 5  # readers of a domain that is named; with fewer it could show who reads
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class DomainCount:
    """The accepted copies at one receiving domain, or at all small ones together."""

    domain: str
    accepted: int


@dataclass(frozen=True, slots=True)
class ProvenRun:
    """A promo in an issue that has left. `slot` is its HTML, as the frozen document has it."""

    issue: int
    edition: int | None  # the number that readers see
    day: date
    hash: str
    subject: str
    promo: Promo
    label: str
    place: str  # in words
    slot: str
    accepted: int
    domains: tuple[DomainCount, ...]


@dataclass(frozen=True, slots=True)
class PromoProof:
    """A promo with everything that an advertiser may see of its runs, the first one first."""

    promo: Promo
    runs: tuple[ProvenRun, ...]
    html: str


def prove(database: Database, settings: Settings, number: int, *, now: datetime) -> PromoProof:
    """The proof of a promo, with its page. Raises NotFound for a promo that has not run yet."""
    listed = promos.show(database, settings, number, now=now)
    issues = [run.issue for run in listed.runs if run.issue and run.status is RunStatus.RAN]
    if not issues:
        raise NotFound(
            f"Promo {number} has not run yet: “emag promo show {number}” says when it will."
        )
    with database.reading() as conn:
        runs = tuple(_run(conn, settings, store.get(conn, n), number) for n in sorted(issues))
    last = runs[-1].promo
    return PromoProof(last, runs, _page(settings, last, runs, now))


def folded(domains: Counter[str]) -> tuple[DomainCount, ...]:
    """The counts, the largest first; those of fewer than five readers are one count, the last."""
    named = [(name, count) for name, count in domains.items() if name and count >= FEWEST]
    rest = domains.total() - sum(count for _, count in named)
    ordered = sorted(named, key=lambda entry: (-entry[1], entry[0]))
    counts = [DomainCount(name, count) for name, count in ordered]
    return (*counts, *([DomainCount(OTHERS, rest)] if rest else []))


def slot_of(html: str, number: int) -> str:
    """What a document prints of a promo; "" where its template does not mark promos."""
    mark = re.search(rf"<!--promo {number}-->(.*?)<!--/promo-->", html, re.DOTALL)
    return mark[1].strip() if mark else ""


def _run(conn: Connection, settings: Settings, issue: Issue, number: int) -> ProvenRun:
    frozen = approval.frozen(conn, issue.number)
    content = booking.content(conn, issue.number, number)
    assert content is not None  # the run is in this issue
    promo = Promo.read(content)
    domains = _accepted(conn, issue.number)
    at = issue.first_accepted_at or issue.began_at or issue.until
    return ProvenRun(
        issue=issue.number,
        edition=issue.edition,
        day=at.astimezone(settings.publication.zone).date(),
        hash=frozen.hash if frozen else issue.document_hash,
        subject=issue.subject,
        promo=promo,
        place=place_in_words(promo.place),
        label=printed.label(promo, words(settings)),
        slot=slot_of(frozen.html, number) if frozen else "",
        accepted=domains.total(),
        domains=folded(domains),
    )


def _accepted(conn: Connection, number: int) -> Counter[str]:
    """The accepted copies by the domain of their address; "" where the reader was erased."""
    status = DeliveryStatus.ACCEPTED.value
    if old := condensed.find(conn, number):
        names = {domain: "" if domain == OTHERS else domain for domain in old.domains}
        return Counter({names[domain]: sums[status] for domain, sums in old.domains.items()})
    deliveries = ledger.listing(conn, number, status=status)
    return Counter(entry.address.rpartition("@")[2].lower() for entry in deliveries)


def _page(settings: Settings, promo: Promo, runs: tuple[ProvenRun, ...], now: datetime) -> str:
    dates = Dates(locale_of(BRITISH))
    context = {
        "promo": promo,
        "runs": [(run, Markup(run.slot), dates.long(run.day)) for run in runs],  # noqa: S704 - our own
        "settings": settings,
        "fewest": FEWEST,
        "others": OTHERS,
        "made": dates.long(now.astimezone(settings.publication.zone).date()),
    }
    return render("desk/proof.html", context, folders=settings.template_folders, escape=True)
