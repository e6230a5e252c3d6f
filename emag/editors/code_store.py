"""The functions that read and write codes by mail. Only keyed hashes of them are stored."""

import hmac
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from emag.editors.code import CodeAnswer, MailedCode, answer, normal
from emag.editors.tables import CODES
from subscribers import dialect
from subscribers.tokens import Keys


def put(
    conn: Connection, keys: Keys, code: str, *, address: str, browser: str, now: datetime
) -> None:
    """Stores a code for a browser, in the place of the one before.

    `browser` is the hash of its cookie. `address` is empty if nobody has the one that was typed.
    """
    values = {"address": address, "hash": _hash(keys, browser, code), "requested_at": now}
    values |= {"tries": 0, "used_at": None}
    statement = dialect.upsert(conn, CODES, keys=["browser"], columns=[*values])
    conn.execute(statement, {"browser": browser, **values})


def redeem(
    conn: Connection, keys: Keys, text: str, *, browser: str, now: datetime
) -> tuple[CodeAnswer, str]:
    """Counts a try of a code. Returns what became of it, and the address that it belongs to."""
    columns = (CODES.c.id, CODES.c.address, CODES.c.hash, CODES.c.requested_at, CODES.c.tries)
    query = select(*columns, CODES.c.used_at).where(CODES.c.browser == browser).with_for_update()
    row = conn.execute(query).first()
    code = MailedCode(*row) if row else None
    expected = code.hash if code else ""
    matches = hmac.compare_digest(_hash(keys, browser, normal(text)), expected)
    verdict = answer(code, matches=matches, now=now)
    if code is None:
        return verdict, ""
    is_right = verdict is CodeAnswer.RIGHT
    values = {"tries": code.tries + 1, "used_at": now if is_right else code.used_at}
    if verdict in {CodeAnswer.RIGHT, CodeAnswer.WRONG}:
        conn.execute(update(CODES).where(CODES.c.id == code.id).values(values))
    return verdict, code.address


def forget(conn: Connection, *, before: datetime) -> None:
    """Deletes codes that were requested before a time."""
    conn.execute(delete(CODES).where(CODES.c.requested_at < before))


def _hash(keys: Keys, browser: str, code: str) -> str:
    """The browser is part of it, so that the same code has another hash in each."""
    return keys.hash_code(f"{browser}:{code}")
