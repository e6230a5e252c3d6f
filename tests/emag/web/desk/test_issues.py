"""Issues and dates at the desk: the next twelve, skipped and moved ones, special editions, past."""

import pytest

from emag.desk import records
from emag.issues.issue import Status
from emag.schedule import calendar
from tests.chromium import audit, faults

FRIDAY = "2026-03-13"  # the second one to come


def line_of(desk, day: str = FRIDAY):
    room = desk.press.newsroom
    dates = calendar.next_dates(room.database, room.settings, now=room.now(), count=12)
    return next(line for line in dates if line.usual.isoformat() == day)


def test_the_next_twelve_dates_are_listed(desk):
    page = desk.signed_in("Vic <vic@example.org>", "viewer").get("/desk/issues")
    assert page.status_code == 200
    assert page.text.count('<li id="date-') == 12
    assert "Friday 6 March 2026" in page.text


def test_a_date_is_skipped_and_comes_back(desk):
    client = desk.signed_in()
    after = client.post(f"/desk/dates/{FRIDAY}/skip")
    assert "No issue leaves on Friday 13 March 2026" in after.text
    assert line_of(desk).status.value == "skipped"
    after = client.post(f"/desk/dates/{FRIDAY}/unskip")
    assert "An issue leaves on Friday 13 March 2026 again" in after.text
    assert line_of(desk).status.value == "planned"


def test_a_date_is_moved_in_the_zone_of_the_publication(desk):
    client = desk.signed_in()
    form = {"day": "2026-04-01", "time": "09:15"}  # summer time has begun
    after = client.post("/desk/dates/2026-04-03/move", data=form)
    assert "Moved. It leaves on Wednesday 1 April 2026, 09:15 BST" in after.text
    assert line_of(desk, "2026-04-03").send.isoformat() == "2026-04-01T08:15:00+00:00"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"day": "soon", "time": "09:15"}, "day"),
        ({"day": "2026-03-12", "time": "half past"}, "time"),
        ({"day": "2026-03-01", "time": "09:15"}, "day"),  # it has passed
    ],
)
def test_a_moment_that_cannot_be_is_named_beside_its_field(desk, form, field):
    answer = desk.signed_in().post(f"/desk/dates/{FRIDAY}/move", data=form)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert f'value="{form["day"]}"' in answer.text


@pytest.mark.parametrize("path", ["/desk/dates/2026-03-11", "/desk/dates/soon"])
def test_a_day_that_is_no_date_is_not_there(desk, path):
    assert desk.signed_in().get(path).status_code == 404


def test_a_date_with_an_open_issue_is_skipped_on_its_own_page_only(desk):
    number = desk.press.issue("A new bridge")
    client = desk.signed_in()
    assert "/desk/dates/2026-03-06/skip" not in client.get("/desk/issues").text
    page = client.get("/desk/dates/2026-03-06").text
    assert f"Issue {number} is skipped for good" in page
    client.post("/desk/dates/2026-03-06/skip")
    assert records.issue(desk.press.newsroom.database, number).status is Status.SKIPPED


def test_a_special_edition_is_opened_with_its_title(desk):
    client = desk.signed_in()
    answer = client.post("/desk/issues/special", data={"title": "Snow"}, follow_redirects=False)
    assert answer.status_code == 303
    issue = records.issue(desk.press.newsroom.database, 1)
    assert (issue.is_special, issue.title, issue.audience) == (True, "Snow", None)
    assert answer.headers["location"] == f"/desk/issues/{issue.number}"


def test_a_special_edition_may_go_to_the_readers_of_an_issue(desk):
    desk.press.reader("reader@example.org")
    number = desk.press.issue("A new bridge")
    desk.press.send(number)
    client = desk.signed_in()
    assert f'value="issue:{number}"' in client.get("/desk/issues").text
    form = {"title": "Sorry", "audience": f"issue:{number}"}
    client.post("/desk/issues/special", data=form, follow_redirects=False)
    assert records.issue(desk.press.newsroom.database, "next").audience == number


@pytest.mark.parametrize(
    ("form", "field"),
    [({"title": " "}, "title"), ({"title": "Sorry", "audience": "issue:77"}, "audience")],
)
def test_a_special_edition_that_cannot_be_is_not_opened(desk, form, field):
    answer = desk.signed_in().post("/desk/issues/special", data=form)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text


def test_the_next_issue_is_drafted_or_found(desk):
    client = desk.signed_in()
    problem = client.post("/desk/issues/draft")
    assert problem.status_code == 422  # the pool is empty
    assert '<a href="#draft">' in problem.text
    number = desk.press.issue("A new bridge")
    answer = client.post("/desk/issues/draft", follow_redirects=False)
    assert answer.headers["location"] == f"/desk/issues/{number}"


def test_past_issues_lead_to_their_reports_and_the_archive(desk):
    desk.press.reader("reader@example.org")
    number = desk.press.issue("A new bridge")
    desk.press.send(number)
    page = desk.signed_in().get("/desk/issues?page=7").text
    assert f'href="/desk/issues/{number}/report"' in page
    assert f'href="/archive/{number}"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/desk/issues/draft",
        "/desk/issues/special",
        f"/desk/dates/{FRIDAY}/skip",
        f"/desk/dates/{FRIDAY}/unskip",
        f"/desk/dates/{FRIDAY}/move",
    ],
)
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_not_arrange_is_refused(desk, path, role):
    client = desk.signed_in("Vic <vic@example.org>", role)
    assert client.post(path, data={"title": "Snow"}).status_code == 403
    assert "<form" not in client.get("/desk/issues").text.split("<main")[1]


def test_the_pages_are_accessible(desk, browser):
    desk.press.issue("A new bridge")
    context = desk.context(
        browser, desk.token(desk.invite()), viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    for path in ("/desk/issues", f"/desk/dates/{FRIDAY}"):
        page.goto(path)
        assert not audit(page)
        assert not faults(page)
    context.close()
