"""Gives out challenges for passkeys to sign: each for one purpose and one holder, once."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert

from emag.editors.tables import CHALLENGES

LIFE = timedelta(minutes=5)


class ChallengePurpose(StrEnum):
    """What a signature is for. One for one purpose is worth nothing for another."""

    REGISTER = "register"
    SIGN_IN = "sign-in"
    CONFIRM = "confirm"
    APPROVE = "approve"


def give(
    conn: Connection,
    purpose: ChallengePurpose,
    *,
    holder: str,
    now: datetime,
    challenge: bytes | None = None,
    note: str = "",
) -> bytes:
    """Stores a challenge, random unless one is given, and returns it. `note` is kept with it.

    `holder` is the hash of a browser's cookie or the number of a session: nobody else can use it.
    """
    challenge = challenge or secrets.token_bytes(32)
    row = {"challenge": challenge.hex(), "purpose": purpose.value, "holder": holder, "at": now}
    row["note"] = note
    conn.execute(insert(CHALLENGES).values(row))
    return challenge


def take(
    conn: Connection, challenge: bytes, purpose: ChallengePurpose, *, holder: str, now: datetime
) -> str | None:
    """Uses a challenge up, and returns its note.

    None if there is no such challenge, it is late, or it is somebody else's.
    """
    same = (
        (CHALLENGES.c.challenge == challenge.hex())
        & (CHALLENGES.c.purpose == purpose.value)
        & (CHALLENGES.c.holder == holder)
        & (CHALLENGES.c.at > now - LIFE)
    )
    row = conn.execute(delete(CHALLENGES).where(same).returning(CHALLENGES.c.note)).first()
    return str(row.note) if row else None


def forget(conn: Connection, *, before: datetime) -> None:
    """Deletes challenges that were given out before a time."""
    conn.execute(delete(CHALLENGES).where(CHALLENGES.c.at < before))
