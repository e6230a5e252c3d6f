"""What each model of a mail program drops from a mail, and what it changes."""

import pytest

from emag.checks import forced_dark, word_model
from emag.checks.client_facts import GMAIL, OUTLOOK, WORD, elements_dropped_by, styles_dropped_by
from emag.checks.client_models import (
    MODELS,
    in_forced_dark,
    in_word,
    with_large_text,
    without_pictures,
    without_styles,
)

WORD_COMMENT = '<!--[if mso]><table class="ghost"><tr><td>x</td></tr></table><![endif]-->'
MAIL = """<!DOCTYPE html><html><head><title>T</title>
<style>.a { color: #111111; font-size: 10px }
@media (max-width: 599px) { .b { width: 1px } }</style>
</head><body style="background-color:#ffffff">%s</body></html>"""


def mail(body: str) -> str:
    return MAIL % body


@pytest.mark.parametrize(
    ("model", "body", "present", "absent"),
    [
        # Gmail with other addresses
        (without_styles, '<p style="color:#111111">x</p>', 'style="color:#111111"', "<style"),
        (without_styles, '<p style="position:absolute;color:red">x</p>', "color:red", "position"),
        (without_styles, '<p style="max-width:9px">x</p>', "max-width:9px", "<style"),
        (without_styles, "<form>words</form>", "words", "<style"),
        (without_styles, "<svg>drawing</svg><p>x</p>", "<p>x</p>", "drawing"),
        # Pictures
        (without_pictures, '<img src="https://x.example/a.png" alt="A">', 'alt="A"', "a.png"),
        (without_pictures, '<p style="background:url(b.png) red">x</p>', "none red", "b.png"),
        (without_pictures, '<td background="c.png">x</td>', "x", "c.png"),
        # Word
        (in_word, WORD_COMMENT, 'class="ghost"', "[if"),
        (in_word, "<!--[if !mso]><!--><b>others</b><!--<![endif]--><i>x</i>", "<i>", "others"),
        (in_word, '<p style="padding:4px;margin:3px">x</p>', "margin:3px", "padding"),
        (in_word, '<table><tr><td style="padding:4px">x', "padding:4px", "@media"),
        (in_word, '<div style="max-width:9px;color:#111111">x</div>', "#111111", "max-width"),
        (in_word, '<table style="max-width:9px"><tr><td>x', "max-width:9px", "@media"),
        (in_word, '<td style="background:url(b.png)">x</td>', "x", "b.png"),
        (in_word, "<p style=\"font-family:'Lato',Arial\">x</p>", "Times New Roman", "Lato"),
        (in_word, "<p style='font-family:Georgia,serif'>x</p>", "Georgia,serif", "@media"),
        (in_word, '<p style="mso-hide:all">x</p>', "display:none", "mso-hide"),
        (
            in_word,
            '<table><tr><td style="width:100%">x</td><td style="width:100%">y',
            "width:50%",
            "width:100%",
        ),
        # Outlook on the web
        (in_forced_dark, '<p style="color:#000000">x</p>', 'data-ogsc="#000000"', "color:#000000"),
        (in_forced_dark, "<p>x</p>", "background-color:#333333", "background-color:#ffffff"),
        (in_forced_dark, '<td bgcolor="#ffffff">x</td>', 'data-ogab="#ffffff"', 'bgcolor="#ff'),
        (in_forced_dark, '<p style="background:url(b.png)">x</p>', "url(b.png)", "data-ogsc"),
        (in_forced_dark, '<p style="color:red !important">x</p>', "!important", "color:red"),
        # Text of twice its size
        (with_large_text, '<p style="font-size:14px">x</p>', "font-size:28px", "font-size:14px"),
        (with_large_text, "<p>font-size:14px</p>", "<p>font-size:14px</p>", "font-size: 10px"),
        (with_large_text, '<p style="line-height:1.5">x</p>', "line-height:1.5", "line-height:3"),
    ],
)
def test_a_model_changes_what_its_program_changes(model, body, present, absent):
    output = model(mail(body))
    assert present in output
    assert absent not in output


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("mso", True),
        ("mso | IE", True),
        ("(mso)|(IE)", True),
        ("gte mso 9", True),
        ("lte mso 11", False),
        ("gte mso 9 & lt mso 15", False),
        ("mso 16", True),
        ("!mso", False),
        ("!(mso)", False),
        ("IE", False),
        ("!IE", True),
        ("nonsense of any kind", False),
    ],
)
def test_words_conditions(condition, holds):
    assert word_model.is_for_word(condition) is holds


def test_outlook_turns_colours_round_between_white_and_its_ground():
    assert forced_dark.turned((255, 255, 255, 1.0)) == (0x33, 0x33, 0x33, 1.0)
    assert forced_dark.turned((0, 0, 0, 1.0)) == (255, 255, 255, 1.0)
    red, green, blue, opacity = forced_dark.turned((11, 93, 75, 0.5))
    assert green > 93
    assert green > red
    assert green > blue, "the hue stays"
    assert opacity == 0.5


def test_the_facts_name_programs_and_families():
    names = {program: {f.name for f in styles_dropped_by(program)} for program in (GMAIL, OUTLOOK)}
    assert "display: flex" not in names[GMAIL] | names[OUTLOOK]
    assert "display: flex" in {fact.name for fact in styles_dropped_by(WORD)}
    assert "transform" in names[GMAIL] & names[OUTLOOK]
    assert "calc()" in names[OUTLOOK] - names[GMAIL]
    assert {"script", "iframe"} <= elements_dropped_by(GMAIL) & elements_dropped_by(WORD)
    assert "form" in elements_dropped_by(WORD) - elements_dropped_by(OUTLOOK)


def test_nine_kinds_of_programs_have_names_of_their_own():
    assert len({model.title for model in MODELS}) == len(MODELS) == 9
