"""Which picture of an entry becomes the story's, and which words describe it."""

import time

import pytest

from emag.content.sources.picture_choice import chosen, described, is_furniture
from emag.content.story import Picture

BASE = "https://tide.example/"


def names(named=(), inside=()):
    pictures = chosen(
        [Picture(*facts) for facts in named],
        [Picture(*facts) for facts in inside],
        base=BASE,
        title="A ferry in fog",
    )
    return [picture.url.removeprefix(BASE) for picture in pictures]


@pytest.mark.parametrize(
    "address",
    [
        *("logo.png", "site-logo@2x.png", "img/council_logo.svg", "avatars/3f2a.jpg"),
        *("ann-avatar.png", "icons/print.png", "favicon.ico", "emoji/1f600.png"),
        *("pixel.gif", "spacer.gif", "1x1.png", "track.gif", "blank.gif", "profile-photo.jpg"),
        *("emoji/72x72/1f62c.png", "p.php?idsite=8&action_name=Fog", "matomo.php?rec=1"),
    ],
)
def test_furniture_is_known_by_its_address(address):
    assert is_furniture(Picture(BASE + address))


@pytest.mark.parametrize(
    "address",
    ["iconic-bridge.jpg", "printing-press.jpg", "pixelated.png", "dialogologies.png", "a.png"],
)
def test_words_that_only_hold_such_a_word_are_no_furniture(address):
    assert not is_furniture(Picture(BASE + address))


def test_a_picture_of_an_emoji_is_no_picture():
    assert is_furniture(Picture(f"{BASE}1f62c.png", "😬"))
    assert not is_furniture(Picture(f"{BASE}a.png", "😬 A ferry"))


def test_the_start_of_the_text_describes_no_picture():
    text = (
        "The ferry to the far side of the harbour stops in fog, and it has been foggy since Easter."
    )
    picture = Picture(f"{BASE}a.jpg", f"{text[:80]}…")
    alts = [chosen([picture], (), base=BASE, title="T", text=t)[0].alt for t in (text, "Other.")]
    assert alts == ["", picture.alt]


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (600, 40), (728, 90), (160, 600)])
def test_specks_and_banners_are_no_pictures(size):
    assert names(inside=[("a.png", "", *size)]) == []


def test_what_the_source_names_comes_first_and_a_small_one_last():
    inside = [("in-the-text.jpg",), ("map.png", "", 800, 600)]
    assert names([("thumb.jpg", "", 150, 150)], inside) == [
        "in-the-text.jpg",
        "map.png",
        "thumb.jpg",
    ]
    assert names([("hero.jpg",)], [("site-logo.png",), *inside])[0] == "hero.jpg"


@pytest.mark.parametrize(
    "alt",
    [
        *("DSC_4550", "IMG_2031.jpg", "dscn0042", "photo", "image1", "2024-11-02", "hero-image_v2"),
        *("a-ferry-in-the-fog", "Screenshot 2026-01-02 at 10.22.31", "WhatsApp-Image-2026-01-02"),
        *("A ferry in fog", "a ferry in fog.", "boat", "8c2f3a1e-77b0-4c1d-9a53-0a1b2c3d4e5f", ""),
    ],
)
def test_a_file_name_or_the_title_describes_nothing(alt):
    assert described(alt, BASE + "boat.jpg", "A ferry in fog") == ""


@pytest.mark.parametrize(
    "alt", ["A ferry", "Two people on a pier", "Image of a green bin", "Platform 9", "Rose-hips"]
)
def test_a_description_stays(alt):
    assert described(alt, BASE + "boat.jpg", "A ferry in fog") == alt


def test_a_hostile_description_takes_no_time():
    started = time.process_time()
    for text in ("_" * 300, "1-" * 150, "a_" * 150, "a-" * 150, "f" * 300):
        described(text + "!", BASE + "boat.jpg", "T")
    assert time.process_time() - started < 10
