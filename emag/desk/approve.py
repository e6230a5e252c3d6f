"""Ask for an approval, and approve: the document that was checked is the one that leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from emag.checks import RULE_NAMES, UNBREAKABLE, Fault
from emag.database import Database
from emag.desk.look import look_anew
from emag.errors import NotFound, PreflightFailed, WrongMove
from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Issue, Move, after, refusal
from emag.issues.period import in_words
from emag.press.document import Document
from emag.settings import Settings

_NONE: Mapping[str, str] = MappingProxyType({})


def submit(database: Database, which: int | str, *, now: datetime, by: str) -> Issue:
    """Asks the editors to approve an issue. Raises NotFound and WrongMove."""
    with database.transaction() as conn:
        issue = store.get(conn, which)
        return life.move(conn, issue.number, Move.SUBMIT, now=now, by=by)


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
    """Prints, checks and freezes an issue; it leaves at `send_at`, or else at the time it had.

    An issue whose time passed too long ago loses it, and waits for `emag issue send`. `overrides`
    maps a blocking rule to the reason for letting it pass; the reasons are kept on record. Raises
    PreflightFailed with the faults' sentences, and WrongMove if it cannot be approved now.
    """
    _check_overrides(overrides)
    with database.reading() as conn:
        issue = store.get(conn, which)
    if after(issue.status, Move.APPROVE) is None:
        raise WrongMove(refusal(issue.number, issue.status, Move.APPROVE))
    when = _when(issue, settings, now=now, send_at=send_at)
    timed = replace(issue, send_at=when)
    printed = look_anew(database, settings, timed, now=now)
    _refuse_faults(issue.number, printed.blocking, overrides)
    passed = {fault.rule for fault in printed.blocking}
    reasons = {rule: reason for rule, reason in overrides.items() if rule in passed}
    try:
        with database.transaction() as conn:
            return _freeze(conn, issue, when, printed.document, reasons=reasons, now=now, by=by)
    except IntegrityError as error:  # another issue claimed a story at the same moment
        raise WrongMove(_changed(issue.number)) from error


def _check_overrides(overrides: Mapping[str, str]) -> None:
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
            raise WrongMove(
                f"{when} has passed: choose a later time, or leave it out to send by hand."
            )
        return send_at
    if issue.send_at and issue.send_at + latest < now:
        return None  # or the timetable would hold it
    return issue.send_at


def _refuse_faults(number: int, blocking: Sequence[Fault], overrides: Mapping[str, str]) -> None:
    sentences = [f"{f.message} ({f.rule}: {f.where})" for f in blocking if f.rule not in overrides]
    if sentences:
        raise PreflightFailed(f"Issue {number} may not leave yet. " + " ".join(sentences))


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
    life.move(conn, issue.number, Move.APPROVE, now=now, by=by)
    frozen = Frozen(
        document.subject, document.preheader, document.html, document.text, document.hash
    )
    approval.freeze(conn, issue.number, frozen)
    approval.override(conn, issue.number, reasons, now=now, by=by)
    store.edit(
        conn,
        issue.number,
        subject=issue.subject,
        preheader=issue.preheader,
        document_hash=document.hash,
        send_at=send_at,
    )
    return store.get(conn, issue.number)


def _changed(number: int) -> str:
    return f"Issue {number} changed while it was being checked: look at it again, then approve it."
