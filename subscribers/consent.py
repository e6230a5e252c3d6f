"""What was agreed, when, how, in which words; the chain that proves it.

Each entry holds the hash of the one before, so that none can be changed, taken out or moved
without every later hash being wrong. What is personal (address, IP, user agent, row of a file) is
not in the entry: it lies beside the chain with a salt of its own, and the entry holds the hash of
both. Erasing it leaves the chain whole and the hash without a meaning.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from json.encoder import encode_basestring as quoted

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

START = "0" * 64  # what the first entry follows


class ConsentAct(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    CHANGED = "changed"  # topics, pause or address
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    DISOWNED = "disowned"  # “this wasn't me”
    RETURNED = "returned"  # undid an unsubscribe, minutes after it
    LAPSED = "lapsed"  # never confirmed; nothing is kept
    UNDONE = "undone"  # the import was taken back
    ERASED = "erased"
    FORGOT = "forgot"  # network addresses up to an entry, which `how` names


# After these an entry's personal evidence may be missing; at any other time it was stolen.
FORGETS = frozenset({ConsentAct.LAPSED, ConsentAct.UNDONE, ConsentAct.ERASED})


@dataclass(frozen=True, slots=True)
class Evidence:
    """How somebody agreed or withdrew.

    `how` is form, hook, link, import, editor, one-click …; `wording` is exactly what was shown (for
    an import: the stated basis). The rest is personal. `claimed_at` is when the other side says
    that it happened; `details` is whatever else proves it.
    """

    how: str
    wording: str = ""
    version: str = ""
    language: str = ""
    source: str = ""
    ip: str = ""
    user_agent: str = ""
    claimed_at: datetime | None = None
    details: Mapping[str, object] | None = None

    def personal(self, address: str) -> dict[str, object]:
        """What is kept beside the chain; empty values are left out."""
        found: dict[str, object] = {
            "address": address,
            "source": self.source,
            "claimed_at": self.claimed_at.astimezone(UTC).isoformat() if self.claimed_at else "",
            **(self.details or {}),
        }
        return {key: value for key, value in found.items() if value not in ("", None)}

    def told(self, **details: object) -> "Evidence":
        """The same with these details, where they say something."""
        kept = {key: value for key, value in details.items() if value}
        return replace(self, details={**(self.details or {}), **kept})

    def network(self) -> dict[str, object]:
        """Where from and with what, which is kept for a shorter time."""
        found = {"ip": self.ip, "user_agent": self.user_agent}
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `wording` and `evidence` are hashes, or empty.

    Where a network address is kept, its hash follows that of the rest after a dot.
    """

    sequence: int
    previous: str
    at: datetime
    act: str
    subscriber: int
    how: str
    wording: str = ""
    evidence: str = ""

    @property
    def hash(self) -> str:
        rest = (self.act, self.subscriber, self.how, self.wording, self.evidence)
        return link(self.sequence, self.previous, stamp(self.at), rest)


def stamp(at: datetime) -> str:
    """A time as it is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


Rest = tuple[str, int, str, str, str]  # act, subscriber, how, wording, evidence


def link(sequence: int, previous: str, at: str, rest: Rest) -> str:
    """An entry's hash: of `canonical` of the list of all these, written out, for an import asks
    for a million."""
    q, (act, subscriber, how, wording, evidence) = quoted, rest
    return _digest(
        f"[{sequence},{q(previous)},{q(at)},{q(act)},{subscriber},{q(how)},{q(wording)},{q(evidence)}]"
    )


def linking(at: str, act: str, how: str, wording: str) -> Callable[[int, str, int, str], str]:
    """`link` for many entries that differ in nothing but their number, the hash before, the
    subscriber and the evidence: what is alike is written out once. Hashes need no quoting."""
    middle = f'",{quoted(at)},{quoted(act)},'
    end = f',{quoted(how)},{quoted(wording)},"'
    sha256 = hashlib.sha256

    def link(sequence: int, previous: str, subscriber: int, evidence: str) -> str:
        text = f'[{sequence},"{previous}{middle}{subscriber}{end}{evidence}"]'
        return sha256(text.encode()).hexdigest()

    return link


UP_TO = "network addresses up to "


def forgotten_up_to(how: str) -> int:
    """The last entry whose network address may be missing, as a FORGOT entry's `how` says it."""
    number = how.removeprefix(UP_TO)
    return int(number) if how != number and number.isdecimal() else 0


def canonical(value: object) -> str:
    """JSON in the one form that is hashed: sorted keys, no spaces, no escapes."""
    return _CANONICAL.encode(value)


def commitment(salt: str, body: str) -> str:
    """What an entry holds of its evidence. The salt keeps it from being guessed after erasure."""
    return _digest(salt + body)


def wording_digest(text: str, version: str, language: str) -> str:
    """The name of a wording; the same words always have the same one. No words: empty."""
    return _digest(canonical([text, version, language])) if text else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
