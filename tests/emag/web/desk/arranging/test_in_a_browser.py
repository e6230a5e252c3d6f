"""The page of an issue in a real browser: saving, keys, focus, conflicts, and without script."""

import pytest
from playwright.sync_api import expect

from emag.desk import arrange, edit, records, words
from emag.editors import sessions
from emag.issues.words import Field
from tests import chromium
from tests.emag.web.desk.arranging.conftest import POSTS


class Sessions:
    """Browsers with a session each, and what breaks their policy."""

    def __init__(self, desk, browser) -> None:
        self._desk, self._browser = desk, browser
        self.problems, self._contexts = [], []

    def page(self, mailbox="Ann <ann@example.org>", *roles, **options):
        token = self._desk.token(self._desk.invite(mailbox, *roles))
        context = self._desk.context(self._browser, token, **options)
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        return page

    def _note(self, message):
        is_policy = "Content Security Policy" in message.text
        if is_policy or (
            message.type == "error"
            and not message.text.startswith(("Failed to load", "Blocked script"))
        ):
            self.problems.append(message.text)

    def close(self):
        for context in self._contexts:
            context.close()


@pytest.fixture
def opened(desk, browser, number):
    opened = Sessions(desk, browser)
    yield opened
    opened.close()
    assert opened.problems == []


@pytest.fixture
def issue(press, number):
    """The issue as it is now."""
    return lambda: records.issue(press.newsroom.database, number)


def item(view, title):
    return view.get_by_role("listitem", name=title, exact=True)


def saved(view, field="subject"):
    expect(view.locator(f"#{field}-state")).to_have_text("saved 09:00")


def jobs(issue):
    return [p.story.title for s in issue().sections if s.name == "jobs" for p in s.picks]


def test_a_story_moves_by_its_buttons_and_keeps_the_focus(opened, page, issue):
    view = opened.page()
    view.goto(page)
    down = item(view, "Clerk").get_by_role("button", name="Down", exact=True)
    down.click()
    status = view.get_by_text("“Clerk” moved to place 2 of 3 in Jobs")
    expect(status).to_be_visible()
    expect(down).to_be_focused()
    view.keyboard.press("Enter")
    expect(view.get_by_text("“Clerk” moved to place 3 of 3 in Jobs")).to_be_visible()
    expect(down).to_have_attribute("aria-disabled", "true")
    expect(down).to_be_focused()
    assert jobs(issue) == ["Editor", "Porter", "Clerk"]
    assert view.url.endswith(page)


def test_a_story_moves_by_keys_and_undo_has_a_key_too(opened, page, issue):
    view = opened.page()
    view.goto(page)
    own_words = item(view, "Porter").get_by_role("button", name="Own words")
    own_words.focus()
    for _ in range(2):  # faster than the desk answers
        view.keyboard.press("Alt+ArrowUp")
    expect(view.get_by_text("“Porter” moved to place 1 of 3 in Jobs")).to_be_visible()
    expect(own_words).to_be_focused()
    assert jobs(issue) == ["Porter", "Clerk", "Editor"]
    view.keyboard.press("z")
    expect(view.get_by_role("status").filter(has_text="Ann took back")).to_be_visible()
    assert jobs(issue) == ["Clerk", "Porter", "Editor"]
    view.keyboard.press("Shift+Z")
    expect(view.get_by_role("status").filter(has_text="Ann did again")).to_be_visible()
    assert jobs(issue) == ["Porter", "Clerk", "Editor"]


def test_move_to_opens_a_list_of_places(opened, page, issue):
    view = opened.page()
    view.goto(page)
    clerk = item(view, "Clerk")
    button = clerk.get_by_role("button", name="Move to…")
    button.click()
    place = clerk.get_by_label("Place", exact=True)
    expect(place).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    place.select_option("posts:1")
    clerk.get_by_role("button", name="Move", exact=True).click()
    expect(view.get_by_text("“Clerk” moved to place 1 of 4 in New on the blog")).to_be_visible()
    assert issue().picks[0].story.title == "Clerk"


def test_a_story_is_dragged_by_its_handle(opened, page, issue):
    view = opened.page(viewport={"width": 1280, "height": 1600})
    view.goto(page)
    handle = item(view, "Porter").locator(".handle")
    handle.hover()
    view.mouse.down()
    box = item(view, "Clerk").bounding_box()
    for step in (30, 20, 10, 8, 6):
        view.mouse.move(box["x"] + 30, box["y"] + step, steps=4)
        view.wait_for_timeout(200)  # the others move out of the way
    view.mouse.up()
    expect(view.get_by_text("“Porter” moved to place 1 of 3 in Jobs")).to_be_visible()
    assert jobs(issue) == ["Porter", "Clerk", "Editor"]


