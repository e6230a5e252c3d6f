"""How far an issue's sending is, and why it waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from emag import instance
from emag.database import Database
from emag.issues import life, store
from emag.issues.issue import Move, Status
from emag.mailing.sending import deliver, doubtful, ledger
from emag.mailing.sending.doubtful import Settlement
from emag.settings import Settings

_LEAVING = frozenset({Status.SENDING, Status.SENT})


@dataclass(frozen=True, slots=True)
class SendingProgress:
    """`counts` holds a number for each status of a delivery and each report, and `planned`.

    `waits` says in one sentence, without a full stop, why the rest does not leave now, and
    `waits_since` from when on. It is empty if nothing waits. `next_attempt` is the time of the next
    attempt at the deferred messages.
    """

    number: int
    status: Status
    counts: Mapping[str, int]
    waits: str = ""
    next_attempt: datetime | None = None
    settlements: tuple[Settlement, ...] = ()
    is_stuck: bool = False  # the mail server could not be reached for a while
    remark: str = ""  # what the program changed before it was sent
    audience: int | None = None  # the issue whose readers get this one; None for everyone
    waits_since: datetime | None = None

    @property
    def is_paused(self) -> bool:
        return self.status is Status.PAUSED


def progress(database: Database, settings: Settings, which: int | str) -> SendingProgress:
    """How far the sending of an issue is. `which` is a number, “next” or “latest”.

    Raises NotFound.
    """
    held = instance.hold_reason(database)
    with database.reading() as conn:
        issue = store.get(conn, which)
        number, counts = issue.number, ledger.counts(conn, issue.number)
        waits, since, next_attempt = "", None, None
        if issue.status is Status.PAUSED:
            waits, since = why_paused(conn, number)
        elif issue.status in _LEAVING and (counts["queued"] or counts["deferred"]):
            waits = held or _why_it_waits(conn, number, settings, counts)
            since = ledger.last_outcome_at(conn, number) if waits else None
            next_attempt = ledger.next_due(conn, number) if counts["deferred"] else None
        decisions = doubtful.settlements(conn, number)
    return SendingProgress(
        number,
        issue.status,
        counts,
        waits,
        next_attempt,
        decisions,
        audience=issue.audience,
        waits_since=since,
    )


def unreachable(conn: Connection, number: int) -> str:
    """Why queued messages could not be handed over, in one sentence; empty if none was tried."""
    waiting = next(ledger.listing(conn, number, status="queued"), None)
    return waiting.reason if waiting else ""


def _why_it_waits(
    conn: Connection, number: int, settings: Settings, counts: Mapping[str, int]
) -> str:
    if counts["queued"]:
        warm_up = "Today's limit of transport.warm_up is reached"
        return unreachable(conn, number) or (warm_up if settings.transport.warm_up else "")
    if counts["deferred"]:
        return "The mail server asked for some messages to be tried again later"
    return ""


def paused_by(conn: Connection, number: int) -> str:
    """Who paused an issue last; empty if nobody did."""
    steps = [step for step in life.history(conn, number) if step.move is Move.PAUSE]
    return steps[-1].by if steps else ""


def why_paused(conn: Connection, number: int) -> tuple[str, datetime | None]:
    """Why an issue is paused, in one sentence without a full stop, and since when."""
    steps = [step for step in life.history(conn, number) if step.move is Move.PAUSE]
    by, at, reason = (steps[-1].by, steps[-1].at, steps[-1].reason) if steps else ("", None, "")
    if reason:
        return reason, at
    if by != deliver.SERVER:
        return f"It was paused by {by}", at
    return unreachable(conn, number) or "The mail server refuses messages from this sender", at
