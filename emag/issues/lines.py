"""The subject and the preheader: made from the picks until an editor writes one."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from emag.content.story import Kind, Story
from emag.issues.issue import UNFROZEN, Issue, NamedStory, Pick

LONGEST_SUBJECT = 120  # characters
LONGEST_PREHEADER = 140
_IN_PREHEADER = 3  # titles
_SHORT_TITLE = 2  # words; so short a title may be in a line by chance
_RUN = 4  # words of a title, one after the other, by which a line names the story


class Line(StrEnum):
    """A line of the inbox, by its name in the settings, commands and faults."""

    SUBJECT = "subject"
    PREHEADER = "preheader"


@dataclass(frozen=True, slots=True)
class Absence:
    """A written line names a story that is not in the issue, or not under that title any more."""

    line: Line
    title: str
    corrected: str = ""  # the story's title now, if the story is in the issue


def automatic(issue: Issue, *, fallback: str) -> Issue:
    """The issue with the lines that its picks give, wherever no editor has written one.

    A special edition has its title as its subject. `fallback` is the subject of an issue that has
    no story with a title.
    """
    subject, preheader = issue.subject, issue.preheader
    if not issue.subject_is_written:
        subject = issue.title or subject_of(issue.picks, fallback)
    if not issue.preheader_is_written:
        preheader = preheader_of(issue.picks)
    return replace(issue, subject=subject, preheader=preheader)


def current(issue: Issue) -> Issue:
    """The stored issue with lines that follow its stories' titles, also after a correction.

    An approved issue keeps the lines that were approved.
    """
    if issue.status not in UNFROZEN or not issue.picks:
        return issue
    return automatic(issue, fallback=issue.subject)


def subject_of(picks: Sequence[Pick], fallback: str) -> str:
    """The title of the first story."""
    return (picks and _shortened(called(picks[0].story), LONGEST_SUBJECT)) or fallback


def preheader_of(picks: Sequence[Pick]) -> str:
    """The next titles, with the job of the week first."""
    rest = sorted(picks[1:], key=lambda pick: not _is_job_of_the_week(pick.story))
    titles = [_shortened(called(pick.story), LONGEST_PREHEADER) for pick in rest[:_IN_PREHEADER]]
    return _shortened(" · ".join(title for title in titles if title), LONGEST_PREHEADER)


def called(story: Story) -> str:
    """A story's title. For a job: its role and employer, without the marks that its feed adds."""
    vacancy = story.vacancy
    if story.kind is not Kind.JOB or vacancy is None or not vacancy.role:
        return story.title
    return ", ".join(filter(None, (vacancy.role, vacancy.employer)))


def mentions(line: Line, text: str, stories: Iterable[tuple[int, Story]]) -> list[NamedStory]:
    """The stories that a line names. Recorded when the line is written."""
    return [
        NamedStory(line, number, story.title) for number, story in stories if _names(text, story)
    ]


def absences(issue: Issue) -> list[Absence]:
    """The stories that a written line names and that the issue does not hold under that title."""
    text = {Line.SUBJECT: issue.subject, Line.PREHEADER: issue.preheader}
    titles = {pick.candidate: pick.story.title for pick in issue.picks}
    absent = []
    for mention in issue.mentions:
        line, title = Line(mention.line), titles.get(mention.candidate, "")
        if title == mention.title or _is_explained(mention, text[line], issue.picks):
            continue
        absent.append(Absence(line, mention.title, title))
    return absent


def _is_explained(mention: NamedStory, text: str, picks: Iterable[Pick]) -> bool:
    """True if the words belong to the title of another story, which is in the issue."""
    words = _words(mention.title)
    return any(
        _names(text, pick.story) and _longest_run(words, _words(pick.story.title)) == len(words)
        for pick in picks
    )


def _names(text: str, story: Story) -> bool:
    return any(_contains(text, title) for title in {story.title, called(story)})


def _contains(text: str, title: str) -> bool:
    """True if the text has the whole title, or so many of its words that it must mean it."""
    words = _words(title)
    if len(words) <= _SHORT_TITLE:
        return bool(words) and words in [_words(rule) for rule in re.split(r"[·|,;:–—!?.]", text)]
    enough = min(len(words), max(_RUN, math.ceil(len(words) / 2)))
    return _longest_run(words, _words(text)) >= enough


def _longest_run(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words in a row both have at most."""
    longest = 0
    row = [0] * (len(others) + 1)
    for word in words:
        before = row
        row = [0] + [before[i] + 1 if word == other else 0 for i, other in enumerate(others)]
        longest = max(longest, *row)
    return longest


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _is_job_of_the_week(story: Story) -> bool:
    return story.kind is Kind.JOB and story.vacancy is not None and story.vacancy.job_of_the_week


def _shortened(text: str, limit: int) -> str:
    """The text on one line, cut between words."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1].rsplit(" ", 1)[0] or text[: limit - 1]
    return head.rstrip(" ,;:–-") + "…"
