"""Jobs at the desk: what closes before the issue leaves, the job of the week, Later, Out, In."""

from datetime import UTC, date, datetime

import pytest

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import jobs, records
from emag.desk.jobs import JobPlace, JobRisk
from emag.issues.draft import draft
from tests.chromium import audit, faults

# It is Thursday 5 March 2026, and the issue leaves on Friday 6 March.
CLOSING = {
    "Closed already": date(2026, 3, 4),
    "Closes tonight": date(2026, 3, 5),
    "Closes on Friday": date(2026, 3, 6),
    "Closes on Sunday": date(2026, 3, 8),
    "Closes next month": date(2026, 4, 8),
}


def admit(desk, title: str, closes: date | None, *, closes_at: datetime | None = None) -> int:
    room = desk.press.newsroom
    link = "https://crier.example.org/jobs/" + title.lower().replace(" ", "-")
    vacancy = Vacancy(title, "Exampleton Council", "Exampleton", closes=closes, closes_at=closes_at)
    story = Story("desk", Kind.JOB, link, title, vacancy=vacancy)
    with room.database.transaction() as conn:
        pool.admit(conn, story, section="posts", now=room.now())
        return next(c.id for c in pool.candidates(conn) if c.story.link == link)


@pytest.fixture
def issue(desk):
    """An issue with the jobs that were open when it was drafted."""
    for title, closes in CLOSING.items():
        admit(desk, title, closes)
    room = desk.press.newsroom
    return draft(room.database, room.settings, now=room.now(), by="ann")


def by_title(desk):
    room = desk.press.newsroom
    board = jobs.board(room.database, room.settings, now=room.now())
    return {job.title: job for job in board.jobs}


def test_the_risk_is_that_of_the_day_on_which_the_issue_leaves(desk, issue):
    risks = {title: job.risk for title, job in by_title(desk).items()}
    assert risks == {
        "Closed already": JobRisk.CLOSED,
        "Closes tonight": JobRisk.BEFORE,
        "Closes on Friday": JobRisk.SAME_DAY,
        "Closes on Sunday": JobRisk.SOON,
        "Closes next month": JobRisk.NONE,
    }
    page = desk.signed_in("Vic <vic@example.org>", "viewer").get("/desk/jobs").text
    assert "Closes before it leaves on Friday" in page
    assert "<s><a" in page.replace("\n", "")
    assert "<form" not in page.split("<main")[1]


def test_a_closing_time_before_that_of_the_send_is_a_risk(desk):
    early, late = (datetime(2026, 3, 6, hour, tzinfo=UTC) for hour in (6, 12))
    admit(desk, "Closes early", early.date(), closes_at=early)
    admit(desk, "Closes at noon", late.date(), closes_at=late)
    room = desk.press.newsroom
    draft(room.database, room.settings, now=room.now(), by="ann")
    board = by_title(desk)
    assert board["Closes early"].risk is JobRisk.BEFORE
    assert board["Closes at noon"].risk is JobRisk.SAME_DAY
    assert "Friday 6 March 2026, 12:00" in desk.signed_in().get("/desk/jobs").text


def test_jobs_without_an_open_issue_are_shown_too(desk):
    admit(desk, "Press Officer", None)
    page = desk.signed_in().get("/desk/jobs").text
    assert "No issue is open" in page
    assert "Press Officer" in page
    assert "<form" not in page.split("<main")[1]


def test_an_empty_pool_says_where_jobs_come_from(desk):
    assert "There is no job in the pool" in desk.signed_in().get("/desk/jobs").text


@pytest.mark.parametrize(
    ("act", "place"),
    [("later", JobPlace.LATER), ("out", JobPlace.OUT), ("feature", JobPlace.IN)],
)
def test_a_button_changes_the_issue_and_can_be_undone(desk, issue, act, place):
    job = by_title(desk)["Closes next month"]
    client = desk.signed_in()
    after = client.post(f"/desk/jobs/{job.story}/{act}", data={"issue": issue.number})
    assert after.status_code == 200
    assert f'action="/desk/issues/{issue.number}/undo"' in after.text
    changed = by_title(desk)["Closes next month"]
    assert changed.where is place
    assert changed.is_featured == (act == "feature")


def test_a_job_comes_in_from_the_tray(desk, issue, clock):
    clock.forward(minutes=5)
    number = admit(desk, "Press Officer", date(2026, 4, 1))
    assert by_title(desk)["Press Officer"].where is JobPlace.TRAY
    desk.signed_in().post(f"/desk/jobs/{number}/in", data={"issue": issue.number})
    picks = records.issue(desk.press.newsroom.database, issue.number).picks
    assert number in {pick.candidate for pick in picks}


def test_wrong_acts_are_refused(desk, issue):
    client = desk.signed_in()
    assert client.post("/desk/jobs/999/out", data={"issue": issue.number}).status_code == 404
    assert client.post("/desk/jobs/1/praise", data={"issue": issue.number}).status_code == 404
    viewer = desk.signed_in("Vic <vic@example.org>", "viewer")
    assert viewer.post("/desk/jobs/1/out", data={"issue": issue.number}).status_code == 403


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible(desk, browser, issue, width):
    token = desk.token(desk.invite())
    context = desk.context(browser, token, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto("/desk/jobs")
    assert not audit(page)
    assert not faults(page)
    context.close()
