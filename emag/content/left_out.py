"""Why entries of a source cannot be stories, in kinds that can be counted."""

from collections.abc import Mapping
from enum import StrEnum


class LeftOut(StrEnum):
    """Why an entry was left out."""

    ADDRESS = "address"
    TEXT = "text"
    DATE = "date"  # an event
    ZONE = "zone"  # an event
    RULE = "rule"  # an event
    PRIVATE = "private"  # an event
    VACANCY = "vacancy"  # in a source of posts
    PAGE = "page"  # named by a list, and it tells no story
    FILE = "file"  # of a folder
    SHARED = "shared"
    UNREADABLE = "unreadable"


Counts = Mapping[str, int]  # by reason

_SENTENCES = {  # of one, and of several
    LeftOut.ADDRESS: ("has no address", "have no address"),
    LeftOut.TEXT: ("has neither a title nor a text", "have neither a title nor a text"),
    LeftOut.DATE: ("has no date", "have no date"),
    LeftOut.ZONE: ("is in an unknown time zone", "are in an unknown time zone"),
    LeftOut.RULE: ("repeats in an unusual way", "repeat in an unusual way"),
    LeftOut.PRIVATE: ("is private", "are private"),
    LeftOut.VACANCY: ("is a vacancy", "are vacancies"),
    LeftOut.PAGE: ("leads to a page without a story", "lead to pages without a story"),
    LeftOut.FILE: ("has a fault in its file", "have a fault in their files"),
    LeftOut.SHARED: ("has the address of another", "have the address of another"),
    LeftOut.UNREADABLE: ("cannot be read", "cannot be read"),
}


def sentence(counts: Counts) -> str:
    """“12 entries were left out: 9 have no address, 3 cannot be read”; empty for none."""
    total = sum(counts.values())
    if not total:
        return ""
    entries = "1 entry was" if total == 1 else f"{total} entries were"
    parts = [f"{n} {_SENTENCES[LeftOut(reason)][n > 1]}" for reason, n in ordered(counts)]
    return f"{entries} left out: {', '.join(parts)}"


def ordered(counts: Counts) -> list[tuple[str, int]]:
    """The reasons and their numbers, the most frequent first."""
    return sorted(((r, n) for r, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0]))
