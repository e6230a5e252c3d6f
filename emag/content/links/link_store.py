"""The functions that read and write what the addresses of links answered."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from emag.content.links.link import KnownLink, LinkAnswer, LinkState
from emag.content.tables import LINK_ANSWERS
from subscribers import dialect

BATCH = 500  # keys in one query
_ROW = LINK_ANSWERS


def newest(conn: Connection, addresses: Collection[str]) -> dict[str, KnownLink]:
    """The newest answers of these addresses."""
    keys = sorted({_key(address) for address in addresses})
    result = {}
    for start in range(0, len(keys), BATCH):
        query = select(
            _ROW.c.url,
            _ROW.c.state,
            _ROW.c.reason,
            _ROW.c.moved_to,
            _ROW.c.size,
            _ROW.c.asked_at,
        ).where(_ROW.c.key.in_(keys[start : start + BATCH]))
        for url, state, reason, moved_to, size, asked_at in conn.execute(query):
            answer = LinkAnswer(url, LinkState(state), reason, moved_to, size)
            result[url] = KnownLink(answer, asked_at)
    return result


def remember(conn: Connection, answers: Iterable[LinkAnswer], *, now: datetime) -> None:
    """Writes answers in place of older ones."""
    for answer in answers:
        values = {
            "state": answer.state.value,
            "reason": answer.reason,
            "moved_to": answer.moved_to,
            "size": answer.size,
            "asked_at": now,
        }
        statement = dialect.insert(conn, _ROW).values(
            key=_key(answer.url), url=answer.url, **values
        )
        conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def forget(conn: Connection, *, before: datetime) -> int:
    """Erases the answers of addresses that nothing has asked since. Returns how many."""
    return conn.execute(delete(_ROW).where(_ROW.c.asked_at < before)).rowcount


def _key(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
