"""“This week” says what leaves when, whose turn it is, and what is wrong."""

import tomllib
from dataclasses import replace

import pytest

from emag import instance
from emag.demo import hosting
from emag.desk import approve, edit, week
from emag.desk.week import Turn
from emag.issues.issue import Status
from emag.schedule.standstill import Obstacle
from emag.settings import ChecksSettings, shipped_templates
from emag.web import app as web
from tests.emag.web.desk.conftest import Desk


def text(client, path="/desk"):
    return " ".join(client.get(path).text.split())


def test_without_an_issue_it_says_when_the_next_is_drafted(desk):
    page = text(desk.signed_in())
    assert "There is no open issue" in page
    assert "The timetable drafts the next one on Thursday 5 March 2026, 16:00 GMT" in page


def test_the_next_issue_has_its_subject_its_time_with_the_zone_and_two_links(desk):
    number = desk.press.issue("A new bridge")
    page = text(desk.signed_in())
    assert "A new bridge" in page
    assert "leaves on Friday 6 March 2026, 07:30 GMT" in page
    assert f'href="/desk/issues/{number}">Arrange</a>' in page
    assert f'href="/desk/issues/{number}/review">Review</a>' in page
    assert "It is your turn." in page


def test_it_names_those_whose_turn_it_is(desk):
    desk.press.issue("A new bridge")
    desk.invite("Ben <ben@example.org>", "approver")
    assert "It is the turn of: Ben." in text(desk.signed_in("Cat <cat@example.org>", "viewer"))


def test_what_blocks_the_issue_is_named(desk):
    number = desk.press.issue("A new bridge")
    room = desk.press.newsroom
    room.settings.__dict__["checks"] = ChecksSettings(block=("subject",))
    edit.write(room.database, room.settings, number, subject="", now=room.now(), by="Ann")
    page = text(desk.signed_in())
    assert "Something blocks it and must be mended." in page
    assert ">Blocks</span>" in page


def test_the_last_issue_is_told_in_one_line(desk):
    desk.press.reader("one@example.com")
    desk.press.send(desk.press.issue("A new bridge"))
    page = text(desk.signed_in())
    assert "1 of 1 copies accepted, 0 bounced. Readers who unsubscribed within 7 days: 0." in page


@pytest.mark.parametrize(
    ("status", "is_blocked", "expected"),
    [
        (Status.DRAFT, True, Turn.MEND),
        (Status.DRAFT, False, Turn.APPROVE),
        (Status.IN_REVIEW, False, Turn.APPROVE),
        (Status.HELD, False, Turn.DECIDE),
        (Status.HELD, True, Turn.MEND),
        (Status.APPROVED, True, Turn.NOBODY),
    ],
)
def test_whose_turn_it_is(status, is_blocked, expected):
    assert week.turn(status, is_blocked=is_blocked) is expected


def test_an_approved_issue_is_nobodys_turn(desk):
    number = desk.press.issue("A new bridge")
    room = desk.press.newsroom
    approve.approve(room.database, room.settings, number, now=room.now(), by="Ben")
    assert "It is approved and leaves by itself." in text(desk.signed_in())


def test_an_approved_issue_can_be_sent_at_once(desk):
    number = desk.press.issue("A new bridge")
    room = desk.press.newsroom
    approve.approve(room.database, room.settings, number, now=room.now(), by="Ben")
    link = f'href="/desk/issues/{number}/send">Send it now instead</a>'
    client = desk.signed_in()
    for path in ("", f"/issues/{number}/review", f"/issues/{number}/review/approved"):
        assert link in text(client, f"/desk{path}")
    viewer = desk.signed_in("Vic <vic@example.org>", "viewer")
    assert link not in text(viewer)


def test_a_date_whose_issue_has_left_is_not_to_come(desk):
    desk.press.reader("one@example.com")
    client = desk.signed_in()
    date = "<span>Friday 6 March 2026, 07:30 GMT</span>"
    assert date in text(client)
    desk.press.send(desk.press.issue("A new bridge"))
    page = text(client)
    assert "A new bridge" in page
    assert date not in page


def publication(press, **changes):
    """The same publication with other settings."""
    room = press.newsroom
    return replace(room, settings=room.settings.model_copy(update=changes))


def test_where_a_code_approves_nobody_is_told_that_a_passkey_is_needed(press):
    is_needed = "Approving an issue needs it."
    settings = press.newsroom.settings
    host = settings.environment.model_copy(update={"base_url": "http://localhost:8400"})
    for way in ("passkey", "code"):
        changed = settings.desk.model_copy(update={"approve_with": way})
        app = web.create(publication(press, desk=changed, environment=host))
        with (
            hosting.listen(0) as listener,
            hosting.serving(app, listener) as base,
            Desk(press, base).signed_in(f"{way} <{way}@example.org>") as client,
        ):
            page = text(client)
        assert "Sign in faster next time" in page
        assert (is_needed in page) is (way == "passkey")


@pytest.mark.parametrize("width", [320, 375])
def test_the_bar_of_a_phone_fits_in_welsh_too(press, browser, width):
    language = press.newsroom.settings.publication.model_copy(update={"language": "cy"})
    app = web.create(publication(press, publication=language))
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        desk = Desk(press, base)
        token = desk.token(desk.invite())
        context = desk.context(browser, token, viewport={"width": width, "height": 740})
        page = context.new_page()
        page.goto("/desk")
        for entry in page.locator(".main-nav a, .more summary").all():
            box = entry.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["height"] >= 48
        page.get_by_text("Mwy").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_it_says_why_nothing_moves_in_the_editors_language(desk):
    """The same obstacles as /healthz names."""
    room = desk.press.newsroom
    instance.hold(room.database, "This database is a copy of another")
    page = text(desk.signed_in())
    assert "What does not move" in page
    assert "Nothing is sent from this database: This database is a copy of another." in page
    for language in ("en", "cy"):
        words = tomllib.loads(
            (shipped_templates() / "words" / "desk" / language / "standstill.toml").read_text()
        )
        assert {obstacle.value for obstacle in Obstacle} <= set(words["standstill"])
