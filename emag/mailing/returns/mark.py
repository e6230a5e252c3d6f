"""Finds our mark of a message in the text of a report."""

import re

# A number and its signature (subscribers.tokens), after a + or as the local part of a Message-ID.
_MARK = re.compile(r"(?<![a-z0-9-])(\d{1,17}-[0-9a-f]{28})(?=@|%40|=40)", re.IGNORECASE)


def find_all(text: str) -> list[str]:
    """Every mark in the text, in lower case. None is verified."""
    return [mark.lower() for mark in _MARK.findall(text)]


def find(*texts: str) -> str:
    """The first mark in some texts, or “”. It is not verified."""
    return next((mark for text in texts for mark in find_all(text)), "")
