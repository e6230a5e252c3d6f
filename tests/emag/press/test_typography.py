"""Titles of any length and direction, and fonts that Word has."""

from dataclasses import replace

import pytest

from emag.issues.words import Field
from emag.press.fonts import for_word
from emag.press.tiers import tiers
from emag.press.typography import foreign, glued, step


@pytest.mark.parametrize(
    ("mail", "text", "runs"),
    [
        ("rtl", "Hello", "ltr"),
        ("ltr", "12 نشرة", "rtl"),
        ("ltr", "שלום abc", "rtl"),
        ("rtl", "WhatsApp: تقرير جديد عن الأحياء", ""),
        ("rtl", "اكتب لـ The Town Crier", ""),
        ("ltr", "نشرة is the word for bulletin", ""),
        ("rtl", "123 – 5", ""),
        ("ltr", "市政", ""),
    ],
)
def test_a_text_runs_against_its_mail_where_it_begins_so_and_most_of_it_does(mail, text, runs):
    assert foreign({"direction": mail}, text) == (f' dir="{runs}"' if runs else "")


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
        (
            "ltr",
            "Dyddiad cau: Dydd Mawrth, 31 Mawrth",
            'Dyddiad cau: <span class="whole">Dydd Mawrth, 31 Mawrth</span>',
        ),
        ("rtl", "حتى 31", '<span class="whole">حتى 31</span>'),
    ],
)
def test_a_salary_or_a_date_stays_whole_and_numbers_in_order(mail, text, printed):
    assert glued({"direction": mail}, text) == printed
