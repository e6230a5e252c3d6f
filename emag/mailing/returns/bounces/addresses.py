"""Finds mail addresses in text that people and programs write."""

import re
from collections.abc import Iterator

_LOOSE = re.compile(
    r"(?P<url>\b(?:https?|ftp)://[^\s<>\"']{1,2000})|"
    r"(?:\"[^\"\s@]{1,64}\"|[^\s<>()\[\]{},;:\"@\\|\u3000-\u301f\uff08-\uff1f]{1,64})@"
    r"(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}|\[[\d.a-fA-F:]{3,45}\])"
)
# Gateways, X.400 ones for instance, put a keyword in front.
_KEYWORD = re.compile(
    r"(?:smtp|rfc-?822|address|account|addr|rcpt|recipient|sender|from|postmaster|user|to|for|"
    r"email|mailto)=",
    re.IGNORECASE,
)
_EDGES = "'`*.?!&=/"
_X400 = re.compile(r"/rfc-?822=([^/()]{1,64})\(a\)([\w.-]{3,255})", re.IGNORECASE)
_TYPE_PREFIX = re.compile(r"^\s{0,9}[\w-]{1,20}\s{0,9};\s{0,9}")
# Scripts without spaces between words join the address.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef"
_RUN_IN = re.compile(rf"^[{_WIDE}]+(?=[a-z0-9])|(?<=[a-z0-9])[{_WIDE}]+$", re.IGNORECASE)
_LATIN = re.compile(r"[a-z0-9]@[a-z0-9]", re.IGNORECASE)
# A complete domain has a dot and ends in letters.
_COMPLETE = re.compile(r"[^@\s]+@(?:(?:[\w-]+\.)+(?:[^\W\d_]{2,63}|xn--[\w-]+)|\[[\d.a-fA-F:]+\])")
_ENTITY = re.compile(r"(?:&(?:lt|gt|quot|amp);)+", re.IGNORECASE)


def find_all(text: str) -> Iterator[tuple[int, str]]:
    """Every address and its position, in order, with repetitions.

    Addresses in links are left out: they belong to help pages.
    """
    for match in _LOOSE.finditer(text):
        raw = match[0]
        if match["url"]:
            continue
        if raw.startswith("=?") and "?=@" in raw:  # an encoded word (RFC 2047)
            yield match.start(), raw.rstrip(_EDGES)
            continue
        trimmed = _KEYWORD.sub("", raw.lstrip(_EDGES), count=1).rstrip(_EDGES)
        if _LATIN.search(trimmed):
            trimmed = _RUN_IN.sub("", trimmed)
        local, _, domain = trimmed.rpartition("@")
        if local and domain and not domain.startswith("."):
            yield match.start() + max(0, raw.find(trimmed)), trimmed


def first(text: str) -> str:
    """The first address, or “”."""
    return next((address for _, address in find_all(text)), "")


def of_field(value: str) -> str:
    """The address of a field like “rfc822; <ann@example.org>”, or “”."""
    if match := _X400.search(value):
        return f"{match[1]}@{match[2]}"
    return first(_ENTITY.sub(" ", _TYPE_PREFIX.sub("", value, count=1)))


def is_complete(address: str) -> bool:
    """True for an address that mail can be sent to from anywhere."""
    return bool(_COMPLETE.fullmatch(address))


def key(address: str) -> str:
    """The form in which two spellings of an address are equal."""
    return address.strip("\"'").lower()


def domain(address: str) -> str:
    """The domain in lower case."""
    return key(address).rpartition("@")[2]
