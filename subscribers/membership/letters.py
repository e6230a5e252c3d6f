"""Letters to one person: queued in the transaction that causes them, fetched to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update
from sqlmodel import col

from subscribers.membership import bulk
from subscribers.membership.person import new_ref
from subscribers.standing import Standing
from subscribers.tables import LetterRow, Subscriber

LEASE = timedelta(minutes=15)  # as long as one hand-over may take
WAITS = tuple(timedelta(minutes=m) for m in (2, 10, 30, 120, 360, 720))

CONFIRM, WELCOME, CHANGE = "confirm", "welcome", "change"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to be sent. `ref` is what its tokens must say, whatever their purpose.

    For a confirmation that is the letter itself (so that an old one can be void), for a change of
    address too; for a welcome it is the reader, as in an issue.
    """

    id: int
    kind: str
    subscriber: int
    ref: str
    address: str
    name: str
    queued_at: datetime


def letter(
    kind: str, subscriber: int, *, now: datetime, ask: int = 0, address: str = ""
) -> dict[str, object]:
    """A letter's row, due at once."""
    who = {"ref": new_ref(), "kind": kind, "subscriber": subscriber, "ask": ask}
    return who | {"address": address, "queued_at": now, "not_before": now}


def queue(
    conn: Connection, kind: str, subscriber: int, *, now: datetime, ask: int = 0, address: str = ""
) -> None:
    conn.execute(insert(LetterRow), letter(kind, subscriber, now=now, ask=ask, address=address))


def queue_all(
    conn: Connection, asks: Sequence[tuple[int, int, datetime | None]], *, now: datetime
) -> None:
    """Confirmations, each for a subscriber and an ask, some of them held back."""
    if not asks:
        return
    numbers = bulk.reserve(conn, LetterRow, len(asks))
    rows = [(number, new_ref(), *ask) for number, ask in zip(numbers, asks, strict=True)]
    names = ("id", "ref", "subscriber", "ask", "held_at")
    bulk.put(conn, LetterRow, names, rows, kind=CONFIRM, queued_at=now, not_before=now)


def letters(conn: Connection, *, limit: int, now: datetime) -> list[Letter]:
    """The next letters, claimed: nobody else gets them until the lease is over.

    One whose reason is gone (confirmed, left, erased meanwhile) is never given out.
    """
    found: Sequence[Any] = conn.execute(
        select(
            col(LetterRow.id),
            col(LetterRow.kind),
            col(LetterRow.subscriber),
            col(LetterRow.ref).label("own_ref"),
            col(LetterRow.address).label("own_address"),
            col(LetterRow.queued_at),
            col(Subscriber.ref),
            col(Subscriber.address),
            col(Subscriber.name),
        )
        .join(Subscriber, col(Subscriber.id) == col(LetterRow.subscriber))
        .where(
            col(LetterRow.sent_at).is_(None),
            col(LetterRow.failed_at).is_(None),
            col(LetterRow.held_at).is_(None),
            col(LetterRow.not_before) <= now,
            _is_wanted(),
        )
        .order_by(col(LetterRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=LetterRow)
    ).all()
    _claim(conn, [row.id for row in found], now=now)
    return [_letter(row) for row in found]


def _is_wanted() -> ColumnElement[bool]:
    kind, status = col(LetterRow.kind), col(Subscriber.status)
    asked = and_(col(Subscriber.open).is_(True), col(Subscriber.ask) == col(LetterRow.ask))
    return or_(
        and_(kind == CONFIRM, asked),
        and_(kind.in_([WELCOME, CHANGE]), status == Standing.ACTIVE.value),
    )


def _letter(row: Any) -> Letter:
    return Letter(
        row.id,
        row.kind,
        row.subscriber,
        row.ref if row.kind == WELCOME else row.own_ref,
        row.own_address or row.address,
        row.name,
        row.queued_at,
    )


def _claim(conn: Connection, ids: Sequence[int], *, now: datetime) -> None:
    attempts = col(LetterRow.attempts)
    if ids:
        conn.execute(
            update(LetterRow)
            .where(col(LetterRow.id).in_(ids))
            .values(not_before=now + LEASE, attempts=attempts + 1)
        )


def letter_sent(conn: Connection, number: int, *, message_id: str, now: datetime) -> None:
    conn.execute(
        update(LetterRow)
        .where(col(LetterRow.id) == number)
        .values(sent_at=now, message_id=message_id, reason="")
    )


def letter_history(conn: Connection, subscriber: int) -> list[Row[Any]]:
    """What was sent to one reader alone, oldest first: for the receipt of a consent."""
    names = ("kind", "queued_at", "sent_at", "message_id")
    query = (
        select(*(getattr(LetterRow, name) for name in names))
        .where(col(LetterRow.subscriber) == subscriber)
        .order_by(col(LetterRow.id))
    )
    return [*conn.execute(query)]


def release(conn: Connection, *, now: datetime) -> int:
    """Lets the confirmations go that a flood held back; how many."""
    held = col(LetterRow.held_at).is_not(None)
    return conn.execute(update(LetterRow).where(held).values(held_at=None, not_before=now)).rowcount


def letter_failed(
    conn: Connection, number: int, *, reason: str, permanent: bool, now: datetime
) -> None:
    """Tries again later, or gives up: at once for a permanent refusal, else after half a day."""
    attempts = conn.execute(
        select(col(LetterRow.attempts)).where(col(LetterRow.id) == number)
    ).scalar_one_or_none()
    if attempts is None:
        return
    if permanent or attempts > len(WAITS):
        values: dict[str, object] = {"failed_at": now}
    else:
        values = {"not_before": now + WAITS[max(attempts, 1) - 1]}
    conn.execute(
        update(LetterRow).where(col(LetterRow.id) == number).values(reason=reason[:500], **values)
    )
