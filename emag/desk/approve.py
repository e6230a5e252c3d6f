"""Approve: what was checked is frozen, and what is frozen is what leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from emag.checks import RULE_NAMES, UNBREAKABLE, Fault, preflight, stories
from emag.database import Database
from emag.errors import NotFound, PreflightFailed, WrongMove
from emag.issues import approval, store
from emag.issues.issue import CLAIMS_STORIES, Frozen, Issue, Move, after, refusal
from emag.issues.period import in_words
from emag.press.compose import compose
from emag.press.document import Document
from emag.settings import Settings

_NONE: Mapping[str, str] = MappingProxyType({})


def check(
    database: Database, settings: Settings, which: int | str, *, now: datetime
) -> tuple[Document, list[Fault]]:
    """The document and all its faults: the frozen one of an approved issue, else printed now."""
    with database.reading() as conn:
        issue = store.get(conn, which)
        kept = store.frozen(conn, issue.number)
    if kept and issue.status in CLAIMS_STORIES:
        document = Document(kept.subject, kept.preheader, kept.html, kept.text)
        return document, preflight(issue, document, now=now, settings=settings)
    return _print(database, settings, issue, now=now)


def submit(database: Database, which: int | str, *, now: datetime, by: str = "") -> Issue:
    """Puts an issue before the editor."""
    with database.transaction() as conn:
        issue = store.get(conn, which)
        return store.move(conn, issue.number, Move.SUBMIT, now=now, by=by)


def approve(
    database: Database,
    settings: Settings,
    which: int | str,
    *,
    now: datetime,
    by: str,
    send_at: datetime | None = None,
    overrides: Mapping[str, str] = _NONE,
) -> Issue:
    """Prints, checks and freezes an issue, which is then sent at `send_at` or when it was due.

    An issue whose time has passed for good loses it, and waits for `emag issue send`. `overrides`
    maps a blocking rule to the reason for letting it pass, and is kept. Raises PreflightFailed with
    the faults' sentences, and WrongMove if the issue cannot be approved now.
    """
    _reasons(overrides)
    with database.reading() as conn:
        issue = store.get(conn, which)
    if after(issue.status, Move.APPROVE) is None:
        raise WrongMove(refusal(issue.number, issue.status, Move.APPROVE))
    when = _when(issue, settings, now=now, send_at=send_at)
    timed = replace(issue, send_at=when)
    document, faults = _print(database, settings, timed, now=now)
    _stop(issue.number, faults, overrides)
    passed = {fault.rule for fault in faults if fault.severity == "block"}
    reasons = {rule: reason for rule, reason in overrides.items() if rule in passed}
    try:
        with database.transaction() as conn:
            return _freeze(conn, issue, when, document, reasons=reasons, now=now, by=by)
    except IntegrityError as error:  # another issue took a story in the same moment
        raise WrongMove(_changed(issue.number)) from error


def _print(
    database: Database, settings: Settings, issue: Issue, *, now: datetime
) -> tuple[Document, list[Fault]]:
    document = compose(issue, settings, now=now)
    faults = preflight(issue, document, now=now, settings=settings)
    candidates = {pick.candidate: pick.story.title for pick in issue.picks}
    with database.reading() as conn:
        rivals = approval.rivals(conn, issue.number, list(candidates))
    twice = [stories.twice(candidates[each], other) for each, other in sorted(rivals.items())]
    return document, faults + twice


def _reasons(overrides: Mapping[str, str]) -> None:
    for rule, reason in overrides.items():
        if rule not in RULE_NAMES:
            raise NotFound(f"There is no rule “{rule}”; there are {', '.join(RULE_NAMES)}.")
        if rule in UNBREAKABLE:
            raise PreflightFailed(f"The rule “{rule}” cannot be overridden: repair the issue.")
        if not reason.strip():
            raise PreflightFailed(f"Overriding “{rule}” needs a reason: it is kept on record.")


def _when(
    issue: Issue, settings: Settings, *, now: datetime, send_at: datetime | None
) -> datetime | None:
    latest = settings.schedule.max_lateness
    if send_at is not None:
        if send_at + latest < now:
            when = in_words(send_at, settings.publication.zone)
            raise WrongMove(f"{when} has passed: name a time to come, or none to send by hand.")
        return send_at
    if issue.send_at and issue.send_at + latest < now:
        return None  # the timetable would only hold it again
    return issue.send_at


def _stop(number: int, faults: Sequence[Fault], overrides: Mapping[str, str]) -> None:
    blocking = [f for f in faults if f.severity == "block" and f.rule not in overrides]
    if blocking:
        named = [f"{f.message} ({f.rule}: {f.where})" for f in blocking]
        raise PreflightFailed(f"Issue {number} may not leave yet. " + " ".join(named))


def _freeze(
    conn: Connection,
    issue: Issue,
    send_at: datetime | None,
    document: Document,
    *,
    reasons: Mapping[str, str],
    now: datetime,
    by: str,
) -> Issue:
    if store.get(conn, issue.number) != issue:
        raise WrongMove(_changed(issue.number))
    store.move(conn, issue.number, Move.APPROVE, now=now, by=by)
    kept = Frozen(document.subject, document.preheader, document.html, document.text, document.hash)
    store.freeze(conn, issue.number, kept)
    approval.override(conn, issue.number, reasons, now=now, by=by)
    store.edit(conn, issue.number, document_hash=document.hash, send_at=send_at)
    return store.get(conn, issue.number)


def _changed(number: int) -> str:
    return f"Issue {number} was changed while it was checked: look at it again, then approve."
