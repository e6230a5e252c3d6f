"""The list's commands, as functions that give what `--json` prints."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from sqlalchemy import Connection

from subscribers import exchange, membership, roll
from subscribers.address import parse
from subscribers.consent import Evidence
from subscribers.errors import UnknownReader
from subscribers.exchange.exporting import Shape
from subscribers.firewall import SignupLimits
from subscribers.membership import ledger
from subscribers.roll import Member
from subscribers.standing import Standing
from subscribers.tokens import Keys

Open = Callable[[], AbstractContextManager[Connection]]


def add(
    transaction: Open,
    keys: Keys,
    address: str,
    *,
    name: str = "",
    topics: Sequence[str] = (),
    basis: str = "",
    now: datetime,
) -> dict[str, Any]:
    """Enters one reader: active on a stated basis, or else asked for confirmation by mail.

    Raises BadAddress. `note` says why nothing came of it, where nothing did.
    """
    with transaction() as conn:
        if basis.strip():
            evidence = Evidence("editor", wording=basis.strip(), source="command line")
            done = membership.add_on_basis(
                conn,
                keys,
                address=address,
                name=name,
                topics=topics,
                evidence=evidence,
                now=now,
            )
            note = "" if done else "Not added: this address left, bounced, complained or was erased"
        else:
            note = _ask(conn, keys, address, name=name, topics=topics, now=now)
        return {**_shown(conn, keys, address), "note": note}


def _ask(
    conn: Connection,
    keys: Keys,
    address: str,
    *,
    name: str,
    topics: Sequence[str],
    now: datetime,
) -> str:
    result = membership.sign_up(
        conn,
        keys,
        address=address,
        name=name,
        topics=topics,
        evidence=Evidence("editor", source="command line"),
        now=now,
        limits=SignupLimits().for_editors(),
    )
    if result.outcome == "asked":
        return "A confirmation mail is queued"
    if result.outcome == "limited":
        return "No confirmation mail: this address was asked within 24 hours, or three times before"
    return f"No confirmation mail: this address is {result.why}"


def show(reading: Open, keys: Keys, address: str) -> dict[str, Any]:
    """One reader. Raises UnknownReader and BadAddress."""
    with reading() as conn:
        return _shown(conn, keys, address)


def _shown(conn: Connection, keys: Keys, address: str) -> dict[str, Any]:
    member = roll.find(conn, address)
    if member:
        return _told(member)
    found = parse(address)
    suppressed = roll.suppressed(conn, keys.fingerprints(found.key))
    if suppressed is None:
        raise UnknownReader(f"{found.text} is not on the list.")
    reason, at = suppressed
    return {
        "address": found.text,
        "status": Standing.SUPPRESSED.value,
        "topics": [],
        "since": at.isoformat(),
        "reason": reason,
    }


def _told(member: Member) -> dict[str, Any]:
    return {
        "address": member.address,
        "status": member.status,
        "topics": list(member.topics),
        "since": member.since.isoformat(),
        "name": member.name,
        "joined_at": member.joined_at.isoformat(),
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
    }


def listing(reading: Open, *, status: str | None = None) -> dict[str, Any]:
    """Everybody, or everybody of one status, with the counts of all."""
    with reading() as conn:
        found = [_told(member) for member in roll.listing(conn, status=status)]
        return {"subscribers": found, "counts": roll.counts(conn)}


def unsubscribe(transaction: Open, keys: Keys, address: str, *, now: datetime) -> dict[str, Any]:
    """Takes a reader off the list. Raises UnknownReader and BadAddress."""
    with transaction() as conn:
        membership.unsubscribe(conn, keys, address=address, how="editor", now=now)
        return _shown(conn, keys, address)


def erase(transaction: Open, keys: Keys, address: str, *, now: datetime) -> dict[str, Any]:
    """Removes a person's data and keeps a keyed hash. Raises UnknownReader and BadAddress."""
    with transaction() as conn:
        membership.erase(conn, keys, address=address, how="editor", now=now)
        return _shown(conn, keys, address)