def test_a_story_that_goes_out_leaves_the_focus_on_the_next(opened, page, issue):
    view = opened.page()
    view.goto(page)
    item(view, "Clerk").get_by_role("button", name="Out", exact=True).click()
    expect(view.get_by_text("“Clerk” is out for good")).to_be_visible()
    expect(item(view, "Editor").get_by_role("button", name="Out", exact=True)).to_be_focused()
    view.get_by_role("button", name="Undo", exact=True).click()
    expect(item(view, "Clerk")).to_be_visible()


def test_a_field_saves_itself_and_the_preview_is_drawn_again(opened, page, issue):
    view = opened.page()
    view.goto(page)
    frame = view.frame_locator("iframe[title=Preview]")
    expect(frame.get_by_text("Spring is here")).to_have_count(0)
    before = view.get_by_title("Preview").get_attribute("src")
    view.get_by_label("Note", exact=True).fill("Spring is here")
    saved(view, "note")
    assert issue().note == "Spring is here"
    expect(frame.get_by_text("Spring is here")).to_be_visible()
    assert view.get_by_title("Preview").get_attribute("src") != before
    view.get_by_label("Subject", exact=True).fill("Spring")
    expect(view.locator("#inbox-subject")).to_have_text("Spring")
    saved(view)
    expect(view.get_by_text("Subject: 6 characters")).to_be_visible()
    view.get_by_role("button", name="Make the subject automatic again").click()
    expect(view.get_by_label("Subject", exact=True)).to_have_value(POSTS[0])
    assert not issue().subject_is_written


def test_the_preview_stays_at_its_line_when_it_is_drawn_again(opened, page):
    view = opened.page()
    view.goto(page)
    frame = view.frame(name="Preview")
    frame.wait_for_load_state()
    frame.evaluate("scrollTo(0, 150)")
    item(view, "Clerk").get_by_role("button", name="Down", exact=True).click()
    expect(view.get_by_text("“Clerk” moved to place 2 of 3 in Jobs")).to_be_visible()
    view.wait_for_timeout(500)
    frame.wait_for_load_state()
    assert frame.evaluate("scrollY") == 150


def test_the_preview_keeps_the_view_that_was_chosen(opened, page):
    view = opened.page()
    view.goto(page)
    view.get_by_role("link", name="Dark", exact=True).click()
    item(view, "Clerk").get_by_role("button", name="Down", exact=True).click()
    expect(view.get_by_text("“Clerk” moved to place 2 of 3 in Jobs")).to_be_visible()
    assert "view=dark" in view.get_by_title("Preview").get_attribute("src")


def test_a_fault_leads_to_its_field(opened, page, press, number, story):
    room, by = press.newsroom, {"now": press.newsroom.now(), "by": "Ben"}
    edit.write(room.database, room.settings, number, subject="The old bridge", **by)
    arrange.drop(room.database, room.settings, number, [story("The old bridge")], **by)
    view = opened.page(viewport={"width": 375, "height": 812})
    view.goto(page)
    view.get_by_role("link", name="Checks").click()
    view.locator(f"#preflight a[href='{page}#subject']").click()
    expect(view.get_by_label("Subject", exact=True)).to_be_focused()


def test_own_words_save_themselves_and_undo_takes_them_back_as_one(opened, page, story, issue):
    view = opened.page()
    view.goto(page)
    item(view, POSTS[0]).get_by_role("button", name="Own words").click()
    title = view.get_by_label("Title", exact=True)
    expect(title).to_be_focused()
    assert view.get_by_role("button", name="Save", exact=True).count() == 0
    for label in ("Summary", "By-line", "Picture", "Alt text"):
        expect(view.get_by_label(label, exact=True)).to_be_visible()
    title.fill("Bins")
    saved(view, f"story-{story(POSTS[0])}-title")
    title.press_sequentially(" first")
    expect(item(view, "Bins first")).to_be_visible()
    assert issue().picks[0].story.title == "Bins first"
    view.get_by_role("button", name="Undo", exact=True).click()
    expect(title).to_have_value(POSTS[0])
    assert issue().picks[0].words == {}


