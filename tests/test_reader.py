"""The readers' pages in a real browser: by keyboard, without JavaScript, in every state."""

import re

import pytest

from tests import axe, reading
from tests.chromium import audit, faults, started

pytestmark = pytest.mark.browser

READER = "ann@example.org"


@pytest.fixture(scope="module")
def browser():
    with started() as browser:
        yield browser


@pytest.fixture
def site(tmp_path, clock):
    with reading.served(tmp_path / "publication", clock) as site:
        yield site


@pytest.fixture
def page(browser):
    """A narrow window without JavaScript."""
    with browser.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False
    ) as context:
        yield context.new_page()


@pytest.fixture
def scripted(browser):
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        yield context.new_page()


def heading(page) -> str:
    return page.locator("h1").inner_text()


FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return ["", ""];
  return [(at.labels?.[0] ?? at).innerText, getComputedStyle(at).outlineStyle];
}"""


def tab_to(page, name: str) -> None:
    """Presses Tab until the element of that name has the focus, which must be visible."""
    passed = []
    while len(passed) < 25:
        page.keyboard.press("Tab")
        label, ring = page.evaluate(FOCUS)
        passed.append(label)
        if name in label:
            assert ring == "solid", name
            return
    raise AssertionError(f"Tab does not reach {name}, but {passed}")


def sign_up(site, page, *, address: str = READER) -> None:
    page.goto(f"{site.base}/signup")
    site.clock.forward(seconds=5)
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_selector("h1:has-text('inbox')")


def join(site, page) -> None:
    sign_up(site, page)
    page.goto(site.link("confirm"))
    page.get_by_role("button", name="Yes, sign me up").click()
    page.wait_for_selector("h1:has-text('Welcome')")


def test_signing_up_and_choosing_by_keyboard_alone(site, page):
    keys = page.keyboard
    page.goto(f"{site.base}/signup")
    site.clock.forward(seconds=5)
    tab_to(page, "Skip to the content")
    keys.press("Enter")
    tab_to(page, "Email address")
    keys.type(READER)
    tab_to(page, "Name")
    keys.type("Ann")
    tab_to(page, "Featured jobs")
    keys.press("Space")
    tab_to(page, "Sign up")
    keys.press("Space")
    page.wait_for_selector("h1:has-text('inbox')")

    page.goto(site.link("confirm"))
    tab_to(page, "Yes, sign me up")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('Welcome')")
    tab_to(page, "Choose what you get")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('Your page')")
    assert not page.get_by_label("New on the blog").is_checked()
    tab_to(page, "New on the blog")
    keys.press("Space")
    tab_to(page, "Save")
    keys.press("Enter")
    page.wait_for_selector("[role=status]")
    assert page.get_by_label("New on the blog").is_checked()
    tab_to(page, "Your agreement, step by step")
    keys.press("Enter")
    assert page.locator(".history li").first.is_visible()


def test_unsubscribing_undoing_it_and_erasing_by_keyboard_alone(site, page):
    keys = page.keyboard
    join(site, page)
    page.goto(site.link_of("preferences", READER))
    tab_to(page, "Unsubscribe")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('Unsubscribe from')")
    tab_to(page, "Unsubscribe")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('unsubscribed')")
    assert site.standing(READER) == "unsubscribed"
    tab_to(page, "Undo")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('back on the list')")
    assert site.standing(READER) == "active"

    tab_to(page, "choose topics")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('Your page')")
    tab_to(page, "Erase me")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('Erase everything')")
    tab_to(page, "Erase me for good")
    keys.press("Enter")
    page.wait_for_selector("h1:has-text('Your data is erased')")
    assert site.standing(READER) == ""


def test_the_field_with_the_fault_has_the_focus_and_the_title_names_it(site, page):
    page.goto(f"{site.base}/signup")
    page.get_by_role("button", name="Sign up").click()
    assert page.locator(":focus").get_attribute("name") == "email"  # the browser itself refuses
    page.get_by_label("Email address").fill("ann@nowhere")
    site.clock.forward(seconds=5)
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.title().startswith("Error: This is not an email address")
    focus = page.locator(":focus")
    assert (focus.get_attribute("name"), focus.input_value()) == ("email", "ann@nowhere")
    assert focus.get_attribute("aria-invalid") == "true"
    described = focus.get_attribute("aria-describedby")
    assert "should look like" in page.locator(f"#{described}").inner_text()


def test_a_quick_sign_up_asks_for_a_second_press_with_the_focus_on_the_button(site, page):
    page.goto(f"{site.base}/signup")
    page.get_by_label("Email address").fill(READER)
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.locator(":focus").inner_text() == "Sign up"
    site.clock.forward(seconds=5)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('inbox')")


def test_a_fault_on_the_reader_s_page_keeps_the_typed_text(site, page):
    join(site, page)
    page.goto(site.link_of("preferences", READER))
    for topic in ("New on the blog", "Featured jobs", "Events"):
        page.get_by_label(topic).uncheck()
    page.get_by_label("Name").fill("Ann Lee")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("[role=alert]")
    assert page.title().startswith("Error: Please choose at least one topic")
    assert page.locator(":focus").get_attribute("name") == "topics"
    assert page.get_by_label("Name").input_value() == "Ann Lee"
    page.get_by_label("New email address").fill("ann@nowhere")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_selector("[role=alert]")
    focus = page.locator(":focus")
    assert (focus.get_attribute("name"), focus.input_value()) == ("address", "ann@nowhere")


def test_changing_the_address_pausing_and_downloading_without_javascript(site, page):
    join(site, page)
    page.goto(site.link_of("preferences", READER))
    page.get_by_label("Take a break until").fill("2026-04-01")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("[role=status]")
    assert "again from 1 April 2026" in page.locator(".lead").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    assert READER in download.value.path().read_text()
    page.get_by_label("New email address").fill("ann@example.net")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_selector("[role=status]")
    assert page.title().startswith("Please open the mail")
    page.goto(site.link("confirm"))
    page.get_by_role("button", name="Yes, use this address").click()
    page.wait_for_selector("h1:has-text('new address is set')")
    assert site.standing("ann@example.net") == "active"


def test_undo_ends_after_ten_minutes(site, page):
    join(site, page)
    page.goto(site.link_of("unsubscribe", READER))
    page.get_by_role("button", name="Unsubscribe").click()
    page.wait_for_selector("h1:has-text('unsubscribed')")
    site.clock.forward(minutes=11)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("h1:has-text('too old')")
    assert site.standing(READER) == "unsubscribed"


def check(page, name: str) -> None:
    """The page has no faults: narrow and wide, light and dark, large text, forced colours."""
    for scheme in ("light", "dark"):
        # A colour that is still changing would be measured half-way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        problems = faults(page) + audit(page)
        assert problems == [], f"{name}, {scheme}"
    for width in (600, 1280):
        page.set_viewport_size({"width": width, "height": 640})
        fit(page, f"{name}, {width} pixels")
    page.emulate_media(color_scheme="light", forced_colors="active")
    fit(page, f"{name}, few colours")
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 640, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    fit(page, f"{name}, text at 200 %")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 320, "height": 640})


def fit(page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def press(page, name: str | re.Pattern) -> None:
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()


needs_axe = pytest.mark.skipif(
    not axe.SCRIPT.is_file(),
    reason="axe-core could not be fetched: make test does that where there is npm",
)


@needs_axe
def test_no_page_of_signing_up_has_a_fault(site, scripted):
    page = scripted
    page.goto(f"{site.base}/")
    check(page, "front page")
    page.goto(f"{site.base}/signup")
    check(page, "sign-up")
    for typed, name in (("ann@nowhere", "a fault"), ("ann@gmial.com", "a slip"), (READER, "quick")):
        page.goto(f"{site.base}/signup")
        site.clock.forward(seconds=0 if name == "quick" else 5)
        page.get_by_label("Email address").fill(typed)
        press(page, "Sign up")
        page.wait_for_selector("[role=alert]")
        check(page, name)
    sign_up(site, page)
    check(page, "look into your inbox")
    link, not_me = site.link("confirm"), site.link("not-me")
    page.goto(not_me)
    check(page, "not me")
    page.goto(link)
    check(page, "confirm")
    press(page, "Yes, sign me up")
    check(page, "confirmed")
    page.goto(link)
    check(page, "confirmed before")
    site.clock.forward(days=8)
    for path, status in ((link, 410), (f"{link}x", 404), (f"{site.base}/confirm/x", 404)):
        assert page.goto(path).status == status
        check(page, path)
    page.goto(not_me)
    press(page, "That wasn’t me")
    check(page, "not me, confirmed")


@needs_axe
def test_no_page_of_unsubscribing_has_a_fault(site, scripted):
    page = scripted
    join(site, page)
    page.goto(site.link_of("unsubscribe", READER))
    check(page, "unsubscribe")
    press(page, "Unsubscribe")
    check(page, "unsubscribed")
    undo = page.locator("form").get_attribute("action")
    page.goto(undo)
    check(page, "undo")
    press(page, "Keep sending it to me")
    check(page, "returned")
    assert page.goto(undo).status == 200
    press(page, "Keep sending it to me")
    check(page, "undone before")
    site.clock.forward(minutes=11)
    assert page.goto(undo).status == 410
    check(page, "undo too late")
    page.goto(site.link_of("unsubscribe", READER))
    press(page, "Unsubscribe")
    page.goto(site.link_of("unsubscribe", READER))
    check(page, "unsubscribed before")
    page.goto(site.link_of("preferences", READER))
    check(page, "page of an unsubscribed reader")


@needs_axe
def test_no_state_of_the_reader_s_page_has_a_fault(site, scripted):
    page = scripted
    join(site, page)
    page.goto(site.link_of("preferences", READER))
    page.locator("summary").click()
    check(page, "own page")
    page.get_by_label("Name").fill("Wolfeschlegelsteinhausenbergerdorff" * 2)
    page.get_by_label("Take a break until").fill("2026-04-01")
    press(page, "Save")
    check(page, "saved, a long name, a break")
    page.get_by_label("New email address").fill("ann@nowhere")
    press(page, "Send the link")
    check(page, "a fault")
    page.get_by_label("New email address").fill(f"{'long' * 15}@{'very.' * 9}example.net")
    press(page, "Send the link")
    check(page, "a new address")
    page.goto(site.link("confirm"))
    check(page, "confirm a new address")
    press(page, "Yes, use this address")
    check(page, "a new address is set")
    page.get_by_role("link", name="Choose what you get").click()
    check(page, "a long address")
    press(page, "Erase me …")
    check(page, "erase")
    press(page, "Erase me for good")
    check(page, "erased")


@needs_axe
def test_neither_the_archive_nor_an_error_page_has_a_fault(site, scripted):
    page = scripted
    page.goto(f"{site.base}/archive")
    check(page, "an empty archive")
    join(site, page)
    site.send("Bins & boats", "Schifffahrtsgesellschaftskapitänsmützenabzeichen")
    page.goto(f"{site.base}/archive?later")  # the empty page is cached for some minutes
    assert "Thursday 5 March 2026" in page.locator(".issues").inner_text()
    check(page, "the archive")
    page.goto(f"{site.base}/")
    check(page, "front page with issues")
    for path in ("/nowhere", *(f"/answer/{status}" for status in reading.BROKEN)):
        assert page.goto(f"{site.base}{path}").status == int(path[-3:] if "answer" in path else 404)
        check(page, path)
    page.goto(f"{site.base}/archive/1")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == []
        fit(page, "an issue")


def test_motion_follows_the_reader_s_preference(site, scripted):
    page = scripted
    page.goto(f"{site.base}/signup")
    lasting = "getComputedStyle(document.querySelector('main button')).transitionDuration"
    assert page.evaluate(lasting) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(lasting) == "0s"


def test_signing_up_with_a_proof_of_work(tmp_path, clock, page, scripted):
    with reading.served(tmp_path / "p", clock, signup="proof_of_work = 2000") as site:
        page.goto(f"{site.base}/signup")
        assert "crier@example.org" in page.locator(".error").inner_text()
        scripted.goto(f"{site.base}/signup")
        check(scripted, "with a sum")
        sign_up(site, scripted)
        assert site.link("confirm")


def test_colours_with_low_contrast_are_adjusted(tmp_path, clock, scripted):
    garish = """[theme]
