"""Remembers handled requests by their idempotency key: the same request again does nothing."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from subscribers.tables import REPLAYS


def handled(conn: Connection, requests: Sequence[str]) -> set[str]:
    """Gives those of `requests` that were handled before."""
    if not requests:
        return set()
    digests = {_digest(request): request for request in requests}
    column = REPLAYS.c.digest
    matches = conn.execute(select(column).where(column.in_(digests))).scalars()
    return {digests[digest] for digest in matches}


def keep(conn: Connection, requests: Iterable[str], *, now: datetime) -> None:
    """Remembers that these requests were handled."""
    rows = [{"digest": _digest(request), "at": now} for request in requests]
    if rows:
        conn.execute(insert(REPLAYS), rows)


def _digest(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()
