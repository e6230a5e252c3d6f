"""A code by mail: eight characters that sign one person in, once, where it was requested."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# Without vowels, so that no code is a word, and without letters and digits that look alike.
ALPHABET = "CDFGHJKMNPQRTVWXY3479"
LENGTH = 8
LIFE = timedelta(minutes=10)  # OWASP ASVS 5.0, 6.5.5
TRIES = 5


class CodeAnswer(StrEnum):
    """What became of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    LATE = "late"  # the code is older than ten minutes
    USED_UP = "used-up"  # it was used before, or tried five times
    NONE = "none"  # this browser has requested none
    LIMIT = "limit"  # too many sign-ins from this network failed


@dataclass(frozen=True, slots=True)
class MailedCode:
    """A code that one browser has requested. `address` is empty if nobody has that address."""

    id: int
    address: str
    hash: str
    requested_at: datetime
    tries: int
    used_at: datetime | None = None


def new() -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal(text: str) -> str:
    """A code as somebody typed it, in the form that is compared."""
    return "".join(char for char in text.upper() if char.isalnum())


def answer(code: MailedCode | None, *, matches: bool, now: datetime) -> CodeAnswer:
    """Judges a try. `matches` is True if the text is the code."""
    if code is None:
        return CodeAnswer.NONE
    if now - code.requested_at >= LIFE:
        return CodeAnswer.LATE
    if code.used_at is not None or code.tries >= TRIES:
        return CodeAnswer.USED_UP
    return CodeAnswer.RIGHT if matches and code.address else CodeAnswer.WRONG