accent = "#ffcc00"
ink = "#999999"
paper = "#fdf6e3"
canvas = "#30343a"
dark_accent = "#3a0d5c"
dark_ink = "#444444"
dark_canvas = "#f0e0e0"
"""
    with reading.served(tmp_path / "p", clock, more=garish) as site:
        join(site, scripted)
        for path in ("/signup", "/archive", "/nowhere"):
            scripted.goto(f"{site.base}{path}")
            check(scripted, path)
        scripted.goto(site.link_of("preferences", READER))
        check(scripted, "own page")


def test_signing_up_in_welsh_keeps_the_welsh_wording(tmp_path, clock, page):
    with reading.served(tmp_path / "p", clock, language="cy") as site:
        page.goto(f"{site.base}/signup")
        assert page.locator("html").get_attribute("lang") == "cy"
        site.clock.forward(seconds=5)
        page.get_by_label("Cyfeiriad e-bost").fill(READER)
        page.get_by_role("button", name="Cofrestru").click()
        page.wait_for_selector("h1:has-text('mewnflwch')")
        page.goto(site.link("confirm"))
        page.get_by_role("button", name="Ie, cofrestrwch fi").click()
        page.wait_for_selector("h1:has-text('Croeso')")
        page.goto(site.link_of("preferences", READER))
        assert "5 Mawrth 2026" in page.locator("main").inner_text()
        entry, *_ = site.history(READER)
        assert entry.language == "cy"
        assert entry.wording.startswith("Hoffwn dderbyn The Town Crier")


def test_words_of_a_publication_can_run_from_right_to_left(tmp_path, clock, scripted):
    words = tmp_path / "p" / "templates" / "words"
    words.mkdir(parents=True)
    (words / "ar.toml").write_text('[language]\ndirection = "rtl"\n[signup]\nemail = "البريد"\n')
    with reading.served(tmp_path / "p", clock, language="ar") as site:
        scripted.goto(f"{site.base}/signup")
        assert scripted.locator("html").get_attribute("dir") == "rtl"
        box, card = (scripted.locator(s).bounding_box() for s in ("label >> nth=0", "main"))
        assert box["x"] + box["width"] > card["x"] + card["width"] / 2
        check(scripted, "from right to left")


def test_a_language_without_words_is_english_and_is_marked_so(tmp_path, clock, page):
    with reading.served(tmp_path / "p", clock, language="nl") as site:
        page.goto(f"{site.base}/signup")
        assert page.locator("html").get_attribute("lang") == "en-GB"
        assert page.locator(".name").get_attribute("lang") == "nl"
        join(site, page)
        assert site.history(READER)[0].language == "en-GB"
