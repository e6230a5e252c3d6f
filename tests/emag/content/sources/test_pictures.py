"""Pictures as they come: fetched from a real site, judged by their bytes, made small."""

import random
import struct
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from emag.content.pictures.picture import HEAVIEST, Use, WantedPicture
from emag.content.sources import pictures
from emag.content.sources.fetch import FetchLimits
from emag.content.sources.pictures import WebPictures

SOON = timedelta(seconds=20)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def a_photo(width: int = 1600, height: int = 1200, mode: str = "RGB") -> Image.Image:
    """Left third red, the middle green, right third blue, with a dark bar at the top."""
    image = Image.new(mode, (width, height), "green")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 3, height), fill="red")
    draw.rectangle((2 * width // 3, 0, width, height), fill="blue")
    draw.rectangle((0, 0, width, height // 20), fill="black")
    return image


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(7).randbytes(3 * width * height))


@pytest.fixture
def fetch(site):
    """Serves these bytes, and fetches them as a picture for a use."""
    fetcher = WebPictures(allow_private=True)

    def run(body: bytes, use: Use = Use.STORY, *, focus: str = ""):
        url = site.serve("/a", body) + focus
        [outcome] = fetcher.fetch([WantedPicture(url, use)], within=SOON)
        return outcome

    return run


def opened(outcome, name: str) -> Image.Image:
    [file] = [file for file in outcome.files if file.name == name]
    assert len(file.content) <= HEAVIEST
    return Image.open(BytesIO(file.content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_photo_has_a_lead_and_a_small_form_twice_each(fetch, kind):
    outcome = fetch(encoded(a_photo(), kind))
    sizes = {file.name: opened(outcome, file.name).size for file in outcome.files}
    assert sizes == {
        "lead.jpg": (600, 400),
        "lead@2x.jpg": (1200, 800),
        "small.jpg": (336, 252),
        "small@2x.jpg": (672, 504),
        "wide@2x.jpg": (672, 448),
        "square@2x.jpg": (600, 600),
    }
    assert (outcome.picture.width, outcome.picture.height) == (1600, 1200)
    assert outcome.picture.is_fit


def test_no_picture_becomes_larger_than_it_is(fetch):
    outcome = fetch(encoded(a_photo(480, 480)))
    assert opened(outcome, "lead@2x.jpg").size == (480, 320)


def test_a_crop_is_taken_from_the_middle_or_where_an_editor_says(fetch):
    wide = encoded(a_photo(3000, 1000))
    middle = opened(fetch(wide), "lead.jpg").getpixel((300, 200))
    left = opened(fetch(wide, focus="#focus=0,50"), "lead.jpg").getpixel((300, 200))
    assert middle[1] > 100 > middle[0]
    assert left[0] > 200
    assert fetch(wide).picture.hash != fetch(wide, focus="#focus=0,50").picture.hash


def test_noise_is_made_light_too(fetch):
    outcome = fetch(encoded(noise(1300, 900), "JPEG", quality=95))
    assert all(len(file.content) <= HEAVIEST for file in outcome.files)
    whole = fetch(encoded(noise(900, 700)), Use.PROMO)
    assert all(len(file.content) <= HEAVIEST for file in whole.files)


def test_what_a_camera_notes_turns_the_picture_and_does_not_stay(fetch):
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif[0x010E] = "The garden of Ann"
    outcome = fetch(encoded(a_photo(1200, 900), "JPEG", exif=exif))
    assert (outcome.picture.width, outcome.picture.height) == (900, 1200)
    assert not any(b"Ann" in file.content for file in outcome.files)
    assert not opened(outcome, "lead.jpg").getexif()


@pytest.mark.parametrize(
    ("ink", "ground"),
    [((10, 10, 10, 255), 255), ((250, 250, 250, 255), 35), ((200, 0, 0, 255), 255)],
)
def test_a_drawing_on_nothing_gets_a_ground_on_which_it_is_seen(fetch, ink, ground):
    image = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((200, 100, 400, 300), fill=ink)
    corner = opened(fetch(encoded(image)), "lead.jpg").convert("L").getpixel((5, 5))
    assert abs(corner - ground) < 12


def test_a_drawing_on_nothing_stays_whole_unless_an_editor_sets_a_focus(fetch):
    drawing = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    ImageDraw.Draw(drawing).rectangle((0, 60, 40, 140), fill="navy")
    ImageDraw.Draw(drawing).rectangle((560, 60, 599, 140), fill="navy")
    whole = opened(fetch(encoded(drawing)), "lead.jpg").convert("L")
    middle = whole.height // 2
    assert (whole.width, whole.height) == (300, 200)
    assert [whole.getpixel((x, middle)) < 90 for x in (5, 150, 294)] == [True, False, True]
    cropped = opened(fetch(encoded(drawing), focus="#focus=0,50"), "lead.jpg").convert("L")
    assert [cropped.getpixel((x, middle)) < 90 for x in (5, 294)] == [True, False]


def test_an_animation_stands_still_where_it_shows_something(fetch):
    frames = [Image.new("RGB", (400, 300), "white"), a_photo(400, 300), a_photo(400, 300)]
    body = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    still = opened(fetch(body), "lead.jpg")
    assert not getattr(still, "is_animated", False)
    assert still.getpixel((60, 200))[0] > 150


def test_a_sponsors_drawing_stays_whole_and_sharp_and_a_logo_transparent(fetch):
    outcome = fetch(encoded(a_photo(1000, 200)), Use.PROMO)
    assert {file.name for file in outcome.files} == {"whole.png", "whole@2x.png"}
    assert opened(outcome, "whole@2x.png").size == (960, 192)
    logo = Image.new("RGBA", (300, 80), (0, 0, 0, 0))
    ImageDraw.Draw(logo).rectangle((20, 20, 200, 60), fill="navy")
    assert opened(fetch(encoded(logo), Use.LOGO), "logo@2x.png").mode == "RGBA"


@pytest.mark.parametrize(
    ("size", "colour"), [((1, 1), "white"), ((2, 2), "red"), ((32, 32), "red"), ((400, 300), "red")]
)
def test_specks_and_empty_pictures_are_none(fetch, size, colour):
    outcome = fetch(encoded(Image.new("RGB", size, colour)))
    assert not outcome.files
    assert outcome.picture.reason
    assert not outcome.picture.is_missing  # nothing is lost


@pytest.mark.parametrize("size", [(96, 96), (728, 90), (150, 1200)])
def test_small_ones_and_banners_are_not_chosen_and_may_be_meant(fetch, size):
    outcome = fetch(encoded(a_photo(*size)))
    assert outcome.files
    assert outcome.picture.unfit


def a_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG that says it is huge, in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>no picture</html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(a_photo(), "JPEG")[:2000],
        encoded(a_photo())[:300],
        b"GIF89a" + b"\xff" * 50,
        a_bomb(),
        a_bomb(9000, 9000),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 600 400\n",
    ],
)
def test_what_is_no_picture_is_missing_with_a_reason(fetch, body):
    outcome = fetch(body)
    assert not outcome.files
    assert outcome.picture.is_missing


def test_a_site_that_does_not_answer_costs_no_other_picture(site, monkeypatch):
    monkeypatch.setattr(pictures, "LIMITS", FetchLimits(timeout=1, max_bytes=500_000))
    fine = site.serve("/fine", encoded(a_photo()))
    heavy = site.serve("/heavy", b"x" * 600_000)
    wanted = [WantedPicture(url, Use.STORY) for url in (heavy, f"{site.url}/none", fine)]
    outcomes = WebPictures(allow_private=True).fetch(wanted, within=SOON)
    assert [bool(outcome.files) for outcome in outcomes] == [False, False, True]
    assert "larger than" in outcomes[0].picture.reason
    assert "404" in outcomes[1].picture.reason


def test_a_private_address_is_never_reached(site):
    wanted = WantedPicture(site.serve("/a", encoded(a_photo())), Use.STORY)
    [outcome] = WebPictures(allow_private=False).fetch([wanted], within=SOON)
    assert "private network" in outcome.picture.reason
    assert not site.requests


def test_pictures_are_asked_for_as_pictures(site):
    wanted = WantedPicture(site.serve("/a", encoded(a_photo())) + "#focus=1,1", Use.STORY)
    WebPictures(allow_private=True).fetch([wanted], within=SOON)
    [(path, headers)] = site.requests
    assert path == "/a"
    assert headers["accept"].startswith("image/")
    assert "cookie" not in headers
    assert "referer" not in headers


def test_an_unchanged_picture_costs_a_304_or_no_crop(site):
    fetcher, body = WebPictures(allow_private=True), encoded(a_photo())
    wanted = WantedPicture(site.serve("/a", body, ETag='"one"'), Use.STORY)
    [first] = fetcher.fetch([wanted], within=SOON)
    assert (first.memory.etag, first.is_unchanged, bool(first.files)) == ('"one"', False, True)
    [second] = fetcher.fetch([wanted], within=SOON, memories={wanted: first.memory})
    assert site.requests[-1][1]["if-none-match"] == '"one"'
    assert (second.is_unchanged, second.files) == (True, ())  # the same bytes, answered with 200
    site.serve("/a", encoded(a_photo(1200, 900)), ETag='"two"')
    [third] = fetcher.fetch([wanted], within=SOON, memories={wanted: first.memory})
    assert third.picture.hash != first.picture.hash
    assert third.memory.etag == '"two"'
