"""The history at the desk: sentences, Undo beside each act, approvals, and what differs."""

import pytest

from emag.desk import approve, arrange, edit, history
from tests.chromium import audit, faults


@pytest.fixture
def number(desk):
    """An issue with a few acts by two people."""
    number = desk.press.issue("A new bridge", "An old well")
    room = desk.press.newsroom
    values = {"now": room.now()}
    edit.write(room.database, room.settings, number, subject="First", by="Ann", **values)
    edit.write(room.database, room.settings, number, preheader="Before", by="Ann", **values)
    edit.write(room.database, room.settings, number, subject="Second", by="Ben", **values)
    return number


def entries(desk, number: int):
    room = desk.press.newsroom
    return history.listing(room.database, room.settings, number)[1]


def test_acts_are_sentences_newest_first(desk, number):
    client = desk.signed_in("Vic <vic@example.org>", "viewer")
    page = client.get(f"/desk/issues/{number}/history").text
    newest, oldest = page.index("wrote the subject “Second”"), page.index("subject “First”")
    assert newest < oldest
    assert "<button" not in page.split("</header>")[1].split('<form method="get"')[0]


def test_an_issue_without_acts_says_so(desk):
    number = desk.press.issue("A new bridge")
    page = desk.signed_in().get(f"/desk/issues/{number}/history")
    assert page.status_code == 200
    assert "Nothing was done to this issue" in page.text


def test_undo_stands_beside_what_can_be_taken_back(desk, number):
    first, preheader, second = [entry.act.id for entry in entries(desk, number)]
    page = desk.signed_in().get(f"/desk/issues/{number}/history").text
    assert f'id="undo-{second}"' in page
    assert f'id="undo-{preheader}"' in page
    assert f'id="undo-{first}"' not in page  # Ben changed the same thing since


def test_undo_comes_back_to_the_history(desk, number):
    client = desk.signed_in()
    path = f"/desk/issues/{number}/history"
    act = entries(desk, number)[1].act.id
    after = client.post(f"/desk/issues/{number}/undo", data={"act": act, "back": path})
    assert after.url.path == path
    assert "Taken back" in after.text
    assert entries(desk, number)[1].is_undone


def test_two_approvals_are_compared(desk, number):
    room = desk.press.newsroom
    values = {"now": room.now()}
    approve.approve(room.database, room.settings, number, by="Ben", **values)
    story = approve.approve(room.database, room.settings, number, by="Ben", **values)
    pick = story.issue.picks[0].candidate
    arrange.hold(room.database, room.settings, number, [pick], by="Ann", **values)
    edit.write(room.database, room.settings, number, note="Hello", by="Ann", **values)
    edit.write(room.database, room.settings, number, note="", by="Ann", **values)
    approve.approve(room.database, room.settings, number, by="Ben", **values)
    _, before, after = history.approvals(room.database, number)
    page = desk.signed_in().get(
        f"/desk/issues/{number}/history?from={before.revision}&to={after.revision}"
    )
    assert "1 difference" in page.text
    assert "for the next issue" in page.text.split('id="compare"')[1]
    assert "the note" not in page.text.split('id="compare"')[1]  # it is as it was
    assert "Stands" in page.text


def test_nothing_differs_from_itself(desk, number):
    page = desk.signed_in().get(f"/desk/issues/{number}/history?from=3&to=3").text
    assert "Nothing differs" in page


def test_a_correction_can_be_taken_back_after_the_issue_left(desk, number):
    desk.press.reader("reader@example.org")
    desk.press.send(number)
    client = desk.signed_in()
    client.post(f"/desk/issues/{number}/correct", data={"note": "A word was wrong."})
    correction = entries(desk, number)[-1].act.id
    page = client.get(f"/desk/issues/{number}/history").text
    assert f'id="undo-{correction}"' in page
    assert page.count('id="undo-') == 1


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible(desk, browser, number, width):
    token = desk.token(desk.invite())
    context = desk.context(browser, token, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"/desk/issues/{number}/history?from=0&to=3")
    assert not audit(page)
    assert not faults(page)
    context.close()
