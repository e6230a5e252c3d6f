"""What the list knows of many addresses, asked at once."""

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
from sqlalchemy.orm import aliased
from sqlmodel import col

from subscribers.consent import ConsentAct
from subscribers.dialect import is_postgresql
from subscribers.standing import Standing
from subscribers.tables import Consent, ImportChange, Subscriber, Suppression
from subscribers.tokens import Keys


def people(conn: Connection, wanted: Collection[str], number: int) -> dict[str, Any]:
    """The rows of those who are there, by key.

    `is_changed` tells whether import `number` changed it before, and `is_imported` whether any
    import made it what it is.
    """
    names = ("id", "key", "name", "status", "ask", "open", "since", "import_id")
    subscriber, anybodys = col(Subscriber.id), aliased(ImportChange)
    mine = and_(col(ImportChange.import_id) == number, col(ImportChange.subscriber) == subscriber)
    imported = exists().where(col(anybodys.subscriber) == subscriber)
    query = (
        select(
            *(getattr(Subscriber, name) for name in names),
            col(ImportChange.subscriber).is_not(None).label("is_changed"),
            imported.label("is_imported"),
        )
        .outerjoin(ImportChange, mine)
        .where(_among(conn, col(Subscriber.key)))
    )
    return {row.key: row for row in conn.execute(query, {"wanted": _list(conn, wanted)})}


def barred(conn: Connection, keys: Keys, wanted: Iterable[str]) -> dict[str, str]:
    """Why addresses are suppressed, by key, of those that are. Complaints weigh most."""
    if not conn.execute(select(col(Suppression.reason)).limit(1)).first():
        return {}
    prints = {each: key for key in wanted for each in keys.fingerprints(key)}
    column = col(Suppression.fingerprint)
    query = select(column, col(Suppression.reason)).where(_among(conn, column))
    found: dict[str, str] = {}
    for row in conn.execute(query, {"wanted": _list(conn, prints)}):
        key = prints[row.fingerprint]
        if found.get(key) != Standing.COMPLAINED:
            found[key] = row.reason
    return found


def agreed(conn: Connection, subscribers: Sequence[int]) -> dict[int, datetime]:
    """When each last confirmed with us, of those who did."""
    if not subscribers:
        return {}
    number = col(Consent.subscriber)
    query = (
        select(number, func.max(col(Consent.at)).label("at"))
        .where(col(Consent.act) == ConsentAct.CONFIRMED.value, number.in_(subscribers))
        .group_by(number)
    )
    return {row.subscriber: row.at for row in conn.execute(query)}


def _among(conn: Connection, column: Any) -> ColumnElement[bool]:
    """One parameter for however many: a statement with thousands takes long to build."""
    found: ColumnElement[bool]
    if is_postgresql(conn):
        found = column == any_(bindparam("wanted", type_=ARRAY(String)))
    else:
        each = func.json_each(bindparam("wanted")).table_valued("value")
        found = column.in_(select(each.c.value))
    return found


def _list(conn: Connection, wanted: Iterable[str]) -> object:
    """In their order, so that neighbours are looked for one after the other."""
    found = sorted(wanted)
    return found if is_postgresql(conn) else json.dumps(found)
