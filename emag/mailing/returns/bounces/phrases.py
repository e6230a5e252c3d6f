"""Phrases as one pattern: a regular expression on each line, letters of either case."""

import re


def any_of(lines: str, **parts: str) -> re.Pattern[str]:
    """Matches where one of the lines does; “<name>” in a line stands for a part."""
    found = [line.strip() for line in lines.strip().splitlines() if line.strip()]
    text = "|".join(found)
    for name, part in parts.items():
        text = text.replace(f"<{name}>", part)
    return re.compile(text, re.IGNORECASE)
