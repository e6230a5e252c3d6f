"""The mail that asks for an approval: the issue as readers will recognise it, and what to do."""

from collections.abc import Iterator
from datetime import date

from emag.checks import Fault
from emag.content.story import Kind
from emag.dates.calendar import DateStatus
from emag.dates.store import of_day
from emag.desk.four_eyes import author_of
from emag.desk.look import Inspection, look
from emag.desk.sources import troubles
from emag.editors.editor import is_same_person
from emag.editors.role import Role
from emag.editors.store import listing
from emag.errors import PressError
from emag.issues import store
from emag.issues.issue import Issue
from emag.issues.period import in_words
from emag.newsroom import Newsroom

_EXCERPT = 160  # characters of the lead's summary
_MOVED = (DateStatus.MOVED, DateStatus.HOLIDAY)


def request(newsroom: Newsroom, issue: Issue, *, trouble: str = "") -> list[str]:
    """The lines of the mail, below its first one. `trouble` prevented an automatic approval.

    Its link leads to a page behind the sign-in: nobody who has the mail can do anything with it.
    """
    number, base_url = issue.number, newsroom.settings.base_url
    with newsroom.database.reading() as conn:
        issue = store.get(conn, number)
    return [
        *_deadline(newsroom, issue),
        *_approvers(newsroom, issue),
        *(["", f"It was not approved by itself: {trouble}"] if trouble else []),
        "",
        *_looks(issue),
        "",
        *_preflight(newsroom, issue),
        *sources(newsroom),
        "",
        f"Look at it:  {base_url}/desk/issues/{number}/review",
        "",
        f"See it:      emag preview {number}",
        f"Check it:    emag issue check {number}",
        f"Approve it:  emag issue approve {number}",
    ]


def approvers(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Name and address of everybody whom an invitation allows to approve issues."""
    with newsroom.database.reading() as conn:
        return [(e.name, e.address) for e in listing(conn) if Role.APPROVER in e.roles]


def operators(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Name and address of everybody who looks after the machine."""
    with newsroom.database.reading() as conn:
        return [(e.name, e.address) for e in listing(conn) if Role.OPERATOR in e.roles]


def contents(issue: Issue) -> list[str]:
    """The titles of the stories, section by section, and the promos."""
    lines: list[str] = []
    for section in issue.sections:
        if section.picks:
            lines += [section.title or section.name]
            lines += [f"  - {' '.join(pick.story.title.split())}" for pick in section.picks]
    return lines + [f"Promo ({promo.kind}, {promo.place}): {promo.title}" for promo in issue.promos]


def sources(newsroom: Newsroom) -> list[str]:
    """What is wrong with the sources, for the foot of a notice."""
    lines = [
        f"  - {entry.source}: {entry.trouble}"
        for entry in troubles(newsroom.database, newsroom.settings)
    ]
    return ["", "Sources that need a look:", *lines] if lines else []


def when(newsroom: Newsroom, issue: Issue) -> str:
    """When the issue leaves, with the zone; "" where no time is set."""
    publication = newsroom.settings.publication
    if issue.send_at is None:
        return ""
    return f"{in_words(issue.send_at, publication.zone)} ({publication.timezone})"


def _deadline(newsroom: Newsroom, issue: Issue) -> Iterator[str]:
    due, schedule = when(newsroom, issue), newsroom.settings.schedule
    if not due:
        yield "No time is set for it: it waits for you."
        return
    if_not = "held" if schedule.if_unapproved == "hold" else "skipped"
    yield f"It is due on {due}. Without your approval it is {if_not} then."
    with newsroom.database.reading() as conn:
        entry = of_day(conn, newsroom.settings, date.fromisoformat(issue.local_date))
    if entry and not issue.is_special and entry.status in _MOVED and entry.send == issue.send_at:
        yield f"That date was {entry.reason}."


def _approvers(newsroom: Newsroom, issue: Issue) -> Iterator[str]:
    """Who may approve it, where that is known: editors with that role, and by four eyes."""
    with newsroom.database.reading() as conn:
        author = author_of(conn, newsroom.settings, issue.number)
    names = [name or address for name, address in approvers(newsroom)]
    if newsroom.settings.approval.four_eyes == "required":
        names = [name for name in names if not is_same_person(name, author)]
    if names:
        yield f"Who may approve it: {', '.join(names)}."


def _looks(issue: Issue) -> Iterator[str]:
    yield f"Subject:    {issue.subject}"
    yield f"Preheader:  {issue.preheader}"
    lead = next((pick.story for pick in issue.picks if pick.story.kind is Kind.POST), None)
    if lead:
        yield f"First:      {' '.join(lead.title.split())}"
        summary = " ".join(lead.summary.split())
        if summary:
            yield f"            {summary[:_EXCERPT]}{'…' if len(summary) > _EXCERPT else ''}"
    yield ""
    yield from contents(issue)


def _preflight(newsroom: Newsroom, issue: Issue) -> list[str]:
    try:
        view = look(newsroom.database, newsroom.settings, issue.number, now=newsroom.now())
    except PressError as error:
        return [f"It cannot be printed: {error}"]
    return [_result(view), *(_fault(fault) for fault in view.faults)]


def _result(view: Inspection) -> str:
    if not view.faults:
        return "The pre-flight found nothing wrong."
    if not view.blocking:
        return "The pre-flight found nothing that blocks the issue, but warns:"
    return "The pre-flight found what must be put right:"


def _fault(fault: Fault) -> str:
    verb = "blocks" if fault.severity == "block" else "warns"
    return f"  - {verb}: {fault.message} ({fault.rule}: {fault.where})"
