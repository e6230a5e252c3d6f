"""Finds addresses in what people and programs write."""

import re
from collections.abc import Iterator

_LOOSE = re.compile(
    r"(?:\"[^\"\s@]{1,64}\"|[^\s<>()\[\]{},;:\"@\\|]{1,64})@"
    r"(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}|\[[\d.a-fA-F:]{3,45}\])"
)
# X.400's and other gateways' forms put a keyword in front.
_KEYWORD = re.compile(
    r"(?:smtp|rfc-?822|address|account|addr|rcpt|to|for|email|mailto)=", re.IGNORECASE
)
_EDGES = "'`*.?!&=/"
_X400 = re.compile(r"/rfc-?822=([^/()]{1,64})\(a\)([\w.-]{3,255})", re.IGNORECASE)
_TYPED = re.compile(r"\s*[\w-]{1,20}\s*;\s*")
_ENTITY = re.compile(r"(?:&(?:lt|gt|quot|amp);)+", re.IGNORECASE)


def found(text: str) -> Iterator[tuple[int, str]]:
    """Every address with where it starts, in order, repeated as often as it stands there."""
    for match in _LOOSE.finditer(text):
        raw = match[0]
        if raw.startswith("=?") and "?=@" in raw:  # an encoded word, as some write it
            yield match.start(), raw.rstrip(_EDGES)
            continue
        trimmed = _KEYWORD.sub("", raw.lstrip(_EDGES), count=1).rstrip(_EDGES)
        local, _, domain = trimmed.rpartition("@")
        if local and domain and not domain.startswith("."):
            yield match.start() + len(raw) - len(raw.lstrip(_EDGES)), trimmed


def first(text: str) -> str:
    """The first address, or nothing."""
    return next((address for _, address in found(text)), "")


def typed(value: str) -> str:
    """The address of a field like “rfc822; <ann@example.org>”; nothing where it holds none."""
    if match := _X400.search(value):
        return f"{match[1]}@{match[2]}"
    return first(_ENTITY.sub(" ", _TYPED.sub("", value, count=1)))


def key(address: str) -> str:
    """What makes two spellings the same address."""
    return address.strip("\"'").lower()


def domain(address: str) -> str:
    return key(address).rpartition("@")[2]
