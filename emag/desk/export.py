"""Writes the sealed bundle of an issue: the proof of what was approved, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from emag.bundle.manifest import SealedApproval, SealedOverride
from emag.bundle.record import ApprovalRecord
from emag.bundle.verify import BundleVerification, verify
from emag.bundle.write import ExportedIssue, write
from emag.database import Database
from emag.desk import history
from emag.errors import EmagError, WrongMove
from emag.issues import approval, approved, archive, edition, store
from emag.issues.approved import GivenApproval
from emag.issues.issue import Frozen, Issue, spoken
from emag.mailing.sending import ledger
from emag.press.document import Document
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class IssueExport:
    """The bundle of an issue, and the result of verifying it where it was written."""

    number: int
    folder: Path
    verification: BundleVerification


def export(
    database: Database, settings: Settings, which: int | str, folder: Path, *, now: datetime
) -> IssueExport:
    """Writes the bundle of an approved issue into `folder`, which is new or empty, and verifies it.

    Raises NotFound, WrongMove for an issue that was never approved, and EmagError where the folder
    cannot be written.
    """
    with database.reading() as conn:
        issue = store.get(conn, which)
        frozen = approval.frozen(conn, issue.number)
        if frozen is None:
            raise WrongMove(f"Issue {issue.number} is {spoken(issue.status)}: approve it first.")
        exported = _exported(conn, settings, issue, frozen)
    write(exported, folder, now=now)
    return IssueExport(issue.number, folder, verify(folder))


def _exported(conn: Connection, settings: Settings, issue: Issue, frozen: Frozen) -> ExportedIssue:
    number = issue.number
    record = _record(number, approval.record(conn, number))
    step = _approval(approved.latest(conn, number), number)
    return ExportedIssue(
        status=issue.status.value,
        document=Document(frozen.subject, frozen.preheader, frozen.html, frozen.text, record.mjml),
        record=record,
        approval=step,
        overrides=_overrides(record, approval.overrides(conn, number)),
        acts=history.entries(conn, settings, issue),
        counts=ledger.counts(conn, number),
        corrections=archive.corrections(conn, number),
        edition=edition.current_or_next(conn, number),
    )


def _overrides(
    record: ApprovalRecord, rows: Sequence[tuple[str, str, str, datetime]]
) -> list[SealedOverride]:
    """The newest override of each rule that blocked the document which was approved.

    One that emag approved again, because a job had closed, keeps the editors' reasons.
    """
    blocking = {fault.rule for fault in record.faults if fault.severity == "block"}
    newest = {row[0]: SealedOverride(*row) for row in rows if row[0] in blocking}
    return [newest[rule] for rule in sorted(newest)]


def _record(number: int, text: str) -> ApprovalRecord:
    try:
        return ApprovalRecord.read(text)
    except ValueError as error:
        raise EmagError(
            f"What issue {number} was made of is on record in a form that this emag cannot read: "
            "export it with the version that approved it."
        ) from error


def _approval(latest: GivenApproval | None, number: int) -> SealedApproval:
    if latest is None:
        raise EmagError(f"No approval of issue {number} is on record: approve it again.")
    return SealedApproval(latest.by, latest.at, latest.revision, latest.note, latest.signature)
