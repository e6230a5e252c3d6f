"""Weekly times and last runs in, due runs out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from emag.issues.period import WEEK, between, following

# A run is known by its schedule and its local date: whatever the clocks do, once a date.
Key = tuple[str, str]

# After a longer silence nobody needs to hear of each week that was missed.
LOOK_BACK = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class DueRun:
    """One run that is due. `at` is when it should have been, `send_at` the send it works for."""

    schedule: str
    local_date: str
    at: datetime
    send_at: datetime | None

    @property
    def key(self) -> Key:
        """What it is claimed by."""
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
    """The drafts to be made by now, missed ones too while their send is still to come.

    `grace` is how long after its send a draft is still of use: an issue that nobody has to
    approve may go out that late. Without a weekly send, only the last draft is caught up.
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
    """The sends whose time has come since the timetable was first kept, oldest first."""
    moments = between(send, zone, max(begun, now - LOOK_BACK), now)
    runs = [DueRun(f"send {each.slot}", each.local_date, each.at, each.at) for each in moments]
    return [run for run in runs if run.key not in ran]


def late(send_at: datetime, now: datetime, max_lateness: timedelta) -> bool:
    """Too late to send: the editor decides."""
    return now - send_at > max_lateness


def drafts_for(
    draft: Sequence[str], send: Sequence[str], zone: ZoneInfo, *, send_at: datetime
) -> list[Key]:
    """The drafts that work for one send."""
    keys = []
    for moment in between(draft, zone, send_at - WEEK - timedelta(days=1), send_at):
        sending = following(send, zone, moment.at)
        if sending and sending.at == send_at:
            keys.append((f"draft {moment.slot}", moment.local_date))
    return keys
