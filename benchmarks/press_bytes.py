"""Counts what the bytes of an issue's HTML are spent on."""

import re
from collections import Counter

# An issue as it was printed before it had three tiers, by the same count: 23 posts were the most.
BEFORE: dict[str, dict[str, int]] = {}

_PIECE = re.compile(r"<!--.*?-->|<style\b.*?</style>|<[A-Za-z/!][^>]*>|[^<]+|<", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\s([\w:-]+)=(?:"[^"]*"|'[^']*')""")
_ATTRIBUTES = {
    "style": "style attributes",
    "href": "addresses of links and pictures",
    "src": "addresses of links and pictures",
    "class": "classes",
}


def by_part(html: str) -> Counter[str]:
    """The bytes by part. They sum up to the size of the HTML."""
    parts: Counter[str] = Counter()
    for piece in _PIECE.findall(html):
        if piece.startswith("<!--"):
            parts["comments for Outlook"] += _bytes(piece)
        elif piece.startswith("<style"):
            parts["style elements"] += _bytes(piece)
        elif piece.startswith("<"):
            parts["tags and other attributes"] += _bytes(_ATTRIBUTE.sub("", piece))
            for attribute in _ATTRIBUTE.finditer(piece):
                name = _ATTRIBUTES.get(attribute[1], "tags and other attributes")
                parts[name] += _bytes(attribute[0])
        else:
            visible = piece.strip()
            parts["text"] += _bytes(visible)
            parts["white space between tags"] += _bytes(piece) - _bytes(visible)
    return parts


def _bytes(text: str) -> int:
    return len(text.encode())
