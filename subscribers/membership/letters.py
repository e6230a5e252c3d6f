"""The queue of letters to one person: queued in the transaction that causes them, sent later."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, insert, or_, select, update

from subscribers import dialect
from subscribers.membership import bulk
from subscribers.membership.person import new_ref
from subscribers.standing import Standing
from subscribers.tables import LETTERS, SUBSCRIBERS

LEASE = timedelta(minutes=15)  # as long as handing over one batch may take
BACK_OFF = tuple(timedelta(minutes=m) for m in (2, 10, 30, 120, 360, 720))
_LONGEST_REASON = 500
_EXAMINED = 50  # of the letters that wait
_REPLY = re.compile(r"[45]\d\d[ -]")  # a server's answer to one letter

CONFIRM, WELCOME, CHANGE = "confirm", "welcome", "change"
NOTICE = "notice"  # has a subject and a text of its own; its recipient need not be a reader
CODE = "code"  # a notice that is late after minutes, and whose text is secret
CODE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to send.

    `ref` is what its tokens must say. A confirmation and a change of address have a reference of
    their own, so that an old letter can become void; a welcome has the reader's, as in an issue.
    A notice has no subscriber (0), but a `subject` and a `text`.
    """

    id: int
    kind: str
    subscriber: int
    ref: str
    address: str
    name: str
    queued_at: datetime
    subject: str = ""
    text: str = ""


def queue(
    conn: Connection, kind: str, subscriber: int, *, now: datetime, ask: int = 0, address: str = ""
) -> None:
    """Queues a letter to a reader, due at once.

    `ask` is the sign-up that a confirmation belongs to. `address` is given where the letter goes
    to another address than the reader's.
    """
    reader = {"subscriber": subscriber, "ask": ask, "address": address}
    conn.execute(insert(LETTERS), _row(kind, now=now) | reader)


def queue_confirmations(
    conn: Connection, asks: Sequence[tuple[int, int, datetime | None]], *, now: datetime
) -> None:
    """Queues confirmations: a subscriber, a sign-up, and since when it is held (or None)."""
    if not asks:
        return
    numbers = bulk.reserve(conn, LETTERS, len(asks))
    rows = [(number, new_ref(), *ask) for number, ask in zip(numbers, asks, strict=True)]
    names = ("id", "ref", "subscriber", "ask", "held_at")
    bulk.put(conn, LETTERS, names, rows, kind=CONFIRM, queued_at=now, not_before=now)


def queue_notice(
    conn: Connection,
    *,
    key: str,
    recipients: Iterable[tuple[str, str]],
    subject: str,
    text: str,
    now: datetime,
) -> int:
    """Queues a letter to each recipient (name and address). Returns how many letters were queued.

    A recipient who was ever queued a letter of the same `key` gets no other one.
    """
    rows = [
        _row(NOTICE, now=now)
        | {"key": key, "name": name, "address": address, "subject": subject, "text": text}
        for name, address in recipients
    ]
    if not rows:
        return 0
    # The table's own constraint decides, also between two processes at the same moment.
    statement = dialect.insert(conn, LETTERS).values(rows).on_conflict_do_nothing()
    return len(conn.execute(statement.returning(LETTERS.c.id)).all())


def withdraw_notices(conn: Connection, prefix: str, *, now: datetime) -> int:
    """Ends the notices that were never sent and whose keys begin so. Returns how many."""
    waits = (LETTERS.c.sent_at.is_(None), LETTERS.c.failed_at.is_(None))
    about = LETTERS.c.key.startswith(prefix, autoescape=True)
    values = {"failed_at": now, "reason": "It was over before this could be sent"}
    return conn.execute(update(LETTERS).where(*waits, about).values(values)).rowcount


def queue_code(
    conn: Connection, recipient: tuple[str, str] | None, *, subject: str, text: str, now: datetime
) -> None:
    """Queues a notice with a code. Its text is deleted when it is sent, or is late.

    For nobody (None) it writes a letter that is never sent: so the answer to an unknown address
    takes as long as to a known one.
    """
    forget_codes(conn, before=now - CODE_LIFE)
    name, address = recipient or ("", "")
    letter = {"name": name, "address": address, "subject": subject}
    letter |= {"text": text if recipient else ""}
    blank = _row(CODE, now=now) | {"failed_at": None if recipient else now}
    conn.execute(insert(LETTERS), blank | letter)


def forget_codes(conn: Connection, *, before: datetime) -> None:
    """Deletes the texts of codes that are late."""
    conn.execute(
        update(LETTERS)
        .where(
            LETTERS.c.sent_at.is_(None),
            LETTERS.c.failed_at.is_(None),
            LETTERS.c.kind == CODE,
            LETTERS.c.queued_at <= before,
        )
        .values(text="", failed_at=before, reason="The code was late")
    )


def _row(kind: str, *, now: datetime) -> dict[str, Any]:
    return {"ref": new_ref(), "kind": kind, "queued_at": now, "not_before": now}


