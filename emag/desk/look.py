"""Look at an issue: its document, its faults and its size, the same for every page and command."""

from dataclasses import dataclass
from datetime import datetime

from emag.checks import Fault, preflight
from emag.checks.rules import size, stories
from emag.database import Database
from emag.desk import four_eyes
from emag.issues import approval, edition, store
from emag.issues.headings import in_order
from emag.issues.issue import UNFROZEN, Frozen, Issue
from emag.issues.lines import current
from emag.press.compose import compose
from emag.press.document import Document
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Inspection:
    """An issue and what its readers would get now.

    `document` still holds readers' slots and the marks of topics. `html_bytes` is the decoded size
    of the longest HTML part with its slots filled; the rule “size” compares the same number with
    the limit at which mail programs clip. `printed_at` is when an unfrozen document was printed.
    """

    issue: Issue
    document: Document
    faults: tuple[Fault, ...]
    html_bytes: int
    is_frozen: bool  # the document that was approved, not one printed now
    printed_at: datetime
    edition: int  # the issue's own, or the one that it would get now

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
    with database.reading() as conn:
        issue = store.get(conn, which)
        frozen = approval.frozen(conn, issue.number)
    if frozen is None:
        return look_anew(database, settings, issue, now=now)
    return _look(database, settings, issue, _document(frozen), now=now, is_frozen=True)


def look_anew(database: Database, settings: Settings, issue: Issue, *, now: datetime) -> Inspection:
    """The issue with a document printed now, even if another one was approved.

    Raises PressError if it cannot be printed.
    """
    if issue.status in UNFROZEN:
        issue = current(in_order(issue, settings))
    document = compose(issue, settings, now=now)
    return _look(database, settings, issue, document, now=now, is_frozen=False)


def claimed_elsewhere(database: Database, issue: Issue) -> list[Fault]:
    """A fault for each story that another issue has claimed."""
    titles = {pick.candidate: pick.story.title for pick in issue.picks}
    with database.reading() as conn:
        turns = {pick.candidate: pick.turn for pick in issue.picks}
        rivals = approval.rivals(conn, issue.number, turns)
    return [stories.twice(titles[story], other) for story, other in sorted(rivals.items())]


def _look(
    database: Database,
    settings: Settings,
    issue: Issue,
    document: Document,
    *,
    now: datetime,
    is_frozen: bool,
) -> Inspection:
    faults = preflight(issue, document, now=now, settings=settings)
    faults += claimed_elsewhere(database, issue)
    with database.reading() as conn:
        faults += four_eyes.open_question(conn, settings, issue)
    html_bytes = size.html_bytes(document, settings.base_url)
    with database.reading() as conn:
        number = edition.current_or_next(conn, issue.number)
    return Inspection(issue, document, tuple(faults), html_bytes, is_frozen, now, number)


def _document(frozen: Frozen) -> Document:
    return Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
