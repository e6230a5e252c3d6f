"""Knows the names of Britain's public bodies and places, in the forms of adverts."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from itertools import chain

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|&")
_LONGEST = 16  # words of a name
_BREAKS = str.maketrans({",": "\ue000", "–": "\ue001", "-": "\ue002", "—": "\ue003"})
_AT = re.compile(r" (at) ", re.IGNORECASE)
_MENDS = {ord(hidden): chr(mark) for mark, hidden in _BREAKS.items()} | {0xE004: " "}
_COMPASS = re.compile(
    r"^(?:near|nr|around|central|greater|inner|outer|north|south|east|west|north[- ]?(?:east|west)"
    r"|south[- ]?(?:east|west)|the|city of|based (?:in|at)|location|lleoliad|county|co|or|and)"
    r"\b[ :]*",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?(?: ?\d[a-z]{2})?$", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|/|;|\+|&|\bor\b|\band\b|\bneu\b|\ba\b)\s*", re.IGNORECASE)


def is_body(text: str) -> bool:
    """True for the name of a public body that is no place's name as well."""
    name = _plain(text)
    return name in _bodies() and name not in _places()


def is_branch(text: str) -> bool:
    """True for the name of a body with a part of the country: “Mencap Northern Ireland”."""
    words = text.split()
    ends = range(max(1, len(words) - 3), len(words))
    return any(is_body(" ".join(words[:n])) and _is_part(" ".join(words[n:])) for n in ends)


def _is_part(text: str) -> bool:
    return text.istitle() and _plain(text) in _places()


def is_place(text: str) -> bool:
    """True for the name of a place, or a list of such names (“Swindon or London”)."""
    name = _plain(text)
    if name in _places():
        return True
    parts = [part for part in _LIST.split(_POSTCODE.sub("", text)) if part]
    return bool(parts) and all(_is_one_place(part) for part in parts)


def hidden(text: str) -> str:
    """The text with what would cut the names of known bodies hidden."""
    words = [(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]
    names = [_plain(word) for word, _, _ in words]
    at = 0
    while at < len(words):
        size = _length(names, at)
        if size:
            start, end = words[at][1], words[at + size - 1][2]
            text = text[:start] + _AT.sub("\ue004\\1\ue004", hide(text[start:end])) + text[end:]
        at += size or 1
    return text


def unhidden(text: str) -> str:
    """The text with its hidden commas and dashes."""
    return text.translate(_MENDS)


def hide(text: str) -> str:
    """The text with all its commas and dashes hidden: it is one name."""
    return text.translate(_BREAKS)


def beginning(text: str) -> int:
    """The length of the known name with which the text begins, of at least two words; else 0."""
    words = list(_WORD.finditer(text))
    names = [_plain(word.group()) for word in words]
    for size in range(min(_LONGEST, len(names)), 1, -1):
        if " ".join(names[:size]) in _bodies():
            return words[size - 1].end()
    return 0


def _length(names: list[str], at: int) -> int:
    """The number of words of the longest known name that begins here and would be cut."""
    if names[at] not in _first_words():
        return 0
    for size in range(min(_LONGEST, len(names) - at), 1, -1):
        if " ".join(names[at : at + size]) in _broken():
            return size
    return 0


def _is_one_place(text: str) -> bool:
    name = text.strip(" .")
    for _ in range(3):  # “based in central …”
        if _plain(name) in _places():
            return True
        name = _COMPASS.sub("", name)
    return _plain(name) in _places()


def _plain(text: str) -> str:
    words = _WORD.findall(unhidden(text).replace("’", "").replace("'", "").casefold())
    words = ["and" if word == "&" else word for word in words]
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


@cache
def _data(name: str) -> dict[str, list[dict[str, object]]]:
    return tomllib.loads((files("emag.content.vacancies") / name).read_text(encoding="utf-8"))


def _split(names: object) -> list[str]:
    return [name.strip() for name in re.split(r"[;\n]", str(names)) if name.strip()]


@cache
def _written() -> tuple[str, ...]:
    groups = _data("bodies.toml")["bodies"]
    return tuple(
        str(form).replace("{}", name)
        for group in groups
        for form in group["forms"]  # type: ignore[attr-defined]
        for name in _split(group["names"])
    )


@cache
def _bodies() -> frozenset[str]:
    return frozenset(_plain(name) for name in _written())


@cache
def _broken() -> frozenset[str]:
    """Names with a comma, a dash or “at”, which would be taken for two."""
    return frozenset(_plain(name) for name in _written() if re.search(r",| [–-] | at ", name))


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in _broken())


@cache
def _places() -> frozenset[str]:
    councils = _data("bodies.toml")["bodies"][0]
    towns = _split(_data("places.toml")["names"])
    return frozenset(_plain(name) for name in chain(towns, _split(councils["names"])))
