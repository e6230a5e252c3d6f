"""The whole week at the desk in a real browser: invited, triaged, arranged, approved, sent, told.

Three times: with a passkey and on a phone, with JavaScript off, and by keyboard alone. With
`EMAG_FILM` the first one draws a film strip of its steps into that folder.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emag.issues.issue import Status
from tests.emag.web.desk import film
from tests.emag.web.desk.weekly import READERS, WATCH, Town, is_waiting, town, until

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]

ROSALIND = "rosalind@noticeboard.example"
FILM = os.environ.get("EMAG_FILM")
THURSDAY = datetime(2026, 3, 5, 16, 1, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 7, 30, 5, tzinfo=UTC)
# True where the focused thing has that name: its label, its aria-label or its text.
FOCUSED = """([name]) => {
  const it = document.activeElement;
  const names = [it.ariaLabel, it.textContent, ...[...(it.labels || [])].map(l => l.textContent)];
  return names.some(text => (text || "").trim().replace(/\\s+/g, " ").startsWith(name));
}"""
PHONE, DESKTOP = {"width": 375, "height": 740}, {"width": 1280, "height": 860}


@dataclass
class Editor:
    """Somebody at a browser. Every breach of the pages' policy is kept, and fails the test."""

    town: Town
    page: object
    breaches: list[str] = field(default_factory=list)
    frames: list[tuple[str, bytes]] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(path)

    def press(self, name: str, within=None, **options) -> None:
        (within or self.page).get_by_role("button", name=name, **options).first.click()

    def story(self, number: int):
        """The list item of a story in the issue or the pool."""
        return self.page.locator(f"#story-{number}")

    def frame(self, name: str) -> None:
        """Takes a picture for the film, if one is made."""
        if FILM:
            self.page.wait_for_timeout(400)
            self.frames.append((name, self.page.screenshot()))


@pytest.fixture
def approve_with() -> str:
    return "passkey"


@pytest.fixture
def here(tmp_path, clock, approve_with) -> Iterator[Town]:
    clock.at = THURSDAY
    folder = tmp_path / "publication"
    folder.mkdir()
    with town(folder, clock, approve_with=approve_with) as here:
        until(lambda: is_waiting(here))
        yield here


@pytest.fixture
def editor(here, browser) -> Iterator[Editor]:
    context = browser.new_context(base_url=here.base, viewport=PHONE, has_touch=True)
    yield from seated(here, context)


def seated(here: Town, context) -> Iterator[Editor]:
    context.add_init_script(WATCH)
    page = context.new_page()
    editor = Editor(here, page)
    page.on("console", lambda line: _keep(editor.breaches, line.text))
    page.on("pageerror", lambda error: editor.breaches.append(str(error)))
    yield editor
    context.close()
    assert editor.breaches == []


def _keep(breaches: list[str], text: str) -> None:
    if "policy" in text.lower():
        breaches.append(text)


