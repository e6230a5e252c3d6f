"""Unsubscribe links of the tool that the publication used before."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection, delete, insert, select

from subscribers.address import parse
from subscribers.consent import ConsentAct, Evidence
from subscribers.errors import BadAddress, WrongFile
from subscribers.membership import ledger
from subscribers.membership.ledger import NewEntry
from subscribers.tables import LEGACY_LINKS, SUBSCRIBERS
from subscribers.tokens import Keys

_AT_ONCE = 500
_ADDRESSES = ("email", "email address", "address", "e-mail")
_TOKENS = ("token", "link", "url", "unsubscribe", "unsubscribe_url", "unsubscribe url", "uuid")


class LegacyRow(NamedTuple):
    """One link: the line in the file, the key of the address, the token, and what is wrong."""

    line: int
    key: str
    token: str
    fault: str = ""


def read_legacy_links(file: Path) -> Iterator[LegacyRow]:
    """Reads a CSV file of addresses and links. Raises WrongFile.

    Of a whole link, the token is the value of its last parameter, or the last part of its path.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.reader(text)
            header = [name.strip().lower() for name in next(rows, [])]
            address, token = (_column(header, names) for names in (_ADDRESSES, _TOKENS))
            if address is None or token is None:
                raise WrongFile(
                    f"{file.name} needs a column “email” and a column “token” or “link”."
                )
            for row in rows:
                cells = [*row, *[""] * len(header)]
                if any(cells):
                    yield _row(rows.line_num, cells[address], cells[token].strip())
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongFile(f"{file.name} is not a CSV file in UTF-8.") from error


def _column(header: list[str], names: Iterable[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _row(line: int, address: str, link: str) -> LegacyRow:
    try:
        key = parse(address).key
    except BadAddress as error:
        return LegacyRow(line, "", "", str(error))
    parts = urlsplit(link) if "://" in link else None
    if parts:
        values = [value for _, value in parse_qsl(parts.query)]
        link = values[-1] if values else parts.path.rstrip("/").rpartition("/")[2]
    return LegacyRow(line, key, link, "" if link else "There is no token in this row.")


def import_legacy_links(
    conn: Connection,
    keys: Keys,
    links: Iterable[tuple[str, str]],
    *,
    file: str,
    by: str,
    now: datetime,
) -> list[str]:
    """Stores pairs of an address's key and an old token; gives the keys that no reader has."""
    ledger.lock(conn)
    pairs, unknown = list(links), []
    for start in range(0, len(pairs), _AT_ONCE):
        batch = pairs[start : start + _AT_ONCE]
        key = SUBSCRIBERS.c.key
        query = select(key, SUBSCRIBERS.c.id).where(key.in_([pair[0] for pair in batch]))
        numbers = {row.key: row.id for row in conn.execute(query)}
        unknown += [key for key, _ in batch if key not in numbers]
        new = {_digest(token): numbers[key] for key, token in batch if key in numbers}
        conn.execute(delete(LEGACY_LINKS).where(LEGACY_LINKS.c.digest.in_(new)))
        if new:
            rows = [{"digest": digest, "subscriber": number} for digest, number in new.items()]
            conn.execute(insert(LEGACY_LINKS), rows)
    if len(pairs) > len(unknown):
        details = {"links": len(pairs) - len(unknown)}
        evidence = Evidence("editor", source=file, by=by, details=details)
        ledger.append(conn, keys, [NewEntry(ConsentAct.LINKS, 0, evidence)], now=now)
    return unknown


def find_legacy_reader(conn: Connection, token: str) -> str | None:
    """Gives the ref of the reader whose old link it is; None for an unknown link."""
    return conn.execute(
        select(SUBSCRIBERS.c.ref)
        .join(LEGACY_LINKS, LEGACY_LINKS.c.subscriber == SUBSCRIBERS.c.id)
        .where(LEGACY_LINKS.c.digest == _digest(token))
    ).scalar_one_or_none()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
