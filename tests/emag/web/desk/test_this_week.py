"""“This week” says what leaves when, whose turn it is, and what is wrong."""

import pytest

from emag.desk import approve, edit, week
from emag.desk.week import Turn
from emag.issues.issue import Status


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
    edit.write(room.database, room.settings, number, subject="", now=room.now(), by="Ann")
    page = text(desk.signed_in())
    assert "Something blocks it and must be mended." in page
    assert ">Blocks</span>" in page


def test_the_last_issue_is_told_in_one_line(desk):
    desk.press.reader("one@example.com")
    desk.press.send(desk.press.issue("A new bridge"))
    assert "1 of 1 copies accepted, 0 bounced, 0 readers left" in text(desk.signed_in())


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
