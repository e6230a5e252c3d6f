"""Decides which runs are due, from the weekly times and the runs that are finished."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from emag.issues.period import WEEK, between, following

# The name of a run: its schedule and its local date. It happens once a date.
Key = tuple[str, str]

# After a longer outage the editors need no report on each missed week.
LOOK_BACK = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class DueRun:
    """One run that is due. `at` is when it was due; `send_at` is the send that it prepares."""

    schedule: str
    local_date: str
    at: datetime
    send_at: datetime | None

    @property
    def key(self) -> Key:
        """The name by which it is claimed."""
        return (self.schedule, self.local_date)


def drafts_due(
    draft: Sequence[str],
    send: Sequence[str],
    zone: ZoneInfo,
    *,
    now: datetime,
    ran: Collection[Key],
    grace: timedelta = timedelta(0),
) -> list[DueRun]:
    """The drafts that are due, also missed ones whose send has not come yet.

    `grace` is how long after its send a draft is still useful: an issue that needs no approval may
    leave that late. Without a weekly send, only the last missed draft is made.
    """
    runs = []
    for moment in between(draft, zone, now - WEEK, now):
        sending = following(send, zone, moment.at)
        if sending is None or sending.at + grace > now:
            at = sending.at if sending else None
            runs.append(DueRun(f"draft {moment.slot}", moment.local_date, moment.at, at))
    if not send:
        runs = runs[-1:]
    return [run for run in runs if run.key not in ran]


def sends_due(
    send: Sequence[str],
    zone: ZoneInfo,
    *,
    now: datetime,
    ran: Collection[Key],
    begun: datetime,
) -> list[DueRun]:
    """The sends that were due since the timetable first ran, oldest first."""
    moments = between(send, zone, max(begun, now - LOOK_BACK), now)
    runs = [DueRun(f"send {m.slot}", m.local_date, m.at, m.at) for m in moments]
    return [run for run in runs if run.key not in ran]


def late(send_at: datetime, now: datetime, max_lateness: timedelta) -> bool:
    """True if it is too late to send without asking the editors."""
    return now - send_at > max_lateness


def drafts_for(
    draft: Sequence[str], send: Sequence[str], zone: ZoneInfo, *, send_at: datetime
) -> list[Key]:
    """The drafts that prepare one send."""
    keys = []
    for moment in between(draft, zone, send_at - WEEK - timedelta(days=1), send_at):
        sending = following(send, zone, moment.at)
        if sending and sending.at == send_at:
            keys.append((f"draft {moment.slot}", moment.local_date))
    return keys
