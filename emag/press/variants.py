"""Variants of an issue by topic: preheader, table of contents, and the topics chosen."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from emag.content.prose.shortening import ELLIPSIS, shorten
from emag.content.story import Kind, Story
from emag.issues.issue import Issue, Section
from emag.press import topics
from emag.press.printable import clean
from emag.press.topics import Mark, TopicSet
from emag.press.words import Words

PREHEADER = 140
_BETWEEN = " · "
_TITLES = 3  # in a preview line
_COUNTED = {Kind.POST: "tally.posts", Kind.JOB: "tally.jobs", Kind.EVENT: "tally.events"}


@dataclass(frozen=True, slots=True)
class Variant:
    """An issue as readers of one choice of topics get it. `mark` encloses text of this variant."""

    mark: Mark
    preheader: str
    tally: tuple[str, ...]  # "15 stories", …
    contents: str  # the same counts as a list
    stories: int
    chosen: tuple[str, ...]  # the topics' titles; empty for readers of all or of none


def mark(section: str, issue: Issue, offered: Collection[str]) -> Mark:
    """Returns the mark for the stories of a section; PLAIN in an issue without topics."""
    if not _printed_topics(issue, offered):
        return topics.PLAIN
    return topics.when(section if section in offered else topics.EVERYONE)


def note_mark(issue: Issue, offered: Collection[str]) -> Mark:
    """Returns the mark for the note. That of a special edition is a reason to mail everybody."""
    counts = issue.is_special and issue.note.strip() and _printed_topics(issue, offered)
    return topics.when(topics.EVERYONE) if counts else topics.PLAIN


def variants(issue: Issue, offered: Collection[str], texts: Words) -> tuple[Variant, ...]:
    """Returns all variants of an issue, the one with all topics first.

    With more than MAX_COMBINED topics there is only that one: readers of some topics then get their
    stories without preheader and summary.
    """
    printed = _printed_topics(issue, offered)
    if len(printed) > topics.MAX_COMBINED:
        return (_variant(issue, frozenset(printed), printed, offered, texts),)
    everyone = note_mark(issue, offered) != topics.PLAIN
    everyone |= any(section.picks for section in issue.sections if section.name not in offered)
    choices = topics.choices(printed, everyone=everyone and bool(printed))
    return tuple(_variant(issue, chosen, printed, offered, texts) for chosen in choices)


def preheader(all_variants: Sequence[Variant]) -> str:
    """Joins the preheaders of all variants, each in its mark; one alone if all are the same."""
    first = all_variants[0]
    complete = len(all_variants) > 1 or first.mark == topics.PLAIN
    if complete and len({variant.preheader for variant in all_variants}) == 1:
        return first.preheader
    return "".join(f"{v.mark.open}{v.preheader}{v.mark.close}" for v in all_variants)


def _printed_topics(issue: Issue, offered: Collection[str]) -> list[str]:
    return [section.name for section in issue.sections if section.picks and section.name in offered]


def _variant(
    issue: Issue, chosen: TopicSet, printed: list[str], offered: Collection[str], texts: Words
) -> Variant:
    included = [s for s in issue.sections if s.name in chosen or s.name not in offered]
    excluded = [s for s in issue.sections if s not in included]
    stories = _stories(included)
    tally = _tally(stories, texts)
    named = chosen if 0 < len(chosen) < len(printed) else frozenset()
    return Variant(
        mark=topics.only(chosen) if printed else topics.PLAIN,
        preheader=_preheader(issue, stories, _stories(excluded)),
        tally=tally,
        contents=texts.listed(tally),
        stories=len(stories),
        chosen=tuple(_topic_title(section) for section in issue.sections if section.name in named),
    )


def _topic_title(section: Section) -> str:
    """Returns the topic's title as on the preferences page."""
    return clean(section.title) or section.name.replace("-", " ").replace("_", " ").capitalize()


def _stories(sections: Sequence[Section]) -> list[Story]:
    return [pick.story for section in sections for pick in section.picks]


def _tally(stories: Sequence[Story], texts: Words) -> tuple[str, ...]:
    count = Counter(story.kind for story in stories)
    return tuple(texts.count(key, count[kind]) for kind, key in _COUNTED.items() if count[kind])


def _preheader(issue: Issue, stories: Sequence[Story], others: Sequence[Story]) -> str:
    """Returns the issue's preheader, unless it names a story that this variant leaves out.

    Otherwise it is made of the next titles. The first story of the issue is left out: its title is
    usually the subject, which mail programs show beside the preheader.
    """
    written = clean(issue.preheader)
    if written and not any(_mentions(written, story) for story in others):
        return written
    first = next((pick.story for pick in issue.picks if _headline(pick.story)), None)
    following = (_headline(story) for story in stories if story is not first)
    titles = list(islice(filter(None, following), _TITLES))
    return shorten(_BETWEEN.join(titles or filter(None, map(_headline, stories))), PREHEADER)


def _headline(story: Story) -> str:
    """Returns the story's title, or a job's role and employer without the feed's additions."""
    vacancy = story.vacancy
    if vacancy is None or not clean(vacancy.role):
        return clean(story.title)
    return ", ".join(filter(None, (clean(vacancy.role), clean(vacancy.employer))))


def _mentions(words: str, story: Story) -> bool:
    """True if the preheader names the story, even if the end of the name is cut off."""
    role = story.vacancy.role if story.vacancy else ""
    names = [name for name in map(clean, (story.title, role, _headline(story))) if name]
    cut_off = words.rpartition(_BETWEEN)[2] if words.endswith(ELLIPSIS) else ""
    start = cut_off.removesuffix(ELLIPSIS).rstrip(" ,;:–-")
    return any(name in words or (start and name.startswith(start)) for name in names)
