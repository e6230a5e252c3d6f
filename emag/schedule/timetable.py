"""Decides which runs are due, from the calendar's dates and the runs that are finished."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from emag.dates.calendar import WEEK, IssueDate, moments
from emag.settings.times import Slot

# The name of a run: its schedule and its local date. It happens once a date.
Key = tuple[str, str]

# After a longer outage the editors need no report on each missed week.
LOOK_BACK = timedelta(days=28)
# A draft is at most a week before its send; an hour more on the nights when clocks change.
LOOK_AHEAD = WEEK + timedelta(days=1)
# Runs that were finished earlier are not read: no date that is due now can be so old.
ON_RECORD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DueRun:
    """One run that is due. `at` is when it was due; `on` is the date of the issue it is about."""

    schedule: str
    local_date: str
    at: datetime
    on: IssueDate | None

    @property
    def key(self) -> Key:
        """The name by which it is claimed."""
        return (self.schedule, self.local_date)

    @property
    def send_at(self) -> datetime | None:
        """When the issue leaves; None where its editors send it by hand."""
        return self.on.send if self.on else None


def draft_key(entry: IssueDate) -> Key | None:
    """The name of the run that drafts a date's issue: its usual day, wherever it was moved."""
    if entry.draft_slot is None or entry.draft_usual is None:
        return None
    return _draft_key(entry.draft_slot, entry.draft_usual)


def send_key(entry: IssueDate) -> Key:
    """The name of the run that looks whether a date had an issue."""
    return (f"send {entry.slot}", entry.usual.isoformat())


def skip_key(entry: IssueDate) -> Key:
    """The name of the run that tells the editors of a skipped date."""
    return ("skip", entry.usual.isoformat())


def drafts_due(
    entries: Sequence[IssueDate],
    *,
    now: datetime,
    ran: Collection[Key],
    grace: timedelta = timedelta(0),
) -> list[DueRun]:
    """The drafts that are due, also missed ones whose send has not come yet.

    `grace` is how long after its send a draft is still useful: an issue that needs no approval may
    leave that late.
    """
    runs = []
    for entry in entries:
        key = draft_key(entry)
        if not (key and entry.draft and entry.leaves):
            continue
        if entry.draft <= now < entry.send + grace and key not in ran:
            runs.append(DueRun(*key, entry.draft, entry))
    return runs


def drafts_without_a_send(
    draft: Sequence[Slot], zone: ZoneInfo, *, now: datetime, ran: Collection[Key]
) -> list[DueRun]:
    """The newest draft of the last week, where no send is scheduled."""
    due = moments(draft, zone, after=now - WEEK, until=now)
    runs = [DueRun(*_draft_key(slot, day), at, None) for at, slot, day in due[-1:]]
    return [run for run in runs if run.key not in ran]


def sends_due(
    entries: Sequence[IssueDate], *, now: datetime, ran: Collection[Key], begun: datetime
) -> list[DueRun]:
    """The sends that were due since the timetable first ran, oldest first."""
    since = max(begun, now - LOOK_BACK)
    due = [entry for entry in entries if entry.leaves and since < entry.send <= now]
    runs = [DueRun(*send_key(entry), entry.send, entry) for entry in due]
    return [run for run in runs if run.key not in ran]


def skips_due(entries: Sequence[IssueDate], *, now: datetime, ran: Collection[Key]) -> list[DueRun]:
    """The skipped dates whose draft would have been made by now, and whose time has not passed."""
    runs = []
    for entry in entries:
        due = entry.draft or entry.send - timedelta(days=1)
        if not entry.leaves and due <= now < entry.send and skip_key(entry) not in ran:
            runs.append(DueRun(*skip_key(entry), due, entry))
    return runs


def late(send_at: datetime, now: datetime, max_lateness: timedelta) -> bool:
    """True if it is too late to send without asking the editors."""
    return now - send_at > max_lateness


def _draft_key(slot: Slot, day: date) -> Key:
    return (f"draft {slot}", day.isoformat())
