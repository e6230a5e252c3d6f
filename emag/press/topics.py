"""Marks around what belongs to a topic: one document for all, cut for each choice of topics."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

EVERYONE = "*"  # stands where a topic would: for readers of any
NOTHING = "-"  # the same for those who are shown none of the topics
MOST = 5  # topics of one issue whose every combination is told apart: 32 documents

# No slot is spelt like this, and [[ in what others wrote is broken up before it is printed.
_PART = re.compile(r"\[\[(when|only) ([a-z0-9_*-][a-z0-9_ -]*)\]\](.*?)\[\[/\1\]\]", re.DOTALL)
_MARK = re.compile(r"\[\[/?(?:when|only)\b[^\]]*\]\]")

Shown = frozenset[str]  # the topics of a document that a reader is shown


@dataclass(frozen=True, slots=True)
class Mark:
    """What a template prints before and after; both empty where all is for all."""

    open: str = ""
    close: str = ""


PLAIN = Mark()


def when(topic: str) -> Mark:
    """Around stories for readers of one topic, or for EVERYONE."""
    return Mark(f"[[when {topic}]]", "[[/when]]")


def only(shown: Iterable[str]) -> Mark:
    """Around words for readers who are shown exactly these topics of the document."""
    return Mark(f"[[only {' '.join(sorted(shown)) or NOTHING}]]", "[[/only]]")


def marked(text: str) -> frozenset[str]:
    """The topics whose stories are marked in it; EVERYONE where some are for all."""
    return frozenset(name for kind, name, _ in _PART.findall(text) if kind == "when")


def cut(text: str, shown: Shown) -> str:
    """What is left for readers who are shown these topics, without any mark."""

    def part(match: re.Match[str]) -> str:
        kind, names, inside = match.groups()
        if kind == "when":
            return inside if names == EVERYONE or names in shown else ""
        return inside if frozenset(names.split()) - {NOTHING} == shown else ""

    return _PART.sub(part, text)


def strays(text: str) -> list[str]:
    """Marks that nothing closes or opens, as a template of one's own may leave them."""
    return sorted(set(_MARK.findall(cut(text, marked(text)))))


def shown(chosen: Collection[str], *, offered: Collection[str], there: Shown) -> Shown:
    """What a reader's choice comes to, of the topics that are `there`.

    Who chose none sees all. A choice that is not offered any more, nor printed, does not count;
    where nothing else was chosen, that reader too sees all: whoever is sent too much can say so on
    their page, and whom nothing reaches any more cannot.
    """
    counts = [topic for topic in chosen if topic in offered or topic in there]
    return there.intersection(counts) if counts else there


def choices(there: Sequence[str], *, everyone: bool) -> list[Shown]:
    """Whatever a reader may be shown of these topics, all of them first.

    Nothing at all only with `everyone`: some stories are for all. More than MOST topics are not
    combined, but taken one by one.
    """
    fewer: Iterable[tuple[str, ...]] = ((topic,) for topic in there)
    if len(there) <= MOST:
        fewer = chain.from_iterable(combinations(there, n) for n in range(len(there) - 1, 0, -1))
    found = [frozenset(there), *map(frozenset, fewer)]
    return list(dict.fromkeys([*found, frozenset()] if everyone else found))
