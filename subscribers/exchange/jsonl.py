"""emag's own export as JSON Lines, read in again, with the hashes of who must not be written to."""

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
_GONE = {Standing.COMPLAINED.value: RowStatus.COMPLAINED, Standing.BOUNCED.value: RowStatus.BOUNCED}


class JsonLines:
    name = "jsonl"

    def recognises(self, names: Sequence[str]) -> bool:
        return list(names) == [JSON_LINES]

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - all do
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - it has no columns
        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            try:
                told = json.loads(fields[0])
            except (ValueError, RecursionError):
                told = None
            if not isinstance(told, dict):
                return BadRow(line, "is no JSON object")
            return _hidden(line, told) if "suppressed" in told else _reader(line, told)

        return read


def _hidden(line: int, told: Mapping[str, Any]) -> Row | BadRow:
    """An address of which only the keyed hash is left."""
    print_, reason, at = (told.get(name, "") for name in ("suppressed", "reason", "at"))
    if not (isinstance(print_, str) and _HASH.fullmatch(print_)):
        return BadRow(line, "its “suppressed” is no hash")
    is_word = isinstance(reason, str) and reason.isalpha() and len(reason) <= _LONGEST_WORD
    if not (is_word and isinstance(at, str)):
        return BadRow(line, "does not say why its address is suppressed")
    says = _GONE.get(reason, RowStatus.LEFT)
    return Row(line, "", says=says, at=at, details={"reason": reason}, hidden=print_)


def _reader(line: int, told: Mapping[str, Any]) -> Row | BadRow:
    topics = told.get("topics", [])
    texts = [told.get(name, "") for name in emag_csv.FIELDS if name != "topics"]
    if not isinstance(topics, list) or not all(isinstance(t, str) for t in (*topics, *texts)):
        return BadRow(line, "holds something else than text")
    email, name, state, since, joined, paused = texts
    times = (since, joined, paused)
    return emag_csv.row(line, email, name, state, topics=tuple(topics), times=times)
