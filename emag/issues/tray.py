"""The tray of an issue: stories gathered since its draft."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from emag.content.pool import Candidate
from emag.issues import verdicts
from emag.issues.choice import choose_from, considered
from emag.issues.issue import UNSENT, Issue
from emag.issues.recipe import Because, Verdict
from emag.settings import Settings

_IN_TRAY = "waits in the tray"
_IN_POOL = "waits for an editor to pick it"  # of a special edition


def in_tray(
    conn: Connection, settings: Settings, issue: Issue, *, now: datetime
) -> list[tuple[Verdict, Candidate]]:
    """The stories that could still go into the issue, in order of gathering.

    For a special edition, which starts empty, they are those of the whole pool.
    """
    gathered = gathered_since(conn, settings, issue, now=now)
    return [(verdict, c) for verdict, c in gathered if waits(verdict)]


def waits(verdict: Verdict) -> bool:
    """True for a story that waits for an editor, in the tray or in the pool."""
    return verdict.reason.endswith((_IN_TRAY, _IN_POOL))


def gathered_since(
    conn: Connection, settings: Settings, issue: Issue, *, now: datetime
) -> list[tuple[Verdict, Candidate]]:
    """Every story gathered since the draft of an unsent issue, with the reason why it is out.

    For a special edition: every story that is open.
    """
    if issue.status not in UNSENT:
        return []
    judged = verdicts.judged(conn, issue.number)
    candidates = considered(conn, after=None if issue.is_special else issue.until)
    late = {candidate.id: candidate for candidate in candidates if candidate.id not in judged}
    choice = choose_from(
        conn,
        settings,
        late.values(),
        since=issue.since,
        until=max(now, issue.until),
        send_at=issue.send_at,
    )
    reasoned = _in_the_pool if issue.is_special else _after_the_draft
    return [(reasoned(v, late[v.candidate]), late[v.candidate]) for v in choice.verdicts]


def _in_the_pool(verdict: Verdict, candidate: Candidate) -> Verdict:
    """The recipe's verdict, for an issue into which only editors pick."""
    if verdict.chosen or verdict.because is Because.FULL:
        origin = f"added by {candidate.added_by}" if candidate.added_by else "in the pool"
        return replace(verdict, chosen=False, reason=f"out: {origin}, {_IN_POOL}", final=False)
    return verdict


def _after_the_draft(verdict: Verdict, candidate: Candidate) -> Verdict:
    """The recipe's verdict, in words for a story that it was not asked about at the draft."""
    by = candidate.added_by
    if verdict.chosen or verdict.because is Because.FULL:
        origin = f"added by {by}" if by else "gathered after the draft"
        return replace(verdict, chosen=False, reason=f"out: {origin}, {_IN_TRAY}")
    origin = f"added by {by} after the draft" if by else "gathered after the draft"
    return replace(verdict, reason=f"out: {origin}; {verdict.reason.removeprefix('out: ')}")
