"""The functions that read and write the record of changed settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, insert, select

from emag.settings_log.tables import SETTINGS_CHANGES

LoggedValue: TypeAlias = str | int | float | bool | list[str] | None

_C = SETTINGS_CHANGES.c


@dataclass(frozen=True, slots=True)
class ChangedKey:
    """One key of a file with its values. None: the key was, or is, not set."""

    key: str
    before: LoggedValue
    after: LoggedValue


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """One change of a file: by whom, when, and of which keys."""

    id: int
    at: datetime
    by: str
    file: str
    keys: tuple[ChangedKey, ...]
    undoes: int | None = None  # the change that this one took back
    undone_by: int | None = None  # the change that took this one back


def record(
    conn: Connection,
    file: str,
    keys: Sequence[ChangedKey],
    *,
    former: str,
    undoes: int | None = None,
    now: datetime,
    by: str,
) -> SettingsChange:
    """Adds a change."""
    values = [{"key": k.key, "before": k.before, "after": k.after} for k in keys]
    statement = insert(SETTINGS_CHANGES).values(
        at=now, by=by, file=file, changed=values, former=former, undoes=undoes
    )
    number = conn.execute(statement).inserted_primary_key
    assert number is not None
    return SettingsChange(int(number[0]), now, by, file, tuple(keys), undoes)


def listing(conn: Connection, *, limit: int) -> list[SettingsChange]:
    """The newest changes, the newest first."""
    return _changes(conn, select(SETTINGS_CHANGES).order_by(_C.id.desc()).limit(limit))


def one(conn: Connection, number: int) -> SettingsChange | None:
    """The change with this number, if there is one."""
    changes = _changes(conn, select(SETTINGS_CHANGES).where(_C.id == number))
    return changes[0] if changes else None


def former_text(conn: Connection, number: int) -> str | None:
    """The whole file as it was before a change."""
    text: str | None = conn.execute(select(_C.former).where(_C.id == number)).scalar()
    return text


def _changes(conn: Connection, query: Select[Any]) -> list[SettingsChange]:
    rows = conn.execute(query).all()
    undone = select(_C.undoes, _C.id).where(_C.undoes.in_([row.id for row in rows]))
    undone_by = {row.undoes: row.id for row in conn.execute(undone)}
    return [
        SettingsChange(
            row.id,
            row.at,
            row.by,
            row.file,
            tuple(ChangedKey(**key) for key in row.changed),
            row.undoes,
            undone_by.get(row.id),
        )
        for row in rows
    ]
