"""Counts what the bytes of an issue's HTML are spent on."""

import re
from collections import Counter

_PIECE = re.compile(r"<!--.*?-->|<style\b.*?</style>|<[A-Za-z/!][^>]*>|[^<]+|<", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\s([\w:-]+)=(?:"[^"]*"|'[^']*')""")
STYLES, SHEETS, OUTLOOK = "style attributes", "style elements", "comments for Outlook"
TAGS, CLASSES, LINKS = "tags and other attributes", "classes", "addresses of links and pictures"
TEXT, SPACE = "text", "white space between tags"
_ATTRIBUTES = {"style": STYLES, "href": LINKS, "src": LINKS, "class": CLASSES}

# By posts and jobs: the limit, and the bytes of the same issue when each story was a section of
# MJML of its own (commit 7865ceb, before issues had three tiers).
BEFORE: dict[tuple[int, int], tuple[int, dict[str, int]]] = {
    (15, 8): (
        60_000,
        {
            STYLES: 23_589,
            SHEETS: 5_271,
            OUTLOOK: 12_847,
            TAGS: 11_122,
            CLASSES: 4_071,
            LINKS: 1_760,
            TEXT: 6_023,
            SPACE: 355,
        },
    ),
    (40, 0): (
        102_000,
        {
            STYLES: 38_403,
            SHEETS: 5_271,
            OUTLOOK: 24_152,
            TAGS: 16_751,
            CLASSES: 6_506,
            LINKS: 3_386,
            TEXT: 12_029,
            SPACE: 472,
        },
    ),
}


def by_part(html: str) -> Counter[str]:
    """The bytes by part. They sum up to the size of the HTML."""
    parts: Counter[str] = Counter()
    for piece in _PIECE.findall(html):
        if piece.startswith("<!--"):
            parts[OUTLOOK] += _bytes(piece)
        elif piece.startswith("<style"):
            parts[SHEETS] += _bytes(piece)
        elif piece.startswith("<"):
            parts[TAGS] += _bytes(_ATTRIBUTE.sub("", piece))
            for attribute in _ATTRIBUTE.finditer(piece):
                parts[_ATTRIBUTES.get(attribute[1], TAGS)] += _bytes(attribute[0])
        else:
            visible = piece.strip()
            parts[TEXT] += _bytes(visible)
            parts[SPACE] += _bytes(piece) - _bytes(visible)
    return parts


def _bytes(text: str) -> int:
    return len(text.encode())
