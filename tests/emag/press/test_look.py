"""The issue in a real browser: all can be read, in light and dark, and nothing sticks out."""

from pathlib import Path

import pytest

from emag.press.colour import contrast
from emag.press.compose import compose, compose_mail
from emag.press.document import fill
from tests import chromium
from tests.emag.press.kinds import PROMOS, VALUES

pytestmark = pytest.mark.browser

TEXTS = (Path(__file__).parent / "texts.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser():
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def show(browser):
    """show(document, width, scheme) → the page; pictures are blocked, as in many programs."""
    contexts = []

    def open_page(document, width: int, scheme: str):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        page.set_content(fill(document, VALUES).html)
        return page

    yield open_page
    for context in contexts:
        context.close()


def documents(settings, make):
    yield compose(make.issue(promos=PROMOS), settings, now=make.at)
    garish = make.settings(
        settings,
        theme={"accent": "#ffcc00", "dark_accent": "#3a0d5c", "ink": "#999999", "paper": "#fdf6e3"},
    )
    yield compose(make.issue(promos=PROMOS), garish, now=make.at)
    for name in ("confirm", "welcome", "change"):
        yield compose_mail(name, settings, {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(settings, make, show, scheme):
    for document in documents(settings, make):
        texts = show(document, 600, scheme).evaluate(TEXTS)
        assert len(texts) > 5
        for text, colour, background, size in texts:
            assert contrast(colour, background) >= 4.5, (text, colour, background)
            assert size >= 14, text


@pytest.mark.parametrize(("scheme", "colour"), [("light", "238, 241, 239"), ("dark", "14, 20, 18")])
def test_the_canvas_is_that_of_the_scheme(document, show, scheme, colour):
    page = show(document, 600, scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == f"rgb({colour})"


@pytest.mark.parametrize("width", [320, 375, 600])
def test_nothing_is_wider_than_the_screen(document, settings, make, show, width):
    wide = make.settings(settings, theme={"font": "DejaVu Sans", "heading_font": "DejaVu Serif"})
    for printed in (document, compose(make.issue(promos=PROMOS), wide, now=make.at)):
        page = show(printed, width, "light")
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("width", "side_by_side"), [(375, False), (600, True)])
def test_a_picture_is_beside_its_post_or_above_it(document, show, width, side_by_side):
    page = show(document, width, "light")
    picture = page.locator("img[alt='A phone on a wet windowsill']").bounding_box()
    title = page.get_by_role("link", name="Say it once: writing alerts").bounding_box()
    if side_by_side:
        assert picture["x"] + picture["width"] < title["x"]
        assert abs(picture["y"] - title["y"]) < 60
    else:
        assert picture["y"] < title["y"]
        assert abs(picture["x"] - title["x"]) < 2


def test_the_day_is_centred_in_its_block(document, show):
    page = show(document, 600, "light")
    block = page.locator("td.date").first.bounding_box()
    day = page.locator("td.date .day").first.bounding_box()
    assert abs(block["x"] * 2 + block["width"] - day["x"] * 2 - day["width"]) < 3


def test_body_text_is_sixteen_pixels_or_more(document, issue, show):
    texts = show(document, 375, "light").evaluate(TEXTS)
    sizes = {text: size for text, _, _, size in texts}
    for pick in issue.picks:
        if pick.story.kind == "post":
            start = pick.story.summary[:60]
            assert [size for text, size in sizes.items() if text.startswith(start)] >= [16]
