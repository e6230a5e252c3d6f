"""What readers of some topics are told of an issue: what is in it, what they chose, what comes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from emag.content.story import Kind, Story
from emag.issues.issue import Issue, Section
from emag.press import dates, topics
from emag.press.proof import ELLIPSIS, clean, shorten
from emag.press.topics import Mark, Shown

PREHEADER = 140
_BETWEEN = " · "
_TITLES = 3  # in a preview line
_WORDS = (
    (Kind.POST, "story", "stories"),
    (Kind.JOB, "job", "jobs"),
    (Kind.EVENT, "event", "events"),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the ways in which an issue reads. `mark` stands around what only this one says."""

    mark: Mark
    preheader: str
    tally: tuple[tuple[str, str], ...]  # ("15", "stories"), …
    contents: str  # the same in words
    chosen: tuple[str, ...]  # the topics as readers know them, where they are not all


def mark(section: str, issue: Issue, offered: Collection[str]) -> Mark:
    """What stands around the stories of a section; nothing in an issue without topics."""
    if not _there(issue, offered):
        return topics.PLAIN
    return topics.when(section if section in offered else topics.EVERYONE)


def variants(issue: Issue, offered: Collection[str]) -> tuple[Variant, ...]:
    """All that a template has to tell apart, the one for readers of everything first.

    With more than MOST topics it is the only one: readers of some get their stories, and neither a
    preview line nor a summary.
    """
    there = _there(issue, offered)
    if len(there) > topics.MOST:
        return (_variant(issue, frozenset(there), there, offered),)
    everyone = any(section.picks for section in issue.sections if section.name not in offered)
    choices = topics.choices(there, everyone=everyone and bool(there))
    return tuple(_variant(issue, shown, there, offered) for shown in choices)


def preheader(found: Sequence[Variant]) -> str:
    """All the variants' own, marked where they differ or may."""
    told_apart = len(found) > 1 or found[0].mark == topics.PLAIN
    if told_apart and len({variant.preheader for variant in found}) == 1:
        return found[0].preheader
    return "".join(f"{v.mark.open}{v.preheader}{v.mark.close}" for v in found)


def _there(issue: Issue, offered: Collection[str]) -> list[str]:
    return [section.name for section in issue.sections if section.picks and section.name in offered]


def _variant(issue: Issue, shown: Shown, there: list[str], offered: Collection[str]) -> Variant:
    seen = [s for s in issue.sections if s.name in shown or s.name not in offered]
    stories, others = _stories(seen), _stories([s for s in issue.sections if s not in seen])
    tally = _tally(stories)
    theirs = shown if 0 < len(shown) < len(there) else frozenset()
    return Variant(
        mark=topics.only(shown) if there else topics.PLAIN,
        preheader=_preheader(issue, stories, others),
        tally=tally,
        contents=dates.listed([" ".join(pair) for pair in tally]),
        chosen=tuple(_named(section) for section in issue.sections if section.name in theirs),
    )


def _named(section: Section) -> str:
    """As on the page where readers choose."""
    return clean(section.title) or section.name.replace("-", " ").replace("_", " ").capitalize()


def _stories(sections: Sequence[Section]) -> list[Story]:
    return [pick.story for section in sections for pick in section.picks]


def _tally(stories: Sequence[Story]) -> tuple[tuple[str, str], ...]:
    count = Counter(story.kind for story in stories)
    return tuple(
        (str(count[kind]), one if count[kind] == 1 else many)
        for kind, one, many in _WORDS
        if count[kind]
    )


def _preheader(issue: Issue, stories: Sequence[Story], others: Sequence[Story]) -> str:
    """The editor's, unless it promises a story that is not shown; then the next titles.

    The title that comes first in the issue is mostly the subject, which programs show beside it.
    """
    own = clean(issue.preheader)
    if own and not any(_promises(own, story) for story in others):
        return own
    first = next((pick.story for pick in issue.picks if _called(pick.story)), None)
    behind = [_called(story) for story in stories if story is not first and _called(story)]
    called = behind[:_TITLES] or list(filter(None, map(_called, stories)))
    return shorten(_BETWEEN.join(called), PREHEADER)


def _called(story: Story) -> str:
    """Its title; a job by role and employer, without the marks that its feed puts around them."""
    vacancy = story.vacancy
    if vacancy is None or not clean(vacancy.role):
        return clean(story.title)
    return ", ".join(filter(None, (clean(vacancy.role), clean(vacancy.employer))))


def _promises(words: str, story: Story) -> bool:
    """Whether a preview line names the story, perhaps with the end of its name cut off."""
    role = story.vacancy.role if story.vacancy else ""
    names = [name for name in map(clean, (story.title, role, _called(story))) if name]
    cut_off = words.rpartition(_BETWEEN)[2] if words.endswith(ELLIPSIS) else ""
    start = cut_off.removesuffix(ELLIPSIS).rstrip(" ,;:–-")
    return any(name in words or (start and name.startswith(start)) for name in names)
