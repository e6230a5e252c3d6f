"""Chooses the stories of an issue, with one reason for every candidate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from typing import Literal

from emag.content import closing
from emag.content.pool import Candidate
from emag.content.story import Kind
from emag.issues.issue import Pick, Section

# What a source has when it is read for the first time is its archive. The first issue takes the
# newest of it, whatever its age, so that a quiet blog has a first issue at all. After that only
# the archive's last two weeks still count as news.
ARCHIVE = timedelta(days=14)

# Nothing is lost, nothing comes twice. A section “since the last issue” takes every story that no
# issue has claimed, whenever it arrived: those gathered since the last cut-off, those that had no
# room, those of an issue that was held, skipped or cancelled. A window between two cut-offs, which
# was the other way to do it, loses all of these but the first. A story that an editor dropped
# stays out: its verdict comes back here as `earlier`. The time of gathering counts, so that a post
# published late under an old date gets in. Only in a source's archive the stories' dates count.

# The work and the verdicts of one issue must not grow with the publication's age. So some verdicts
# are final: once their issue is sent, later drafts pass over the story, unless its source changes
# it. So many wait for room in a section; the rest is passed over.
WAITING = 100
# An editor may widen a window. What is so much older than the window stays out for good.
LONG_OUT = timedelta(days=60)


class Because(StrEnum):
    """Why a candidate is in or out."""

    JOB_OF_THE_WEEK = "job_of_the_week"
    FEATURED = "featured"
    SOONEST = "soonest"
    NEWEST = "newest"
    WAITED = "waited"
    REPEATED = "repeated"  # a job that is still open
    PICKED = "picked"  # by an editor
    ADDED = "added"  # to the pool by an editor, by its address
    NO_SECTION = "no_section"
    USED = "used"
    HELD = "held"  # by an editor, for the next issue
    DROPPED = "dropped"  # by an editor
    CLOSED = "closed"
    PAST = "past"
    AHEAD = "ahead"
    WINDOW = "window"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class SectionRule:
    """The settings of one section. `window` None means: since the last issue."""

    name: str
    title: str = ""
    limit: int = 10
    order: Literal["newest", "featured"] = "newest"
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One candidate's place in one issue, or the reason why it has none.

    A `final` verdict holds for later issues too.
    """

    candidate: int
    section: str
    chosen: bool
    reason: str
    because: Because
    final: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last verdict on a candidate in an earlier issue."""

    issue: int
    because: Because


@dataclass(frozen=True, slots=True)
class Repeat:
    """A story that readers had, and may get again. `turn` is how many issues had it."""

    issue: int  # the last one that had it
    turn: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The sections in the settings' order, and exactly one verdict for every candidate."""

    sections: tuple[Section, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class _Window:
    """The facts about one issue by which every candidate is judged."""

    since: datetime | None
    until: datetime
    today: date
    zone: tzinfo
    used: Mapping[int, int]
    earlier: Mapping[int, Earlier]
    repeats: Mapping[int, Repeat]
    leaves_at: datetime | None


def choose(
    candidates: Iterable[Candidate],
    rules: Sequence[SectionRule],
    *,
    since: datetime | None,
    until: datetime,
    today: date,
    used: Mapping[int, int],
    earlier: Mapping[int, Earlier] | None = None,
    repeats: Mapping[int, Repeat] | None = None,
    zone: tzinfo = UTC,
    leaves_at: datetime | None = None,
) -> Choice:
    """Fills every section from the candidates.

    `since` is the last claimed issue's cut-off and `until` this one's; `today` is the date of the
    send in `zone`, and `leaves_at` its time there. `used` says which issue has claimed a
    candidate, and `repeats` which of these may come again: they do so after all new stories.
    """
    pool = sorted(candidates, key=lambda candidate: candidate.id)
    window = _Window(since, until, today, zone, used, earlier or {}, repeats or {}, leaves_at)
    by_name = {rule.name: rule for rule in rules}
    verdicts: dict[int, Verdict] = {}
    eligible: dict[str, list[Candidate]] = {rule.name: [] for rule in rules}
    for candidate in pool:
        verdict = _out(candidate, by_name.get(candidate.section), window)
        if verdict:
            verdicts[candidate.id] = verdict
        else:
            eligible[candidate.section].append(candidate)
    sections = []
    for rule in rules:
        ordered = sorted(eligible[rule.name], key=partial(_rank, order=rule.order, window=window))
        ordered = _with_room(ordered, rule.limit)
        sections.append(_fill(rule, ordered, window))
        for place, candidate in enumerate(ordered):
            verdicts[candidate.id] = _ranked(candidate, rule, place, window)
    return Choice(tuple(sections), tuple(verdicts[candidate.id] for candidate in pool))


def dated(candidate: Candidate) -> datetime:
    """The story's own date, or the time of gathering where it has none."""
    return candidate.story.published or candidate.gathered_at


def _out(candidate: Candidate, rule: SectionRule | None, window: _Window) -> Verdict | None:
    """The first reason that keeps the candidate out, whatever the room; None if there is none."""
    before = window.earlier.get(candidate.id)
    final = True
    if rule is None:
        why, reason = Because.NO_SECTION, f"no section named “{candidate.section}”"
        final = False
    elif candidate.id in window.used and candidate.id not in window.repeats:
        why, reason = Because.USED, f"in issue {window.used[candidate.id]} already"
        final = False  # that issue may still give it back
    elif before and before.because is Because.DROPPED:
        why, reason = Because.DROPPED, f"dropped by the editor from issue {before.issue}"
    elif over := _over(candidate, window):
        why, reason = over
        final = not candidate.closed  # its page may be there again
    elif _is_held(candidate, window) or candidate.id in window.repeats:
        return None  # an editor wants it, or the settings do, whatever its date
    elif candidate.story.published and candidate.story.published > window.until:
        day = _day(candidate.story.published.astimezone(window.zone).date())
        why, reason = Because.AHEAD, f"dated {day}, after this issue's cut-off"
        final = False
    elif _before_window(candidate, rule, window):
        why, reason = Because.WINDOW, "published before this issue's window"
        final = candidate.gathered_at < window.until - (rule.window or ARCHIVE) - LONG_OUT
    else:
        return None
    return Verdict(candidate.id, candidate.section, False, f"out: {reason}", why, final)


def _over(candidate: Candidate, window: _Window) -> tuple[Because, str] | None:
    """A closed job or a past event, judged on the day of the send."""
    at = window.leaves_at or window.today
    reason = closing.reason(candidate.story, candidate.closed, at)
    if reason.startswith(closing.PAST):
        return Because.PAST, reason.removeprefix("over: it ")
    return (Because.CLOSED, reason) if reason else None


def _before_window(candidate: Candidate, rule: SectionRule, window: _Window) -> bool:
    # Gathered after the cut-off only if the clock was set back.
    gathered_at = min(candidate.gathered_at, window.until)
    if rule.window is not None:
        at = dated(candidate) if candidate.from_archive else gathered_at
        return at < window.until - rule.window
    if window.since is None or (candidate.story.kind is Kind.EVENT and candidate.story.starts):
        return False  # an event to come is news, however long ago it was announced
    return candidate.from_archive and dated(candidate) < gathered_at - ARCHIVE


def _rank(candidate: Candidate, order: str, window: _Window) -> tuple[float, ...]:
    """The sort key, smallest first. Ties keep the source's own order."""
    story = candidate.story
    late = 0 if _is_held(candidate, window) else 2 if candidate.id in window.repeats else 1
    if story.kind is Kind.EVENT and story.starts:
        return (late, 0, 0, story.starts.timestamp(), candidate.id)
    first = (1.0, 0.0)
    if order == "featured":
        of_the_week = bool(story.vacancy and story.vacancy.job_of_the_week)
        first = (not of_the_week, not story.featured)
    return (late, *first, -dated(candidate).timestamp(), candidate.id)


def _with_room(ordered: Sequence[Candidate], limit: int) -> list[Candidate]:
    """The same order, but what an editor added by hand has room before the rest."""
    first = sorted(ordered, key=lambda candidate: not candidate.added_by)[:limit]
    chosen = {candidate.id for candidate in first}
    return sorted(ordered, key=lambda candidate: candidate.id not in chosen)


def _is_held(candidate: Candidate, window: _Window) -> bool:
    """True for a story that an editor kept for the next issue."""
    before = window.earlier.get(candidate.id)
    return before is not None and before.because is Because.HELD


def _fill(rule: SectionRule, ordered: Sequence[Candidate], window: _Window) -> Section:
    picks = (Pick(candidate.id, candidate.story) for candidate in ordered[: rule.limit])
    return Section(rule.name, rule.title, tuple(_in_turn(pick, window) for pick in picks))


def _in_turn(pick: Pick, window: _Window) -> Pick:
    repeat = window.repeats.get(pick.candidate)
    return replace(pick, turn=repeat.turn) if repeat else pick


def _ranked(candidate: Candidate, rule: SectionRule, place: int, window: _Window) -> Verdict:
    """The verdict on a candidate that only a lack of room could keep out."""
    if place >= rule.limit:
        final = place >= rule.limit + WAITING
        reason = f"out: section is full (limit {rule.limit})"
        reason += f", and {WAITING} stories wait for room before it" if final else ""
        return Verdict(candidate.id, rule.name, False, reason, Because.FULL, final)
    why, reason = _why_in(candidate, rule, window)
    return Verdict(candidate.id, rule.name, True, f"in: {reason}", why)


def _why_in(candidate: Candidate, rule: SectionRule, window: _Window) -> tuple[Because, str]:
    story = candidate.story
    before = window.earlier.get(candidate.id)
    if wanted := _why_wanted(candidate, window):
        return wanted
    if story.kind is Kind.EVENT and story.starts:
        return Because.SOONEST, "soonest"
    if rule.order == "featured" and story.vacancy and story.vacancy.job_of_the_week:
        return Because.JOB_OF_THE_WEEK, "job of the week"
    if rule.order == "featured" and story.featured:
        return Because.FEATURED, "featured"
    if before or (window.since and candidate.gathered_at <= window.since):
        return Because.WAITED, "has waited since an earlier issue"
    return Because.NEWEST, "newest"


def _why_wanted(candidate: Candidate, window: _Window) -> tuple[Because, str] | None:
    """The reason of a story that comes back, or that an editor added; None for any other."""
    before = window.earlier.get(candidate.id)
    if before and _is_held(candidate, window):
        return Because.WAITED, f"held in issue {before.issue}, back now"
    if repeat := window.repeats.get(candidate.id):
        return Because.REPEATED, f"still open, again after issue {repeat.issue}"
    if candidate.added_by:
        return Because.ADDED, f"added by {candidate.added_by}"
    return None


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
