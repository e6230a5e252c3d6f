"""Titles of any length and direction, and fonts that Word has."""

from dataclasses import replace

import pytest

from emag.issues.words import Field
from emag.press.fonts import for_word
from emag.press.tiers import tiers
from emag.press.typography import direction, glued, step


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("Hello", "ltr"),
        ("12 نشرة", "rtl"),
        ("שלום abc", "rtl"),
        ("UN: تقرير جديد", "rtl"),
        ("abc אבג", "ltr"),
        ("123 – 5", ""),
        ("市政", "ltr"),
    ],
)
def test_a_text_runs_in_the_direction_of_most_of_its_letters(text, runs):
    assert direction(text) == runs


@pytest.mark.parametrize(
    ("title", "smaller"),
    [
        ("A short title", False),
        ("A title that is rather longer than the others", True),
        ("Donaudampfschifffahrt", True),
        ("市政通讯的七个教训市政通讯的七个教训", False),
        ("市政通讯的七个教训市政通讯的七个教训市政通讯", True),
    ],
)
def test_a_long_title_is_a_step_smaller(title, smaller):
    assert bool(step(title, 40)) is smaller


@pytest.mark.parametrize(
    ("stack", "fonts"),
    [
        ("'Source Serif', Georgia, serif", "Georgia, serif"),
        ("Inter, sans-serif", "'Arial', sans-serif"),
        ("'Fraunces'", "'Georgia', serif"),
        ("Menlo, Consolas, monospace", "Consolas, monospace"),
    ],
)
def test_word_gets_the_fonts_that_it_has(stack, fonts):
    assert for_word(stack, "serif") == fonts


def test_one_post_leads_four_have_pictures_and_the_rest_is_brief(make):
    issue = make.issue(8, 2, 0)
    assert list(tiers(issue).values()) == ["lead", *["feature"] * 4, *["brief"] * 3]


def test_a_picture_that_an_editor_chose_is_printed_wherever_it_stands(make):
    issue = make.issue(8, 0, 0)
    section = issue.sections[0]
    chosen = replace(section.picks[7], words={Field.PICTURE: "https://example.org/p.png"})
    chosen = replace(chosen, story=replace(chosen.story, picture=section.picks[0].story.picture))
    section = replace(section, picks=(*section.picks[:7], chosen))
    sizes = list(tiers(replace(issue, sections=(section,))).values())
    assert sizes[5:] == ["brief", "brief", "feature"]


@pytest.mark.parametrize(
    ("mail", "text", "printed"),
    [
        ("ltr", "£33,366 to £36,648", '<span class="whole">£33,366 to £36,648</span>'),
        ("rtl", "£33,366 – £36,648", '<span class="whole" dir="ltr">£33,366 – £36,648</span>'),
        ("rtl", "حتى 31", '<span class="whole">حتى 31</span>'),
    ],
)
def test_numbers_from_and_to_keep_their_order_from_right_to_left(mail, text, printed):
    assert glued({"direction": mail}, text) == printed
