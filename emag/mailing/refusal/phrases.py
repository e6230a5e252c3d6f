"""Compiles a list of phrases into one pattern."""

import re


def any_of(lines: str, **parts: str) -> re.Pattern[str]:
    """Matches where one of the lines matches, in upper or lower case.

    Each line is a regular expression. “<name>” in a line is replaced by the part of that name.
    """
    phrases = [line.strip() for line in lines.strip().splitlines() if line.strip()]
    pattern = "|".join(phrases)
    for name, part in parts.items():
        pattern = pattern.replace(f"<{name}>", part)
    return re.compile(pattern, re.IGNORECASE)
