"""The functions that read and write passkeys."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from emag.editors.assertion import Registration, decoded, encoded
from emag.editors.passkey import Passkey
from emag.editors.tables import PASSKEYS

_HANDLE_BYTES = 32


def listing(conn: Connection, address: str) -> list[Passkey]:
    """The passkeys of an editor, oldest first."""
    query = _columns().where(PASSKEYS.c.editor == address).order_by(PASSKEYS.c.id)
    return [_passkey(row) for row in conn.execute(query)]


def by_credential(conn: Connection, credential: str) -> Passkey | None:
    """The passkey with this identifier; on PostgreSQL nobody else changes it meanwhile."""
    query = _columns().where(PASSKEYS.c.credential == credential).with_for_update()
    row = conn.execute(query).first()
    return _passkey(row) if row else None


def handle(conn: Connection, address: str) -> str:
    """What names the person to their devices: the same for all their passkeys, else a new one."""
    query = select(PASSKEYS.c.handle).where(PASSKEYS.c.editor == address).limit(1)
    row = conn.execute(query).first()
    return str(row.handle) if row else encoded(secrets.token_bytes(_HANDLE_BYTES))


def add(
    conn: Connection,
    address: str,
    registration: Registration,
    *,
    handle: str,
    name: str,
    now: datetime,
) -> int:
    """Stores a new passkey. Returns its number."""
    values: dict[str, Any] = {"editor": address, "handle": handle, "name": name, "added_at": now}
    values |= {"credential": encoded(registration.credential_id)}
    values |= {"public_key": encoded(registration.public_key), "counter": registration.counter}
    values |= {"transports": list(registration.transports)}
    statement = insert(PASSKEYS).values(values).returning(PASSKEYS.c.id)
    return int(conn.execute(statement).scalar_one())


def record_use(conn: Connection, number: int, *, counter: int, now: datetime) -> None:
    """Records that a passkey was used."""
    same = PASSKEYS.c.id == number
    conn.execute(update(PASSKEYS).where(same).values(counter=counter, used_at=now))


def remove(conn: Connection, address: str, number: int | None = None) -> int:
    """Deletes a passkey of an editor, or all of them. Returns how many."""
    same = PASSKEYS.c.editor == address
    if number is not None:
        same &= PASSKEYS.c.id == number
    return conn.execute(delete(PASSKEYS).where(same)).rowcount


def _columns() -> Select[Any]:
    names = ("id", "editor", "name", "credential", "public_key", "counter", "transports")
    return select(*(PASSKEYS.c[name] for name in (*names, "added_at", "used_at")))


def _passkey(row: Any) -> Passkey:
    number, editor, name, credential, key, counter, transports, added_at, used_at = row
    public_key = decoded(key)
    return Passkey(
        number, editor, name, credential, public_key, counter, tuple(transports), added_at, used_at
    )
