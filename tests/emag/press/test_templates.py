"""Templates can be overridden, and a mistake in one is named with file and line."""

import pytest

from emag.errors import PressError
from emag.press import stylesheet
from emag.press.compose import compose, compose_mail


@pytest.fixture
def override(settings):
    """override("parts/note.mjml", text) puts a template into the publication's folder."""

    def write(name: str, text: str):
        path = settings.template_folders[0] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


SECTION = """<mj-section><mj-column>
<mj-text>{}</mj-text>
</mj-column></mj-section>
"""


def test_the_publications_own_template_comes_first_at_once(settings, issue, make, override):
    before = compose(issue, settings, now=make.at)
    path = override("parts/write.mjml", SECTION.format("Our own words"))
    during = compose(issue, settings, now=make.at)
    path.unlink()
    assert "Our own words" in during.html
    assert "Offer us a piece" not in during.html
    assert compose(issue, settings, now=make.at) == before


def test_a_changed_template_is_used_at_once(settings, issue, make, override):
    override("parts/write.mjml", SECTION.format("first"))
    compose(issue, settings, now=make.at)
    path = override("parts/write.mjml", SECTION.format("second, and longer"))
    import os  # noqa: PLC0415 - only to be sure that the file looks newer

    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert "second, and longer" in compose(issue, settings, now=make.at).html


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n{{ page.nonsense }}", "line 2: there is no “nonsense” in this value"),
        ("\n\n{% if %}", "line 3: a value is missing here"),
        ("{{ nobody }}", "line 1: “nobody” has no value here"),
        ("{{ 1 / 0 }}", "line 1: a number is divided by nought"),
        ("\n{{ page.__class__.__mro__ }}", "line 2: “__class__” is not allowed"),
        ("\n\n\n<mj-raw><div></mj-raw>", "line 4: </mj-raw> has no opening tag here"),
        (SECTION.format("a <p> b < c"), "line 2: “<” is not part of a tag"),
        (
            "\n<mj-section><mj-colum>x</mj-colum></mj-section>",
            "line 2: MJML does not allow <mj-colum> here; did you mean mj-column?",
        ),
        (
            '<mj-section paddding="0"><mj-column></mj-column></mj-section>',
            "line 1: <mj-section> has ",
        ),
        (
            "\n<mj-raw><tabel></tabel></mj-raw>",
            "line 2: <tabel> is not a tag of HTML; did you mean",
        ),
        (
            "<mj-column></mj-column>",
            "line 1: MJML does not allow <mj-column> here: it belongs into",
        ),
        ('\n<mj-raw><p style="colr: red">x</p></mj-raw>', "line 2: colr is not a property of CSS"),
        ('<mj-raw><p style="color red">x</p></mj-raw>', "line 1: “color red” is not a property"),
        (
            "{% for n in (1, 2) %}\n<mj-raw>{{ n }}</mj-rw>{% endfor %}",
            "line 2: </mj-rw> has no op",
        ),
        (
            SECTION.format("x").replace("mj-text", "mj-social-element"),
            "line 2: MJML does not allow",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_line(
    settings, issue, make, override, text, sentence
):
    path = override("parts/write.mjml", text)
    with pytest.raises(PressError) as caught:
        compose(issue, settings, now=make.at)
    assert str(caught.value).startswith(f"{path}, {sentence}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("css", "sentence"),
    [
        (".a { color: red }\n.b { colour: red; }", "line 2: colour is not a property of CSS"),
        (".a { color: red\n margin: 0; }", "line 1: a ; is missing after “color: red margin: 0”"),
        (".a { color: red;\n.b { margin: 0; }", "line 2: “.b” begins inside another rule"),
        (".a { color: red; }\n}", "line 2: there is a } too many"),
        ("\nmargin: 0;", "line 2: “margin: 0” belongs to no rule"),
        ("@media print { .a { margin: 0; }", "line 1: a { is never closed"),
        (".a { margin: ; }", "line 1: “margin:” is not a property with a value"),
    ],
)
def test_broken_css_is_named_with_file_and_line(settings, issue, make, override, css, sentence):
    path = override("parts/theme.css", css)
    with pytest.raises(PressError) as caught:
        compose(issue, settings, now=make.at)
    assert str(caught.value).startswith(f"{path}, {sentence}")


def test_css_that_mail_programs_use_is_no_mistake():
    css = """/* a { */ @import url("https://example.org/a;b.css"); @font-face { src: url(x); }
    a[x-apple-data-detectors] { color: inherit !important } .a::after { content: "}"; }
    @media (min-width: 1px) { .b, u + #c { mso-hide: all; -webkit-text-size-adjust: 100% } }
    @page { margin: 1cm; } .d { background: url(data:image/png;base64,AA==) }"""
    assert list(stylesheet.mistakes(css)) == []


def test_a_missing_template_is_named(settings, override):
    override("confirm/body.mjml", '{% extends "parts/leter.mjml" %}')
    with pytest.raises(PressError, match=r"There is no template parts/leter\.mjml: "):
        compose_mail("confirm", settings, {})


def test_templates_escape_all_values(settings, make, override):
    override("parts/write.mjml", SECTION.format("{{ page.lead.title }}"))
    issue = make.issue([make.post(0, title="<b>Bold</b> & {{ 7 * 7 }}")], 0, 0)
    html = compose(issue, settings, now=make.at).html
    assert html.count("&lt;b&gt;Bold&lt;/b&gt; &amp; {{ 7 * 7 }}") >= 2
    assert "49" not in make.visible(html)
