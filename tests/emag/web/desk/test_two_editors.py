"""Two editors in two browsers at once: nothing is lost, and each sees what the other did."""

import shutil
from collections import Counter

import pytest
from playwright.sync_api import expect

from emag import bootstrap, instance
from emag.content.gather import gather
from emag.demo import hosting
from emag.desk import dispatch, edit, history, records
from emag.desk.approve import approve
from emag.editors import people, sessions
from emag.editors.session import OpenedBy
from emag.issues.draft import draft
from emag.issues.issue import Status
from emag.mailing.sending import address
from emag.web import app as web
from tests import chromium
from tests.emag.web.conftest import ENVIRON
from tests.emag.web.desk.arranging.conftest import JOBS, POSTS, extend, write

pytestmark = pytest.mark.browser
ISSUE = "/desk/issues/1"
SECONDS_30 = 30_000  # milliseconds
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def room(migrated, tmp_path, clock):
    """A magazine with an open issue, at a host name; Ann may do everything, Ben is an editor."""
    folder = shutil.copytree(migrated, tmp_path / "publication")
    extend(folder)
    write(folder, POSTS, JOBS)
    with hosting.listen(0) as listener:
        base = hosting.named_address(listener)
        room = bootstrap.open_newsroom(folder, now=clock, environ=ENVIRON | {"EMAG_BASE_URL": base})
        instance.release(room.database)
        for mailbox, roles in (
            ("Ann <ann@example.org>", ["editor", "approver"]),
            ("Ben <ben@example.org>", ["editor"]),
        ):
            people.invite(room.database, room.settings, mailbox, roles, now=clock(), by="Olga")
        gather(room.database, room.sources, now=clock())
        draft(room.database, room.settings, now=clock(), by="emag")
        with hosting.serving(web.create(room), listener):
            yield room
        room.transport.close()
        room.database.close()


