"""Exports the whole list, as JSON Lines or CSV, or as listmonk or Ghost read it."""

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TextIO

from sqlalchemy import Connection, select

from subscribers import roll
from subscribers.errors import WrongFile
from subscribers.exchange import emag_csv
from subscribers.exchange.formula import harmless
from subscribers.roll import Member
from subscribers.standing import Standing
from subscribers.tables import REMOVED_READERS, SUPPRESSIONS

ExportFormat = Literal["csv", "jsonl", "listmonk", "ghost"]
Line = Sequence[object]


def export(conn: Connection, out: TextIO, *, format: ExportFormat = "csv") -> int:  # noqa: A002 - the word that the command line uses
    """Writes everybody in the order in which they came; gives how many readers were written.

    Only JSON Lines holds everything that another installation with the same key needs: what the
    links of readers say, and the hashes of erased addresses and old links.
    """
    if format == "jsonl":
        return _json_lines(conn, out)
    names, line = SHAPES[format]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    count = 0
    for member in roll.listing(conn):
        fields = line(member)
        if fields is not None:
            writer.writerow(fields)
            count += 1
    return count


def export_file(conn: Connection, path: Path, *, format: ExportFormat = "csv") -> int:  # noqa: A002 - as above
    """Writes everybody to a new file that only its owner can read. Raises WrongFile."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise WrongFile(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        return export(conn, file, format=format)


def _json_lines(conn: Connection, out: TextIO) -> int:
    count = 0
    for member in roll.listing(conn):
        out.write(json.dumps({**_row(member), "link": member.ref}, ensure_ascii=False) + "\n")
        count += 1
    out.writelines(
        json.dumps(hashes) + "\n" for hashes in chain(_suppressions(conn), _old_links(conn))
    )
    return count


def _suppressions(conn: Connection) -> Iterator[dict[str, str]]:
    column = SUPPRESSIONS.c.fingerprint
    query = select(column, SUPPRESSIONS.c.reason, SUPPRESSIONS.c.at).order_by(column)
    with conn.execute(query.execution_options(yield_per=2_000)) as rows:
        for row in rows:
            yield {"suppressed": row.fingerprint, "reason": row.reason, "at": row.at.isoformat()}


def _old_links(conn: Connection) -> Iterator[dict[str, str]]:
    link = REMOVED_READERS.c.link
    query = select(link, REMOVED_READERS.c.fingerprint).order_by(link)
    with conn.execute(query.execution_options(yield_per=2_000)) as rows:
        for row in rows:
            yield {"old_link": row.link, "fingerprint": row.fingerprint}


def _row(member: Member) -> dict[str, Any]:
    values = {
        "email": member.address,
        "name": member.name,
        "status": member.status,
        "topics": list(member.topics),
        "since": member.since.isoformat(),
        "joined_at": member.joined_at.isoformat(),
        "paused_until": member.paused_until.isoformat() if member.paused_until else "",
    }
    return {name: values[name] for name in emag_csv.FIELDS}


def _emag(member: Member) -> Line:
    """People open it in a spreadsheet, so nothing in it may run there."""
    row = _row(member) | {"topics": " ".join(member.topics)}
    return [harmless(value) for value in row.values()]


def _listmonk(member: Member) -> Line | None:
    """Gives active readers only: listmonk's importer knows no status of a row."""
    if member.status != Standing.ACTIVE:
        return None
    attributes = {"topics": list(member.topics), "joined_at": member.joined_at.isoformat()}
    return [member.address, member.name, json.dumps(attributes, ensure_ascii=False)]


def _ghost(member: Member) -> Line | None:
    """In Ghost, somebody who unsubscribed is a member without the newsletter.

    Leaves out everybody who never confirmed: in Ghost they would be members.
    """
    if member.status == Standing.PENDING:
        return None
    is_reader = str(member.status == Standing.ACTIVE).lower()
    at = member.joined_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return ["", member.address, member.name, "", is_reader, "false", "", at, "", "", ""]


_GHOST = (
    *("id", "email", "name", "note", "subscribed_to_emails", "complimentary_plan"),
    *("stripe_customer_id", "created_at", "deleted_at", "labels", "tiers"),
)
SHAPES: Mapping[str, tuple[Sequence[str], Callable[[Member], Line | None]]] = {
    "csv": (emag_csv.FIELDS, _emag),
    "listmonk": (("email", "name", "attributes"), _listmonk),
    "ghost": (_GHOST, _ghost),
}
