"""Who else is at an issue now: pages of the desk say so every 20 seconds, and when they close."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from emag.database import Database
from emag.editors import store
from emag.editors.editor import Editor, signature
from emag.editors.tables import PRESENCE
from subscribers import dialect

HERE_FOR = timedelta(seconds=50)  # two signs of life and a slow network
_FORGET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody at an issue. `field` is what they write in now, "" for nothing."""

    name: str
    page: str
    field: str


def record(
    database: Database, issue: int, editor: Editor, *, page: str, field: str, now: datetime
) -> None:
    """Notes that an editor has a page of the issue open."""
    values = {"page": page, "field": field, "at": now}
    row = {"editor": editor.address, "issue": issue} | values
    with database.transaction() as conn:
        conn.execute(delete(PRESENCE).where(PRESENCE.c.at < now - _FORGET))
        statement = dialect.insert(conn, PRESENCE).values(row)
        key = ["editor", "issue"]
        conn.execute(statement.on_conflict_do_update(index_elements=key, set_=values))


def leave(database: Database, issue: int, editor: Editor) -> None:
    """Notes that an editor has closed the issue."""
    same = (PRESENCE.c.issue == issue) & (PRESENCE.c.editor == editor.address)
    with database.transaction() as conn:
        conn.execute(delete(PRESENCE).where(same))


def others(database: Database, issue: int, editor: Editor, *, now: datetime) -> list[Presence]:
    """Who else is at the issue, by name."""
    query = select(PRESENCE.c.editor, PRESENCE.c.page, PRESENCE.c.field).where(
        PRESENCE.c.issue == issue, PRESENCE.c.at > now - HERE_FOR
    )
    with database.reading() as conn:
        rows = conn.execute(query).all()
        editors = store.listing(conn)
    names = {person.address: signature(person, editors) for person in editors}
    return sorted(
        (
            Presence(names[address], page, field)
            for address, page, field in rows
            if address in names and address != editor.address
        ),
        key=lambda person: person.name,
    )