def test_two_people_write_the_same_field_and_nothing_is_lost(opened, page, issue):
    ann, ben = opened.page(), opened.page("Ben <ben@example.org>", "editor")
    ann.goto(page)
    ben.goto(page)
    ben.get_by_label("Subject", exact=True).fill("Ben’s subject")
    saved(ben)
    subject = ann.get_by_label("Subject", exact=True)
    subject.fill("Ann’s subject")
    box = ann.get_by_role("group", name="Ben has written another text here since you began.")
    expect(box).to_be_visible()
    expect(box.get_by_text("Ben’s subject")).to_be_visible()
    expect(box.get_by_text("Ann’s subject")).to_be_visible()
    assert issue().subject == "Ben’s subject"
    box.get_by_role("button", name="Keep mine").click()
    saved(ann)
    assert issue().subject == "Ann’s subject"
    ben.get_by_label("Subject", exact=True).fill("Ben again")
    box = ben.get_by_role("group", name="Ann has written another text here since you began.")
    box.get_by_role("button", name="Keep theirs").click()
    expect(ben.get_by_label("Subject", exact=True)).to_have_value("Ann’s subject")
    expect(box).to_have_count(0)
    assert issue().subject == "Ann’s subject"


def test_what_the_other_did_shows_without_loading_and_typed_text_stays(
    opened, page, press, number, issue
):
    room = press.newsroom
    ann = opened.page()
    ann.clock.install()
    ann.goto(page)
    preheader = ann.get_by_label("Preheader", exact=True)
    expect(preheader).to_have_value(issue().preheader)
    by = {"now": room.now(), "by": "Ben"}
    edit.write(room.database, room.settings, number, subject="Ben’s", note="Ben’s note", **by)
    first = issue().picks[0].candidate
    words.write(room.database, room.settings, number, first, {Field.TITLE: "Ben’s title"}, **by)
    ann.route("**/texts", lambda route: route.abort())  # nothing is saved meanwhile
    ann.get_by_label("Note", exact=True).focus()
    preheader.fill("Half a prehea")
    ann.clock.run_for(21_000)
    expect(item(ann, "Ben’s title")).to_be_visible()
    expect(ann.get_by_label("Subject", exact=True)).to_have_value("Ben’s")
    expect(ann.get_by_label("Note", exact=True)).to_have_value("Ben’s note")
    expect(preheader).to_have_value("Half a prehea")


def test_the_other_is_said_to_be_here_and_to_have_gone(opened, page):
    ann, ben = opened.page(), opened.page("Ben <ben@example.org>", "editor")
    ann.clock.install()
    ann.goto(page)
    ben.goto(page)
    with ben.expect_response(lambda r: "field=note" in (r.request.post_data or "")):
        ben.get_by_label("Note", exact=True).focus()
    ann.clock.run_for(21_000)
    expect(ann.get_by_text("Ben is here, writing the note")).to_be_visible()
    ben.goto("about:blank")  # its last request may take a moment
    for _ in range(10):
        ann.wait_for_timeout(200)
        ann.clock.run_for(21_000)
        if not ann.get_by_text("Ben is here").count():
            break
    expect(ann.get_by_text("Ben is here")).to_have_count(0)


def test_what_is_about_to_open_stays_open_when_a_text_is_saved(opened, page):
    view = opened.page()
    view.goto(page)
    view.route("**?words=*", lambda route: (view.wait_for_timeout(400), route.continue_()))
    view.get_by_label("Note", exact=True).fill("A note")
    view.get_by_role("button", name="Own words").first.click()
    saved(view, "note")
    view.wait_for_load_state("networkidle")
    expect(view.get_by_label("Title", exact=True)).to_be_visible()


def test_without_a_network_the_text_stays_here_and_is_saved_later(opened, page, issue):
    view = opened.page()
    view.goto(page)
    view.context.set_offline(True)
    view.get_by_label("Note", exact=True).fill("Written on a train")
    state = view.get_by_text("not saved, kept on this phone")
    expect(state).to_be_visible()
    view.close()
    view.context.set_offline(False)
    again = view.context.new_page()
    again.goto(page)
    expect(again.get_by_label("Note", exact=True)).to_have_value("Written on a train")
    saved(again, "note")
    assert issue().note == "Written on a train"


def test_who_is_signed_out_keeps_the_text_until_they_are_back(
    opened, desk, page, press, clock, issue
):
    view = opened.page()
    view.goto(page)
    room = press.newsroom
    sessions.end_all(room.database, "ann@example.org", now=room.now(), by="Olga")
    view.get_by_label("Note", exact=True).fill("Written signed out")
    dialog = view.get_by_role("dialog", name="You are signed out")
    expect(dialog).to_contain_text("your text is kept here")
    link = dialog.get_by_role("link", name="Sign in")
    assert link.get_attribute("href") == f"/desk/sign-in?next={page}"
    assert issue().note == ""
    token = desk.token("ann@example.org")
    view.context.add_cookies([{"name": "emag", "value": token, "url": desk.base}])
    view.goto(page)
    expect(view.get_by_label("Note", exact=True)).to_have_value("Written signed out")
    saved(view, "note")
    assert issue().note == "Written signed out"


