"""Consent entries and the hash chain that proves them: what, when, how, in which words.

Each entry holds the hash of the one before. So no entry can be changed, removed or moved without
making every later hash wrong. Personal data (address, IP, user agent, row of a file) is not in the
entry: it is kept beside the chain with its own salt, and the entry holds the hash of both. Erasing
it leaves the chain valid, and the hash tells nothing about the person.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from json.encoder import encode_basestring as quoted

from subscribers.standing import Standing

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

START = "0" * 64  # the hash before the first entry


class ConsentAct(StrEnum):
    """What an entry records."""

    SIGNED_UP = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    CHANGED = "changed"  # topics, pause, address, or what an editor changed
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    DISOWNED = "disowned"  # “this wasn't me”
    RETURNED = "returned"  # undid an unsubscribe, minutes after it
    LAPSED = "lapsed"  # never confirmed; nothing is kept
    UNDONE = "undone"  # the import was undone
    ERASED = "erased"
    FORGOT = "forgot"  # network addresses up to an entry, which `how` names
    # What an editor decides about many at once; these entries belong to no reader.
    RELEASED = "released"  # confirmations that a flood of sign-ups held back
    DROPPED = "dropped"
    LINKS = "links"  # unsubscribe links of the tool that was used before


# After these an entry's personal evidence may be missing; at any other time it was deleted.
FORGETS = frozenset({ConsentAct.LAPSED, ConsentAct.UNDONE, ConsentAct.ERASED})


@dataclass(frozen=True, slots=True)
class Evidence:
    """How somebody agreed or withdrew.

    `how` is form, hook, link, import, editor, one-click …; `wording` is exactly what was shown (for
    an import: the stated basis). The rest is personal. `by` is the editor who did it, if it was
    one. `claimed_at` is when it happened according to the other side; `details` is other evidence.
    """

    how: str
    wording: str = ""
    version: str = ""
    language: str = ""
    source: str = ""
    ip: str = ""
    user_agent: str = ""
    by: str = ""
    claimed_at: datetime | None = None
    details: Mapping[str, object] | None = None

    def personal(self, address: str) -> dict[str, object]:
        """Gives what is kept beside the chain, without empty values."""
        values: dict[str, object] = {
            "address": address,
            "source": self.source,
            "by": self.by,
            "claimed_at": self.claimed_at.astimezone(UTC).isoformat() if self.claimed_at else "",
            **(self.details or {}),
        }
        return {key: value for key, value in values.items() if value not in ("", None)}

    def with_details(self, **details: object) -> "Evidence":
        """Adds these details, without empty ones."""
        new = {key: value for key, value in details.items() if value}
        return replace(self, details={**(self.details or {}), **new})

    def network(self) -> dict[str, object]:
        """Gives the network address and the browser, which are kept for a shorter time."""
        values = {"ip": self.ip, "user_agent": self.user_agent}
        return {key: value for key, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One entry of the consent record. `wording` and `evidence` are hashes, or empty.

    Where a network address is kept, its hash follows that of the other evidence after a dot.
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
        content = (self.act, self.subscriber, self.how, self.wording, self.evidence)
        return link(self.sequence, self.previous, stamp(self.at), content)


def stamp(at: datetime) -> str:
    """Gives a time in the form that is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


Content = tuple[str, int, str, str, str]  # act, subscriber, how, wording, evidence


def link(sequence: int, previous: str, at: str, content: Content) -> str:
    """Hashes an entry: SHA-256 of `canonical` of the list of all its values.

    The list is written by hand, because an import needs a million hashes.
    """
    q, (act, subscriber, how, wording, evidence) = quoted, content
    return _digest(
        f"[{sequence},{q(previous)},{q(at)},{q(act)},{subscriber},{q(how)},{q(wording)},{q(evidence)}]"
    )


def linking(at: str, act: str, how: str, wording: str) -> Callable[[int, str, int, str], str]:
    """Gives a faster `link` for many entries that have these values in common.

    The common part is written once. The other values are numbers and hashes and need no quoting.
    """
    middle = f'",{quoted(at)},{quoted(act)},'
    end = f',{quoted(how)},{quoted(wording)},"'
    sha256 = hashlib.sha256

    def link(sequence: int, previous: str, subscriber: int, evidence: str) -> str:
        text = f'[{sequence},"{previous}{middle}{subscriber}{end}{evidence}"]'
        return sha256(text.encode()).hexdigest()

    return link


UP_TO = "network addresses up to "


def forgotten_up_to(how: str) -> int:
    """Reads the `how` of a FORGOT entry: up to which entry network addresses may be missing."""
    number = how.removeprefix(UP_TO)
    return int(number) if how != number and number.isdecimal() else 0


IMPORT_UNDONE = "import undone"


def undone_to(status: str) -> str:
    """Gives the `how` of an UNDONE entry after which the reader has that status again."""
    return f"{IMPORT_UNDONE}: {status}"


_STATUS_AFTER = {
    ConsentAct.CONFIRMED: Standing.ACTIVE,
    ConsentAct.IMPORTED: Standing.ACTIVE,
    ConsentAct.RETURNED: Standing.ACTIVE,
    ConsentAct.LEFT: Standing.UNSUBSCRIBED,
    ConsentAct.DISOWNED: Standing.UNSUBSCRIBED,
    ConsentAct.BOUNCED: Standing.BOUNCED,
    ConsentAct.COMPLAINED: Standing.COMPLAINED,
    ConsentAct.LAPSED: Standing.UNKNOWN,
    ConsentAct.ERASED: Standing.UNKNOWN,
}
# The last entry of a reader with one of these acts decides their status.
DECIDING = frozenset({*_STATUS_AFTER, ConsentAct.UNDONE})


def status_after(act: str | None, how: str | None) -> str:
    """Gives the status that a reader has after their last deciding entry.

    None stands for a reader who signed up and has no deciding entry yet. The status is `unknown`
    for somebody who must not be on the list.
    """
    if act is None:
        return Standing.PENDING.value
    if act == ConsentAct.UNDONE:
        status = (how or "").removeprefix(undone_to(""))
        return status if status != how else Standing.UNKNOWN.value
    return _STATUS_AFTER[ConsentAct(act)].value


def canonical(value: object) -> str:
    """Gives JSON in the one form that is hashed: sorted keys, no spaces, no escapes."""
    return _CANONICAL.encode(value)


def commitment(salt: str, body: str) -> str:
    """Hashes evidence for its entry. The salt keeps it from being guessed after erasure."""
    return _digest(salt + body)


def wording_digest(text: str, version: str, language: str) -> str:
    """Names a wording by its hash: the same words always have the same one. Empty for no words."""
    return _digest(canonical([text, version, language])) if text else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
