"""What a process knows of trouble that it cannot write down: its database, and its clock."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

JUMP = timedelta(minutes=10)  # less is how clocks are corrected
SETTLED = timedelta(minutes=5)  # after a jump is over, until what was due has had its turn
DOUBT = timedelta(minutes=30)  # for which a clock that has jumped is not believed
AGAIN = timedelta(minutes=1)  # until an alert that could not be handed over is tried again
CALM = timedelta(minutes=1)  # without a refusal, until the database counts as well again


def _steady() -> float:
    """Seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class DatabaseTrouble:
    """What the database refuses, since when, in one sentence without a full stop."""

    since: datetime
    words: str


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The clock of the machine jumped by so much. `at` is by the new time, `until` too."""

    at: datetime
    by: timedelta

    @property
    def until(self) -> datetime:
        """When the clock is believed again."""
        return self.at + DOUBT

    def __str__(self) -> str:
        """Completes “The clock of this machine …”."""
        minutes = round(abs(self.by) / timedelta(minutes=1))
        days, hours = round(minutes / (24 * 60)), round(minutes / 60)
        size = f"{minutes} minutes"
        if minutes > 36 * 60:
            size = f"{days:,} days"
        elif minutes >= 90:  # noqa: PLR2004 - an hour and a half is spoken of in hours
            size = f"{hours} hours"
        return f"went {'forward' if self.by > timedelta(0) else 'back'} by {size}"


class Condition:
    """One for each process. Safe in several threads."""

    def __init__(self, steady: Callable[[], float] = _steady) -> None:
        self._steady, self._lock = steady, threading.Lock()
        self._looked: tuple[datetime, float] | None = None
        self._jump: ClockJump | None = None
        self._jumped_at = -math.inf
        self._jump_ended_at = -math.inf
        self._refused: set[str] = set()  # the lanes to which the database refused something last
        self._trouble: DatabaseTrouble | None = None
        self._last_refusal = 0.0
        self._ended: DatabaseTrouble | None = None
        self._tell_at: dict[str, float] = {}  # by the ways of telling people

    # --- The clock ---------------------------------------------------------------------------

    @property
    def jump(self) -> ClockJump | None:
        """The jump of the clock, while it is in doubt which time is right."""
        return self._jump

    @property
    def has_settled(self) -> bool:
        """False shortly after a jump of the clock: what it held up is only just being done."""
        return self._steady() - self._jump_ended_at >= SETTLED.total_seconds()

    def look_at_clock(self, now: datetime) -> None:
        """Compares the time with a clock that nobody sets."""
        with self._lock:
            steady = self._steady()
            looked, self._looked = self._looked, (now, steady)
            if looked is None:
                return
            by = now - looked[0] - timedelta(seconds=steady - looked[1])
            before = self._jump
            if abs(by) >= JUMP:
                self._jump, self._jumped_at = self._after(now, by), steady
            elif steady - self._jumped_at >= DOUBT.total_seconds():
                self._jump = None
            if before and not self._jump:
                self._jump_ended_at = steady

    def _after(self, now: datetime, by: timedelta) -> ClockJump | None:
        """The jump that is in doubt after one more. Two that make up for each other are none."""
        whole = by + (self._jump.by if self._jump else timedelta(0))
        return ClockJump(now, whole) if abs(whole) >= JUMP else None

    # --- The database ------------------------------------------------------------------------

    @property
    def database(self) -> DatabaseTrouble | None:
        """What the database refuses."""
        return self._trouble

    @property
    def ended(self) -> DatabaseTrouble | None:
        """The trouble that is over, until `forget_ended`."""
        return self._ended

    def refused(self, lane: str, words: str, *, now: datetime) -> bool:
        """Notes a refusal. True for one that was not there before."""
        trouble = DatabaseTrouble(now, words.rstrip("."))
        with self._lock:
            before = self._trouble
            if before is None:
                self._tell_at.clear()
            self._trouble = replace(trouble, since=before.since) if before else trouble
            self._refused.add(lane)
            self._last_refusal = self._steady()
            return before is None or before.words != trouble.words

    def worked(self, lane: str) -> DatabaseTrouble | None:
        """Notes a round of a lane without a refusal. The trouble, if it is over with it."""
        with self._lock:
            self._refused.discard(lane)
            is_calm = self._steady() - self._last_refusal >= CALM.total_seconds()
            if self._trouble is None or self._refused or not is_calm:
                return None
            self._ended, self._trouble = self._trouble, None
            return self._ended

    def forget_ended(self) -> None:
        self._ended = None

    def may_tell(self, way: str) -> bool:
        """True if people are to be told by that way now; it is tried again after a minute."""
        with self._lock:
            is_due = self._steady() >= self._tell_at.get(way, 0.0)
            if is_due:
                self._tell_at[way] = self._steady() + AGAIN.total_seconds()
            return is_due

    def has_told(self, way: str) -> None:
        """Nobody need be told by that way again while this trouble lasts."""
        with self._lock:
            self._tell_at[way] = math.inf
