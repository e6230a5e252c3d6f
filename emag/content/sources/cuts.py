"""Notices feeds that cut all their texts at one length without a sign of it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from emag.content.prose.sentences import is_whole
from emag.content.sources.entry import EntryText, FeedEntry, Unusable

SHORTEST = 60  # characters of a text that is cut
FEWEST = 3  # texts of one length are no chance
SHARE = 4  # one in so many, at least
MARK = " […]"
_TEXT = re.compile(r"(?:^|>)[^<]*[^\W_]")  # outside of tags


def marked(entries: Iterable[FeedEntry | Unusable]) -> Iterator[FeedEntry | Unusable]:
    """The entries, with a mark at the end of each text that its feed has cut."""
    every = list(entries)
    usable = [entry for entry in every if isinstance(entry, FeedEntry)]
    texts = [text for entry in usable for text in (entry.summary, entry.body)]
    counts = Counter(map(_length, texts))
    fewest = max(FEWEST, len(usable) / SHARE)
    lengths = {length for length, times in counts.items() if length and times >= fewest}
    for entry in every:
        if isinstance(entry, FeedEntry) and lengths:
            summary, body = (_marked(text, lengths) for text in (entry.summary, entry.body))
            yield replace(entry, summary=summary, body=body)
        else:
            yield entry


def _marked(text: EntryText, lengths: set[int]) -> EntryText:
    length = _length(text)
    if length not in lengths:
        return text
    return replace(text, value=text.value[:length] + MARK + text.value[length:])


def _length(text: EntryText) -> int:
    """Where a text ends that ends in the middle of a sentence; 0 for any other."""
    words = text.value.partition("<")[0].rstrip() if text.is_html else text.value
    rest = text.value[len(words) :]
    if len(words) < SHORTEST or words.endswith(";") or is_whole(words) or _TEXT.search(rest):
        return 0
    return len(words)
