"""Unsubscribe links of the tool that was left behind."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from subscribers.address import parse
from subscribers.errors import BadAddress, WrongFile
from subscribers.membership import ledger
from subscribers.tables import LegacyLink, Subscriber

_AT_ONCE = 500
_ADDRESSES = ("email", "email address", "address", "e-mail")
_TOKENS = ("token", "link", "url", "unsubscribe", "unsubscribe_url", "unsubscribe url", "uuid")


def read_legacy_links(file: Path) -> Iterator[tuple[int, str, str, str]]:
    """Line, address key, token, and what is wrong with the row, if anything. Raises WrongFile.

    Of a whole link the value of its last parameter counts, or else the last part of its path.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.reader(text)
            header = [name.strip().lower() for name in next(rows, [])]
            at = [next((header.index(n) for n in names if n in header), None) for names in _BOTH]
            address, token = at
            if address is None or token is None:
                raise WrongFile(
                    f"{file.name} needs a column “email” and a column “token” or “link”."
                )
            for row in rows:
                cells = [*row, *[""] * len(header)]
                if any(cells):
                    yield rows.line_num, *_pair(cells[address], cells[token].strip())
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongFile(f"{file.name} is not a CSV file in UTF-8.") from error


_BOTH = (_ADDRESSES, _TOKENS)


def _pair(address: str, link: str) -> tuple[str, str, str]:
    try:
        key = parse(address).key
    except BadAddress as error:
        return "", "", str(error)
    parts = urlsplit(link) if "://" in link else None
    if parts:
        values = [value for _, value in parse_qsl(parts.query)]
        link = values[-1] if values else parts.path.rstrip("/").rpartition("/")[2]
    return key, link, "" if link else "There is no token in this row."


def import_legacy_links(conn: Connection, links: Iterable[tuple[str, str]]) -> list[str]:
    """Takes pairs of an address's key and an old token; gives the keys of whom nobody knows."""
    ledger.lock(conn)
    wanted, unknown = list(links), []
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        number, key = col(Subscriber.id), col(Subscriber.key)
        rows = conn.execute(select(key, number).where(key.in_([k for k, _ in some])))
        ids = {row.key: row.id for row in rows}
        unknown += [k for k, _ in some if k not in ids]
        new = {_digest(token): ids[k] for k, token in some if k in ids}
        conn.execute(delete(LegacyLink).where(col(LegacyLink.digest).in_(new)))
        if new:
            conn.execute(
                insert(LegacyLink), [{"digest": d, "subscriber": n} for d, n in new.items()]
            )
    return unknown


def find_legacy_reader(conn: Connection, token: str) -> str | None:
    """The ref of the reader whose old link it is; None for a link that nobody imported."""
    return conn.execute(
        select(col(Subscriber.ref))
        .join(LegacyLink, col(LegacyLink.subscriber) == col(Subscriber.id))
        .where(col(LegacyLink.digest) == _digest(token))
    ).scalar_one_or_none()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
