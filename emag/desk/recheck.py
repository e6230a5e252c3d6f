"""Looks once more at an approved issue before it leaves: holds it, or mends what is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from emag.desk import change, recheck_notice
from emag.desk.approve import freeze
from emag.desk.closures import Closure, NextDate, Outdated, find_outdated
from emag.desk.look import Inspection, look_anew
from emag.errors import PressError
from emag.issues import acts, approved, life, lines, state, store
from emag.issues.act import PROGRAM, ActKind
from emag.issues.acts import IssueChange
from emag.issues.approved import GivenApproval
from emag.issues.difference import difference
from emag.issues.issue import Issue, Move, Pick, Status
from emag.issues.placement import Placement
from emag.issues.recipe import Because
from emag.newsroom import Newsroom


class RecheckResult(StrEnum):
    LEAVES = "leaves"
    HELD = "held"
    CHANGED = "changed"  # by somebody, while sources and pages were asked


@dataclass(frozen=True, slots=True)
class Recheck:
    """What came of it. `sentence` is empty where nothing had to be done."""

    outcome: RecheckResult
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class _Checked:
    """An approved issue as it was printed, its approval, and its newest act."""

    issue: Issue
    approval: GivenApproval | None
    revision: int


def recheck(newsroom: Newsroom, number: int) -> Recheck:
    """Asks the sources and pages of an approved issue again, within about a minute.

    If a job is over, or the lead's page is gone, the issue is held or leaves without it, as
    `[jobs] closed` says. A recurring event whose printed date has passed is no such story: it is
    printed with its next date. The editors are told. What the program does is its own act.
    """
    before = _checked(newsroom, number)
    if before.issue.status is not Status.APPROVED:
        return Recheck(RecheckResult.LEAVES)  # it is on its way already
    outdated = find_outdated(newsroom, number)
    if not outdated.over and not outdated.moved:
        return Recheck(RecheckResult.LEAVES)
    if outdated.over and newsroom.settings.jobs.closed == "hold":
        return _hold(newsroom, before, outdated)
    return _mend_or_hold(newsroom, before, outdated)


def _mend_or_hold(newsroom: Newsroom, before: _Checked, outdated: Outdated) -> Recheck:
    """Drops the stories and moves the dates, unless the issue could not leave like that."""
    settings, mended = newsroom.settings, _mended(newsroom, before, outdated)
    try:
        printed = look_anew(newsroom.database, settings, mended, now=newsroom.now())
    except PressError as error:
        return _hold(newsroom, before, outdated, str(error))
    if trouble := _trouble(printed, before.approval):
        return _hold(newsroom, before, outdated, trouble)
    return _leave(newsroom, before, outdated, printed)


def _checked(newsroom: Newsroom, number: int) -> _Checked:
    with newsroom.database.reading() as conn:
        issue, approval = store.get(conn, number), approved.latest(conn, number)
        printed = approval.stories if approval else {}
        sections = tuple(
            replace(
                section,
                picks=tuple(
                    replace(pick, story=printed.get(pick.candidate, pick.story))
                    for pick in section.picks
                ),
            )
            for section in issue.sections
        )
        return _Checked(replace(issue, sections=sections), approval, acts.revision(conn, number))


def _mended(newsroom: Newsroom, before: _Checked, outdated: Outdated) -> Issue:
    """The issue without what is over, with next dates, and every other word as it was approved."""
    over = {closure.story for closure in outdated.over}
    moved = {following.printed.story: following for following in outdated.moved}
    sections = tuple(
        replace(
            section,
            picks=tuple(
                _dated(pick, moved.get(pick.candidate))
                for pick in section.picks
                if pick.candidate not in over
            ),
        )
        for section in before.issue.sections
    )
    issue = replace(before.issue, sections=sections)
    return lines.automatic(issue, fallback=newsroom.settings.publication.title)


def _dated(pick: Pick, following: NextDate | None) -> Pick:
    if following is None:
        return pick
    return replace(pick, story=replace(pick.story, starts=following.starts, ends=following.ends))


def _trouble(printed: Inspection, approval: GivenApproval | None) -> str:
    """What blocks the new document and was not let pass before; "" if nothing does."""
    passed = approval.passed if approval else frozenset()
    blocking = [fault for fault in printed.blocking if (fault.rule, fault.where) not in passed]
    return " ".join(f"{fault.message} ({fault.rule}: {fault.where})" for fault in blocking)


def _leave(
    newsroom: Newsroom, before: _Checked, outdated: Outdated, printed: Inspection
) -> Recheck:
    number, now = before.issue.number, newsroom.now()
    outcome = _outcome(outdated)
    with newsroom.database.transaction() as conn:
        if acts.revision(conn, number) != before.revision:
            return _changed(number)
        for closure in outdated.over:
            acts.perform(conn, number, _out(closure), now=now, by=PROGRAM)
        change.settle(conn, number, newsroom.settings)
        freeze(
            conn,
            newsroom.settings,
            printed,
            at=before.issue.send_at,
            reasons={},
            now=now,
            by=PROGRAM,
            note=f"after the approval by {before.issue.approved_by}, {outcome}",
        )
        recheck_notice.mended(
            conn,
            newsroom.settings,
            before.issue,
            outdated,
            difference(before.issue, printed.issue),
            hash=printed.hash,
            now=now,
        )
    return Recheck(RecheckResult.LEAVES, f"Issue {number} leaves {outcome}")


def _hold(newsroom: Newsroom, before: _Checked, outdated: Outdated, trouble: str = "") -> Recheck:
    number, now = before.issue.number, newsroom.now()
    closures = [*outdated.over, *(following.printed for following in outdated.moved)]
    mended = _mended(newsroom, before, Outdated(over=tuple(closures)))
    with newsroom.database.transaction() as conn:
        if acts.revision(conn, number) != before.revision:
            return _changed(number)
        reason = "; ".join(f"“{closure.title}” is {closure.reason}" for closure in closures)
        life.move(conn, number, Move.HOLD, now=now, by=PROGRAM, reason=reason)
        recheck_notice.held(
            conn,
            newsroom.settings,
            before.issue,
            closures,
            difference(before.issue, mended),
            trouble=trouble,
            now=now,
        )
    return Recheck(RecheckResult.HELD, f"Issue {number} is held: {reason}")


def _changed(number: int) -> Recheck:
    return Recheck(
        RecheckResult.CHANGED,
        f"Issue {number} changed while its sources were read again: look at it",
    )


def _out(closure: Closure) -> IssueChange:
    placement = Placement(closure.section, "", Because.CLOSED, f"out: {closure.reason}")
    target = state.story(closure.story)
    return IssueChange(ActKind.DROP, target, placement.written(), detail=f"it is {closure.reason}")


def _outcome(outdated: Outdated) -> str:
    """“without “A” and with the next date of “B””."""
    clauses = []
    if outdated.over:
        clauses.append(f"without {_titles(outdated.over)}")
    if outdated.moved:
        printed = [following.printed for following in outdated.moved]
        clauses.append(f"with the next date of {_titles(printed)}")
    return " and ".join(clauses)


def _titles(closures: Sequence[Closure]) -> str:
    return " and ".join(f"“{closure.title}”" for closure in closures)
