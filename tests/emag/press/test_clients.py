"""What the worst mail programs make of each kind of issue, in each theme."""

import colorsys
import mailbox
import re
import shutil
import subprocess
from collections import Counter
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

import lxml.html
import pytest

from emag.checks.client_models import in_forced_dark, with_large_text, without_styles
from emag.content.pictures.picture import StoredPicture, Use
from emag.content.story import Kind
from emag.press.colour import contrast
from emag.press.compose import compose, compose_mail
from emag.press.document import fill
from emag.press.theme import look
from emag.settings import themes
from tests import chromium
from tests.emag.press import pictures
from tests.emag.press.conftest import AT, an_issue
from tests.emag.press.kinds import KINDS, NAMES, PADDING, VALUES, issue_of, settings_of

LOGO = "https://crier.example.org/logo.png"
WORDS = (Path(__file__).parent / "broken_words.js").read_text("utf-8")
TEXTS = (Path(__file__).parent / "texts.js").read_text("utf-8")
JOBS = (Path(__file__).parent / "broken_facts.js").read_text("utf-8")


@lru_cache
def printed(theme: str, kind: str = "every") -> str:
    document = compose(issue_of(kind), settings_of(theme, kind), now=AT)
    return fill(document, VALUES).html


@lru_cache
def tree_of(theme: str, kind: str = "every"):
    return lxml.html.document_fromstring(printed(theme, kind))


in_each_theme = pytest.mark.parametrize("theme", NAMES)


@in_each_theme
def test_word_finds_padding_on_cells_only_and_its_own_fonts(theme):
    for kind in KINDS:
        styles = tree_of(theme, kind).xpath("//*[@style][not(self::td or self::th)]")
        assert [e.tag for e in styles if PADDING.search(e.get("style"))] == [], kind
    fonts = look(settings_of(theme).theme)
    html = printed(theme)
    word = html[html.index("<!--[if mso]><style>") :]
    assert f"{{ font-family: {fonts.word_font}; }}" in word
    assert f"{{ font-family: {fonts.word_heading_font}; }}" in word


@in_each_theme
def test_every_hook_for_outlooks_dark_mode_matches(theme):
    for kind in KINDS.keys() - {"none"}:  # a note alone may have no link
        tree = lxml.html.document_fromstring(printed(theme, kind))
        for element in tree.iter(lxml.html.etree.Element):
            style = element.get("style") or ""
            if re.search(r"(^|;)\s*color:", style):
                element.set("data-ogsc", "")
            if "background" in style or element.get("bgcolor"):
                element.set("data-ogsb", "")
        css = " ".join(tree.xpath("//style/text()"))
        selectors = [
            name.strip() for rule in re.findall(r"([^{}]+)\{", css) for name in rule.split(",")
        ]
        hooks = [name for name in selectors if "[data-ogs" in name]
        assert len(hooks) > 20, kind
        assert [hook for hook in hooks if not tree.cssselect(hook)] == [], kind


@in_each_theme
def test_a_screen_reader_speaks_one_link_a_story(theme):
    for kind in KINDS:
        tree, issue = tree_of(theme, kind), issue_of(kind)
        spoken = Counter(
            link.get("href")
            for link in tree.xpath("//a[@href]")
            if link.text_content().strip() or link.xpath(".//img[@alt != '']")
        )
        stories = [pick.story for pick in issue.picks]
        lead = next((story.link for story in stories if story.kind is Kind.POST), "")
        week = {story.link for story in stories if story.vacancy and story.featured}
        for story in stories:
            limit = 2 if story.link in {lead, *week} else 1
            assert 1 <= spoken[story.link] <= limit, (kind, story.title)
        assert not tree.xpath("//a[not(normalize-space())]")


@in_each_theme
def test_an_issue_stays_light(theme):
    plain = fill(compose(an_issue(), settings_of(theme), now=AT), VALUES).html
    assert len(plain.encode()) < 60_000
    assert len(printed(theme, "forty").encode()) < 102_000


@in_each_theme
def test_colours_that_a_program_turns_round_can_still_be_read(theme):
    for name, colour, surface in look(settings_of(theme).theme).light.texts():
        assert contrast(turned(colour), turned(surface)) >= 4.5, name


