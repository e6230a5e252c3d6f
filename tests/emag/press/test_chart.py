"""Charts: sound SVG for any figures, and readable on a phone, in light and in dark."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.press import chart
from emag.press.chart import Bar, Point
from tests import chromium

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
COUNTS = st.integers(0, 10**7)
LONG = "a domain with a very long name.some-council.gov.example.org"
OUTSIDE = """() => [...document.querySelectorAll("text, rect")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width && (box.left < -0.5 || box.right > innerWidth + 0.5);
}).map((element) => element.outerHTML)"""
COLOURS = """() => ["svg", "text"].map((name) => {
  const style = getComputedStyle(document.querySelector(name));
  return name === "svg" ? style.backgroundColor : style.fill;
})"""


@given(TEXTS, TEXTS, st.lists(st.builds(Bar, TEXTS, COUNTS, TEXTS), max_size=8))
def test_bars_are_sound_for_any_text(title, sentence, values):
    root = ET.fromstring(chart.bars(title, sentence, values))
    assert root.findtext(f"{SVG}desc") == sentence
    assert root.findtext(f"{SVG}title") == title
    assert all(float(rect.get("width")) <= chart.WIDTH for rect in root.iter(f"{SVG}rect"))


@given(st.lists(st.builds(Point, TEXTS, COUNTS, COUNTS, COUNTS), max_size=60))
def test_a_curve_is_sound_for_any_figures(points):
    svg = chart.curve("Readers", "From here to there.", points, gained="new", lost="lost")
    root = ET.fromstring(svg)
    sizes = [float(rect.get("height")) for rect in root.iter(f"{SVG}rect")]
    assert all(0 <= size <= 40 for size in sizes)
    assert all(float(dot.get("cy")) <= 244 for dot in root.iter(f"{SVG}circle"))


def test_more_is_drawn_longer():
    root = ET.fromstring(chart.bars("Copies", "Two.", [Bar("a", 100), Bar("b", 50), Bar("c", 0)]))
    widths = [float(rect.get("width")) for rect in root.iter(f"{SVG}rect")]
    assert widths == [336, 168, 0]


@pytest.fixture(scope="module")
def browser():
    with chromium.started() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_whole_chart_in_its_colours(browser, tmp_path, scheme):
    points = [Point(f"{n} Sep", 1_234_000 + n, n, 3) for n in range(1, 13)]
    charts = {
        "bars": chart.bars(LONG, "One.", [Bar(LONG, 1_234_567, "under 0.1 %")]),
        "curve": chart.curve("Readers", "x", points, gained="1,234,567 new", lost="1,234,567 lost"),
    }
    page = browser.new_page(viewport={"width": 375, "height": 600}, color_scheme=scheme)
    for name, svg in charts.items():
        file = tmp_path / f"{name}.svg"
        file.write_text(svg)
        page.goto(file.as_uri())
        assert page.evaluate(OUTSIDE) == []
        paper, ink = page.evaluate(COLOURS)
        assert (paper == "rgb(255, 255, 255)") is (scheme == "light")
        assert paper != ink
