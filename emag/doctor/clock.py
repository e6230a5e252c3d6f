"""Judges a clock that differs from another machine's."""

from collections.abc import Iterator
from datetime import timedelta

from emag.doctor.problem import Problem

WRONG = timedelta(minutes=2)  # leases and times are compared between machines


def clock_problems(ahead: timedelta, host: str) -> Iterator[Problem]:
    """What is wrong with a clock that is so far ahead of another machine's."""
    if abs(ahead) <= WRONG:
        return
    minutes = round(abs(ahead) / timedelta(minutes=1))
    direction = "ahead" if ahead > timedelta(0) else "behind"
    yield Problem(
        "clock",
        f"The clock of this machine is {minutes:,} minutes {direction} of {host}: switch on time "
        "synchronisation (timedatectl set-ntp true)",
    )
