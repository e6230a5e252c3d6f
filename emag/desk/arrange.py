"""Change an issue's content: pick, drop, order, edit, reset. Each change voids an approval."""

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

    Raises NotFound for an unknown story or section, and WrongMove for a story that is in this issue
    or that another issue has claimed.
    """

    def change(conn: Connection, issue: Issue) -> None:
        chosen = _candidate(conn, candidate)
        claimed = approval.claimed_by(conn, candidate) or issue.number
        if candidate in {pick.candidate for pick in issue.picks} or claimed != issue.number:
            raise WrongMove(f"“{chosen.story.title}” is in issue {claimed} already.")
        name = section or chosen.section
        target = _section(issue, name)
        picks = list(target.picks)
        picks.insert(len(picks) if place is None else place, Pick(candidate, chosen.story))
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
    """Takes a story out of this issue and of later ones, until somebody picks it again."""

    def change(conn: Connection, issue: Issue) -> None:
        target = _section_of(issue, candidate)
        remaining = tuple(pick for pick in target.picks if pick.candidate != candidate)
        _rearrange(conn, issue, replace(target, picks=remaining))
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
    """Puts stories first in their sections, in this order. The others keep theirs."""

    def change(conn: Connection, issue: Issue) -> None:
        for candidate in candidates:
            _section_of(issue, candidate)
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
    """Writes the subject, the preheader or the editor's note (Markdown). None changes nothing."""

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
    """Changes the issue in one transaction, and voids an approval of what it was before.

    Raises WrongMove if the issue has begun to leave or is closed.
    """
    with database.transaction() as conn:
        issue = store.get(conn, which)
        if after(issue.status, Move.REOPEN) is None:
            raise WrongMove(
                f"Issue {issue.number} is {spoken(issue.status)}: it can no longer be changed."
            )
        if issue.status is Status.APPROVED:
            life.move(conn, issue.number, Move.REOPEN, now=now, by=by)
        change(conn, replace(issue, sections=_sections(issue, settings)))
        return store.follow_picks(conn, issue.number, fallback=settings.publication.title)


def _sections(issue: Issue, settings: Settings) -> tuple[Section, ...]:
    """The issue's sections, and those that were added to the settings since the draft."""
    names = {section.name for section in issue.sections}
    added = (Section(s.name, s.title) for s in settings.sections if s.name not in names)
    return (*issue.sections, *added)


def _place(pick: Pick, wanted: Mapping[int, int]) -> int:
    return wanted.get(pick.candidate, len(wanted))


def _rearrange(conn: Connection, issue: Issue, changed: Section) -> None:
    sections = [changed if s.name == changed.name else s for s in issue.sections]
    store.arrange(conn, issue.number, sections)


def _candidate(conn: Connection, number: int) -> Candidate:
    candidate = pool.by_ids(conn, [number]).get(number)
    if candidate is None:
        raise NotFound(f"There is no story {number}: “emag issue explain” lists them.")
    return candidate


def _section(issue: Issue, name: str) -> Section:
    for section in issue.sections:
        if section.name == name:
            return section
    names = ", ".join(section.name for section in issue.sections)
    raise NotFound(f"Issue {issue.number} has no section “{name}”; it has {names}.")


def _section_of(issue: Issue, candidate: int) -> Section:
    for section in issue.sections:
        if candidate in {pick.candidate for pick in section.picks}:
            return section
    raise NotFound(f"Story {candidate} is not in issue {issue.number}.")
