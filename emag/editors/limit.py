"""How often somebody may try to sign in: a number of times in a window of time."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class LimitScope(StrEnum):
    """What is counted."""

    PERSON = "person"  # codes for one address
    NETWORK = "network"  # requests for codes from one network
    CHALLENGE = "challenge"  # passkey sign-ins begun from one network
    FAILURE = "failure"  # failed sign-ins from one network
    FAILURES = "failures"  # failed sign-ins from everywhere


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in `window`."""

    most: int
    window: timedelta


LIMITS = {
    LimitScope.PERSON: Limit(20, timedelta(hours=1)),
    LimitScope.NETWORK: Limit(30, timedelta(minutes=10)),
    LimitScope.CHALLENGE: Limit(300, timedelta(minutes=10)),
    LimitScope.FAILURE: Limit(1_000, timedelta(minutes=10)),
    LimitScope.FAILURES: Limit(50, timedelta(minutes=10)),  # then not each network has entries
}


def is_worth_an_entry(count: int) -> bool:
    """True for the 1st, 10th, 100th … failure, so that a flood fills no record."""
    return count > 0 and count == 10 ** (len(str(count)) - 1)
