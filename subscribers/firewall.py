"""Limits the rate of sign-ups, and recognises a flood of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FLOOD_WINDOW = timedelta(minutes=10)  # in which sign-ups are counted to recognise a flood
FLOOD_ENDS = HOUR  # after the last held sign-up, confirmations are sent again

# Loopback and private networks: no visitor of a public page comes from there.
_PRIVATE = tuple(
    ip_network(block)
    for block in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
    )
)

Scope = Literal["address", "network", "domain", "all", "spike", "breaker", "tried"]


@dataclass(frozen=True, slots=True)
class SignupLimits:
    """How many sign-ups are answered by a mail. None is no limit.

    `network` counts attempts an hour; `domain` and `everything` count confirmations an hour, so
    that a flood for one address does not block everybody else with its domain. More than `spike`
    confirmations in ten minutes are a flood: from then on they are held back.
    """

    per_address: timedelta = DAY  # at most one confirmation in this time
    unconfirmed: int = 3  # at most so many confirmations, until one is confirmed
    network: int | None = 30
    domain: int | None = 500
    everything: int | None = 2_000
    spike: int | None = 500

    def for_services(self) -> "SignupLimits":
        """Gives the limits for a signed caller, which is responsible for its own visitors.

        A flood may come through it too: an hour's limit in ten minutes is a flood.
        """
        spike = None if self.spike is None else self.everything
        return replace(self, network=None, domain=None, everything=None, spike=spike)

    def for_editors(self) -> "SignupLimits":
        """Gives the limits for an editor, who adds one reader at a time."""
        return replace(self.for_services(), spike=None)


@dataclass(frozen=True, slots=True)
class Tally:
    """The count for one key, since when, and the time of the last."""

    count: int
    since: datetime
    last: datetime


def network(ip: str, *, private: bool = False) -> str:
    """Gives the /24 or /64 network that a visitor comes from, or nothing.

    A loopback or private address usually belongs to the publication's own machines, and counting it
    would let the first thirty visitors lock out all others. `private` counts it nevertheless.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not private and any(address in block for block in _PRIVATE):
        return ""
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))  # noqa: PLR2004 - IPv4


def incremented(tally: Tally | None, *, now: datetime, window: timedelta | None) -> Tally:
    """Counts one more. A new window starts when the old one is over; without one, never."""
    if tally is None or (window is not None and now - tally.since >= window):
        return Tally(1, now, now)
    return Tally(tally.count + 1, tally.since, now)


def window_of(scope: Scope) -> timedelta | None:
    """Gives the time in which a scope's sign-ups are counted together; None is for ever."""
    return {"address": None, "spike": FLOOD_WINDOW}.get(scope, HOUR)


def is_flood(tallies: Mapping[Scope, Tally], limits: SignupLimits, *, now: datetime) -> bool:
    """Says whether this is a flood, in which confirmations wait for an editor's decision."""
    if limits.spike is None:
        return False
    breaker, spike = tallies.get("breaker"), tallies.get("spike")
    if breaker and now - breaker.last < FLOOD_ENDS:
        return True
    return spike is not None and now - spike.since < FLOOD_WINDOW and spike.count >= limits.spike


def extended(breaker: Tally | None, *, now: datetime) -> Tally:
    """Counts one more confirmation that is held back; after a quiet hour it is a new flood."""
    if breaker is None or now - breaker.last >= FLOOD_ENDS:
        return Tally(1, now, now)
    return Tally(breaker.count + 1, breaker.since, now)


def limit_reached(
    tallies: Mapping[Scope, Tally], limits: SignupLimits, *, now: datetime
) -> Scope | None:
    """Gives the limit that keeps this sign-up from being answered by a mail, if any."""
    network_tally = tallies.get("network")
    if _full(network_tally, limits.network, now=now):
        return "network"
    mailbox = tallies.get("address")
    if mailbox and (now - mailbox.last < limits.per_address or mailbox.count >= limits.unconfirmed):
        return "address"
    if _full(tallies.get("domain"), limits.domain, now=now):
        return "domain"
    if _full(tallies.get("all"), limits.everything, now=now):
        return "all"
    return None


def _full(tally: Tally | None, limit: int | None, *, now: datetime) -> bool:
    if tally is None or limit is None or now - tally.since >= HOUR:
        return False
    return tally.count >= limit
