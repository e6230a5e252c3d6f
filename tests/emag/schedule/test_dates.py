"""Editors skip, move and unskip dates; what the calendar shows is what then runs."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from emag.dates.tables import DATE_CHANGES
from emag.desk import approve, dispatch
from emag.errors import NotFound, WrongMove
from emag.issues import acts, history, store
from emag.issues.draft import draft
from emag.issues.history import Names
from emag.issues.issue import Status
from emag.schedule import calendar
from emag.schedule.tick import DESK, tick
from emag.settings.times import read

LONDON = ZoneInfo("Europe/London")
FRIDAY = date(2026, 3, 6)
NEXT_FRIDAY = date(2026, 3, 13)
DRAFT_AT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
SEND_AT = datetime(2026, 3, 6, 7, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def desk(newsroom, clock):
    """The verbs about dates, for one publication: `desk.skip(day)`, `desk.lines()`."""

    class Desk:
        def lines(self, weeks: int = 4):
            return calendar.listing(newsroom.database, newsroom.settings, now=clock(), weeks=weeks)

        def line(self, usual: date):
            return next(line for line in self.lines() if line.usual == usual)

        def skip(self, day: date, by: str = "Ann"):
            return calendar.skip(newsroom.database, newsroom.settings, day, now=clock(), by=by)

        def unskip(self, day: date, by: str = "Ann"):
            return calendar.unskip(newsroom.database, newsroom.settings, day, now=clock(), by=by)

        def move(self, day: date, to, by: str = "Ann"):
            settings = newsroom.settings
            return calendar.move(newsroom.database, settings, day, to, now=clock(), by=by)

    return Desk()


@pytest.fixture
def issue(database):
    def _issue(number: int = 1):
        with database.reading() as conn:
            return store.get(conn, number)

    return _issue


@pytest.fixture
def subjects(mail):
    """The subjects of the mails to the editor."""
    return lambda: [subject for _, subject in mail("ann@")]


def texts_of(entries):
    return [(str(entry.send.astimezone(LONDON))[:16], str(entry.status)) for entry in entries]


def test_a_skipped_date_has_no_draft_and_the_editors_know_ahead_of_it(
    newsroom, desk, clock, shelf, database, subjects, texts
):
    shelf.put("One")
    tick(newsroom)
    outcome = desk.skip(FRIDAY)
    assert (outcome.issue, str(outcome.line.status)) == (None, "skipped")
    assert outcome.line.reason == "skipped by Ann"
    clock.at = DRAFT_AT - timedelta(minutes=1)
    tick(newsroom)
    assert subjects() == []
    clock.at = DRAFT_AT
    assert "No issue on 2026-03-06: skipped by Ann" in tick(newsroom)
    clock.at = SEND_AT + timedelta(hours=1)
    tick(newsroom)
    assert subjects() == ["No issue on Friday 6 March"]
    assert "which leaves on Friday 13 March at 07:30" in texts()[0]
    assert "emag calendar unskip 2026-03-06" in texts()[0]
    clock.at = DRAFT_AT + WEEK
    tick(newsroom)
    with database.reading() as conn:
        assert [i.local_date for i in store.listing(conn)] == ["2026-03-13"]


def test_a_skip_takes_the_open_issue_with_it_and_its_stories_come_next(
    newsroom, desk, clock, shelf, issue, subjects
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(newsroom.database, newsroom.settings, 1, now=clock(), by="Ann")
    outcome = desk.skip(FRIDAY, by="Ben")
    assert outcome.issue.status is Status.SKIPPED
    clock.at = SEND_AT
    tick(newsroom)
    assert issue().status is Status.SKIPPED
    assert subjects() == ["Please approve issue 1: One", "No issue on Friday 6 March"]
    clock.at = DRAFT_AT + WEEK
    tick(newsroom)
    assert [pick.story.title for pick in issue(2).picks] == ["One"]


def test_an_unskipped_date_is_drafted_again(newsroom, desk, clock, shelf, issue):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    desk.skip(FRIDAY)
    tick(newsroom)
    outcome = desk.unskip(FRIDAY, by="Ben")
    assert str(outcome.line.status) == "planned"
    assert "Issue 2 was drafted and waits for approval" in tick(newsroom)
    assert (issue(2).local_date, issue(2).send_at) == ("2026-03-06", SEND_AT)


def test_a_moved_date_moves_its_draft_by_the_same_distance(newsroom, desk, clock, shelf, issue):
    shelf.put("One")
    outcome = desk.move(NEXT_FRIDAY, read("thu 09:00"))
    assert (outcome.line.send, outcome.line.draft) == (
        datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
        datetime(2026, 3, 11, 17, 30, tzinfo=UTC),
    )
    assert outcome.line.reason == "moved from Friday 13 March, 07:30, by Ann"
    clock.at = outcome.line.draft - timedelta(seconds=1)
    tick(newsroom)
    assert desk.line(NEXT_FRIDAY).issue is None
    clock.at = outcome.line.draft
    tick(newsroom)
    assert issue(1).send_at == outcome.line.send
    assert issue(1).local_date == "2026-03-13"


def test_an_open_issue_follows_its_date_as_an_act(newsroom, desk, clock, shelf, issue, database):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    later = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
    outcome = desk.move(FRIDAY, later, by="Ben")
    assert not outcome.approval_voided
    assert (issue().send_at, issue().status) == (later, Status.IN_REVIEW)
    with database.reading() as conn:
        entries = history.tell(acts.listing(conn, 1), Names({}, {}, LONDON))
    assert entries[-1].sentence == "Ben set the sending to Friday 6 March at 12:00"
    clock.at = SEND_AT
    tick(newsroom)
    assert issue().status is Status.IN_REVIEW
    clock.at = later
    tick(newsroom)
    assert issue().status is Status.HELD


def test_a_move_voids_an_approval_and_the_editors_know(
    newsroom, desk, clock, shelf, issue, subjects, texts
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(newsroom.database, newsroom.settings, 1, now=clock(), by="Ann")
    outcome = desk.move(FRIDAY, date(2026, 3, 9), by="Ben")
    assert outcome.approval_voided
    assert outcome.line.draft == DRAFT_AT  # it was drafted before
    assert issue().status is Status.DRAFT
    tick(newsroom)
    assert subjects()[-1] == "Issue 1 has moved: please approve it again"
    assert "Ben moved issue 1, “One”, to Monday 9 March at 07:30" in texts()[-1]
    approve.approve(newsroom.database, newsroom.settings, 1, now=clock(), by="Ann")
    clock.at = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
    tick(newsroom)
    assert issue().status is Status.SENT
    line = desk.line(FRIDAY)
    assert (str(line.status), line.issue) == ("done", 1)


def test_a_date_is_named_by_its_usual_or_its_new_day(desk):
    desk.move(NEXT_FRIDAY, datetime(2026, 3, 11, 12, 0, tzinfo=UTC))
    assert desk.skip(date(2026, 3, 11)).line.usual == NEXT_FRIDAY
    assert desk.unskip(NEXT_FRIDAY).line.send == datetime(2026, 3, 13, 7, 30, tzinfo=UTC)


def test_every_change_stays_on_record(desk, database):
    desk.skip(FRIDAY, by="Ann")
    desk.unskip(FRIDAY, by="Ben")
    desk.move(FRIDAY, read("fri 12:00"), by="Cy")
    with database.reading() as conn:
        rows = conn.execute(select(DATE_CHANGES.c.kind, DATE_CHANGES.c.by, DATE_CHANGES.c.usual))
        assert [tuple(row) for row in rows] == [
            ("skip", "Ann", "2026-03-06"),
            ("keep", "Ben", "2026-03-06"),
            ("move", "Cy", "2026-03-06"),
        ]


def test_what_cannot_be_done_says_why(newsroom, desk, clock, shelf):
    with pytest.raises(NotFound, match="no date on Wednesday 4 March"):
        desk.skip(date(2026, 3, 4))
    with pytest.raises(WrongMove, match="Monday 2 March at 09:00 has passed"):
        desk.move(FRIDAY, read("mon 09:00"))
    with pytest.raises(WrongMove, match="The issue of Friday 13 March leaves on Friday 13 March"):
        desk.move(FRIDAY, NEXT_FRIDAY)
    with pytest.raises(WrongMove, match="leaves on Friday 6 March at 07:30 already"):
        desk.move(FRIDAY, read("fri 07:30"))
    with pytest.raises(WrongMove, match="once a month"):
        desk.move(FRIDAY, read("first fri 07:30"))
    with pytest.raises(WrongMove, match="is not skipped"):
        desk.unskip(FRIDAY)
    desk.skip(FRIDAY)
    with pytest.raises(WrongMove, match="is skipped by Ann already"):
        desk.skip(FRIDAY)
    clock.at = SEND_AT
    with pytest.raises(WrongMove, match="has passed"):
        desk.unskip(FRIDAY)
    shelf.put("One")
    tick(newsroom)
    draft(newsroom.database, newsroom.settings, now=clock(), by="Ann")
    approve.approve(newsroom.database, newsroom.settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT + WEEK
    tick(newsroom)
    for change in (desk.skip, desk.unskip, lambda day: desk.move(day, read("sat 12:00"))):
        with pytest.raises(WrongMove, match="Issue 1 of Friday 13 March has begun to leave"):
            change(NEXT_FRIDAY)


def test_a_change_that_is_refused_leaves_nothing(desk, database):
    with pytest.raises(WrongMove):
        desk.move(FRIDAY, NEXT_FRIDAY)
    with database.reading() as conn:
        assert conn.execute(select(DATE_CHANGES)).all() == []


def test_a_draft_by_hand_is_for_the_next_date_on_which_an_issue_leaves(
    newsroom, desk, clock, shelf, database
):
    shelf.put("One")
    tick(newsroom)
    desk.skip(FRIDAY)
    moved = desk.move(NEXT_FRIDAY, read("thu 09:00"))
    opened = draft(database, newsroom.settings, now=clock(), by="Ann")
    assert (opened.local_date, opened.send_at) == ("2026-03-13", moved.line.send)
    line = desk.line(NEXT_FRIDAY)
    assert (line.issue, str(line.status)) == (1, "moved")
    assert line.reason.endswith("; issue 1 is draft")


def test_settings_that_skip_a_date_skip_its_open_issue(
    newsroom, open_newsroom, configure, clock, shelf, issue, subjects
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    changed = open_newsroom(configure(skip=["2026-03-06"]), readers=0)
    assert "Issue 1 is skipped: its date is skipped in emag.toml" in tick(changed)
    assert issue().status is Status.SKIPPED
    tick(changed, stages=DESK)
    assert subjects()[-1] == "No issue on Friday 6 March"
    assert len(subjects()) == 2


def test_a_date_with_too_few_stories_is_shown_as_it_will_be_and_can_be_tried_again(
    newsroom, desk, clock, shelf, issue
):
    clock.at = DRAFT_AT
    tick(newsroom)
    line = desk.line(FRIDAY)
    assert str(line.status) == "skipped"
    assert "There are 0 of the 1 stories" in line.reason
    shelf.put("One")
    assert str(desk.unskip(FRIDAY).line.status) == "planned"
    clock.forward(hours=1)
    tick(newsroom)
    assert (issue().local_date, issue().send_at) == ("2026-03-06", SEND_AT)


def test_a_cancelled_issue_leaves_its_date_empty_until_somebody_drafts_another(
    newsroom, desk, clock, shelf, database
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    dispatch.cancel(database, 1, now=clock(), by="Ann")
    line = desk.line(FRIDAY)
    assert str(line.status) == "skipped"
    assert line.reason == "issue 1 is cancelled; “emag issue draft” opens another"
    tick(newsroom)
    assert desk.line(FRIDAY) == line
    draft(database, newsroom.settings, now=clock(), by="Ann")
    assert (desk.line(FRIDAY).issue, str(desk.line(FRIDAY).status)) == (2, "planned")


def test_the_calendar_says_when_an_issue_has_a_time_of_its_own(
    newsroom, desk, clock, shelf, database
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    noon = SEND_AT.replace(hour=12)
    approve.approve(database, newsroom.settings, 1, now=clock(), by="Ann", send_at=noon)
    line = desk.line(FRIDAY)
    assert (line.send, str(line.status)) == (noon, "moved")
    assert line.reason == "issue 1 is approved, with a time of its own"


def test_the_weeks_are_counted_from_now(desk, clock):
    clock.at = DRAFT_AT
    assert texts_of(desk.lines(3)) == [
        ("2026-03-06 07:30", "planned"),
        ("2026-03-13 07:30", "planned"),
        ("2026-03-20 07:30", "planned"),
    ]
    clock.at = SEND_AT
    assert len(desk.lines(12)) == 12


def test_a_holiday_by_the_settings_moves_draft_and_send(
    open_newsroom, configure, clock, shelf, database
):
    newsroom = open_newsroom(configure(holidays="GB-ENG", approval="automatic"))
    tick(newsroom)
    clock.at = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
    shelf.put("One")
    [line] = calendar.listing(database, newsroom.settings, now=clock(), weeks=1)
    assert line.reason == "moved from Friday 3 April: Good Friday"
    for moment in (line.draft, line.send):
        clock.at = moment
        tick(newsroom)
    with database.reading() as conn:
        assert store.get(conn, 1).began_at == datetime(2026, 4, 2, 6, 30, tzinfo=UTC)
