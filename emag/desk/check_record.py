"""Reads what is on record about an issue, for the rules of the pre-flight that need it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from emag.checks import CheckRecord, Proof
from emag.checks.record import folded
from emag.content.links import link_store
from emag.content.links.link import KnownLink, is_askable
from emag.content.pictures import picture_store
from emag.content.pictures.picture import files_in
from emag.content.story import canonical, identity_of
from emag.domain import store as domain_store
from emag.issues import earlier
from emag.issues.earlier import EarlierIssue
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class LinksAsked:
    """How far the asking of an issue's links is. `oldest` is when the first of them was asked."""

    count: int = 0
    pending: int = 0
    oldest: datetime | None = None


NONE_ASKED = LinksAsked()


def addresses(proof: Proof) -> list[str]:
    """The addresses in the mail that are to be asked: of links, and pictures at their sources."""
    base_url = proof.settings.base_url
    pictures = (image.src for image in proof.html_part.images)
    hrefs = dict.fromkeys((*(link.href for link in proof.html_part.links), *pictures))
    return [href for href in hrefs if is_askable(href, base_url=base_url)]


def read(conn: Connection, settings: Settings, proof: Proof) -> tuple[CheckRecord, LinksAsked]:
    """What is on record about a printed issue, and how far the asking of its links is."""
    wanted = addresses(proof)
    answers = link_store.newest(conn, wanted)
    domain = domain_store.newest(conn, settings)
    before = earlier.recent(conn, proof.issue)
    record = CheckRecord(
        links={url: link.answer for url, link in answers.items()},
        used=_used(conn, proof, before),
        lines={folded(line): e.number for e in reversed(before) for line in _lines(e) if line},
        domain=domain.findings if domain else (),
        weights=_weights(conn, proof, answers),
    )
    return record, _progress(wanted, answers)


def _weights(conn: Connection, proof: Proof, answers: dict[str, KnownLink]) -> dict[str, int]:
    """The bytes of the mail's pictures: of emag's own copies, and of those at their sources."""
    sizes = picture_store.sizes(conn, files_in(proof.document.html))
    weights = {}
    for image in proof.html_part.images:
        copies = [size for name in files_in(image.src) if (size := sizes.get(name))]
        answer = answers.get(image.src)
        weights[image.src] = copies[0] if copies else answer.answer.size if answer else 0
    return weights


def _progress(wanted: list[str], answers: dict[str, KnownLink]) -> LinksAsked:
    oldest = min((link.asked_at for link in answers.values()), default=None)
    return LinksAsked(len(wanted), len(wanted) - len(answers), oldest)


def _lines(issue: EarlierIssue) -> Iterable[str]:
    return issue.subject, issue.preheader


def _used(conn: Connection, proof: Proof, before: list[EarlierIssue]) -> dict[str, int]:
    """The links of stories and of the note that a recent issue had."""
    if not before:
        return {}
    stories = {pick.candidate for pick in proof.issue.picks}
    repeated = {p.story.link for p in proof.issue.picks if p.turn or p.story.shares_link}
    pages = {
        link.href: identity_of(canonical(link.href))
        for link in proof.html_part.links
        if proof.target_of_link(link.href).partition(" ")[0] in {"story", "note"}
    }
    of_stories = earlier.stories(conn, [e.number for e in before], set(pages.values()))
    numbers = {}
    for href, page in pages.items():
        story, issue = of_stories.get(page, (0, 0))
        in_note = next((e.number for e in before if href in e.note), 0)
        if href not in repeated and (number := in_note or (0 if story in stories else issue)):
            numbers[href] = number
    return numbers
