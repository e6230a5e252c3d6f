"""Sign-up limits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPELL = timedelta(minutes=10)  # in which a flood is told from a good day
CALM = HOUR  # so long without one, and sign-ups are answered again

# Loopback and private networks: no visitor of a public page comes from there.
_OWN = tuple(
    ip_network(own)
    for own in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
    )
)

Scope = Literal["address", "network", "domain", "all", "spike", "breaker", "tried"]


@dataclass(frozen=True, slots=True)
class SignupLimits:
    """How many sign-ups are answered. None is no limit.

    `network` counts attempts an hour; `domain` and `everything` count confirmations an hour, so
    that a flood for one address cannot shut the door for everybody else of its domain. More than
    `spike` confirmations in ten minutes are no visitors any more: from then on they are held.
    """

    per_address: timedelta = DAY  # one confirmation in this time …
    unconfirmed: int = 3  # … and so many ever, until one is confirmed
    network: int | None = 30
    domain: int | None = 500
    everything: int | None = 2_000
    spike: int | None = 500

    def for_services(self) -> "SignupLimits":
        """For a caller that has proved who it is: it answers for its own visitors.

        But a flood may come through it, too: what is most in an hour is a flood in ten minutes.
        """
        spike = None if self.spike is None else self.everything
        return replace(self, network=None, domain=None, everything=None, spike=spike)

    def for_editors(self) -> "SignupLimits":
        """For somebody at the desk, one reader at a time."""
        return replace(self.for_services(), spike=None)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted for one key: so many since then, and when last."""

    count: int
    since: datetime
    last: datetime


def network(ip: str, *, private: bool = False) -> str:
    """The /24 or /64 that a visitor comes from, or nothing.

    A loopback or private address usually belongs to the publication's own machines, and counting it
    would let the first thirty visitors lock out all others. `private` counts it nevertheless.
    """
    try:
        found = ip_address(ip)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if not private and any(found in own for own in _OWN):
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 64), strict=False))  # noqa: PLR2004 - IPv4


def counted(tally: Tally | None, *, now: datetime, window: timedelta | None) -> Tally:
    """One more; a window that is over starts anew. Without a window it never does."""
    if tally is None or (window is not None and now - tally.since >= window):
        return Tally(1, now, now)
    return Tally(tally.count + 1, tally.since, now)


def window_of(scope: Scope) -> timedelta | None:
    """In which time a scope's sign-ups are counted together; None is for ever."""
    return {"address": None, "spike": SPELL}.get(scope, HOUR)


def holds(tallies: Mapping[Scope, Tally], limits: SignupLimits, *, now: datetime) -> bool:
    """Is this a flood, in which a confirmation is kept back until an editor has looked?"""
    if limits.spike is None:
        return False
    breaker, spike = tallies.get("breaker"), tallies.get("spike")
    if breaker and now - breaker.last < CALM:
        return True
    return spike is not None and now - spike.since < SPELL and spike.count >= limits.spike


def held(breaker: Tally | None, *, now: datetime) -> Tally:
    """One more that is kept back; after a calm time it is another flood."""
    if breaker is None or now - breaker.last >= CALM:
        return Tally(1, now, now)
    return Tally(breaker.count + 1, breaker.since, now)


def refuses(tallies: Mapping[Scope, Tally], limits: SignupLimits, *, now: datetime) -> Scope | None:
    """Which limit keeps this sign-up from being answered with a mail, if any."""
    network_tally = tallies.get("network")
    if _full(network_tally, limits.network, now=now):
        return "network"
    mine = tallies.get("address")
    if mine and (now - mine.last < limits.per_address or mine.count >= limits.unconfirmed):
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
