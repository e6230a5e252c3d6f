"""A promo: an announcement or a sponsor's slot that the editors write, and where it is printed."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

TOP, AFTER_LEAD, END = "top", "after-lead", "end"
_AFTER = "after:"
_LONGEST = {"title": 200, "text": 2000, "alt": 500, "button": 60, "advertiser": 100}
_ADDRESS = 2000  # characters of a link
_MARKDOWN_LINK = re.compile(r"\]\(\s*<?([^\s)>]+)|<([a-z][a-z0-9+.-]*:[^\s>]+)>", re.IGNORECASE)


class PromoKind(StrEnum):
    ANNOUNCEMENT = "announcement"  # the publication's own
    SPONSOR = "sponsor"  # paid: readers see a label


class RunStatus(StrEnum):
    BOOKED = "booked"
    RAN = "ran"  # its issue has begun to leave
    MISSED = "missed"  # its date passed without an issue, or the issue was given up


@dataclass(frozen=True, slots=True)
class Promo:
    """One promo, as the editors wrote it. `text` is short Markdown; addresses may be empty.

    `place` is “top”, “after-lead”, “after:SECTION” or “end”. `id` is 0 before it is stored.
    """

    kind: PromoKind
    title: str
    place: str
    text: str = ""
    picture: str = ""
    alt: str = ""
    link: str = ""
    button: str = ""
    advertiser: str = ""
    id: int = 0

    @property
    def is_complete(self) -> bool:
        """True where there is something to print below the title."""
        return bool(self.text or self.picture)

    @property
    def section(self) -> str:
        """The section that it follows; "" for another place."""
        return self.place.removeprefix(_AFTER) if self.place.startswith(_AFTER) else ""

    def written(self) -> str:
        """As text, equal for equal promos: the value that acts change."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Promo":
        """The promo that `written` wrote."""
        values = json.loads(text)
        return cls(**values | {"kind": PromoKind(values["kind"])})


@dataclass(frozen=True, slots=True)
class PromoFault:
    """Why a promo cannot be kept: the field that is to blame, and a sentence."""

    field: str
    sentence: str


def tidy(promo: Promo) -> Promo:
    """The promo as it is kept: each text on one line, but for `text`."""
    one_line = ("title", "picture", "alt", "link", "button", "advertiser", "place")
    texts = {name: " ".join(str(getattr(promo, name)).split()) for name in one_line}
    if texts["picture"] == "none":
        texts["picture"] = ""
    return replace(promo, **texts, text=promo.text.strip())  # type: ignore[arg-type]


def faults(
    promo: Promo, sections: Collection[str], *, loopback: bool = False
) -> Iterator[PromoFault]:
    """Why the promo cannot be kept.

    `sections` are the names of the sections there are. With `loopback`, the publication is tried
    out on one machine, and its addresses may be http there.
    """
    if not promo.title:
        yield PromoFault("title", "A promo needs a title.")
    yield from _too_long(promo)
    yield from _wrong_place(promo, sections)
    yield from _wrong_addresses(promo, loopback=loopback)
    if promo.picture and not promo.alt:
        yield PromoFault("alt", "The picture needs an alt text: say what it shows.")
    if promo.button and not promo.link:
        yield PromoFault("link", "A button needs an address: give it a link, or no button.")
    if promo.advertiser and promo.kind is PromoKind.ANNOUNCEMENT:
        sentence = "An announcement has no advertiser: make it a sponsor’s, or name none."
        yield PromoFault("advertiser", sentence)


def incomplete(promo: Promo) -> str:
    """The sentence for a promo without text and picture; "" for a complete one."""
    if promo.is_complete:
        return ""
    return f"The promo “{promo.title}” has neither text nor picture: write one of them"


def run_status(*, has_begun: bool, is_given_up: bool, is_past: bool) -> RunStatus:
    """What became of a run.

    `has_begun` and `is_given_up` are about its issue, false without one. `is_past` is true where
    its date has passed and there is no issue of that date.
    """
    if has_begun:
        return RunStatus.RAN
    return RunStatus.MISSED if is_given_up or is_past else RunStatus.BOOKED


def place_in_words(place: str) -> str:
    """The place as it stands in a sentence."""
    if place.startswith(_AFTER):
        return f"after the section “{place.removeprefix(_AFTER)}”"
    names = {TOP: "at the top", AFTER_LEAD: "after the lead story", END: "at the end"}
    return names.get(place, place)


def _too_long(promo: Promo) -> Iterator[PromoFault]:
    for name, longest in _LONGEST.items():
        length = len(getattr(promo, name))
        if length > longest:
            sentence = f"The {name} has {length} characters: write at most {longest}."
            yield PromoFault(name, sentence)


def _wrong_place(promo: Promo, sections: Collection[str]) -> Iterator[PromoFault]:
    if promo.place == TOP and promo.kind is PromoKind.SPONSOR:
        sentence = (
            "A sponsor cannot stand at the top, because the first thing in an issue is the "
            "editors' own: choose another place."
        )
        yield PromoFault("place", sentence)
    elif promo.place.startswith(_AFTER):
        if promo.section not in sections:
            sentence = f"There is no section “{promo.section}”: there are {', '.join(sections)}."
            yield PromoFault("place", sentence)
    elif promo.place not in {TOP, AFTER_LEAD, END}:
        places = "choose top, after-lead, after:SECTION or end."
        yield PromoFault("place", f"There is no place “{promo.place}”: {places}")


def _wrong_addresses(promo: Promo, *, loopback: bool) -> Iterator[PromoFault]:
    for name, address in (("picture", promo.picture), ("link", promo.link)):
        if address and not _is_safe(address, loopback=loopback):
            advice = "is not a full https address: write it like https://…"
            yield PromoFault(name, f"The {name} “{address}” {advice}")
    for match in _MARKDOWN_LINK.finditer(promo.text):
        address = match[1] or match[2]
        if not address.startswith("mailto:") and not _is_safe(address, loopback=loopback):
            advice = "in the text is not a full https address: write https://…"
            yield PromoFault("text", f"The link “{address}” {advice}")


def _is_safe(address: str, *, loopback: bool) -> bool:
    if len(address) > _ADDRESS:
        return False
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return has_host and parts.scheme in ({"https", "http"} if loopback else {"https"})
