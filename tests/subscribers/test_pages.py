"""The pages in a real browser: without JavaScript, narrow, dark, by keyboard."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from subscribers.web import router

pytestmark = pytest.mark.browser

# Filled by hand, for the tests alone: npm pack axe-core, and its axe.min.js put there.
AXE = Path.home() / ".cache" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


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
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
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


FAULTS = """() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (!document.documentElement.lang) faults.push("no language");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  for (const input of document.querySelectorAll("input:not([type=hidden])"))
    if (!input.labels.length) faults.push("no label: " + input.name);
  const seen = (e) => e.getClientRects().length && !e.closest("[aria-hidden=true]");
  for (const it of document.querySelectorAll("button, .button, input:not([type=hidden])"))
    if (seen(it) && it.type !== "checkbox" && it.getBoundingClientRect().height < 44)
      faults.push("too small to press: " + it.outerHTML.slice(0, 60));
  const value = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(
      v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = value(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  for (const it of document.querySelectorAll("body *")) {
    const text = [...it.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!text || !seen(it)) continue;
    const [a, b] = [light(value(getComputedStyle(it).color)), light(ground(it))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) faults.push(contrast.toFixed(1) + ": " + it.textContent.slice(0, 40));
  }
  return faults;
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_sound_at_320_pixels(look, paths, dark):
    for name, path in paths.items():
        page = look(path, dark=dark, script=True)
        assert page.evaluate(FAULTS) == [], name
        refused = [line for line in page.said if "Content Security Policy" in line]
        assert refused == [], name
        assert page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius")


def test_signing_up_by_keyboard_without_a_script(look, people, clock):
    page = look("/signup")
    clock.forward(seconds=5)
    keys = page.keyboard
    keys.press("Tab")
    assert page.locator(":focus").inner_text() == "To the content"
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
    for name, said in (("confirm", "Welcome"), ("unsubscribe", "unsubscribed")):
        page = look(paths[name])
        page.locator("main button").first.click()
        page.wait_for_selector("[role=status]")
        assert said in page.locator("h1").inner_text()


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
    assert "Nothing is kept" in page.locator("h1").inner_text()


def audit(page):
    """What axe finds wrong, in a few words each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then((r) => r.violations)")
    return [f"{each['id']}: {node['html'][:80]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(look, paths, clock, dark):
    if not AXE.is_file():
        pytest.skip(f"no {AXE}")
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
    assert page.evaluate(FAULTS) == []
    assert audit(page) == []


@pytest.fixture
def hurry(door, stage, clock):
    """The same pages where a form may be filled in at once, and a sum is asked for or not."""

    def hurry(**changed):
        stage.pages = FastAPI()
        stage.pages.include_router(router(replace(door, base_url=stage.address, **changed)))

    return hurry


def test_a_slip_is_mended_by_keyboard_without_a_script(look, web, hurry, people, clock):
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


def test_the_sum_is_solved_while_somebody_types(look, web, hurry, people, clock):
    hurry(work=2_000)
    page = look("/signup", script=True)
    clock.forward(seconds=5)
    page.get_by_label("Email address").fill("ann@example.org")
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_selector("h1:has-text('inbox')")
    assert [letter.address for letter in people.letters()] == ["ann@example.org"]
    assert page.said == []


def test_without_a_script_the_sum_is_explained(look, web, hurry):
    hurry(work=2_000)
    assert "JavaScript" in look("/signup").locator(".error").inner_text()


def test_leaving_is_undone_by_keyboard_without_a_script(look, web, hurry, paths, database):
    hurry()
    page = look(paths["unsubscribe"])
    page.get_by_role("button", name="Unsubscribe").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('back on the list')")
