"""Which candidates make the next issue, and the reason for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from typing import Literal

from emag.content.pool import Candidate
from emag.content.story import Kind
from emag.issues.issue import Pick, Section

# What a source holds when it is read for the first time is its archive. The first issue takes the
# newest of it, whatever its age, so that a quiet blog has a first issue at all; after that only
# the archive's last two weeks still count as news.
ARCHIVE = timedelta(days=14)

# Nothing is lost, nothing comes twice. A section “since the last issue” takes every story that no
# issue has claimed, whenever it arrived: those gathered since the last cut-off, those that had no
# room, those of an issue that was held, skipped or cancelled. A window between two cut-offs (the
# way refused) loses all of these but the first. What an editor dropped stays out, because its
# verdict is kept and comes back here as `earlier`. Membership goes by when a story was gathered,
# so that a post published late under an old date gets in; only a source's very first reading goes
# by the dates of its stories.


class Because(StrEnum):
    """Why a candidate is in or out; `earlier` verdicts are remembered by it."""

    JOB_OF_THE_WEEK = "job_of_the_week"
    FEATURED = "featured"
    SOONEST = "soonest"
    NEWEST = "newest"
    WAITED = "waited"
    PICKED = "picked"  # by the editor's hand
    NO_SECTION = "no_section"
    USED = "used"
    DROPPED = "dropped"  # by the editor's hand
    CLOSED = "closed"
    PAST = "past"
    AHEAD = "ahead"
    WINDOW = "window"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Part:
    """What the settings ask of one section. `window` None: since the last issue."""

    name: str
    title: str = ""
    limit: int = 10
    order: Literal["newest", "featured"] = "newest"
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One candidate's place in one issue, or the reason why it has none."""

    candidate: int
    section: str
    chosen: bool
    reason: str
    because: Because


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last verdict on a candidate in an earlier issue."""

    issue: int
    because: Because


@dataclass(frozen=True, slots=True)
class Choice:
    """The sections in the settings' order, and exactly one verdict for every candidate."""

    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class _Window:
    """What all candidates of one issue are held against."""

    since: datetime | None
    until: datetime
    today: date
    zone: tzinfo
    used: Mapping[int, int]
    earlier: Mapping[int, Earlier]
    first_reading: Mapping[str, datetime]


def choose(
    candidates: Iterable[Candidate],
    parts: Sequence[Part],
    *,
    since: datetime | None,
    until: datetime,
    today: date,
    used: Mapping[int, int],
    earlier: Mapping[int, Earlier] | None = None,
    zone: tzinfo = UTC,
) -> Choice:
    """Fills every part from the candidates.

    `since` is the last claimed issue's cut-off and `until` this one's; `today` is the date of the
    send in `zone`. `used` says which issue has claimed a candidate.
    """
    pool = sorted(candidates, key=lambda candidate: candidate.id)
    readings: dict[str, datetime] = {}
    for candidate in pool:
        source = candidate.story.source
        readings[source] = min(candidate.seen, readings.get(source, candidate.seen))
    window = _Window(since, until, today, zone, used, earlier or {}, readings)
    by_name = {part.name: part for part in parts}
    verdicts: dict[int, Verdict] = {}
    eligible: dict[str, list[Candidate]] = {part.name: [] for part in parts}
    for candidate in pool:
        verdict = _out(candidate, by_name.get(candidate.section), window)
        if verdict:
            verdicts[candidate.id] = verdict
        else:
            eligible[candidate.section].append(candidate)
    sections = []
    for part in parts:
        ordered = sorted(eligible[part.name], key=partial(_rank, order=part.order))
        sections.append(_fill(part, ordered))
        for place, candidate in enumerate(ordered):
            verdicts[candidate.id] = _ranked(candidate, part, place, window)
    return Choice(tuple(sections), tuple(verdicts[candidate.id] for candidate in pool))


def dated(candidate: Candidate) -> datetime:
    """The story's own date, or the day it was gathered where it has none."""
    return candidate.story.published or candidate.seen


