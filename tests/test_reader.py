"""The reader's whole road in a real browser: by keyboard, without JavaScript, in every state."""

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
    """Narrow, and without JavaScript."""
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
    """Tab until the thing of that name has the focus, which must be seen."""
    passed = []
    while len(passed) < 25:
        page.keyboard.press("Tab")
        said, ring = page.evaluate(FOCUS)
        passed.append(said)
        if name in said:
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


def test_leaving_and_coming_back_and_being_erased_by_keyboard_alone(site, page):
    keys = page.keyboard
    join(site, page)
    page.goto(site.own("preferences", READER))
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


def test_a_fault_has_the_focus_and_is_named_first(site, page):
    page.goto(f"{site.base}/signup")
    page.get_by_role("button", name="Sign up").click()
    assert page.locator(":focus").get_attribute("name") == "email"  # the browser's own refusal
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


def test_who_is_quick_is_asked_to_press_once_more_and_stands_on_the_button(site, page):
    page.goto(f"{site.base}/signup")
    page.get_by_label("Email address").fill(READER)
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.locator(":focus").inner_text() == "Sign up"
    site.clock.forward(seconds=5)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('inbox')")


def test_faults_on_the_reader_s_own_page_keep_what_was_typed(site, page):
    join(site, page)
    page.goto(site.own("preferences", READER))
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


def test_a_new_address_a_break_and_the_data_without_a_script(site, page):
    join(site, page)
    page.goto(site.own("preferences", READER))
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


def test_undo_is_over_after_ten_minutes(site, page):
    join(site, page)
    page.goto(site.own("unsubscribe", READER))
    page.get_by_role("button", name="Unsubscribe").click()
    page.wait_for_selector("h1:has-text('unsubscribed')")
    site.clock.forward(minutes=11)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("h1:has-text('too old')")
    assert site.standing(READER) == "unsubscribed"


def sound(page, name: str) -> None:
    """Nothing is wrong with what is shown: narrow, light and dark, large, in few colours."""
    for scheme in ("light", "dark"):
        # A colour that is still changing would be measured half-way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = faults(page) + audit(page)
        assert found == [], f"{name}, {scheme}"
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
def test_every_state_of_signing_up_is_sound(site, scripted):
    page = scripted
    page.goto(f"{site.base}/")
    sound(page, "front page")
    page.goto(f"{site.base}/signup")
    sound(page, "sign-up")
    for typed, name in (("ann@nowhere", "a fault"), ("ann@gmial.com", "a slip"), (READER, "quick")):
        page.goto(f"{site.base}/signup")
        site.clock.forward(seconds=0 if name == "quick" else 5)
        page.get_by_label("Email address").fill(typed)
        press(page, "Sign up")
        page.wait_for_selector("[role=alert]")
        sound(page, name)
    sign_up(site, page)
    sound(page, "look into your inbox")
    link, not_me = site.link("confirm"), site.link("not-me")
    page.goto(not_me)
    sound(page, "not me")
    page.goto(link)
    sound(page, "confirm")
    press(page, "Yes, sign me up")
    sound(page, "confirmed")
    page.goto(link)
    sound(page, "confirmed before")
    site.clock.forward(days=8)
    for path, status in ((link, 410), (f"{link}x", 404), (f"{site.base}/confirm/x", 404)):
        assert page.goto(path).status == status
        sound(page, path)
    page.goto(not_me)
    press(page, "That wasn’t me")
    sound(page, "told")


@needs_axe
def test_every_state_of_leaving_is_sound(site, scripted):
    page = scripted
    join(site, page)
    page.goto(site.own("unsubscribe", READER))
    sound(page, "unsubscribe")
    press(page, "Unsubscribe")
    sound(page, "unsubscribed")
    undo = page.locator("form").get_attribute("action")
    page.goto(undo)
    sound(page, "undo")
    press(page, "Keep sending it to me")
    sound(page, "returned")
    assert page.goto(undo).status == 200
    press(page, "Keep sending it to me")
    sound(page, "undone before")
    site.clock.forward(minutes=11)
    assert page.goto(undo).status == 410
    sound(page, "undo too late")
    page.goto(site.own("unsubscribe", READER))
    press(page, "Unsubscribe")
    page.goto(site.own("unsubscribe", READER))
    sound(page, "unsubscribed before")
    page.goto(site.own("preferences", READER))
    sound(page, "own page of who left")


