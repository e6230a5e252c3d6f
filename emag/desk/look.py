"""Look at an issue: its document, its faults and its size, the same for every page and command."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from emag.checks import Fault, Proof, by_rule, of_document, of_record, proof_of
from emag.checks.rules import size, stories
from emag.database import Database
from emag.desk import check_record, four_eyes
from emag.desk.check_record import NONE_ASKED, LinksAsked
from emag.issues import approval, change_requests, edition, store
from emag.issues.change_requests import ChangeRequest
from emag.issues.headings import in_order
from emag.issues.issue import UNFROZEN, Frozen, Issue
from emag.issues.lines import current
from emag.press.compose import compose
from emag.press.document import Document
from emag.settings import Settings

REQUESTED = "changes"  # the rule of a request that is open


@dataclass(frozen=True, slots=True)
class Inspection:
    """An issue and what its readers would get now.

    `document` still holds readers' slots and the marks of topics. `html_bytes` is the decoded size
    of the longest HTML part with its slots filled; the rule “size” compares the same number with
    the limit at which mail programs clip. `printed_at` is when an unfrozen document was printed.
    `proof` is what the rules examined.
    """

    issue: Issue
    document: Document
    faults: tuple[Fault, ...]
    html_bytes: int
    is_frozen: bool  # the document that was approved, not one printed now
    printed_at: datetime
    edition: int  # the issue's own, or the one that it would get now
    proof: Proof
    links: LinksAsked = NONE_ASKED

    @property
    def hash(self) -> str:
        return self.document.hash

    @property
    def blocking(self) -> tuple[Fault, ...]:
        """The faults that keep the issue from leaving."""
        return tuple(fault for fault in self.faults if fault.severity == "block")


def look(database: Database, settings: Settings, which: int | str, *, now: datetime) -> Inspection:
    """The issue with its frozen document where it has one, else with one printed now.

    `which` is a number, “next” or “latest”. Raises NotFound, and PressError if it cannot be
    printed.
    """
    return with_record(database, settings, alone(database, settings, which, now=now))


def alone(database: Database, settings: Settings, which: int | str, *, now: datetime) -> Inspection:
    """The same, checked by itself: `with_record` adds what other rows say of it."""
    with database.reading() as conn:
        issue = store.get(conn, which)
        frozen = approval.frozen(conn, issue.number)
    if frozen is None:
        return printed(settings, issue, now=now)
    return thawed(settings, issue, frozen, now=now)


def look_anew(database: Database, settings: Settings, issue: Issue, *, now: datetime) -> Inspection:
    """The issue with a document printed now, even if another one was approved.

    Raises PressError if it cannot be printed.
    """
    return with_record(database, settings, printed(settings, issue, now=now))


def printed(settings: Settings, issue: Issue, *, now: datetime) -> Inspection:
    """The issue, printed and checked by itself: `with_record` adds what other rows say of it."""
    if issue.status in UNFROZEN:
        issue = current(in_order(issue, settings))
    return _inspection(settings, issue, compose(issue, settings, now=now), now, is_frozen=False)


def thawed(settings: Settings, issue: Issue, frozen: Frozen, *, now: datetime) -> Inspection:
    """The issue with its approved document, checked by itself as `printed` does."""
    document = Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
    return _inspection(settings, issue, document, now, is_frozen=True)


def with_record(database: Database, settings: Settings, alone: Inspection) -> Inspection:
    """Adds what rows say: answers of links, other issues, four eyes, what was asked for."""
    issue = alone.issue
    with database.reading() as conn:
        record, links = check_record.read(conn, settings, alone.proof)
        others = _claimed_elsewhere(conn, issue)
        others += four_eyes.open_question(conn, settings, issue)
        others += [_requested(request) for request in change_requests.pending(conn, issue.number)]
        number = edition.current_or_next(conn, issue.number)
    recorded = of_record(replace(alone.proof, record=record))
    faults = (*by_rule([*alone.faults, *recorded]), *others)
    return replace(alone, faults=faults, edition=number, links=links)


def _claimed_elsewhere(conn: Connection, issue: Issue) -> list[Fault]:
    """A fault for each story that another issue has claimed."""
    picks = {pick.candidate: pick for pick in issue.picks}
    rivals = approval.rivals(conn, issue.number, {key: pick.turn for key, pick in picks.items()})
    return [stories.twice(picks[story], other) for story, other in sorted(rivals.items())]


def _requested(request: ChangeRequest) -> Fault:
    text = " ".join(request.text.split())
    sentence = f"{request.by} asked for changes, “{text}”: settle it once it is as they wish."
    return Fault(REQUESTED, "warn", sentence, "the issue")


def _inspection(
    settings: Settings, issue: Issue, document: Document, now: datetime, *, is_frozen: bool
) -> Inspection:
    proof = proof_of(issue, document, now=now, settings=settings)
    faults = tuple(of_document(proof))
    html_bytes = size.html_bytes(document, settings.base_url)
    return Inspection(issue, document, faults, html_bytes, is_frozen, now, edition=0, proof=proof)
