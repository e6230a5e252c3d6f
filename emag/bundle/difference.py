"""Finds the first place where two files differ, for a person who has to look at it."""

from itertools import zip_longest

_EXCERPT = 40  # characters


def first_difference(actual: bytes, expected: bytes) -> str:
    """“line 3, column 14: “a” in place of “b””; "" if both are the same. Both count from 1."""
    if actual == expected:
        return ""
    pairs = zip_longest(_lines(actual), _lines(expected), fillvalue="")
    for number, (is_, should) in enumerate(pairs, 1):
        if is_ != should:
            at = _column(is_, should)
            excerpts = (line[at : at + _EXCERPT] for line in (is_, should))
            return "line {}, column {}: “{}” in place of “{}”".format(number, at + 1, *excerpts)
    return ""


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "backslashreplace").split("\n")


def _column(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return next((at for at, (a, b) in pairs if a != b), shorter)
