"""Prepares promos for the templates: sponsors' labels, safe text and links, a picture that fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from emag.issues.issue import Issue
from emag.issues.promo import AFTER_LEAD, END, TOP, Promo, PromoKind
from emag.press.illustration import Frame, Illustrations
from emag.press.note import Note, note
from emag.press.printable import clean, web_link
from emag.press.words import Words

_SCHEMES = frozenset({"https", "mailto"})
_LOCAL_SCHEMES = frozenset({"http", *_SCHEMES})  # where the publication is tried out


@dataclass(frozen=True, slots=True)
class PrintedPromo:
    """A promo, ready to print. `label` marks a sponsor's slot, in the readers' language."""

    id: int
    label: str
    title: str
    text: Note | None
    picture: Frame | None
    link: str
    button: str


@dataclass(frozen=True, slots=True)
class PromoSpots:
    """An issue's promos by where they are printed; `after` has one entry for each section."""

    top: tuple[PrintedPromo, ...] = ()
    after_lead: tuple[PrintedPromo, ...] = ()
    after: tuple[tuple[PrintedPromo, ...], ...] = ()
    end: tuple[PrintedPromo, ...] = ()


def label(promo: Promo, texts: Words) -> str:
    """The label of a sponsor's slot; "" for an announcement."""
    if promo.kind is not PromoKind.SPONSOR:
        return ""
    advertiser = clean(promo.advertiser)
    if not advertiser:
        return texts("promo.advertisement")
    return f"{texts('promo.advertisement')} · {texts('promo.sponsored_by', advertiser=advertiser)}"


def spots(
    issue: Issue,
    printed: Sequence[str],
    texts: Words,
    pictures: Illustrations,
    *,
    loopback: bool,
) -> PromoSpots:
    """Sorts an issue's promos into their places; `printed` names the sections with a heading.

    One that follows another section stands after the one printed before it, or after the lead
    story. One whose section the issue no longer has stands at the end.
    """
    names = [section.name for section in issue.sections]
    placed: dict[str, list[PrintedPromo]] = {}
    for promo in sorted(issue.promos, key=lambda promo: _position(promo, names)):
        place = _place(promo, names, printed)
        placed.setdefault(place, []).append(_printed(promo, texts, pictures, loopback=loopback))
    return PromoSpots(
        top=tuple(placed.get(TOP, ())),
        after_lead=tuple(placed.get(AFTER_LEAD, ())),
        after=tuple(tuple(placed.get(f"after:{name}", ())) for name in printed),
        end=tuple(placed.get(END, ())),
    )


def _position(promo: Promo, names: Sequence[str]) -> int:
    """Orders the promos that come to stand together."""
    return names.index(promo.section) if promo.section in names else -1


def _place(promo: Promo, names: Sequence[str], printed: Sequence[str]) -> str:
    if not promo.section:
        return promo.place
    if promo.section not in names:
        return END
    before = [name for name in names[: names.index(promo.section) + 1] if name in printed]
    return f"after:{before[-1]}" if before else AFTER_LEAD


def _printed(
    promo: Promo, texts: Words, pictures: Illustrations, *, loopback: bool
) -> PrintedPromo:
    is_safe = bool(_link(promo.picture, loopback=loopback))
    return PrintedPromo(
        id=promo.id,
        label=label(promo, texts),
        title=clean(promo.title),
        text=note(promo.text, schemes=_LOCAL_SCHEMES if loopback else _SCHEMES),
        picture=pictures.promo(promo.picture, promo.alt) if is_safe else None,
        link=_link(promo.link, loopback=loopback),
        button=clean(promo.button),
    )


def _link(address: str, *, loopback: bool) -> str:
    link = web_link(address)
    schemes = _LOCAL_SCHEMES if loopback else _SCHEMES
    return link if urlsplit(link).scheme in schemes else ""
