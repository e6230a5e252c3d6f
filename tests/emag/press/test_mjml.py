"""The compiler's faults are cured, and a mistake is named with its place."""

import re

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from emag.errors import PressError
from emag.press.mjml import compile_mjml
from emag.press.printable import clean

PAGE = """<mjml lang="en-GB"><mj-head><mj-title>{title}</mj-title></mj-head><mj-body>
<mj-section><mj-column>
{body}
</mj-column></mj-section></mj-body></mjml>"""


def compiled(body: str, title: str = "t") -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(compile_mjml(PAGE.format(title=title, body=body)))


def image(alt: str) -> str:
    return f'<mj-image src="https://example.org/a.png" alt="{alt}" />'


@given(st.text(max_size=40))
def test_any_alt_text_is_printed_unchanged(text):
    alt = clean(text)
    (printed,) = compiled(image(str(escape(alt)))).xpath("//img/@alt")
    assert printed == " ".join(alt.split())


@pytest.mark.parametrize(
    "alt",
    ["☔️ नमस्ते", "a\\b", "a\n\tb", "it&#39;s &#34;so&#34;", "e\u0301", "x\u00a0y", "👩‍👩‍👧"],
)
def test_text_that_rust_prints_in_its_debug_form_is_unchanged(alt):
    (printed,) = compiled(image(alt)).xpath("//img/@alt")
    assert "\\u" not in printed
    assert printed == " ".join(lxml.html.fromstring(f"<p>{alt}</p>").text_content().split())


def test_an_empty_alt_is_kept():
    assert compiled(image("")).xpath("//img/@alt") == [""]


@given(st.text(max_size=40))
def test_any_title_is_printed_unchanged(text):
    title = clean(text)
    tree = compiled("<mj-text>x</mj-text>", str(escape(title)))
    (label,) = tree.xpath("//body/div/@aria-label")
    assert label.split() == title.replace('"', "”").split()


def test_the_language_the_doctype_and_the_marks_for_premailer_are_there():
    html = compile_mjml(PAGE.format(title="t", body="<mj-text>x</mj-text>"))
    assert html.startswith('<!DOCTYPE html><html lang="en-GB"')
    tree = lxml.html.document_fromstring(html)
    assert not tree.xpath("//style[not(@data-premailer='ignore') and not(@media)]")
    assert "fonts.googleapis.com" not in html


def test_comments_for_outlook_are_left_alone_but_joined():
    html = compile_mjml(PAGE.format(title="t", body="<mj-text>x</mj-text>"))
    assert "<![endif]--><!--[if mso | IE]>" not in html
    assert html.count("<!--[if mso | IE]>") == html.count("<![endif]-->") - 3  # three in the head
    assert "<!--[if lte mso 11]>\n<style type" in html  # not marked inside a comment


@pytest.mark.parametrize("padding", ["0 36px", "0 36px 24px", "10px 36px 0 36px", "0px 36px"])
def test_the_width_for_outlook_is_without_the_padding(padding):
    page = """<mjml><mj-body><{0} padding="{1}">{2}</{0}></mj-body></mjml>"""
    column = "<mj-column><mj-text>x</mj-text></mj-column>"
    section = f'<mj-section padding="0">{column}</mj-section>'
    for name, inside in (("mj-section", column), ("mj-wrapper", section)):
        html = compile_mjml(page.format(name, padding, inside))
        assert re.findall(r"vertical-align:top;width:(\d+)px", html) == ["528"], name


def test_an_unknown_element_is_a_mistake():
    with pytest.raises(PressError, match=r"^note\.mjml, line 3: MJML does not allow <mj-txt>"):
        compile_mjml(
            PAGE.format(title="t", body="<mj-txt>x</mj-txt>"),
            locate=lambda _: "note.mjml, line 3",
        )


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        (
            "<mj-text><p>x</mj-text>",
            "</mj-text> has no opening tag here: remove it or add <mj-text>",
        ),
        ("<mj-text>x</mj-txt>", "</mj-txt> has no opening tag here: remove it or add <mj-txt>"),
        ("<mj-text>a < b</mj-text>", "“<” is not part of a tag: write “&lt;”"),
        (
            "<mj-text align=left>a</mj-text>",
            "an attribute of <mj-text> has no quotes: add them",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(body, mistake):
    with pytest.raises(PressError) as caught:
        compile_mjml(PAGE.format(title="t", body=body))
    assert str(caught.value) == f"Line 3 of the printed MJML (“{body}”): {mistake}"
    with pytest.raises(PressError) as caught:
        compile_mjml(PAGE.format(title="t", body=body), locate=lambda _: "own.mjml, line 7")
    assert str(caught.value) == f"own.mjml, line 7: {mistake}"


def test_an_element_that_is_never_closed_is_named():
    with pytest.raises(PressError, match="<mjml> is never closed"):
        compile_mjml("<mjml><mj-body></mj-body>")


def test_tags_that_are_never_closed_in_html_may_stay_open():
    tree = compiled('<mj-text>a<br>b<img src="https://example.org/a.png"></mj-text>')
    assert tree.xpath("//img/@alt") == [""]
