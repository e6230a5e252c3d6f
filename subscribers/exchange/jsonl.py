"""emag's own export as JSON Lines: readers with their links, and hashes of erased addresses."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from subscribers.exchange import emag_csv
from subscribers.exchange.row import BadRow, Read, Row, RowStatus
from subscribers.exchange.sheet import JSON_LINES
from subscribers.standing import Standing

_LONGEST_WORD = 20
_HASH = re.compile(r"[0-9a-f]{64}")
_REF = re.compile(r"[A-Za-z0-9_-]{16,40}")
_REASONS = {
    Standing.COMPLAINED.value: RowStatus.COMPLAINED,
    Standing.BOUNCED.value: RowStatus.BOUNCED,
}


class JsonLines:
    name = "jsonl"

    def recognises(self, names: Sequence[str]) -> bool:
        return list(names) == [JSON_LINES]

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - every file has
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - it has no columns
        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            try:
                document = json.loads(fields[0])
            except (ValueError, RecursionError):
                document = None
            if not isinstance(document, dict):
                return BadRow(line, "is no JSON object")
            if "suppressed" in document:
                return _suppressed(line, document)
            return _old_link(line, document) if "old_link" in document else _reader(line, document)

        return read


def _suppressed(line: int, document: Mapping[str, Any]) -> Row | BadRow:
    """Reads an address of which only the keyed hash is left."""
    fingerprint, reason, at = (document.get(name, "") for name in ("suppressed", "reason", "at"))
    if not _is_hash(fingerprint):
        return BadRow(line, "its “suppressed” is no hash")
    is_word = isinstance(reason, str) and reason.isalpha() and len(reason) <= _LONGEST_WORD
    if not (is_word and isinstance(at, str)):
        return BadRow(line, "does not say why its address is suppressed")
    row_status, details = _REASONS.get(reason, RowStatus.LEFT), {"reason": reason}
    return Row(line, "", status=row_status, at=at, details=details, fingerprint=fingerprint)


def _old_link(line: int, document: Mapping[str, Any]) -> Row | BadRow:
    """Reads the link of a reader who was removed: hashes of the link and of the address."""
    link, fingerprint = document["old_link"], document.get("fingerprint")
    if not (_is_hash(link) and _is_hash(fingerprint)):
        return BadRow(line, "its “old_link” or “fingerprint” is no hash")
    return Row(line, "", fingerprint=fingerprint or "", old_link=link)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _reader(line: int, document: Mapping[str, Any]) -> Row | BadRow:
    topics, link = document.get("topics", []), document.get("link", "")
    texts = [document.get(name, "") for name in emag_csv.FIELDS if name != "topics"]
    if not isinstance(topics, list) or not all(isinstance(t, str) for t in (*topics, link, *texts)):
        return BadRow(line, "holds something else than text")
    if link and not _REF.fullmatch(link):
        return BadRow(line, "its “link” is not one of emag's")
    email, name, state, *times = texts
    row = emag_csv.row(line, email, name, state, topics=tuple(topics), times=times)
    return row._replace(ref=link) if isinstance(row, Row) else row