def test_fast_typing_on_a_slow_network_is_no_conflict_with_oneself(opened, page, issue):
    view = opened.page()
    view.goto(page)
    view.route("**/texts", lambda route: (view.wait_for_timeout(300), route.continue_()))
    subject = view.get_by_label("Subject", exact=True)
    subject.fill("")
    for word in ("Spring ", "has ", "come ", "to ", "town"):
        subject.press_sequentially(word, delay=20)
        view.wait_for_timeout(850)
    subject.blur()
    saved(view)
    expect(subject).to_have_value("Spring has come to town")
    assert issue().subject == "Spring has come to town"
    expect(view.get_by_role("button", name="Keep mine")).to_have_count(0)


def test_the_note_has_a_small_toolbar(opened, page, issue):
    view = opened.page()
    view.goto(page)
    note = view.get_by_label("Note", exact=True)
    note.fill("Spring is here")
    note.evaluate("area => area.setSelectionRange(0, 6)")
    view.get_by_role("button", name="Bold").click()
    expect(note).to_have_value("**Spring** is here")
    view.keyboard.press("Control+b")
    expect(note).to_have_value("Spring is here")
    view.get_by_role("button", name="List").click()
    expect(note).to_have_value("- Spring is here")
    note.evaluate("area => area.setSelectionRange(2, 8)")
    view.get_by_role("button", name="Link").click()
    expect(note).to_have_value("- [Spring](https://) is here")
    view.keyboard.press("Control+s")
    saved(view, "note")
    assert issue().note == "- [Spring](https://) is here"


def test_everything_works_without_script(opened, page, issue):
    view = opened.page(java_script_enabled=False)
    view.goto(page)
    item(view, "Clerk").get_by_role("button", name="Down", exact=True).click()
    expect(view.get_by_text("“Clerk” moved to place 2 of 3 in Jobs")).to_be_visible()
    item(view, "Clerk").get_by_role("button", name="Move to…").click()
    view.get_by_label("Place", exact=True).select_option("jobs:3")
    view.get_by_role("button", name="Move", exact=True).click()
    assert jobs(issue) == ["Editor", "Porter", "Clerk"]
    item(view, POSTS[0]).get_by_role("button", name="Own words").click()
    view.get_by_label("Title", exact=True).fill("Bins")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(item(view, "Bins")).to_be_visible()
    view.get_by_label("Subject", exact=True).fill("Spring")
    view.get_by_role("button", name="Save", exact=True).click()
    assert issue().subject == "Spring"
    view.get_by_role("button", name="Undo", exact=True).click()
    expect(view.get_by_label("Subject", exact=True)).to_have_value("Bins")
    item(view, "Porter").get_by_role("button", name="Later", exact=True).click()
    assert jobs(issue) == ["Editor", "Clerk"]


def test_a_conflict_without_script_is_a_page_with_both_texts(opened, page, press, number, issue):
    view = opened.page(java_script_enabled=False)
    view.goto(page)
    room = press.newsroom
    edit.write(room.database, room.settings, number, note="Ben’s", now=room.now(), by="Ben")
    view.get_by_label("Note", exact=True).fill("Ann’s")
    view.get_by_role("button", name="Save", exact=True).click()
    expect(view.get_by_text("Ben has written another text here")).to_be_visible()
    view.get_by_role("button", name="Keep theirs").click()
    expect(view.get_by_label("Note", exact=True)).to_have_value("Ben’s")
    edit.write(room.database, room.settings, number, note="Ben again", now=room.now(), by="Ben")
    view.get_by_label("Note", exact=True).fill("Ann’s")
    view.get_by_role("button", name="Save", exact=True).click()
    view.get_by_role("button", name="Keep mine").click()
    assert issue().note == "Ann’s"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_can_be_used_by_everybody(opened, page, story, width, scheme):
    view = opened.page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    view.goto(f"{page}?words={story(POSTS[0])}")
    expect(view.get_by_label("Alt text", exact=True)).to_be_visible()
    assert chromium.audit(view) == []
    assert chromium.faults(view) == []
    view.goto(f"{page}?move={story(POSTS[1])}")
    assert chromium.audit(view) == []
    assert chromium.faults(view) == []


def test_on_a_phone_the_preview_is_a_tab(opened, page):
    view = opened.page(viewport={"width": 375, "height": 812})
    view.goto(page)
    preview = view.get_by_title("Preview")
    expect(preview).to_be_hidden()
    view.get_by_role("link", name="Preview", exact=True).click()
    expect(preview).to_be_visible()
    expect(item(view, "Clerk")).to_be_hidden()
    view.get_by_role("link", name="Stories", exact=True).click()
    expect(item(view, "Clerk")).to_be_visible()
