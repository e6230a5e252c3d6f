"""A correction of a sent issue in the archive: a dated note, and links that lead elsewhere."""

import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from emag.content.story import canonical

LONGEST_NOTE = 1000  # characters

_HREF = re.compile(r"""(\bhref\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
_BETWEEN_TAGS = re.compile(r"(?<=>)[^<]+")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_PUNCTUATION = ".,;:!?)]"  # an address in a text may end before it


@dataclass(frozen=True, slots=True)
class Correction:
    """What was corrected: `links` are pairs of the old and the new address."""

    at: datetime
    by: str
    note: str
    links: tuple[tuple[str, str], ...] = ()

    def written(self) -> str:
        """The correction as an act holds it."""
        values = {"at": self.at.isoformat(), "by": self.by, "note": self.note, "links": self.links}
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Correction":
        """The correction of an act."""
        values = json.loads(text)
        links = tuple((old, new) for old, new in values["links"])
        return cls(datetime.fromisoformat(values["at"]), values["by"], values["note"], links)


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts of a mail in which links are corrected."""

    html: str
    text: str


def corrected(parts: Parts, corrections: Iterable[Correction]) -> Parts:
    """The parts with every old address replaced by its new one, in the order of the corrections."""
    for correction in corrections:
        for old, new in correction.links:
            parts = _replace(parts, _swap(_spellings(parts, old), new))
    return parts


def corrected_link(link: str, corrections: Iterable[Correction]) -> str:
    """One link after the corrections."""
    for correction in corrections:
        for old, new in correction.links:
            if link == old or (canonical(old) and _key(link) == _key(old)):
                link = new
    return link


def addresses(parts: Parts) -> list[str]:
    """The web addresses that the parts lead to, each once, in order."""
    return [url for url in dict.fromkeys(_in_order(parts)) if canonical(url)]


def fault(parts: Parts, note: str, links: Iterable[tuple[str, str]]) -> str:
    """Why a correction cannot be made, as one sentence; "" if it can. `note` is tidy already."""
    if not note:
        return "Write a note that says what was wrong: readers see it above the issue."
    if len(note) > LONGEST_NOTE:
        return f"The note has {len(note)} characters: write at most {LONGEST_NOTE}."
    for old, new in links:
        if not canonical(new) or "[[" in new:
            return f"“{new}” is not a web address: write it like https://…"
        if not _spellings(parts, old):
            return f"No link of the issue leads to “{old}”: copy the address from the archive."
    return ""


def _spellings(parts: Parts, old: str) -> frozenset[str]:
    """How the parts write the address: exactly so, or else in another form of the same address."""
    urls = _urls(parts)
    if old in urls:
        return frozenset({old})
    same = _key(old)
    return frozenset(url for url in urls if same[0] and _key(url) == same)


def _key(url: str) -> tuple[str, str]:
    return canonical(url), url.partition("#")[2]


def _swap(old: frozenset[str], new: str) -> Callable[[str], str]:
    return lambda url: new if url in old else url


def _urls(parts: Parts) -> set[str]:
    return set(_in_order(parts))


def _in_order(parts: Parts) -> list[str]:
    urls: list[str] = []

    def note(url: str) -> str:
        urls.append(url)
        return url

    _replace(parts, note)
    return urls


def _replace(parts: Parts, new: Callable[[str], str]) -> Parts:
    """Gives each address its new form: in links, in visible text, and in the text part."""

    def of_href(match: re.Match[str]) -> str:
        url = html.unescape(match[3])
        after = new(url)
        return match[0] if after == url else f"{match[1]}{match[2]}{html.escape(after)}{match[2]}"

    def of_visible(match: re.Match[str]) -> str:
        text = html.unescape(match[0])
        after = _in_text(text, new)
        return match[0] if after == text else html.escape(after, quote=False)

    markup = _BETWEEN_TAGS.sub(of_visible, _HREF.sub(of_href, parts.html))
    return Parts(markup, _in_text(parts.text, new))


def _in_text(text: str, new: Callable[[str], str]) -> str:
    def of_address(match: re.Match[str]) -> str:
        """The longest beginning that has a new form: a full stop may end the sentence."""
        whole = match[0]
        for end in range(len(whole), len(whole.rstrip(_PUNCTUATION)) - 1, -1):
            after = new(whole[:end])
            if after != whole[:end]:
                return after + whole[end:]
        return whole

    return _ADDRESS.sub(of_address, text)
