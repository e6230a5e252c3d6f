"""What a feed writes is printed; it never becomes markup, template source or a reader's slot."""

import json

import lxml.html
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emag.content.story import Picture
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue
from emag.press.compose import compose
from emag.press.document import SLOT, Document
from emag.press.printable import clean
from emag.settings import Publication, Settings

SLOTS = {"edition", "unsubscribe_url", "preferences_url"}
AWKWARD = [
    "[[unsubscribe_url]]",
    "[[[greeting]]]",
    "{{ 7 * 7 }}{% for x in y %}{# note #}",
    "</mj-text><mj-raw><script>alert(1)</script></mj-raw>",
    "</mj-column></mj-section></mj-body></mjml>",
    "<mj-include path='/etc/passwd' />",
    "<!--[if mso]><v:rect><![endif]-->",
    "<!--reader-->x<!--/reader-->",
    "]]>&unknown; &#0; &#xD800; <![CDATA[x",
    '\\u{1f600} \\n \\" " \' ` “',
    "line\r\nBcc: all@example.org\x00\x0b\x1b[31m",
    "\u202egnp.exe\u202c \u2066x\u2069 \ufeff\ufffe\U0010ffff\ud800",
    "\u0915\u094d\u0937 👩‍👩‍👧 ☔️ עברית العربية",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "x" * 500,
    " ",
]


def issue_of(make, texts: list[str], url: str = "https://example.org/x") -> Issue:
    """An issue in which every field that a feed fills holds one of the texts."""
    posts, jobs, events = [], [], []
    for number, text in enumerate(texts):
        picture = Picture(url, text, 600, 400)
        words = {"title": text, "summary": text, "link": url}
        posts.append(
            make.post(
                number, **words, author=text, categories=(text,), kicker=text, picture=picture
            )
        )
        vacancy = Vacancy(text, text, text, 2, None, text, job_of_the_week=number == 0)
        jobs.append(make.job(number, **words, vacancy=vacancy))
        events.append(make.event(number, **words, place=text))
    return make.issue(posts, jobs, events, subject=texts[0], preheader=texts[0], note=texts[0])


def inspect(document: Document) -> None:
    """Nothing runs or loads but pictures, and only our slots are there, where we put them."""
    tree = lxml.html.document_fromstring(document.html)
    forbidden = "//script|//iframe|//object|//embed|//form|//svg|//video|//base|//link|//template"
    assert not tree.xpath(forbidden)
    for element in tree.iter(lxml.html.etree.Element):
        assert not [name for name in element.attrib if name.startswith("on")]
    assert not [t for t in tree.xpath("//@style") if "expression" in t or "url(" in t.lower()]
    for address in tree.xpath("//@href|//@src|//@background|//@action"):
        assert address.startswith(("https://", "mailto:crier@", "[["))
    assert all(image.get("alt") is not None for image in tree.xpath("//img"))
    assert set(SLOT.findall(document.html)) - {"greeting"} == SLOTS
    assert SLOT.findall(document.html).count("greeting") <= 1  # only above a note
    assert SLOT.findall(document.text).count("unsubscribe_url") == 1
    assert document.html.count("<!--reader-->") == 1
    assert "<mj-" not in document.html
    assert not set(document.subject + document.preheader) & set("\r\n\0")
    assert len(tree.xpath("//h1")) == 1
    document.html.encode()
    document.text.encode()


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_is_printed_unchanged(settings, make, text):
    document = compose(issue_of(make, [text]), settings, now=make.at)
    inspect(document)
    printed = " ".join(clean(text).split())
    if 0 < len(printed) < 100:
        assert printed in make.visible(document.html)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "https://example.org/\"onmouseover='alert(1)",
        "https://example.org/[[unsubscribe_url]]?{{x}}",
        "https://example.org/<script>",
        "vbscript:x",
        "https://[broken",
        "",
    ],
)
def test_awkward_addresses_are_escaped_or_left_out(settings, make, address):
    inspect(compose(issue_of(make, ["A title"], address), settings, now=make.at))


@hypothesis_settings(max_examples=25)
@given(st.lists(st.text(st.characters(exclude_categories=[])), min_size=1, max_size=3))
def test_any_text_prints(tmp_path_factory, texts):
    from tests.emag.press.conftest import Make  # noqa: PLC0415 - fixtures and given do not mix

    title = texts[0].encode(errors="ignore").decode() or "T"  # settings refuse half characters
    publication = Publication(title=title, sender="The Town Crier <crier@example.org>")
    folder = tmp_path_factory.getbasetemp()
    settings = Settings(
        folder=folder, publication=publication, environment={"base_url": "https://example.org"}
    )
    inspect(compose(issue_of(Make, texts), settings, now=Make.at))


def batches(texts: list[str], size: int = 12) -> list[list[str]]:
    return [texts[n : n + size] for n in range(0, len(texts), size)]


def test_the_naughty_strings_print(settings, make, corpus):
    texts = json.loads((corpus / "hostile" / "naughty_strings.json").read_text("utf-8"))
    for batch in batches(texts):
        document = compose(issue_of(make, batch), settings, now=make.at)
        inspect(document)
        words = make.visible(document.html)
        for text in batch:
            whole = clean(text)
            assert whole in words or len(whole) > 40 or "  " in whole or not whole.isprintable()


def test_the_attacks_print(settings, make, corpus):
    cases = json.loads((corpus / "hostile" / "xss_payloads.json").read_text("utf-8"))
    payloads = [case["payload"] for case in cases if isinstance(case["payload"], str)]
    assert len(payloads) > 80
    for batch in batches(payloads):
        inspect(compose(issue_of(make, batch), settings, now=make.at))
        for payload in batch[:3]:
            inspect(compose(issue_of(make, ["x"], payload), settings, now=make.at))
