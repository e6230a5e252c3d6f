"""Marks the parts of a document that belong to a topic, and cuts out those not chosen."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

EVERYONE = "*"  # in place of a topic: for all readers
NOTHING = "-"  # in place of a topic: for readers of no topic in this issue
MAX_COMBINED = 5  # with more topics, combinations get no variant of their own: 5 give 32 documents

# No slot has this form, and `[[` in text from outside is broken up before it is printed.
_PART = re.compile(r"\[\[(when|only) ([a-z0-9_*-][a-z0-9_ -]*)\]\](.*?)\[\[/\1\]\]", re.DOTALL)
_MARK = re.compile(r"\[\[/?(?:when|only)\b[^\]]*\]\]")

TopicSet = frozenset[str]  # the topics of a document that a reader gets


@dataclass(frozen=True, slots=True)
class Mark:
    """What a template prints before and after a part; both empty if the part is for all readers."""

    open: str = ""
    close: str = ""


PLAIN = Mark()


def when(topic: str) -> Mark:
    """Returns the mark for stories of one topic, or for EVERYONE."""
    return Mark(f"[[when {topic}]]", "[[/when]]")


def only(chosen: Iterable[str]) -> Mark:
    """Returns the mark for text that only readers of exactly these topics get."""
    return Mark(f"[[only {' '.join(sorted(chosen)) or NOTHING}]]", "[[/only]]")


def marked_topics(text: str) -> frozenset[str]:
    """Returns the topics whose stories are marked in `text`, with EVERYONE if some are for all."""
    return frozenset(name for kind, name, _ in _PART.findall(text) if kind == "when")


def cut(text: str, chosen: TopicSet) -> str:
    """Removes the marks, and the parts that are not for readers of the chosen topics."""

    def part(match: re.Match[str]) -> str:
        kind, names, inside = match.groups()
        if kind == "when":
            return inside if names == EVERYONE or names in chosen else ""
        return inside if frozenset(names.split()) - {NOTHING} == chosen else ""

    return _PART.sub(part, text)


def unmatched_marks(text: str) -> list[str]:
    """Returns marks without their other half, an error in a changed template."""
    return sorted(set(_MARK.findall(cut(text, marked_topics(text)))))


def visible(chosen: Collection[str], *, offered: Collection[str], printed: TopicSet) -> TopicSet:
    """Returns the topics of the `printed` ones that a reader gets.

    A reader who chose nothing gets all topics. A chosen topic that is neither offered nor printed
    any more is ignored, and a reader who chose only such topics gets all: someone who gets too much
    mail can change that, someone who gets none cannot.
    """
    valid = [topic for topic in chosen if topic in offered or topic in printed]
    return printed.intersection(valid) if valid else printed


def choices(printed: Sequence[str], *, everyone: bool) -> list[TopicSet]:
    """Returns all sets of these topics that a reader can get, the full set first.

    The empty set is included only with `everyone`, when some stories are for all readers. With more
    than MAX_COMBINED topics, only single topics and the full set are returned.
    """
    fewer: Iterable[tuple[str, ...]] = ((topic,) for topic in printed)
    if len(printed) <= MAX_COMBINED:
        sizes = range(len(printed) - 1, 0, -1)
        fewer = chain.from_iterable(combinations(printed, size) for size in sizes)
    sets = [frozenset(printed), *map(frozenset, fewer)]
    return list(dict.fromkeys([*sets, frozenset()] if everyone else sets))
