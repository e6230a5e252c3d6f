"""Prepares pictures for the templates: emag's own copy, or the address at its source."""

from dataclasses import dataclass

from emag.content.pictures.picture import (
    BOXES,
    PictureForm,
    StoredPicture,
    Use,
    path,
    size_in,
    without_focus,
)
from emag.content.prose.shortening import shorten
from emag.content.story import Picture
from emag.issues.issue import Issue
from emag.issues.words import Field
from emag.press.printable import clean, web_link
from emag.press.settings import PressSettings

MIN_PICTURE = 48  # CSS pixels; a smaller picture is an icon or a tracking pixel
# The form of a picture beside its story, by the setting `theme.picture_ratio`.
FORMS = {"4:3": PictureForm.SMALL, "3:2": PictureForm.WIDE, "1:1": PictureForm.SQUARE}
_SHARP = 2  # files have twice as many pixels, for the screens of phones
_LONGEST_ALT = 200


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture as it is printed, at most `width` by `height` CSS pixels.

    `height` is 0 where the source does not give the picture's size. `alt` is "" where nobody has
    described the picture.
    """

    url: str
    alt: str
    width: int
    height: int

    def height_at(self, width: int) -> int:
        """The height at another width; 0 if it is not known."""
        return round(self.height * width / self.width)


class Illustrations:
    """Finds the copies of an issue's pictures. Where readers get none of them, it gives none."""

    def __init__(self, issue: Issue, settings: PressSettings) -> None:
        self._is_host = settings.pictures.host == "emag"
        self._base_url = settings.base_url
        self._stored = {(p.url, p.use): p for p in issue.pictures}
        self._written = {p.story.picture for p in issue.picks if Field.PICTURE in p.words}

    def story(self, picture: Picture | None, shape: PictureForm) -> Frame | None:
        """The picture of a story, as the lead or beside its text."""
        if picture is None:
            return None
        if not self._is_host:
            return self._at_source(picture, BOXES[shape], is_own=picture in self._written)
        stored = self._stored.get((picture.url, Use.STORY))
        if stored is None or (stored.unfit and picture not in self._written):
            return None
        return self._copy(stored, picture.alt, shape)

    def promo(self, url: str, alt: str) -> Frame | None:
        """The picture of a promo."""
        if not url:
            return None
        if not self._is_host:
            box = BOXES[PictureForm.WHOLE]
            return self._at_source(Picture(url, clean(alt)), box, is_own=True)
        stored = self._stored.get((url, Use.PROMO))
        return self._copy(stored, alt, PictureForm.WHOLE) if stored else None

    def logo(self, url: str) -> str:
        """The address of the publication's logo; "" where it is not there."""
        if not url or not self._is_host:
            return url
        stored = self._stored.get((url, Use.LOGO))
        return self._address(stored, PictureForm.LOGO) if stored and stored.hash else ""

    def _at_source(self, picture: Picture, box: tuple[int, int], *, is_own: bool) -> Frame | None:
        """The picture where its source keeps it, in the size that its bytes have if that is known.

        One that is not fit to be chosen by the program is none, unless an editor chose it.
        """
        measured = self._stored.get((without_focus(picture.url), Use.MEASURE))
        if measured is None:
            return at_source(picture, box)
        if measured.unfit and not is_own:
            return None
        size = (measured.width, measured.height) if measured.hash else (0, 0)
        return at_source(Picture(picture.url, picture.alt, *size), box)

    def _copy(self, stored: StoredPicture, alt: str, shape: PictureForm) -> Frame | None:
        if not stored.hash:
            return None
        width, height = size_in(shape, stored.width, stored.height)
        text = shorten(clean(alt), _LONGEST_ALT)
        return Frame(self._address(stored, shape), text, width, height)

    def _address(self, stored: StoredPicture, shape: PictureForm) -> str:
        return self._base_url + path(stored, shape, density=_SHARP)


def at_source(picture: Picture | None, box: tuple[int, int]) -> Frame | None:
    """Fits the picture into `box` without cropping; None for icons and tracking pixels."""
    url = web_link(picture.url) if picture else ""
    if picture is None or not url:
        return None
    wide, high = picture.width, picture.height
    if 0 < wide < MIN_PICTURE or 0 < high < MIN_PICTURE:
        return None
    widest, tallest = box
    width, height = min(widest, wide or widest), 0
    if wide > 0 and high > 0:
        width = max(1, min(width, round(tallest * wide / high)))
        height = max(1, round(width * high / wide))
    return Frame(url, shorten(clean(picture.alt), _LONGEST_ALT), width, height)
