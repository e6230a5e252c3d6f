"""What visitors and readers do for themselves: sign up, confirm, unsubscribe, change, erase.

Each verb opens one transaction and commits it. The pages and hooks parse a request, call one of
these verbs and show its answer.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

from subscribers import membership, roll
from subscribers.consent import Evidence
from subscribers.membership import Confirmed, SignupRequest, SignupResult
from subscribers.standing import Standing
from subscribers.tokens import Keys

Purpose = Literal["confirm", "change"]  # of a confirmation link: a sign-up or a new address


class Storage(Protocol):
    """Where the list is stored."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A write transaction, committed at the end of the block."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A consistent view that writes nothing."""


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The result of an unsubscribe: the reader's `ref`, and whether they were active before.

    `is_known` is False if no reader has, or had, that link.
    """

    ref: str
    was_active: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reader wants changed. None leaves a value as it is; `pause` sets `pause_until`."""

    name: str | None = None
    topics: Sequence[str] | None = None
    pause: bool = False
    pause_until: datetime | None = None
    address: str = ""  # a new one, which must be confirmed


def sign_up_all(
    storage: Storage, keys: Keys, asks: Sequence[SignupRequest], *, now: datetime
) -> list[SignupResult | Exception]:
    """Records several sign-ups in one commit; gives one result or error for each, in order.

    If the commit fails, each sign-up is tried alone, so that one bad value costs no other reader.
    """
    try:
        with storage.transaction() as conn:
            return [*membership.sign_up_all(conn, keys, asks, now=now)]
    except Exception as error:  # noqa: BLE001 - handed to the caller whose sign-up it was
        if len(asks) == 1:
            return [error]
        return [result for ask in asks for result in sign_up_all(storage, keys, [ask], now=now)]


def confirm(
    storage: Storage,
    keys: Keys,
    token: str,
    *,
    purpose: Purpose,
    evidence: Evidence,
    now: Callable[[], datetime],
) -> Confirmed:
    """Confirms a sign-up or a new address. Raises BadToken."""
    verb = membership.confirm if purpose == "confirm" else membership.confirm_address_change
    with storage.transaction() as conn:
        return verb(conn, keys, token, evidence=evidence, now=now())


def unsubscribe(
    storage: Storage, keys: Keys, ref: str, *, how: str, now: Callable[[], datetime]
) -> Unsubscribed:
    """Takes the reader of a link off the list; again it changes nothing."""
    with storage.transaction() as conn:
        ref = membership.current_ref(conn, ref)
        member = roll.by_ref(conn, ref)
        is_known = member is not None or membership.is_known(conn, ref)
        membership.unsubscribe(conn, keys, ref=ref, evidence=Evidence(how), now=now())
    was_active = member is not None and member.status == Standing.ACTIVE
    return Unsubscribed(ref, was_active, is_known)


def resubscribe(
    storage: Storage, keys: Keys, ref: str, *, left_at: int, now: Callable[[], datetime]
) -> bool:
    """Takes back the unsubscribe of that second; False if something else happened since."""
    with storage.transaction() as conn:
        return membership.undo_unsubscribe(conn, keys, ref, left_at=left_at, now=now())


def disown(storage: Storage, keys: Keys, token: str, *, now: Callable[[], datetime]) -> None:
    """Takes back a sign-up that the owner of the mailbox did not make. Raises BadToken."""
    with storage.transaction() as conn:
        membership.reject_signup(conn, keys, token, now=now())


def erase(storage: Storage, keys: Keys, ref: str, *, now: Callable[[], datetime]) -> bool:
    """Erases the reader of a link and what is kept about them; False if there is none."""
    with storage.transaction() as conn:
        if roll.by_ref(conn, ref) is None:
            return False
        membership.erase(conn, keys, ref=ref, evidence=Evidence("preferences"), now=now())
    return True


def change(
    storage: Storage, keys: Keys, ref: str, changes: Changes, *, now: Callable[[], datetime]
) -> Literal["same", "asked", "quiet"]:
    """Saves a reader's wishes. A new address is asked about by mail: then the answer is `asked`.

    Raises BadAddress, and then changes nothing.
    """
    values: dict[str, Any] = {}
    if changes.name is not None:
        values["name"] = changes.name
    if changes.topics is not None:
        values["topics"] = [*changes.topics]
    if changes.pause:
        values["pause_until"] = changes.pause_until
    with storage.transaction() as conn:
        if values:
            membership.set_preferences(conn, keys, ref, now=now(), **values)
        if not changes.address:
            return "same"
        return membership.request_address_change(
            conn, keys, ref, address=changes.address, now=now()
        )
