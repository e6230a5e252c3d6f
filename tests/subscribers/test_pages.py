"""The pages in a real browser: without JavaScript, narrow, dark, by keyboard."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from subscribers.web import router
from tests import axe
from tests.chromium import audit, faults, started

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with started() as browser:
        yield browser


@pytest.fixture
def look(browser, web):
    """Opens a page of the server as a visitor's browser would."""
    contexts = []

    def look(path, *, width=320, dark=False, script=False):
        context = browser.new_context(
            viewport={"width": width, "height": 700},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.messages = []
        page.on("console", lambda message: page.messages.append(message.text))
        page.goto(str(web.base_url).rstrip("/") + path)
        return page

    yield look
    for context in contexts:
        context.close()


@pytest.fixture
def paths(people, keys):
    people.ask("new@example.org")
    (letter,) = people.letters()
    ref = people.reader("a-rather-long-name-of-a-reader.of-the-crier@mail.example.org", name="Ann")
    return {
        "signup": "/signup",
        "confirm": f"/confirm/{people.token(letter)}",
        "not-me": f"/not-me/{people.token(letter, 'not_me')}",
        "unsubscribe": f"/unsubscribe/{keys.sign('unsubscribe', ref)}",
        "preferences": f"/preferences/{keys.sign('preferences', ref)}",
        "undo": f"/undo/{keys.sign('undo', f'{ref} 0')}",
        "old-link": "/u/unknown",
        "broken": "/confirm/broken",
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_sound_at_320_pixels(look, paths, dark):
    for name, path in paths.items():
        page = look(path, dark=dark, script=True)
        assert faults(page) == [], name
        refused = [line for line in page.messages if "Content Security Policy" in line]
        assert refused == [], name
        assert page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius")


def test_signing_up_by_keyboard_without_a_script(look, people, clock):
    page = look("/signup")
    clock.forward(seconds=5)
    keys = page.keyboard
    keys.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    keys.press("Tab")
    keys.type("ann@example.org")
    keys.press("Tab")
    keys.type("Ann")
    keys.press("Tab")
    keys.press("Space")  # the first topic
    for _ in range(3):
        keys.press("Tab")  # past the others, and past the field that nobody sees
    keys.press("Enter")
    page.wait_for_selector("[role=status]")
    assert "inbox" in page.locator("h1").inner_text()
    (letter,) = people.letters()
    assert (letter.address, letter.name) == ("ann@example.org", "Ann")


def test_the_buttons_work_without_a_script(look, paths, database):
    for name, heading in (("confirm", "Welcome"), ("unsubscribe", "unsubscribed")):
        page = look(paths[name])
        page.locator("main button").first.click()
        page.wait_for_selector("[role=status]")
        assert heading in page.locator("h1").inner_text()


def test_preferences_without_a_script(look, paths):
    page = look(paths["preferences"])
    page.get_by_label("Jobs").uncheck()
    page.get_by_label("Name").fill("Ann Lee")
    page.get_by_label("Take a break until").fill("2026-04-01")
    page.get_by_role("button", name="Save").click()
    assert "saved" in page.locator("[role=status]").inner_text()
    assert page.get_by_label("Name").input_value() == "Ann Lee"
    assert not page.get_by_label("Jobs").is_checked()
    assert "1 April 2026" in page.locator(".lead").inner_text()
    page.get_by_role("button", name="Erase me").click()
    page.get_by_role("button", name="Erase me for good").click()
    assert "Your data is erased" in page.locator("h1").inner_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(look, paths, clock, dark):
    if not axe.SCRIPT.is_file():
        pytest.skip("axe-core could not be fetched: make test does that where there is npm")
    for name, path in paths.items():
        page = look(path, dark=dark, script=True)
        assert audit(page) == [], name
    page = look(paths["unsubscribe"], dark=dark, script=True)
    page.locator("main button").first.click()
    page.wait_for_selector("[role=status]")
    assert audit(page) == []
    page = look("/signup", dark=dark, script=True)
    page.get_by_label("Email address").fill("ann@gmial.com")
    clock.forward(seconds=5)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_selector("#meant")
    assert faults(page) == []
    assert audit(page) == []


@pytest.fixture
def hurry(site, stage, clock):
    """The same pages where a form may be filled in at once, and a sum is asked for or not."""

    def hurry(**changed):
        stage.pages = FastAPI()
        stage.pages.include_router(router(replace(site, base_url=stage.address, **changed)))

    return hurry


def test_a_misspelled_domain_is_corrected_by_keyboard(look, web, hurry, people, clock):
    hurry()
    page = look("/signup")
    clock.forward(seconds=5)
    page.get_by_label("Email address").focus()
    page.keyboard.type("ann@gmial.com")
    page.keyboard.press("Enter")
    page.wait_for_selector("#meant")
    clock.forward(seconds=5)
    page.get_by_role("button", name="Yes, use that one").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    assert [letter.address for letter in people.letters()] == ["ann@gmail.com"]


def test_the_proof_of_work_is_solved_while_somebody_types(look, web, hurry, people, clock):
    hurry(work=2_000)
    page = look("/signup", script=True)
    clock.forward(seconds=5)
    page.get_by_label("Email address").fill("ann@example.org")
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_selector("h1:has-text('inbox')")
    assert [letter.address for letter in people.letters()] == ["ann@example.org"]
    assert page.messages == []


def test_without_a_script_the_proof_of_work_is_explained(look, web, hurry):
    hurry(work=2_000)
    assert "JavaScript" in look("/signup").locator(".error").inner_text()


def test_an_unsubscribe_is_undone_by_keyboard_without_a_script(look, web, hurry, paths, database):
    hurry()
    page = look(paths["unsubscribe"])
    page.get_by_role("button", name="Unsubscribe").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('back on the list')")
