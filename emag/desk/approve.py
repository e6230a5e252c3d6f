"""Ask for an approval, and approve: the document that was checked is the one that leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from emag.bundle.record import record_of
from emag.checks import RULE_NAMES, UNBREAKABLE, Fault
from emag.checks.outside import Outside
from emag.database import Database
from emag.desk import four_eyes, look, pictures
from emag.desk.change import settle
from emag.desk.expected import refuse_another, refuse_other_terms
from emag.desk.look import Inspection
from emag.desk.outside import ask
from emag.errors import NotFound, PreflightFailed, WrongMove
from emag.issues import acts, approval, approved, change_requests, life, store
from emag.issues.approval_terms import ApprovalSignature, ApprovalTerms
from emag.issues.approved import GivenApproval
from emag.issues.issue import UNFROZEN, Frozen, Issue, Move, after, refusal
from emag.issues.period import in_words
from emag.settings import Settings

_NONE: Mapping[str, str] = MappingProxyType({})


def submit(database: Database, which: int | str, *, now: datetime, by: str) -> Issue:
    """Asks the editors to approve an issue. Raises NotFound and WrongMove."""
    with database.transaction() as conn:
        issue = store.get(conn, which)
        return life.move(conn, issue.number, Move.SUBMIT, now=now, by=by)


@dataclass(frozen=True, slots=True)
class ApprovedIssue:
    """An approved issue, the revision that was approved, and what speaks against the approval."""

    issue: Issue
    revision: int
    warnings: tuple[Fault, ...] = ()


def approve(
    database: Database,
    settings: Settings,
    which: int | str,
    *,
    now: datetime,
    by: str,
    send_at: datetime | None = None,
    overrides: Mapping[str, str] = _NONE,
    expected: str | ApprovalTerms = "",
    signature: ApprovalSignature | None = None,
    outside: Outside | None = None,
    strict: Collection[str] = (),
) -> ApprovedIssue:
    """Prints, checks and freezes an issue; it leaves at `send_at`, or else at the time it had.

    An issue whose time passed too long ago loses it, and waits for `emag issue send`. `overrides`
    maps a blocking rule to the reason for letting it pass; the reasons are kept on record.
    `expected` is the hash of the document that was looked at, or all terms that were. `signature`
    is a passkey's under these terms, which the caller has verified. `outside` asks the links that
    have no answer yet. A warning of a `strict` rule keeps the issue back too.

    Raises PreflightFailed with the faults' sentences, DocumentChanged with the difference, and
    WrongMove if the issue cannot be approved now, or not by this person.
    """
    _check_overrides(overrides)
    pictures.cut_crops(database, outside.pictures if outside else None, which, now=now)
    with database.transaction() as conn:
        issue = store.get(conn, which)
        if issue.status in UNFROZEN:
            issue = settle(conn, issue.number, settings)
        warnings = four_eyes.judge(conn, settings, issue.number, by=by)
    if after(issue.status, Move.APPROVE) is None:
        raise WrongMove(refusal(issue.number, issue.status, Move.APPROVE))
    when = leaving_time(issue, settings, now=now, send_at=send_at)
    timed = replace(issue, send_at=when)
    alone = look.printed(settings, timed, now=now)
    ask(database, settings, outside, alone.proof, now=now)
    printed = look.with_record(database, settings, alone)
    if isinstance(expected, ApprovalTerms):
        refuse_other_terms(database, settings, printed, expected, send_at=when, now=now)
    elif expected:
        refuse_another(database, settings, printed, expected, now=now)
    _refuse_faults(issue.number, [f for f in printed.faults if _stops(f, strict)], overrides)
    passed = {fault.rule for fault in printed.blocking}
    reasons = {rule: reason for rule, reason in overrides.items() if rule in passed}
    try:
        with database.transaction() as conn:
            if store.get(conn, issue.number) != issue:
                raise WrongMove(_changed(issue.number))
            change_requests.settle(conn, issue.number, by=by, now=now)
            return freeze(
                conn,
                settings,
                printed,
                at=when,
                reasons=reasons,
                now=now,
                by=by,
                warnings=warnings,
                signature=signature,
            )
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


def leaving_time(
    issue: Issue, settings: Settings, *, now: datetime, send_at: datetime | None = None
) -> datetime | None:
    """When the issue leaves if it is approved now; None if somebody then has to send it.

    Raises WrongMove for a `send_at` that has passed.
    """
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


def _stops(fault: Fault, strict: Collection[str]) -> bool:
    return fault.severity == "block" or fault.rule in strict


def _refuse_faults(number: int, blocking: Sequence[Fault], overrides: Mapping[str, str]) -> None:
    sentences = [f"{f.message} ({f.rule}: {f.where})" for f in blocking if f.rule not in overrides]
    if sentences:
        raise PreflightFailed(f"Issue {number} may not leave yet. " + " ".join(sentences))


def freeze(
    conn: Connection,
    settings: Settings,
    printed: Inspection,
    *,
    at: datetime | None,
    reasons: Mapping[str, str],
    now: datetime,
    by: str,
    warnings: Sequence[Fault] = (),
    note: str = "",
    signature: ApprovalSignature | None = None,
) -> ApprovedIssue:
    """Freezes what was printed, to leave `at` a time, and records the approval and its reasons.

    `note` says on what ground the program approved. The caller has seen to it that the issue is
    still as it was printed.
    """
    issue, document = printed.issue, printed.document
    revision = acts.revision(conn, issue.number)
    life.move(conn, issue.number, Move.APPROVE, now=now, by=by, reason=note)
    frozen = Frozen(
        document.subject, document.preheader, document.html, document.text, document.hash
    )
    approval.freeze(conn, issue.number, frozen, record=_inputs(settings, printed))
    approval.override(conn, issue.number, reasons, now=now, by=by)
    record = _record(printed, revision, now=now, by=by, note=note)
    approved.record(conn, issue.number, replace(record, signature=signature))
    store.edit(
        conn,
        issue.number,
        subject=issue.subject,
        preheader=issue.preheader,
        document_hash=document.hash,
        send_at=at,
    )
    return ApprovedIssue(store.get(conn, issue.number), revision, tuple(warnings))


def _inputs(settings: Settings, printed: Inspection) -> str:
    """What the document was made of, for the sealed bundle."""
    return record_of(
        printed.issue,
        settings,
        printed_at=printed.printed_at,
        faults=printed.faults,
        mjml=printed.document.mjml,
    ).written()


def _record(
    printed: Inspection, revision: int, *, now: datetime, by: str, note: str
) -> GivenApproval:
    stories = {pick.candidate: pick.story for pick in printed.issue.picks}
    passed = frozenset((fault.rule, fault.where) for fault in printed.faults)
    return GivenApproval(now, by, revision, printed.hash, stories, passed, note)


def _changed(number: int) -> str:
    return f"Issue {number} changed while it was being checked: look at it again, then approve it."
