"""A picture that emag serves itself: its files, their sizes, and the port that fetches them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

SPECK = 48  # pixels; a picture with a shorter side is an icon or a tracking pixel
NARROWEST, LOWEST = 160, 100  # pixels of a picture that the program may choose by itself
STEEPEST = 3.5  # one side to the other; what is longer is a banner or a strip
HEAVIEST = 120_000  # bytes of a file
_FOCUS = re.compile(r"focus=(\d{1,3}),(\d{1,3})")
_FILE = re.compile(r"/pictures/([0-9a-f]{32})/([a-z]+(?:@2x)?\.(?:jpg|png))")


class Use(StrEnum):
    """What a picture is for. A picture with two uses is fetched and kept for each."""

    STORY = "story"
    PROMO = "promo"
    LOGO = "logo"
    MEASURE = "measure"  # readers load it at its source; only its size is kept


class PictureForm(StrEnum):
    """The forms in which a picture is printed."""

    LEAD = "lead"
    SMALL = "small"
    WIDE = "wide"
    SQUARE = "square"
    WHOLE = "whole"
    LOGO = "logo"


SHAPES = {
    Use.STORY: (PictureForm.LEAD, PictureForm.SMALL, PictureForm.WIDE, PictureForm.SQUARE),
    Use.PROMO: (PictureForm.WHOLE,),
    Use.LOGO: (PictureForm.LOGO,),
    Use.MEASURE: (),
}
# The largest width and height in CSS pixels. For those in CROPPED this is also their ratio.
BOXES = {
    PictureForm.LEAD: (600, 400),
    PictureForm.SMALL: (336, 252),  # on a phone; beside the text it is half as wide
    PictureForm.WIDE: (336, 224),
    PictureForm.SQUARE: (300, 300),
    PictureForm.WHOLE: (480, 400),
    PictureForm.LOGO: (600, 96),
}
CROPPED = frozenset(SHAPES[Use.STORY])
ONLY_SHARP = frozenset({PictureForm.WIDE, PictureForm.SQUARE})  # no page shows them at density 1


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """A picture at its source, and what it is for."""

    url: str
    use: Use


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """What is known of a picture: its files by their hash, or the reason why there are none.

    `unfit` says why the program does not choose it for a story by itself, completing “it is …”, as
    `reason` does.
    """

    url: str
    use: Use
    hash: str = ""
    width: int = 0  # pixels at its source
    height: int = 0
    ending: str = ""
    unfit: str = ""
    reason: str = ""

    @property
    def is_missing(self) -> bool:
        """True for a picture that is not there, and not for one that shows nothing."""
        return bool(self.reason) and not self.unfit

    @property
    def is_fit(self) -> bool:
        """True where the program may choose it for a story."""
        return bool(self.hash) and not self.unfit


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One file of a picture, such as lead@2x.jpg."""

    name: str
    content: bytes

    @property
    def kind(self) -> str:
        return "image/png" if self.name.endswith(".png") else "image/jpeg"


@dataclass(frozen=True, slots=True)
class PictureMemory:
    """What a picture's server said of it, so that an unchanged one costs one 304."""

    etag: str = ""
    modified: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FetchedPicture:
    """A picture that was fetched, with its files; or without any, and the reason.

    `is_unchanged` marks one that is as its memory says, so it has no files here.
    """

    picture: StoredPicture
    files: tuple[PictureFile, ...] = ()
    memory: PictureMemory = PictureMemory()
    is_unchanged: bool = False


NO_MEMORIES: Mapping[WantedPicture, PictureMemory] = MappingProxyType({})


class PictureFetcher(Protocol):
    def fetch(
        self,
        wanted: Sequence[WantedPicture],
        *,
        within: timedelta,
        memories: Mapping[WantedPicture, PictureMemory] = NO_MEMORIES,
    ) -> list[FetchedPicture]:
        """One outcome for each, in order, all in this time. Never raises."""
        ...


def size_in(shape: PictureForm, width: int, height: int, *, density: int = 1) -> tuple[int, int]:
    """The width and height of a picture in this shape. It is never larger than at its source."""
    widest, tallest = (side * density for side in BOXES[shape])
    if shape in CROPPED:
        ratio = widest / tallest
        across = min(widest, width, round(height * ratio))
        return max(1, across), max(1, round(across / ratio))
    scale = min(1.0, widest / width, tallest / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def focus_text(url: str) -> str:
    """The place that a picture's address keeps in the middle of its crop, such as “30,20”."""
    across, down = focus(url)
    return f"{across * 100:.0f},{down * 100:.0f}"


def without_focus(url: str) -> str:
    """The address of a picture alone."""
    address, _, fragment = url.partition("#")
    return address if _FOCUS.fullmatch(fragment) else url


def with_focus(url: str, text: str) -> str:
    """The address of a picture whose crop keeps “30,20” in its middle."""
    return f"{url.partition('#')[0]}#focus={text}"


def focus(url: str) -> tuple[float, float]:
    """Where the middle of a crop is, from the left and from the top, between 0 and 1.

    An editor writes it behind a picture's address: #focus=30,20 is 30% and 20%.
    """
    match = _FOCUS.fullmatch(url.partition("#")[2])
    return (min(int(match[1]), 100) / 100, min(int(match[2]), 100) / 100) if match else (0.5, 0.5)


def refusal(use: Use, width: int, height: int) -> str:
    """Why a picture of this size is not printed, completing “it is …”; "" if it can be."""
    smallest = 3 if use is Use.LOGO else SPECK
    if min(width, height) < smallest:
        return f"only {width} × {height} pixels, so it is an icon or counts readers"
    return ""


def misfit(width: int, height: int) -> str:
    """Why the program does not choose a picture of this size by itself, completing “it is …”."""
    if width < NARROWEST or height < LOWEST:
        return f"only {width} × {height} pixels"
    is_steep = max(width, height) / min(width, height) > STEEPEST
    return f"a banner or a strip ({width} × {height})" if is_steep else ""


def path(picture: StoredPicture, shape: PictureForm, *, density: int = 1) -> str:
    """Where emag serves the file, below its public address."""
    return f"/pictures/{picture.hash}/{file_name(shape, picture.ending, density=density)}"


def file_name(shape: PictureForm, ending: str, *, density: int = 1) -> str:
    return f"{shape.value}{'@2x' if density > 1 else ''}.{ending}"


def files_in(html: str) -> set[tuple[str, str]]:
    """The hash and name of each file of emag's own that the HTML shows."""
    return set(_FILE.findall(html))
