"""An export: everybody on the list, as CSV or JSON Lines."""

import csv
import json
from typing import Literal, TextIO

from sqlalchemy import Connection

from subscribers import roll
from subscribers.roll import Member

FIELDS = ("email", "name", "status", "topics", "since", "joined_at", "paused_until")


def dump(conn: Connection, out: TextIO, *, format: Literal["csv", "jsonl"] = "csv") -> int:  # noqa: A002 - the word that the command line uses
    """Writes everybody in the order in which they came; gives how many they were."""
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    if format == "csv":
        writer.writeheader()
    count = 0
    for member in roll.listing(conn):
        row = _row(member)
        if format == "csv":
            writer.writerow(row | {"topics": " ".join(member.topics)})
        else:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def _row(member: Member) -> dict[str, object]:
    return {
        "email": member.address,
        "name": member.name,
        "status": member.status,
        "topics": list(member.topics),
        "since": member.since.isoformat(),
        "joined_at": member.joined_at.isoformat(),
        "paused_until": member.paused_until.isoformat() if member.paused_until else "",
    }
