"""Searches a text for any of a list of phrases."""

import re
from functools import cached_property


class Phrases:
    """A list of regular expressions, one on each line, compiled when it is first asked.

    Compiling all lists takes as long as loading the rest of sending does.
    """

    def __init__(self, lines: str, **parts: str) -> None:
        self._lines, self._parts = lines, parts

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        phrases = [line.strip() for line in self._lines.strip().splitlines() if line.strip()]
        pattern = "|".join(phrases)
        for name, part in self._parts.items():
            pattern = pattern.replace(f"<{name}>", part)
        return re.compile(pattern, re.IGNORECASE)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place where one of the phrases matches, in upper or lower case."""
        return self._pattern.search(text)

    def sub(self, replacement: str, text: str) -> str:
        """The text with each of the phrases replaced."""
        return self._pattern.sub(replacement, text)


def any_of(lines: str, **parts: str) -> Phrases:
    """Matches where one of the lines matches, in upper or lower case.

    Each line is a regular expression. “<name>” in a line is replaced by the part of that name.
    """
    return Phrases(lines, **parts)