def _out(candidate: Candidate, part: Part | None, window: _Window) -> Verdict | None:
    """The first reason that keeps the candidate out, whatever the room; None if there is none."""
    before = window.earlier.get(candidate.id)
    if part is None:
        why, reason = Because.NO_SECTION, f"no section named “{candidate.section}”"
    elif candidate.id in window.used:
        why, reason = Because.USED, f"in issue {window.used[candidate.id]} already"
    elif before and before.because is Because.DROPPED:
        why, reason = Because.DROPPED, f"dropped by the editor from issue {before.issue}"
    elif over := _over(candidate, window):
        why, reason = over
    elif candidate.story.published and candidate.story.published > window.until:
        day = _day(candidate.story.published.astimezone(window.zone).date())
        why, reason = Because.AHEAD, f"dated {day}, after this issue's cut-off"
    elif _before_window(candidate, part, window):
        why, reason = Because.WINDOW, "published before this issue's window"
    else:
        return None
    return Verdict(candidate.id, candidate.section, False, f"out: {reason}", why)


def _over(candidate: Candidate, window: _Window) -> tuple[Because, str] | None:
    """A closed job or a past event, judged on the day of the send."""
    story = candidate.story
    if story.vacancy and story.vacancy.closes and story.vacancy.closed(window.today):
        return Because.CLOSED, f"closed on {_day(story.vacancy.closes)}"
    if story.kind is Kind.EVENT and story.starts:
        day = story.starts.astimezone(window.zone).date()
        if day < window.today:
            return Because.PAST, f"took place on {_day(day)}"
    return None


def _before_window(candidate: Candidate, part: Part, window: _Window) -> bool:
    seen = min(candidate.seen, window.until)  # gathered later only if the clock was set back
    archive = candidate.seen == window.first_reading[candidate.story.source]
    if part.window is not None:
        return (dated(candidate) if archive else seen) < window.until - part.window
    if window.since is None or (candidate.story.kind is Kind.EVENT and candidate.story.starts):
        return False  # what is to come is news, however long ago it was announced
    return archive and dated(candidate) < seen - ARCHIVE


def _rank(candidate: Candidate, order: str) -> tuple[float, ...]:
    """Sort key, smallest first; ties keep the source's own order."""
    story = candidate.story
    if story.kind is Kind.EVENT and story.starts:
        return (0, 0, story.starts.timestamp(), candidate.id)
    first = (1.0, 0.0)
    if order == "featured":
        of_the_week = bool(story.vacancy and story.vacancy.job_of_the_week)
        first = (not of_the_week, not story.featured)
    return (*first, -dated(candidate).timestamp(), candidate.id)


def _fill(part: Part, ordered: Sequence[Candidate]) -> Section:
    picks = tuple(Pick(candidate.id, candidate.story) for candidate in ordered[: part.limit])
    return Section(part.name, part.title, picks)


def _ranked(candidate: Candidate, part: Part, place: int, window: _Window) -> Verdict:
    """The verdict on a candidate that only room could keep out."""
    if place >= part.limit:
        reason = f"out: section is full (limit {part.limit})"
        return Verdict(candidate.id, part.name, False, reason, Because.FULL)
    why, reason = _welcome(candidate, part, window)
    return Verdict(candidate.id, part.name, True, f"in: {reason}", why)


def _welcome(candidate: Candidate, part: Part, window: _Window) -> tuple[Because, str]:
    story = candidate.story
    before = window.earlier.get(candidate.id)
    if story.kind is Kind.EVENT and story.starts:
        return Because.SOONEST, "soonest"
    if part.order == "featured" and story.vacancy and story.vacancy.job_of_the_week:
        return Because.JOB_OF_THE_WEEK, "job of the week"
    if part.order == "featured" and story.featured:
        return Because.FEATURED, "featured"
    if before or (window.since and candidate.seen <= window.since):
        return Because.WAITED, "has waited since an earlier issue"
    return Because.NEWEST, "newest"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
