"""Looks up what the list knows of many addresses at once."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    String,
    and_,
    any_,
    bindparam,
    exists,
    func,
    select,
)

from subscribers.consent import ConsentAct
from subscribers.dialect import is_postgresql
from subscribers.standing import Standing
from subscribers.tables import CONSENTS, IMPORT_CHANGES, SUBSCRIBERS, SUPPRESSIONS
from subscribers.tokens import Keys


def people(conn: Connection, wanted: Collection[str], number: int) -> dict[str, Any]:
    """Gives the rows of those who are on the list, by key.

    `is_changed` says whether import `number` changed the row before, and `is_imported` whether any
    import made it what it is.
    """
    names = ("id", "ref", "key", "name", "status", "ask", "open", "since", "import_id")
    subscriber, any_change = SUBSCRIBERS.c.id, IMPORT_CHANGES.alias()
    by_this_import = and_(
        IMPORT_CHANGES.c.import_id == number, IMPORT_CHANGES.c.subscriber == subscriber
    )
    imported = exists().where(any_change.c.subscriber == subscriber)
    query = (
        select(
            *(SUBSCRIBERS.c[name] for name in names),
            IMPORT_CHANGES.c.subscriber.is_not(None).label("is_changed"),
            imported.label("is_imported"),
        )
        .outerjoin(IMPORT_CHANGES, by_this_import)
        .where(_among(conn, SUBSCRIBERS.c.key))
    )
    return {row.key: row for row in conn.execute(query, {"wanted": _list(conn, wanted)})}


def suppressions(conn: Connection, keys: Keys, wanted: Iterable[str]) -> dict[str, str]:
    """Gives why addresses are suppressed, by key. Of two reasons, a complaint counts."""
    if not conn.execute(select(SUPPRESSIONS.c.reason).limit(1)).first():
        return {}
    prints = {fingerprint: key for key in wanted for fingerprint in keys.fingerprints(key)}
    column = SUPPRESSIONS.c.fingerprint
    query = select(column, SUPPRESSIONS.c.reason).where(_among(conn, column))
    reasons: dict[str, str] = {}
    for row in conn.execute(query, {"wanted": _list(conn, prints)}):
        key = prints[row.fingerprint]
        if reasons.get(key) != Standing.COMPLAINED:
            reasons[key] = row.reason
    return reasons


def used_refs(conn: Connection, refs: Collection[str]) -> set[str]:
    """Gives those of `refs` that a reader has already."""
    if not refs:
        return set()
    column = SUBSCRIBERS.c.ref
    query = select(column).where(_among(conn, column))
    return set(conn.execute(query, {"wanted": _list(conn, refs)}).scalars())


def confirmed_at(conn: Connection, subscribers: Sequence[int]) -> dict[int, datetime]:
    """Gives when each last confirmed here, for those who did."""
    if not subscribers:
        return {}
    number = CONSENTS.c.subscriber
    query = (
        select(number, func.max(CONSENTS.c.at).label("at"))
        .where(CONSENTS.c.act == ConsentAct.CONFIRMED.value, number.in_(subscribers))
        .group_by(number)
    )
    return {row.subscriber: row.at for row in conn.execute(query)}


def _among(conn: Connection, column: Any) -> ColumnElement[bool]:
    """One parameter for any number of values: a statement with thousands takes long to build."""
    if is_postgresql(conn):
        is_any: ColumnElement[bool] = column == any_(bindparam("wanted", type_=ARRAY(String)))
        return is_any
    values = func.json_each(bindparam("wanted")).table_valued("value")
    is_in: ColumnElement[bool] = column.in_(select(values.c.value))
    return is_in


def _list(conn: Connection, wanted: Iterable[str]) -> object:
    """The values as the driver takes them, sorted: neighbours in the index are read together."""
    values = sorted(wanted)
    return values if is_postgresql(conn) else json.dumps(values)