@needs_axe
def test_every_state_of_the_reader_s_own_page_is_sound(site, scripted):
    page = scripted
    join(site, page)
    page.goto(site.own("preferences", READER))
    page.locator("summary").click()
    sound(page, "own page")
    page.get_by_label("Name").fill("Wolfeschlegelsteinhausenbergerdorff" * 2)
    page.get_by_label("Take a break until").fill("2026-04-01")
    press(page, "Save")
    sound(page, "saved, a long name, a break")
    page.get_by_label("New email address").fill("ann@nowhere")
    press(page, "Send the link")
    sound(page, "a fault")
    page.get_by_label("New email address").fill(f"{'long' * 15}@{'very.' * 9}example.net")
    press(page, "Send the link")
    sound(page, "a new address")
    page.goto(site.link("confirm"))
    sound(page, "confirm a new address")
    press(page, "Yes, use this address")
    sound(page, "a new address is set")
    page.get_by_role("link", name="Choose what you get").click()
    sound(page, "a long address")
    press(page, "Erase me …")
    sound(page, "erase")
    press(page, "Erase me for good")
    sound(page, "erased")


@needs_axe
def test_the_archive_and_what_goes_wrong_is_sound(site, scripted):
    page = scripted
    page.goto(f"{site.base}/archive")
    sound(page, "an empty archive")
    join(site, page)
    site.send("Bins & boats", "Schifffahrtsgesellschaftskapitänsmützenabzeichen")
    page.goto(f"{site.base}/archive?later")  # the empty one is fresh for some minutes
    assert "Thursday 5 March 2026" in page.locator(".issues").inner_text()
    sound(page, "the archive")
    page.goto(f"{site.base}/")
    sound(page, "front page with issues")
    for path in ("/nowhere", *(f"/answer/{status}" for status in reading.BROKEN)):
        assert page.goto(f"{site.base}{path}").status == int(path[-3:] if "answer" in path else 404)
        sound(page, path)
    page.goto(f"{site.base}/archive/1")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == []
        fit(page, "an issue")


def test_motion_is_for_who_wants_it(site, scripted):
    page = scripted
    page.goto(f"{site.base}/signup")
    lasting = "getComputedStyle(document.querySelector('main button')).transitionDuration"
    assert page.evaluate(lasting) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(lasting) == "0s"


def test_the_sum_before_signing_up(tmp_path, clock, page, scripted):
    with reading.served(tmp_path / "p", clock, signup="proof_of_work = 2000") as site:
        page.goto(f"{site.base}/signup")
        assert "crier@example.org" in page.locator(".error").inner_text()
        scripted.goto(f"{site.base}/signup")
        sound(scripted, "with a sum")
        sign_up(site, scripted)
        assert site.link("confirm")


def test_colours_that_could_not_be_read_are_mended(tmp_path, clock, scripted):
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
            sound(scripted, path)
        scripted.goto(site.own("preferences", READER))
        sound(scripted, "own page")


def test_the_whole_road_in_welsh_and_what_was_agreed_to_is_kept_in_it(tmp_path, clock, page):
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
        page.goto(site.own("preferences", READER))
        assert "5 Mawrth 2026" in page.locator("main").inner_text()
        asked, *_ = site.history(READER)
        assert asked["language"] == "cy"
        assert asked["wording"].startswith("Hoffwn dderbyn The Town Crier")


def test_words_of_the_publication_s_own_run_from_right_to_left(tmp_path, clock, scripted):
    own = tmp_path / "p" / "templates" / "words"
    own.mkdir(parents=True)
    (own / "ar.toml").write_text('[language]\ndirection = "rtl"\n[signup]\nemail = "البريد"\n')
    with reading.served(tmp_path / "p", clock, language="ar") as site:
        scripted.goto(f"{site.base}/signup")
        assert scripted.locator("html").get_attribute("dir") == "rtl"
        box, card = (scripted.locator(s).bounding_box() for s in ("label >> nth=0", "main"))
        assert box["x"] + box["width"] > card["x"] + card["width"] / 2
        sound(scripted, "from right to left")


def test_a_language_that_nobody_wrote_is_english_and_says_so(tmp_path, clock, page):
    with reading.served(tmp_path / "p", clock, language="nl") as site:
        page.goto(f"{site.base}/signup")
        assert page.locator("html").get_attribute("lang") == "en-GB"
        assert page.locator(".name").get_attribute("lang") == "nl"
        join(site, page)
        assert site.history(READER)[0]["language"] == "en-GB"
