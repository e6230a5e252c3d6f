"""The functions that read and write the editors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from emag.editors.editor import Editor
from emag.editors.role import Role
from emag.editors.tables import ACCOUNTS, EDITORS, PASSKEYS
from subscribers import dialect


def listing(conn: Connection) -> list[Editor]:
    """Every editor who was not removed, by address."""
    names = ("address", "name", "roles", "invited_at", "invited_by", "last_seen")
    same = PASSKEYS.c.editor == EDITORS.c.address
    passkeys = select(func.count()).where(same).correlate(EDITORS).scalar_subquery()
    query = (
        select(*(EDITORS.c[name] for name in names), passkeys)
        .where(EDITORS.c.removed_at.is_(None))
        .order_by(EDITORS.c.address)
    )
    return [Editor(a, name, _roles(roles), *rest) for a, name, roles, *rest in conn.execute(query)]


def put(conn: Connection, editor: Editor) -> None:
    """Writes a new editor, or brings back one who was removed."""
    values: dict[str, Any] = {"name": editor.name, "roles": list(editor.roles)}
    values |= {"removed_at": None}
    values |= {"invited_at": editor.invited_at, "invited_by": editor.invited_by}
    values["last_seen"] = editor.last_seen
    statement = dialect.insert(conn, EDITORS).values(address=editor.address, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["address"], set_=values))


def write_roles(conn: Connection, address: str, roles: Sequence[Role]) -> None:
    """Gives an editor exactly these roles."""
    same = EDITORS.c.address == address
    conn.execute(update(EDITORS).where(same).values(roles=list(roles)))


def remove(conn: Connection, address: str, *, now: datetime) -> None:
    """Ends what an editor may do. Their acts stay on record."""
    same = EDITORS.c.address == address
    conn.execute(update(EDITORS).where(same).values(removed_at=now, roles=[]))


def unlink(conn: Connection, address: str) -> None:
    """Takes an editor's work account away."""
    conn.execute(delete(ACCOUNTS).where(ACCOUNTS.c.editor == address))


def _roles(names: Sequence[str]) -> tuple[Role, ...]:
    return tuple(Role(name) for name in names)