def with_authenticator(editor: Editor) -> None:
    """Gives the browser a device that makes passkeys and always knows its owner."""
    device = editor.page.context.new_cdp_session(editor.page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    options["automaticPresenceSimulation"] = True
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(editor: Editor) -> None:
    caught = len(editor.town.catcher.caught())
    editor.go("/desk")
    editor.frame("Sign in")
    editor.page.get_by_label("Email").fill(ROSALIND)
    editor.press("Send me a code")
    editor.page.get_by_label("Code").fill(editor.town.code(ROSALIND, after=caught))
    editor.press("Sign in", exact=True)
    editor.page.get_by_role("heading", name="This week").wait_for()


def test_a_week_with_a_passkey_and_a_phone(here, editor, clock):
    with_authenticator(editor)
    sign_in(editor)
    editor.go("/desk/you")
    editor.page.get_by_label("Name").fill("My phone")
    editor.press("Add a passkey")
    editor.page.get_by_text("The passkey was added.").wait_for()
    editor.go("/desk")
    editor.frame("This week")

    issue = here.issue()
    first, second, third = issue.sections[0].picks[:3]
    triage(editor, later=second.candidate, out=third.candidate)
    arrange(editor, first.candidate)
    add_promo(editor)
    approve(editor)
    send(editor, clock)
    if FILM:
        film.draw(editor.page.context.browser, editor.frames, Path(FILM))


def triage(editor: Editor, *, later: int, out: int) -> None:
    editor.go("/desk/pool")
    editor.frame("Triage")
    editor.press("Later", editor.story(later))
    until(lambda: later not in [pick.candidate for pick in editor.town.issue().picks])
    editor.press("Out", editor.story(out))
    until(lambda: {later, out}.isdisjoint(p.candidate for p in editor.town.issue().picks))


def arrange(editor: Editor, story: int) -> None:
    number = editor.town.issue().number
    editor.page.set_viewport_size(DESKTOP)
    editor.go(f"/desk/issues/{number}")
    editor.page.get_by_label("Subject").fill("A letter that answers first")
    until(lambda: editor.town.issue().subject == "A letter that answers first")
    editor.page.get_by_label("Note").fill("Good morning. **Two** things to try today.")
    until(lambda: "Two" in editor.town.issue().note)
    editor.press("Own words", editor.story(story))
    editor.page.get_by_label("Title").first.fill("The letter that answers first")
    until(lambda: "The letter that answers first" in _titles(editor.town))
    editor.press("Down", editor.story(story))
    until(lambda: _titles(editor.town)[1] == "The letter that answers first")
    editor.frame("Arrange")
    editor.press("Undo")
    until(lambda: _titles(editor.town)[0] == "The letter that answers first")


def _titles(town: Town) -> list[str]:
    return [pick.story.title for pick in town.issue().sections[0].picks]


def add_promo(editor: Editor) -> None:
    editor.go("/desk/promos")
    editor.page.get_by_role("link", name="Add a promo").first.click()
    editor.page.get_by_label("Title").fill("Come to the plain English day")
    editor.page.get_by_label("Text", exact=True).fill(
        "A free day in June, for everybody who writes letters."
    )
    editor.press("Add", exact=False)
    until(lambda: editor.town.issue().promos)
    editor.frame("Promos")


def approve(editor: Editor) -> None:
    number = editor.town.issue().number
    editor.page.set_viewport_size(PHONE)
    editor.go(f"/desk/issues/{number}/review")
    editor.frame("Review")
    editor.press(f"Approve issue {number}")
    until(lambda: editor.town.issue(number).status is Status.APPROVED)
    editor.page.wait_for_load_state()
    editor.frame("Approved")


def send(editor: Editor, clock) -> None:
    number = editor.town.issue().number
    clock.at = FRIDAY
    until(lambda: editor.town.issue(number).status is Status.SENT)
    editor.go(f"/desk/issues/{number}/report")
    editor.press("Use a passkey")  # nobody was at the desk overnight
    editor.page.wait_for_url("**/report")
    report = editor.page.get_by_role("main").inner_text()
    assert f"{READERS}" in report
    editor.frame("Report")
    copies = [m for m in editor.town.catcher.caught() if m.recipient.startswith("reader")]
    assert len(copies) == READERS
    assert {mail.message["Subject"] for mail in copies} == {"A letter that answers first"}


@pytest.mark.parametrize("approve_with", ["code"])
def test_a_week_with_javascript_off(here, browser, clock):
    context = browser.new_context(base_url=here.base, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    editor = Editor(here, page)
    sign_in(editor)
    issue = here.issue()
    first, second, third = (pick.candidate for pick in issue.sections[0].picks[:3])
    editor.go("/desk/pool")
    editor.press("Later", editor.story(second))
    editor.press("Out", editor.story(third))
    assert {second, third}.isdisjoint(pick.candidate for pick in here.issue().picks)

    editor.go(f"/desk/issues/{issue.number}")
    page.get_by_label("Subject").fill("Written without a script")
    editor.press("Save")
    assert here.issue().subject == "Written without a script"
    editor.press("Own words", editor.story(first))
    page.get_by_label("Title").first.fill("A title of my own")
    editor.press("Save")
    assert _titles(here)[0] == "A title of my own"
    editor.press("Down", editor.story(first))
    assert _titles(here)[1] == "A title of my own"
    editor.press("Undo")
    assert _titles(here)[0] == "A title of my own"

    editor.go(f"/desk/issues/{issue.number}/review")
    editor.press(f"Approve issue {issue.number}")
    assert here.issue(issue.number).status is Status.APPROVED
    clock.at = FRIDAY
    until(lambda: here.issue(issue.number).status is Status.SENT)
    sign_in(editor)  # nobody was at the desk overnight
    editor.go(f"/desk/issues/{issue.number}/report")
    assert f"{READERS}" in page.get_by_role("main").inner_text()
    context.close()


def tab_to(page, name: str, *, role: str = "") -> None:
    """Moves the focus to a thing by the Tab key alone."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, [name, role]):
            return
    pytest.fail(f"“{name}” cannot be reached with the Tab key")


def type_sign_in(here: Town, page) -> None:
    caught = len(here.catcher.caught())
    page.goto("/desk")
    tab_to(page, "Email")
    page.keyboard.type(ROSALIND)
    page.keyboard.press("Enter")
    page.get_by_label("Code").wait_for()
    tab_to(page, "Code")
    page.keyboard.type(here.code(ROSALIND, after=caught))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="This week").wait_for()


@pytest.mark.parametrize("approve_with", ["code"])
def test_a_week_by_keyboard_alone(here, browser, clock):
    context = browser.new_context(base_url=here.base, viewport=DESKTOP)
    page = context.new_page()
    press = page.keyboard.press
    type_sign_in(here, page)

    issue = here.issue()
    first = issue.sections[0].picks[0]
    tab_to(page, "Arrange")
    press("Enter")
    page.get_by_label("Subject").wait_for()
    tab_to(page, "Subject")
    press("Control+a")
    page.keyboard.type("Typed, not pressed")
    until(lambda: here.issue().subject == "Typed, not pressed")
    tab_to(page, "Down")
    press("Enter")
    until(lambda: here.issue().sections[0].picks[1].candidate == first.candidate)
    page.locator(f"#stories-posts > li:nth-child(2)#story-{first.candidate}").wait_for()
    assert page.evaluate(FOCUSED, ["Down", ""])
    press("Alt+ArrowUp")
    until(lambda: here.issue().sections[0].picks[0].candidate == first.candidate)

    page.goto("/desk")
    tab_to(page, "Review")
    press("Enter")
    page.get_by_role("button", name=f"Approve issue {issue.number}").wait_for()
    tab_to(page, f"Approve issue {issue.number}")
    press("Enter")
    until(lambda: here.issue(issue.number).status is Status.APPROVED)
    clock.at = FRIDAY
    until(lambda: here.issue(issue.number).status is Status.SENT)
    type_sign_in(here, page)
    page.goto(f"/desk/issues/{issue.number}/report")
    assert f"{READERS}" in page.get_by_role("main").inner_text()
    context.close()