def claim_letters(conn: Connection, *, limit: int, now: datetime) -> list[Letter]:
    """Claims the next letters: no other process gets them until the lease is over.

    A letter is never given out if its reason is gone, because its reader has confirmed,
    unsubscribed or been erased.
    """
    rows: Sequence[Any] = conn.execute(
        select(
            LETTERS.c.id,
            LETTERS.c.kind,
            LETTERS.c.subscriber,
            LETTERS.c.ref.label("own_ref"),
            LETTERS.c.address.label("own_address"),
            LETTERS.c.name.label("own_name"),
            LETTERS.c.queued_at,
            LETTERS.c.subject,
            LETTERS.c.text,
            SUBSCRIBERS.c.ref,
            SUBSCRIBERS.c.address,
            SUBSCRIBERS.c.name,
        )
        .outerjoin(SUBSCRIBERS, SUBSCRIBERS.c.id == LETTERS.c.subscriber)
        .where(
            LETTERS.c.sent_at.is_(None),
            LETTERS.c.failed_at.is_(None),
            LETTERS.c.held_at.is_(None),
            LETTERS.c.not_before <= now,
            _is_wanted(now),
        )
        .order_by(LETTERS.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=LETTERS)
    ).all()
    _lease(conn, [row.id for row in rows], now=now)
    return [_letter(row) for row in rows]


def _is_wanted(now: datetime) -> ColumnElement[bool]:
    kind, status = LETTERS.c.kind, SUBSCRIBERS.c.status
    is_open = and_(SUBSCRIBERS.c.open.is_(True), SUBSCRIBERS.c.ask == LETTERS.c.ask)
    return or_(
        kind == NOTICE,
        and_(kind == CODE, LETTERS.c.queued_at > now - CODE_LIFE),
        and_(kind == CONFIRM, is_open),
        and_(kind.in_([WELCOME, CHANGE]), status == Standing.ACTIVE.value),
    )


def _letter(row: Any) -> Letter:
    return Letter(
        row.id,
        row.kind,
        row.subscriber,
        row.ref if row.kind == WELCOME else row.own_ref,
        row.own_address or row.address,
        row.own_name if row.kind in {NOTICE, CODE} else row.name,
        row.queued_at,
        row.subject,
        row.text,
    )


def _lease(conn: Connection, ids: Sequence[int], *, now: datetime) -> None:
    attempts = LETTERS.c.attempts
    if ids:
        conn.execute(
            update(LETTERS)
            .where(LETTERS.c.id.in_(ids))
            .values(not_before=now + LEASE, attempts=attempts + 1)
        )


def record_letter_sent(conn: Connection, number: int, *, message_id: str, now: datetime) -> None:
    """Ends a letter that was handed over."""
    conn.execute(
        update(LETTERS)
        .where(LETTERS.c.id == number)
        .values(sent_at=now, message_id=message_id, reason="", text=_public_text())
    )


def _public_text() -> ColumnElement[str]:
    """The letter's text, unless it is secret."""
    return case((LETTERS.c.kind == CODE, ""), else_=LETTERS.c.text)


def record_letter_failed(
    conn: Connection, number: int, *, reason: str, permanent: bool, now: datetime
) -> None:
    """Schedules another attempt, or gives up: after a permanent refusal, or after 20 hours."""
    attempts = conn.execute(
        select(LETTERS.c.attempts).where(LETTERS.c.id == number)
    ).scalar_one_or_none()
    if attempts is None:
        return
    if permanent or attempts > len(BACK_OFF):
        values: dict[str, object] = {"failed_at": now, "text": _public_text()}
    else:
        values = {"not_before": now + BACK_OFF[max(attempts, 1) - 1]}
    reason = reason[:_LONGEST_REASON]
    conn.execute(update(LETTERS).where(LETTERS.c.id == number).values(reason=reason, **values))


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that could not be handed over: since when it waits, and why."""

    since: datetime
    reason: str


def last_letter_at(conn: Connection) -> datetime | None:
    """When the newest letter was sent."""
    return conn.execute(select(func.max(LETTERS.c.sent_at))).scalar()


def waiting_letter(conn: Connection) -> WaitingLetter | None:
    """The oldest letter that was tried and waits, if none has been sent since it was queued.

    Where others are sent meanwhile, or a server has answered to this one, the mail server is there.
    """
    newest = last_letter_at(conn)
    query = (
        select(LETTERS.c.queued_at, LETTERS.c.reason)
        .where(
            LETTERS.c.sent_at.is_(None),
            LETTERS.c.failed_at.is_(None),
            LETTERS.c.held_at.is_(None),
            LETTERS.c.reason != "",
        )
        .order_by(LETTERS.c.id)
        .limit(_EXAMINED)
    )
    if newest is not None:
        query = query.where(LETTERS.c.queued_at >= newest)
    rows = (row for row in conn.execute(query) if not _REPLY.match(row.reason))
    row = next(rows, None)
    return WaitingLetter(row.queued_at, row.reason) if row else None


def letter_history(conn: Connection, subscriber: int) -> list[Row[Any]]:
    """The letters to one reader, oldest first: for the receipt of a consent."""
    names = ("kind", "queued_at", "sent_at", "message_id")
    query = (
        select(*(LETTERS.c[name] for name in names))
        .where(LETTERS.c.subscriber == subscriber)
        .order_by(LETTERS.c.id)
    )
    return [*conn.execute(query)]


def release(conn: Connection, *, now: datetime) -> int:
    """Releases the confirmations that a flood of sign-ups held back. Returns how many."""
    held = LETTERS.c.held_at.is_not(None)
    return conn.execute(update(LETTERS).where(held).values(held_at=None, not_before=now)).rowcount