@pytest.fixture
def opened(room, browser):
    """Opens a page in a browser of its own; at the end nothing has broken the policy."""
    contexts, problems = [], []

    def _opened(name, path=ISSUE, **options):
        token = sessions.open_session(
            room.database, f"{name}@example.org", OpenedBy.PASSKEY, now=room.now()
        )
        context = browser.new_context(base_url=room.settings.base_url, **options)
        context.set_default_timeout(chromium.PATIENCE)
        contexts.append(context)
        context.add_cookies([{"name": "emag", "value": token, "url": room.settings.base_url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if _is_breach(line) else None)
        page.goto(path)
        return page

    yield _opened
    for context in contexts:
        context.close()
    assert problems == []


def _is_breach(line):
    return "Content Security Policy" in line.text


@pytest.fixture
def issue(room):
    return lambda: records.issue(room.database, 1)


def item(page, title):
    return page.get_by_role("listitem", name=title, exact=True)


def press(page, title, button):
    item(page, title).get_by_role("button", name=button, exact=True).click()


def stories(issue, section):
    return [p.story.title for s in issue().sections if s.name == section for p in s.picks]


def titles(page, section):
    rows = page.locator(f'ol.stories[data-section="{section}"] > .story h3')
    return [text.strip() for text in rows.all_text_contents()]


def test_each_sees_within_thirty_seconds_what_the_other_did(opened):
    ann, ben = opened("ann"), opened("ben")
    press(ben, "Clerk", "Down")
    expect(ben.get_by_text("“Clerk” moved to place 2 of 3 in Jobs")).to_be_visible()
    ben.get_by_label("Note", exact=True).fill("Ben’s note")
    expect(ben.locator("#note-state")).to_have_text("saved 09:00")
    press(ann, "A new bridge", "Later")
    expect(ann.get_by_label("Note", exact=True)).to_have_value("Ben’s note", timeout=SECONDS_30)
    expect(item(ben, "A new bridge").get_by_role("button", name="Later")).to_have_count(
        0, timeout=SECONDS_30
    )
    ann.evaluate(LOOK)
    assert titles(ann, "jobs") == titles(ben, "jobs") == ["Editor", "Clerk", "Porter"]


def test_what_happened_while_the_page_was_on_its_way_shows_too(opened, room):
    ann = opened("ann", "/desk/you")

    def slow(route):
        answer = route.fetch()
        edit.write(room.database, room.settings, 1, subject="Other", now=room.now(), by="Ben")
        route.fulfill(response=answer)

    ann.route("**/desk", slow, times=1)
    ann.goto("/desk")
    expect(ann.get_by_text("Other").first).to_be_visible()


def test_both_arrange_at_the_same_time_and_no_act_is_lost(opened, room, issue):
    ann, ben = opened("ann"), opened("ben")
    # Both press at once: each page still shows what the other has changed meanwhile.
    press(ann, "Clerk", "Down")
    press(ben, "Porter", "Up")
    press(ann, "A new bridge", "Later")
    press(ben, "The old bridge", "Out")
    press(ben, "Editor", "Later")
    expect(ann.get_by_text("“A new bridge” comes back")).to_be_visible()
    expect(ben.get_by_text("“Editor” comes back")).to_be_visible()
    _, acts = history.listing(room.database, room.settings, 1)
    by = Counter(entry.act.by for entry in acts)
    assert by == {"Ann": 2, "Ben": 3}
    assert stories(issue, "posts") == ["Bins & bridges"]
    assert sorted(stories(issue, "jobs")) == ["Clerk", "Porter"]
    for page in (ann, ben):
        page.evaluate(LOOK)
        expect(item(page, "The old bridge")).to_have_count(0)
        expect(page.locator('ol.stories[data-section="jobs"] > .story')).to_have_count(2)
    ann.get_by_role("button", name="Undo", exact=True).click()
    expect(ann.get_by_role("status").filter(has_text="took back")).to_contain_text("Editor")
    ben.evaluate(LOOK)
    expect(item(ben, "Editor").get_by_role("button", name="Out", exact=True)).to_be_visible()
    assert titles(ben, "jobs") == stories(issue, "jobs")


def test_a_button_of_a_story_that_the_other_has_taken_out_says_so(opened, issue):
    ann, ben = opened("ann"), opened("ben")
    press(ben, "Clerk", "Out")
    expect(ben.get_by_text("“Clerk” is out for good")).to_be_visible()
    press(ann, "Clerk", "Down")
    expect(ann.locator("#told")).not_to_be_empty()
    assert stories(issue, "jobs") == ["Editor", "Porter"]


@pytest.mark.parametrize(("keeps_own", "expected"), [(True, "Ann’s title"), (False, "Ben’s title")])
def test_both_write_the_same_own_words(opened, issue, keeps_own, expected):
    ann, ben = opened("ann"), opened("ben")
    for page in (ann, ben):
        press(page, POSTS[0], "Own words")
        expect(page.get_by_label("Title", exact=True)).to_be_focused()
    ben.get_by_label("Title", exact=True).fill("Ben’s title")
    expect(item(ben, "Ben’s title")).to_be_visible()
    ann.get_by_label("Title", exact=True).fill("Ann’s title")
    box = ann.get_by_role("group", name="Ben has written another text here since you began.")
    for text in ("Ben’s title", "Ann’s title"):
        expect(box.get_by_text(text)).to_be_visible()
    assert issue().picks[0].story.title == "Ben’s title"
    box.get_by_role("button", name="Keep mine" if keeps_own else "Keep theirs").click()
    expect(ann.get_by_label("Title", exact=True)).to_have_value(expected)
    expect(item(ann, expected)).to_be_visible()
    ben.evaluate(LOOK)
    expect(item(ben, expected)).to_be_visible()
    assert issue().picks[0].story.title == expected


def test_both_write_the_same_field_without_script(opened, issue):
    ann, ben = (opened(name, java_script_enabled=False) for name in ("ann", "ben"))
    for page, name in ((ben, "Ben"), (ann, "Ann")):
        page.get_by_label("Subject", exact=True).fill(f"{name}’s subject")
        page.get_by_label("Preheader", exact=True).fill(f"{name}’s preheader")
        page.get_by_role("button", name="Save", exact=True).click()
    for text in ("Ben’s subject", "Ann’s subject", "Ben’s preheader", "Ann’s preheader"):
        expect(ann.get_by_text(text).first).to_be_visible()
    assert (issue().subject, issue().preheader) == ("Ben’s subject", "Ben’s preheader")
    ann.get_by_role("button", name="Keep mine").first.click()
    assert "Ann’s subject" in {issue().subject, ann.get_by_label("Subject").input_value()}


def test_undo_takes_back_what_the_other_did_and_says_whose_it_was(opened, issue):
    ann, ben = opened("ann"), opened("ben")
    press(ben, "Clerk", "Down")
    expect(ben.get_by_text("“Clerk” moved to place 2 of 3 in Jobs")).to_be_visible()
    ann.evaluate(LOOK)
    expect(ann.get_by_role("button", name="Undo", exact=True)).to_be_enabled()
    ann.get_by_role("button", name="Undo", exact=True).click()
    status = ann.get_by_role("status").filter(has_text="Ann took back")
    expect(status).to_contain_text("Ben")
    assert stories(issue, "jobs") == ["Clerk", "Editor", "Porter"]
    ben.evaluate(LOOK)
    expect(ben.locator('ol.stories[data-section="jobs"] h3').first).to_have_text("Clerk")
    ben.get_by_role("button", name="Redo", exact=True).click()
    expect(ben.get_by_role("status").filter(has_text="Ben did again")).to_be_visible()
    assert stories(issue, "jobs") == ["Editor", "Clerk", "Porter"]


def test_what_was_written_for_a_story_that_the_other_takes_out_is_kept(opened, issue):
    ann, ben = opened("ann"), opened("ben")
    press(ann, "Clerk", "Own words")
    title = ann.get_by_label("Title", exact=True)
    expect(title).to_be_focused()
    press(ben, "Clerk", "Out")
    expect(ben.get_by_text("“Clerk” is out for good")).to_be_visible()
    title.fill("Town clerk wanted")
    expect(ann.get_by_text("is no longer in the issue")).to_be_visible()
    ann.evaluate(LOOK)
    expect(item(ann, "Clerk")).to_have_count(0)
    expect(ann.get_by_text("You wrote: “Town clerk wanted”")).to_be_visible()
    ben.get_by_role("button", name="Undo", exact=True).click()
    expect(item(ben, "Clerk")).to_be_visible()
    ann.reload()
    press(ann, "Clerk", "Own words")
    expect(ann.get_by_label("Title", exact=True)).to_have_value("Town clerk wanted")
    expect(item(ann, "Town clerk wanted")).to_be_visible()
    assert "Town clerk wanted" in stories(issue, "jobs")


def test_an_approval_while_the_other_changes_something_is_refused_with_the_difference(
    opened, room, issue
):
    ann, ben = opened("ann", "/desk/you"), opened("ben")
    device = ann.context.new_cdp_session(ann)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    ann.get_by_label("Name").fill("Phone")
    ann.get_by_role("button", name="Add a passkey").click()
    ann.get_by_text("The passkey was added.").wait_for()
    ann.goto(f"{ISSUE}/review")
    ben.get_by_label("Subject", exact=True).fill("Ben’s subject")
    expect(ben.locator("#subject-state")).to_have_text("saved 09:00")
    press(ben, "Clerk", "Out")
    expect(ben.get_by_text("“Clerk” is out for good")).to_be_visible()
    ann.get_by_role("button", name="Approve issue 1").click()
    problems = ann.get_by_role("alert")
    expect(problems.get_by_role("heading", name="There is a problem")).to_be_visible()
    main = ann.get_by_role("main")
    expect(main.get_by_text("the subject is “Ben’s subject” now", exact=True)).to_be_visible()
    expect(main.get_by_text("Clerk").first).to_be_visible()
    assert issue().status is Status.DRAFT or issue().status is Status.IN_REVIEW
    ann.get_by_role("button", name="Approve issue 1").click()
    ann.get_by_role("heading", name="Issue 1 is approved").wait_for()
    # Who goes on writing is told that this takes the approval back.
    ben.evaluate(LOOK)
    expect(ben.get_by_text("Ann has approved this issue.")).to_be_visible()
    ben.get_by_label("Note", exact=True).fill("One more thing")
    expect(ben.locator("#note-state")).to_have_text("saved 09:00")
    assert issue().status is not Status.APPROVED


def test_who_writes_while_the_issue_begins_to_leave_is_told_and_the_text_is_kept(
    opened, room, issue
):
    ben = opened("ben")
    note = ben.get_by_label("Note", exact=True)
    note.fill("Half a")
    expect(ben.locator("#note-state")).to_have_text("saved 09:00")
    approve(room.database, room.settings, 1, now=room.now(), by="Ann")
    assert issue().note == "Half a"
    hash_now = issue().document_hash
    dispatch.send_now(room.database, 1, expected=hash_now, now=room.now(), by="Ann")
    address.address(room.database, 1, now=room.now(), by="Ann")
    note.fill("Half a note, and the rest")
    expect(ben.locator("#note-state")).not_to_have_text("saved 09:00")
    ben.evaluate(LOOK)
    expect(ben.get_by_text("You wrote: “Half a note, and the rest”")).to_be_visible()
    assert issue().note == "Half a"


def test_after_signing_out_the_back_button_shows_nothing(opened):
    ann = opened("ann", "/desk/readers")
    ann.get_by_text("Find a reader").first.wait_for()
    ann.goto("/desk/you")
    ann.get_by_role("main").get_by_role("button", name="Sign out").click()
    ann.get_by_text("You are signed out").wait_for()
    for _ in range(2):
        ann.go_back()
        assert "/desk/sign-in" in ann.url
        assert ann.get_by_text("Find a reader").count() == 0


def test_going_back_after_a_button_presses_nothing_again(opened, room, issue):
    ann = opened("ann", java_script_enabled=False)
    press(ann, "Clerk", "Down")
    ann.get_by_text("“Clerk” moved to place 2 of 3 in Jobs").wait_for()
    ann.goto("/desk")
    ann.go_back()
    ann.reload()
    assert history.revision(room.database, 1) == 1
    assert titles(ann, "jobs") == stories(issue, "jobs") == ["Editor", "Clerk", "Porter"]


def test_two_tabs_of_one_person_do_not_overwrite_each_other(opened, issue):
    ann = opened("ann")
    other = ann.context.new_page()
    other.goto(ISSUE)
    ann.get_by_label("Note", exact=True).fill("From the first tab")
    expect(ann.locator("#note-state")).to_have_text("saved 09:00")
    other.get_by_label("Note", exact=True).fill("From the second tab")
    box = other.get_by_role("group", name="Ann has written another text here since you began.")
    expect(box).to_be_visible()
    assert issue().note == "From the first tab"
    box.get_by_role("button", name="Keep mine").click()
    expect(other.locator("#note-state")).to_have_text("saved 09:00")
    assert issue().note == "From the second tab"
