"""Templates can be overridden, and a mistake in one is named with file and line."""

import pytest

from emag.errors import PressError
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
        ("\n{{ page.nonsense }}", "line 2: 'emag.press.page.PrintedPage object' has no attribute"),
        ("\n\n{% if %}", "line 3: Expected an expression"),
        ("{{ nobody }}", "line 1: 'nobody' is undefined"),
        ("{{ 1 / 0 }}", "line 1: division by zero"),
        ("\n{{ page.__class__.__mro__ }}", "line 2: access to attribute '__class__'"),
        ("\n\n\n<mj-raw><div></mj-raw>", "line 4: </mj-raw> has no opening tag here"),
        (SECTION.format("a <p> b < c"), "line 2: “<” is not part of a tag"),
        (
            "\n<mj-section><mj-colum>x</mj-colum></mj-section>",
            "line 2: MJML does not allow <mj-colum> here",
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
