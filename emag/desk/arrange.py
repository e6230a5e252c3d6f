"""Pick, drop, order, edit: the editor's hand on an issue; each voids an approval."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.database import Database
from emag.errors import NotFound, WrongMove
from emag.issues import approval, life, store, verdicts
from emag.issues.issue import Issue, Move, Pick, Section, Status, after, spoken
from emag.issues.lines import Line
from emag.issues.recipe import Because, Verdict
from emag.settings import Settings


def pick(
    database: Database,
    settings: Settings,
    which: int | str,
    candidate: int,
    *,
    now: datetime,
    by: str,
    section: str | None = None,
    place: int | None = None,
) -> Issue:
    """Puts a story into an issue, at `place` (0 is first) or at the end of its section.

    Raises NotFound for a story or section that is not there, WrongMove for a story that another
    issue has claimed or that is in this one.
    """

    def change(conn: Connection, issue: Issue) -> None:
        found = _candidate(conn, candidate)
        claimed = approval.claimed_by(conn, candidate) or issue.number
        if candidate in {each.candidate for each in issue.picks} or claimed != issue.number:
            raise WrongMove(f"“{found.story.title}” is in issue {claimed} already.")
        name = section or found.section
        target = _section(issue, name)
        picks = list(target.picks)
        picks.insert(len(picks) if place is None else place, Pick(candidate, found.story))
        _rearrange(conn, issue, replace(target, picks=tuple(picks)))
        reason = "in: picked by the editor"
        verdict = Verdict(candidate, name, chosen=True, reason=reason, because=Because.PICKED)
        verdicts.overrule(conn, issue.number, verdict)

    return _change(database, settings, which, change, now=now, by=by)


def drop(
    database: Database,
    settings: Settings,
    which: int | str,
    candidate: int,
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Takes a story out; it stays out of later issues too, until it is picked by hand."""

    def change(conn: Connection, issue: Issue) -> None:
        target = _holding(issue, candidate)
        left = tuple(each for each in target.picks if each.candidate != candidate)
        _rearrange(conn, issue, replace(target, picks=left))
        reason = "out: dropped by the editor"
        verdict = Verdict(
            candidate, target.name, chosen=False, reason=reason, because=Because.DROPPED
        )
        verdicts.overrule(conn, issue.number, verdict)

    return _change(database, settings, which, change, now=now, by=by)


def order(
    database: Database,
    settings: Settings,
    which: int | str,
    candidates: Sequence[int],
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Puts stories first in their sections, in the order given; the others follow as before."""

    def change(conn: Connection, issue: Issue) -> None:
        for candidate in candidates:
            _holding(issue, candidate)
        wanted = {candidate: place for place, candidate in enumerate(candidates)}
        sections = [
            replace(section, picks=tuple(sorted(section.picks, key=lambda p: _place(p, wanted))))
            for section in issue.sections
        ]
        store.arrange(conn, issue.number, sections)

    return _change(database, settings, which, change, now=now, by=by)


def edit(
    database: Database,
    settings: Settings,
    which: int | str,
    *,
    now: datetime,
    by: str,
    subject: str | None = None,
    preheader: str | None = None,
    note: str | None = None,
) -> Issue:
    """Writes the subject, the preheader or the editor's note (Markdown); None leaves it alone."""

    def change(conn: Connection, issue: Issue) -> None:
        if subject is not None:
            store.write_line(conn, issue, Line.SUBJECT, " ".join(subject.split()))
        if preheader is not None:
            issue = store.get(conn, issue.number)
            store.write_line(conn, issue, Line.PREHEADER, " ".join(preheader.split()))
        if note is not None:
            store.edit(conn, issue.number, note=note)

    return _change(database, settings, which, change, now=now, by=by)


def reset(
    database: Database,
    settings: Settings,
    which: int | str,
    lines: Collection[Line],
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Makes written lines automatic again: they then follow the picks."""

    def change(conn: Connection, issue: Issue) -> None:
        for line in lines:
            store.reset_line(conn, store.get(conn, issue.number), line)

    return _change(database, settings, which, change, now=now, by=by)


def _change(
    database: Database,
    settings: Settings,
    which: int | str,
    change: Callable[[Connection, Issue], None],
    *,
    now: datetime,
    by: str,
) -> Issue:
    """Does it in one transaction, and voids the approval that was given to something else."""
    with database.transaction() as conn:
        issue = store.get(conn, which)
        if after(issue.status, Move.REOPEN) is None:
            raise WrongMove(f"Issue {issue.number} is {spoken(issue.status)}: it stays as it is.")
        if issue.status is Status.APPROVED:
            life.move(conn, issue.number, Move.REOPEN, now=now, by=by)
        change(conn, replace(issue, sections=_sections(issue, settings)))
        return store.follow_picks(conn, issue.number, fallback=settings.publication.title)


def _sections(issue: Issue, settings: Settings) -> tuple[Section, ...]:
    """The issue's sections, and those that the settings gained since it was drafted."""
    known = {section.name for section in issue.sections}
    gained = (Section(s.name, s.title) for s in settings.sections if s.name not in known)
    return (*issue.sections, *gained)


def _place(pick: Pick, wanted: Mapping[int, int]) -> int:
    return wanted.get(pick.candidate, len(wanted))


def _rearrange(conn: Connection, issue: Issue, changed: Section) -> None:
    sections = [changed if each.name == changed.name else each for each in issue.sections]
    store.arrange(conn, issue.number, sections)


def _candidate(conn: Connection, candidate: int) -> Candidate:
    found = pool.by_ids(conn, [candidate]).get(candidate)
    if found is None:
        raise NotFound(f"There is no story {candidate}: “emag issue explain” lists them.")
    return found


def _section(issue: Issue, name: str) -> Section:
    for section in issue.sections:
        if section.name == name:
            return section
    names = ", ".join(section.name for section in issue.sections)
    raise NotFound(f"Issue {issue.number} has no section “{name}”; it has {names}.")


def _holding(issue: Issue, candidate: int) -> Section:
    for section in issue.sections:
        if candidate in {each.candidate for each in section.picks}:
            return section
    raise NotFound(f"Story {candidate} is not there in issue {issue.number}.")
