"""A link that readers will follow: what its address answered, and the port that asks it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

# RFC 2606 and 6761: names that are kept for examples, and lead nowhere.
_EXAMPLE = re.compile(r"(^|\.)(example(\.(com|net|org))?|test)$")
_GOOD_FOR = timedelta(hours=6)  # an address that answered
_BAD_FOR = timedelta(minutes=10)  # one that did not
_BAD_FOR_A_PERSON = timedelta(seconds=20)  # who may have mended it
_UNCLEAR_FOR = timedelta(minutes=2)


class LinkState(StrEnum):
    """What is known of an address."""

    ALIVE = "alive"
    DEAD = "dead"
    SILENT = "silent"  # it did not answer in time
    UNCLEAR = "unclear"  # it does not answer programs, or the network cannot be reached
    PRIVATE = "private"  # in a private network, which is not asked


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """What one address answered. `moved_to` is where it led to; `reason` why it is not alive.

    `size` is what it weighs in bytes, 0 where it does not say.
    """

    url: str
    state: LinkState
    reason: str = ""
    moved_to: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class KnownLink:
    """The newest answer of an address, and when it was asked."""

    answer: LinkAnswer
    asked_at: datetime

    def is_due(self, *, now: datetime, is_urgent: bool) -> bool:
        """True if the address should be asked again; sooner where a person waits for it."""
        good_for = {
            LinkState.ALIVE: _GOOD_FOR,
            LinkState.UNCLEAR: _UNCLEAR_FOR if is_urgent else _BAD_FOR,
        }
        bad_for = _BAD_FOR_A_PERSON if is_urgent else _BAD_FOR
        return now - self.asked_at >= good_for.get(self.answer.state, bad_for)


class LinkAsker(Protocol):
    def ask(self, addresses: Sequence[str], *, within: timedelta) -> list[LinkAnswer]:
        """The answers that came within this time, in the order of the addresses. Never raises."""
        ...


def is_askable(address: str, *, base_url: str) -> bool:
    """True for a web address that is neither emag's own nor a name kept for examples."""
    place = place_of(address)
    if not place or place == place_of(base_url):
        return False
    return not _EXAMPLE.search(place.partition("://")[2].rpartition(":")[0])


def is_local(address: str) -> bool:
    """True for an address of this machine or of a private network, by how it is written."""
    place = place_of(address)
    host = place.partition("://")[2].rpartition(":")[0].strip("[]")
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def place_of(address: str) -> str:
    """Scheme, host and port of a web address; "" for any other."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower())
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme.lower()}://{host.rstrip('.')}:{port}"
