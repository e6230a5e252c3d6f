"""Chooses the pictures of a story by what its source says of them: no logo, avatar or icon."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from unicodedata import category
from urllib.parse import unquote, urlsplit

from emag.content.prose.block import letters
from emag.content.sources import plain
from emag.content.story import Picture

MOST = 4  # pictures that are kept of one story: the first is printed, the others stand in for it
SMALLEST = 48  # CSS pixels; what is smaller is an icon
LARGE = 240  # CSS pixels; a wider one is preferred to a smaller one
STEEPEST = 3.5  # one side to the other; what is longer is a banner or a strip
_FURNITURE = re.compile(
    r"(?<![a-z])(?:avatars?|gravatar|favicons?|icons?|emojis?|smil(?:ey|ie)s?|sprites?|spacer"
    r"|logo(?:s|type|mark)?|profile-?(?:pic(?:ture)?|image|photo)|headshots?|apple-touch-icon)(?![a-z])"
    r"|^(?:blank|pixel|clear|transparent|placeholder|default|badge|button|beacon|track(?:er|ing)?"
    r"|counter|loading|share|print|rss|1x1|dot)\d*(?:\.\w+)?$",
    re.IGNORECASE,
)
_FURNITURE_WORDS = re.compile(
    r"(?:^|\b)(?:logo|avatar|icon|emoji|profile (?:picture|photo)|gravatar)$", re.IGNORECASE
)
_FOLDERS = frozenset({"emoji", "emojis", "smilies", "smileys", "avatar", "avatars", "icons"})
_COUNTER = re.compile(
    r"/(?:piwik|matomo|pixel|track(?:er|ing)?|count(?:er)?|hits?|beacon)\.(?:php|gif|aspx?|cgi)\b"
    r"|[?&;](?:idsite|action_name|pixel_?id)=",
    re.IGNORECASE,
)
_LONG_ALT = 60  # letters; a shorter text may well begin like its picture's description
_FILE = re.compile(
    r".*\.(?:jpe?g|png|gif|webp|avif|heic|bmp|tiff?|svg)$"  # any name of a file
    r"|(?:dsc[fn]?|img|image|pxl|p|screen\s?shot|photo|picture|untitled|unnamed|whatsapp"
    r"|unsplash|pexels|istock|shutterstock|adobestock|getty\s?images)?[\W_]*[\d\W_]*\d[\d\W_]*"
    r"|[0-9a-f]{8}(?:[-_ ]?[0-9a-f]{4,12}){1,4}|[\w-]{2,}_[\w-]*\d[\w-]*|\w+(?:-\w+){3,}"
    r"|screen\s?shot(?: \d.*)?|dsc|img|image|photo|picture|thumbnail|featured image|untitled",
    re.IGNORECASE,
)


def chosen(
    named: Iterable[Picture],
    inside: Iterable[Picture],
    *,
    base: str,
    title: str,
    text: str = "",
) -> tuple[Picture, ...]:
    """The pictures of a story, the best first: those that the source names, then the body's.

    Where the source names a picture of the body again, the alt text is the body's. The start of the
    story's text describes no picture.
    """
    inside = tuple(inside)
    alts = {_file(picture): picture.alt for picture in inside if picture.alt}
    usable: dict[str, Picture] = {}
    for picture in _usable((*named, *inside), base):
        alt = described(picture.alt, picture.url, title)
        alt = "" if _is_start(alt, text) else alt
        alt = alt or described(alts.get(_file(picture), ""), picture.url, title)
        usable.setdefault(_file(picture), replace(picture, alt=alt))
    best = sorted(usable.values(), key=lambda picture: 0 < picture.width < LARGE)
    return tuple(best[:MOST])


def described(alt: str, address: str, title: str) -> str:
    """The alt text, or "" for what describes nothing: the name of a file, or the story's title."""
    text = plain.line(alt)
    name = unquote(urlsplit(address).path.rpartition("/")[2])
    is_title = _folded(text) == _folded(title)
    is_name = _folded(text) in {_folded(name), _folded(name.rpartition(".")[0])}
    return "" if is_title or is_name or _FILE.fullmatch(text) else text


def is_furniture(picture: Picture) -> bool:
    """True for a logo, an avatar, an icon or a banner, by its address, alt text and size."""
    sides = [side for side in (picture.width, picture.height) if side]
    if sides and min(sides) < SMALLEST:
        return True
    if len(sides) > 1 and max(sides) / min(sides) > STEEPEST:
        return True
    folder, _, name = unquote(urlsplit(picture.url).path).rpartition("/")
    names = any(_FURNITURE.search(text) for text in (name, folder.rpartition("/")[2]))
    if names or _FOLDERS & set(folder.lower().split("/")) or _COUNTER.search(picture.url):
        return True
    alt = picture.alt.strip()
    is_symbol = bool(alt) and all(category(char) in {"So", "Sk", "Mn", "Cf"} for char in alt)
    return is_symbol or bool(_FURNITURE_WORDS.search(alt))


def _is_start(alt: str, text: str) -> bool:
    form = letters(alt)
    return len(form) >= _LONG_ALT and letters(text[: 2 * len(alt)]).startswith(form)


def _usable(pictures: Iterable[Picture], base: str) -> Iterator[Picture]:
    for picture in pictures:
        usable = plain.picture(
            picture.url,
            base=base,
            alt=picture.alt,
            width=str(picture.width),
            height=str(picture.height),
        )
        if usable and not is_furniture(usable):
            yield usable


def _file(picture: Picture) -> str:
    return picture.url.partition("?")[0]


def _folded(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", text.casefold())).strip()