def turned(colour: str) -> str:
    """The colour as Gmail on a telephone makes it in dark mode: dark is light, the hue stays."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    channels = colorsys.hls_to_rgb(hue, 1 - lightness, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def test_the_logo_has_a_dark_one_or_a_light_plate():
    copies = tuple(StoredPicture(LOGO + end, Use.LOGO, "0" * 32, 9, 9, "png") for end in ("", "?d"))
    both = settings_of("council", more=f'logo = "{LOGO}"\nlogo_dark = "{LOGO}?d"')
    html = compose(an_issue(pictures=copies), both, now=AT).html
    assert html.count('class="logo-light"') == html.count('class="logo-dark"') == 1
    assert "[data-ogsc] .logo-dark { display: block !important; }" in html
    one = settings_of("council", more=f'logo = "{LOGO}"')
    html = compose(an_issue(pictures=copies), one, now=AT).html
    assert "[data-ogsb] .plate { background-color: #ffffff !important; }" in html
    assert "logo" not in compose_mail("confirm", both, {}).html.partition("</head>")[2]


@pytest.fixture(scope="module")
def page():
    """The one page of these tests."""
    with chromium.started() as browser:
        context = browser.new_context()
        page = context.new_page()
        page.route("**/*", pictures.serve)
        yield page
        context.close()


def show(page, html: str, *, width: int, scheme: str = "light", media: str = "screen") -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, media=media)
    page.set_content(html)


def width_of(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.browser
@in_each_theme
def test_a_phone_shows_the_first_headline_at_once(page, theme):
    for kind in KINDS:
        show(page, printed(theme, kind), width=375)
        assert page.locator("h1").bounding_box()["height"] < 60  # one line
        assert page.locator("h2").first.bounding_box()["y"] < 450, kind
        assert width_of(page) == 375, kind


@pytest.mark.browser
@in_each_theme
def test_without_styles_a_narrow_phone_breaks_no_word(page, theme):
    for kind in KINDS:
        show(page, without_styles(printed(theme, kind)), width=320)
        assert width_of(page) == 320, kind
        assert page.evaluate(WORDS) == [], kind
        assert page.evaluate(JOBS) == [], kind


@pytest.mark.browser
@in_each_theme
def test_text_of_twice_its_size_is_no_wider_than_a_phone(page, theme):
    for kind in ("every", "long"):
        show(page, with_large_text(printed(theme, kind)), width=375)
        assert width_of(page) == 375, kind
        assert kind == "long" or page.evaluate(WORDS) == []


@pytest.mark.browser
@in_each_theme
def test_every_text_can_be_read_in_every_mode(page, theme):
    for kind in ("every", "arabic"):
        html = printed(theme, kind)
        forced = in_forced_dark(html)
        for mode, mail in {"light": html, "dark": html, "forced": forced}.items():
            show(page, mail, width=600, scheme="dark" if mode == "dark" else "light")
            for text, colour, background, _ in page.evaluate(TEXTS):
                assert contrast(colour, background) >= 4.5, (mode, text, colour, background)
            # A mail is an article in the page of a mail program, which has the main part.
            faults = chromium.audit(page)
            assert [f for f in faults if not f.startswith(("landmark-one-main", "region"))] == []


@pytest.mark.browser
@in_each_theme
def test_an_issue_is_printed_on_two_pages(page, theme):
    show(page, fill(compose(an_issue(), settings_of(theme), now=AT), VALUES).html, width=1280)
    page.emulate_media(media="print")
    pdf = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_spamassassin_has_nothing_against_it(tmp_path):
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("spamassassin is not installed: it is Debian's package of that name")
    samples = [("noticeboard", kind) for kind in KINDS]
    samples += [(theme, "every") for theme in NAMES[1:]]
    documents = [compose(issue_of(k), settings_of(theme, k), now=AT) for theme, k in samples]
    settings = settings_of("noticeboard")
    documents += [compose_mail(name, settings, {}) for name in ("confirm", "welcome")]
    file = tmp_path / "samples"
    box = mailbox.mbox(file)
    for document in documents:
        box.add(mail_of(fill(document, VALUES)))
    box.close()
    command = [program, "--local", "--test-mode", "--mbox", str(file)]
    report = subprocess.run(command, check=True, capture_output=True).stdout.decode(
        errors="replace"
    )
    scores = re.findall(r"Content analysis details: +\((-?[\d.]+) points", report)
    assert [abs(float(score)) for score in scores] == [0.0] * len(documents)


def mail_of(document) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "The Town Crier <crier@crier.example.org>"
    mail["To"] = "Ann <ann@example.net>"
    mail["Subject"] = document.subject
    mail["Date"] = "Fri, 06 Mar 2026 07:30:00 +0000"
    mail["Message-ID"] = "<issue-12.8f3a6c1e@crier.example.org>"
    mail.set_content(document.text, cte="quoted-printable")
    mail.add_alternative(document.html, subtype="html", cte="quoted-printable")
    return mail


def test_the_shipped_themes_print_their_colours_as_they_are():
    for name in NAMES:
        chosen = themes.with_theme({"name": name}, Path("/nowhere"))
        palettes = look(chosen)
        assert palettes.light.link == chosen.accent
        assert palettes.dark.link == chosen.dark_accent