def load(
    transaction: Open,
    keys: Keys,
    file: Path,
    *,
    basis: str,
    by: str,
    format: str | None = None,  # noqa: A002 - the word that the command line uses
    mapping: Mapping[str, str] = MappingProxyType({}),
    dry_run: bool = False,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Imports a file. Raises WrongFile, and then nothing was taken."""
    done = exchange.import_file(
        transaction,
        keys,
        file,
        basis=basis,
        by=by,
        format=format,
        mapping=mapping,
        dry_run=dry_run,
        now=now,
        progress=progress,
    )
    return {
        "id": done.id,
        "added": done.added,
        "updated": done.updated,
        "suppressed": done.suppressed,
        "unchanged": done.unchanged,
        "skipped": done.skipped,
        "files": done.files,
        "why": [
            {"outcome": outcome, "why": why, "rows": rows}
            for (outcome, why), rows in sorted(done.why.items())
        ],
        "refused": [{"line": line, "reason": reason} for line, reason in done.refused],
    }


def undo(transaction: Open, keys: Keys, number: int, *, by: str, now: datetime) -> dict[str, Any]:
    """Takes an import back. Raises NoSuchImport."""
    return {"id": number, **exchange.undo_import(transaction, keys, number, by=by, now=now)}


def export(
    reading: Open,
    out: TextIO,
    *,
    format: Shape = "csv",  # noqa: A002 - the word that the command line uses
) -> int:
    """Writes everybody to `out`; gives how many they were."""
    with reading() as conn:
        return exchange.export(conn, out, format=format)


def receipt(reading: Open, keys: Keys, address: str, *, now: datetime) -> dict[str, Any]:
    """Everything that proves what a reader agreed to. Raises UnknownReader and BadAddress."""
    with reading() as conn:
        shown = _shown(conn, keys, address)
        member = roll.find(conn, address)
        events = roll.history(conn, member.id) if member else []
        letters = membership.letter_history(conn, member.id) if member else []
        checked = ledger.verify(conn, keys)
    whole = {"ok": checked.ok, "rows": checked.rows, "first_bad": checked.first_bad}
    return {
        **shown,
        "made_at": now.isoformat(),
        "events": events,
        "letters": letters,
        "ledger": whole,
    }


def held(
    transaction: Open, keys: Keys, *, release: bool = False, drop: bool = False, now: datetime
) -> dict[str, Any]:
    """What a flood of sign-ups holds back, and what an editor decides about it."""
    with transaction() as conn:
        flood = membership.find_flood(conn)
        if release:
            membership.release_held(conn, now=now)
        elif drop:
            membership.drop_held(conn, keys, now=now)
    if flood is None:
        return {"held": 0, "since": None}
    return {"held": flood.held, "since": flood.since.isoformat()}


def links(transaction: Open, file: Path) -> dict[str, Any]:
    """Takes in the unsubscribe links of another tool. Raises WrongFile, and then none."""
    rows = list(membership.read_legacy_links(file))
    lines = {key: line for line, key, _, wrong in rows if not wrong}
    with transaction() as conn:
        unknown = membership.import_legacy_links(
            conn, [(k, token) for _, k, token, wrong in rows if not wrong]
        )
    refused = [(line, wrong) for line, _, _, wrong in rows if wrong]
    refused += [(lines[key], "Nobody of that address is on the list.") for key in unknown]
    return {
        "taken": len(rows) - len(refused),
        "refused": [{"line": line, "reason": reason} for line, reason in sorted(refused)],
    }


def verify(reading: Open, keys: Keys) -> dict[str, Any]:
    """Computes the consent ledger again and names the first row that was touched."""
    with reading() as conn:
        found = ledger.verify(conn, keys)
    return {"ok": found.ok, "rows": found.rows, "first_bad": found.first_bad}
