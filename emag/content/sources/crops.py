"""Makes the files of a picture: upright, still, without transparency, cropped, small."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from emag.content.pictures import picture as facts
from emag.content.pictures.picture import (
    SHAPES,
    FetchedPicture,
    PictureFile,
    PictureForm,
    StoredPicture,
    Use,
    WantedPicture,
)

if TYPE_CHECKING:
    from PIL.Image import Image

RECIPE = "3"  # another one gives the same picture another address
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")  # none that runs another program
MOST_PIXELS = {"JPEG": 80_000_000}  # a JPEG is read at a fraction of its size
MOST_PIXELS_OTHERWISE = 30_000_000
MOST_FRAMES = 8  # of an animation that begins with nothing
_ENOUGH = 2000  # pixels a side, from which all files are made
_QUALITIES = (84, 76, 68, 60, 50, 40)
_COLOURS = 256  # what has no more is a drawing, and stays sharp as PNG
_LIGHT = 190  # of 255: a drawing lighter than this needs a dark ground
_WHITE, _DARK = (255, 255, 255), (29, 35, 33)
_FLAT = 6  # of 255: what differs less shows nothing
_SOLID = 128  # of 255: the opacity from which a point counts
_MOSTLY_SOLID = 190  # of 255: a drawing with more of nothing in it stays whole
_GROUND = "ground"  # where such a picture notes its colour
_ORIENTATION = 0x0112
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, MemoryError)
_FORMAT_FAULTS = (*_BROKEN, struct.error, zlib.error, ArithmeticError)


class Refused(Exception):
    """The picture cannot be printed; the text completes “it is …”."""


class ShowsNothing(Refused):
    """There is a picture, and nothing to see on it."""


def make(content: bytes, wanted: WantedPicture) -> FetchedPicture:
    """The files of a picture for its use. Raises Refused."""
    from PIL import Image  # noqa: PLC0415 - heavy, and most commands make no picture

    try:
        image, width, height = _read(content, wanted.use)
        files = tuple(_files(image, wanted, (width, height)))
    except (*_FORMAT_FAULTS, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("no picture that can be read") from None
    ending = files[0].name.rpartition(".")[2] if files else ""
    unfit = facts.misfit(width, height)
    name = _hash(content, wanted)
    stored = StoredPicture(wanted.url, wanted.use, name, width, height, ending, unfit)
    return FetchedPicture(stored, files)


def _hash(content: bytes, wanted: WantedPicture) -> str:
    recipe = f"{RECIPE} {wanted.use} {facts.focus(wanted.url)} "
    return hashlib.sha256(recipe.encode() + content).hexdigest()[:32]


def _read(content: bytes, use: Use) -> tuple["Image", int, int]:
    """The picture in RGB, or in RGBA for a logo, and its size at the source."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    image = Image.open(BytesIO(content), formats=FORMATS)
    _check_pixels(image)
    size = _upright_size(image)
    if reason := facts.refusal(use, *size):
        raise ShowsNothing(reason)
    image.draft("RGB", (_ENOUGH, _ENOUGH))
    still = _still(image)
    with suppress(*_FORMAT_FAULTS):  # a broken note of how the camera was held
        still = ImageOps.exif_transpose(still)
    still.thumbnail((_ENOUGH, _ENOUGH), reducing_gap=3.0)
    still = still if use is Use.LOGO and still.mode == "RGBA" else _matted(still)
    if _is_flat(still):
        raise ShowsNothing("empty: all of it has one colour")
    return still, *size


def _check_pixels(image: "Image") -> None:
    width, height = image.size
    most = MOST_PIXELS.get(image.format or "", MOST_PIXELS_OTHERWISE)
    if width * height > most:
        raise Refused(f"too large ({width} × {height} pixels)")


def _upright_size(image: "Image") -> tuple[int, int]:
    width, height = image.size
    with suppress(*_FORMAT_FAULTS):
        if image.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}:
            return height, width
    return width, height


def _still(image: "Image") -> "Image":
    """One frame, in RGB or RGBA: the first that shows something."""
    frame = _plain(image)
    if not getattr(image, "is_animated", False):
        return frame
    for number in range(1, MOST_FRAMES):
        if not _is_flat(frame):
            break
        try:
            image.seek(number)
        except EOFError:
            break
        frame = _plain(image)
    return frame


def _plain(image: "Image") -> "Image":
    if image.mode.startswith(("I", "F")):  # 16 bits a point
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    has_alpha = image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _matted(image: "Image") -> "Image":
    """The picture on a ground of its own, so that it is seen in light and in dark mail programs."""
    from PIL import Image, ImageStat  # noqa: PLC0415

    if image.mode != "RGBA":
        return image
    solid = image.getchannel("A").point(lambda value: 255 if value >= _SOLID else 0)
    if not solid.getbbox():
        raise ShowsNothing("empty: all of it is transparent")
    lightness = ImageStat.Stat(image.convert("L"), mask=solid).mean[0]
    has_holes = image.getchannel("A").getextrema()[0] < _SOLID  # type: ignore[operator]
    colour = _DARK if has_holes and lightness > _LIGHT else _WHITE
    ground = Image.new("RGB", image.size, colour)
    ground.paste(image, mask=image.getchannel("A"))
    if ImageStat.Stat(solid).mean[0] < _MOSTLY_SOLID:
        ground.info[_GROUND] = colour
    return ground


def _is_flat(image: "Image") -> bool:
    bands = [image.getchannel(name).getextrema() for name in image.getbands()]
    return all(high - low < _FLAT for low, high in bands)  # type: ignore[operator]


def _files(image: "Image", wanted: WantedPicture, size: tuple[int, int]) -> Iterator[PictureFile]:
    shapes = SHAPES[wanted.use]
    is_drawing = wanted.use is not Use.STORY and (
        image.mode == "RGBA" or image.getcolors(_COLOURS) is not None
    )
    ending = "png" if is_drawing else "jpg"
    for shape in shapes:
        for density in (2,) if shape in facts.ONLY_SHARP else (1, 2):
            cut = _cut(image, shape, facts.size_in(shape, *size, density=density), wanted.url)
            content = _png(cut) if is_drawing else _jpeg(cut)
            yield PictureFile(facts.file_name(shape, ending, density=density), content)


def _cut(image: "Image", shape: PictureForm, size: tuple[int, int], url: str) -> "Image":
    from PIL import Image, ImageOps  # noqa: PLC0415

    ground = image.info.get(_GROUND)
    if ground and shape in facts.CROPPED and facts.without_focus(url) == url:
        return ImageOps.pad(image, size, Image.Resampling.LANCZOS, color=ground)
    if shape in facts.CROPPED:
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=facts.focus(url))
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def _jpeg(image: "Image") -> bytes:
    """At the best quality that is light enough; the noisiest pictures are made smaller."""
    while True:
        for quality in _QUALITIES:
            out = BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True, progressive=True, exif=b"")
            if out.tell() <= facts.HEAVIEST:
                return out.getvalue()
        image = _smaller(image)


def _png(image: "Image") -> bytes:
    while True:
        out = BytesIO()
        image.save(out, "PNG", optimize=True)
        if out.tell() <= facts.HEAVIEST:
            return out.getvalue()
        image = _smaller(image)


def _smaller(image: "Image") -> "Image":
    from PIL import Image  # noqa: PLC0415

    size = (max(1, image.width * 3 // 4), max(1, image.height * 3 // 4))
    return image.resize(size, Image.Resampling.LANCZOS)
