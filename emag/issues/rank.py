"""Keys that order the stories of a section, so that moving one story changes that story alone.

A key is a text of base-36 digits, read as a fraction. Between two keys there is always another.
"""

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LAST = DIGITS[-1]


def between(before: str, after: str, mark: int) -> str:
    """A key after `before` and before `after`; an empty text is the section's start or end.

    `mark` is the story's number. It ends the key, so that two stories never get the same one, even
    where one of them comes back to a place that was given away.
    """
    if after and before >= after:
        raise ValueError(f"“{before}” does not come before “{after}”")
    return _middle(before, after) + _marked(mark)


def evenly(count: int) -> list[str]:
    """Keys for a section that is filled anew, with room between them."""
    width = 1
    while len(DIGITS) ** width <= count + 1:
        width += 1
    step = len(DIGITS) ** width // (count + 1)
    return [_digits(step * place, width) for place in range(1, count + 1)]


def _middle(before: str, after: str) -> str:
    """A fraction between two, as short as it can be."""
    digits = ""
    place = 0
    while True:
        low = DIGITS.index(before[place]) if place < len(before) else 0
        high = DIGITS.index(after[place]) if place < len(after) else len(DIGITS)
        if after and not digits.startswith(after[:place]):
            high = len(DIGITS)
        if high - low > 1:
            return digits + DIGITS[(low + high) // 2]
        digits += DIGITS[low]
        place += 1


def _marked(mark: int) -> str:
    """A story's number as digits that say their own length, so that none begins another."""
    digits = _digits(mark, 1)
    return DIGITS[len(digits)] + digits


def _digits(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(DIGITS))
        digits = DIGITS[rest] + digits
    return digits.rjust(width, DIGITS[0])
