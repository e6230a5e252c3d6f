"""What the worst mail programs make of an issue, in each theme."""

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

from emag.content.pictures.picture import StoredPicture, Use
from emag.press.colour import contrast
from emag.press.compose import compose, compose_mail
from emag.press.document import fill
from emag.press.theme import look
from emag.settings import parse, themes
from tests import chromium
from tests.conftest import TOML
from tests.emag.press.conftest import AT, NOTE, an_issue
from tests.emag.press.test_look import PROMOS, TEXTS, VALUES

NAMES = ("noticeboard", "broadsheet", "council")
LOGO = "https://crier.example.org/logo.png"
LINKS = {name: f"https://mail.crier.example.org/{name}/x" for name in VALUES if "_url" in name}
WORDS = (Path(__file__).parent / "broken_words.js").read_text("utf-8")
FORCED = (Path(__file__).parent / "forced_dark.js").read_text("utf-8")


@lru_cache
def settings_of(theme: str, more: str = ""):
    return parse(f'{TOML}\n[theme]\nname = "{theme}"\n{more}', Path("/nowhere"), {})


@lru_cache
def printed(theme: str, note: str = NOTE, *, posts: int = 15, has_promos: bool = False) -> str:
    issue = an_issue(posts, note=note, promos=PROMOS if has_promos else ())
    document = compose(issue, settings_of(theme), now=AT)
    return fill(document, VALUES | LINKS).html


def everything(theme: str) -> str:
    """An issue with a quotation and promos, which have rules of their own."""
    return printed(theme, "A note\n\n> of another.", has_promos=True)


@pytest.mark.parametrize("theme", NAMES)
def test_word_finds_padding_on_cells_only_and_its_own_fonts(theme):
    html = everything(theme)
    tree = lxml.html.document_fromstring(html)
    padded = [
        (element.tag, element.get("style"))
        for element in tree.body.iter(lxml.html.etree.Element)
        if element.tag not in {"td", "th"}
        and re.search(r"padding[^:]*:(?!0[;\s]|0$|0px[;\s]|0px$)", element.get("style") or "")
    ]
    assert padded == []
    fonts = look(settings_of(theme).theme)
    word = html[html.index("<!--[if mso]><style>") :]
    assert f"{{ font-family: {fonts.word_font}; }}" in word
    assert f"{{ font-family: {fonts.word_heading_font}; }}" in word


@pytest.mark.parametrize("theme", NAMES)
def test_every_hook_for_outlooks_dark_mode_matches(theme):
    tree = lxml.html.document_fromstring(everything(theme))
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
    assert len(hooks) > 20
    assert [hook for hook in hooks if not tree.cssselect(hook)] == []


@pytest.mark.parametrize("theme", NAMES)
def test_a_screen_reader_speaks_one_link_a_story(theme):
    tree = lxml.html.document_fromstring(printed(theme))
    spoken = Counter(
        link.get("href")
        for link in tree.xpath("//a[@href]")
        if link.text_content().strip() or link.xpath(".//img[@alt != '']")
    )
    issue = an_issue()
    week = next(p.story.link for p in issue.picks if p.story.vacancy and p.story.featured)
    with_button = {issue.picks[0].story.link, week}
    for pick in issue.picks:
        assert spoken[pick.story.link] == (2 if pick.story.link in with_button else 1)
    assert not tree.xpath("//a[not(normalize-space())]")


@pytest.mark.parametrize("theme", NAMES)
def test_an_issue_stays_light(theme):
    assert len(printed(theme).encode()) < 60_000
    assert len(printed(theme, posts=40).encode()) < 102_000


@pytest.mark.parametrize("theme", NAMES)
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
    both = settings_of("council", f'logo = "{LOGO}"\nlogo_dark = "{LOGO}?d"')
    html = compose(an_issue(pictures=copies), both, now=AT).html
    assert html.count('class="logo-light"') == html.count('class="logo-dark"') == 1
    assert "[data-ogsc] .logo-dark { display: block !important; }" in html
    one = settings_of("council", f'logo = "{LOGO}"')
    html = compose(an_issue(pictures=copies), one, now=AT).html
    assert "[data-ogsb] .plate { background-color: #ffffff !important; }" in html
    assert "logo" not in compose_mail("confirm", both, {}).html.partition("</head>")[2]


@pytest.fixture(scope="module")
def browser():
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    yield page
    context.close()


def show(page, html: str, *, width: int, scheme: str = "light") -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, media="screen")
    page.set_content(html)


@pytest.mark.browser
@pytest.mark.parametrize("theme", NAMES)
def test_a_phone_shows_the_first_headline_at_once(page, theme):
    for note in ("", NOTE):
        show(page, printed(theme, note), width=375)
        assert page.locator("h1").bounding_box()["height"] < 60  # one line
        assert page.locator("h2").first.bounding_box()["y"] < 450


@pytest.mark.browser
@pytest.mark.parametrize("theme", NAMES)
def test_without_styles_a_narrow_phone_breaks_no_word(page, theme):
    html = re.sub(r"<style.*?</style>", "", everything(theme), flags=re.DOTALL)
    show(page, html, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate(WORDS) == []


@pytest.mark.browser
@pytest.mark.parametrize("theme", NAMES)
def test_every_text_can_be_read_in_every_mode(page, theme):
    html = everything(theme)
    for mode in ("light", "dark", "forced"):
        show(page, html, width=600, scheme="dark" if mode == "dark" else "light")
        if mode == "forced":
            page.evaluate(FORCED)
        for text, colour, background, _ in page.evaluate(TEXTS):
            assert contrast(colour, background) >= 4.5, (mode, text, colour, background)
    # A mail is an article in the page of a mail program, which has the main part.
    faults = [f for f in chromium.audit(page) if not f.startswith(("landmark-one-main", "region"))]
    assert faults == []


@pytest.mark.browser
def test_an_issue_is_printed_on_two_pages(page):
    show(page, printed("noticeboard"), width=1280)
    page.emulate_media(media="print")
    pdf = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_spamassassin_has_nothing_against_it(tmp_path):
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("spamassassin is not installed: it is Debian's package of that name")
    settings = settings_of("noticeboard")
    documents = [
        compose(an_issue(), settings, now=AT),
        compose(an_issue(3, 1, 0, note=""), settings_of("broadsheet"), now=AT),
        compose(an_issue(1, 0, 0, note=""), settings_of("council"), now=AT),
        compose_mail("confirm", settings, {}),
        compose_mail("welcome", settings, {}),
    ]
    file = tmp_path / "samples"
    box = mailbox.mbox(file)
    for document in documents:
        box.add(mail_of(fill(document, VALUES | LINKS)))
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
