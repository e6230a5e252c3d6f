"""A round does what is due: drafts, asks, approves, sends, holds, skips, tells."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from emag.database import Database
from emag.desk import approve, arrange, edit
from emag.errors import Unreachable
from emag.issues import approval, life, store
from emag.issues.issue import Move, Status
from emag.mailing.sending import address, ledger
from emag.schedule import runs
from emag.schedule.tick import DESK, Stage, tick
from subscribers import membership
from subscribers.anchor import end_of_chain
from subscribers.consent import Evidence

DRAFT_AT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
SEND_AT = datetime(2026, 3, 6, 7, 30, tzinfo=UTC)


@pytest.fixture
def status(database):
    def _status(number: int = 1) -> Status:
        with database.reading() as conn:
            return store.get(conn, number).status

    return _status


@pytest.fixture
def subjects(mail):
    """Subjects of the mail to the editor."""
    return lambda: [subject for _, subject in mail("ann@")]


def titles(database, number):
    with database.reading() as conn:
        return {pick.story.title for pick in store.get(conn, number).picks}


def test_sources_are_read_by_the_hour(newsroom, clock, shelf):
    shelf.put("One")
    assert "Gathered 1 new story from 1 source" in tick(newsroom)
    tick(newsroom)
    assert shelf.reads == 1
    clock.forward(hours=1)
    tick(newsroom)
    assert shelf.reads == 2


def test_a_source_in_trouble_is_a_line_and_stops_nothing(newsroom, clock, shelf, subjects, texts):
    shelf.put("One")
    tick(newsroom)
    shelf.trouble = "it answers 500"
    clock.at = DRAFT_AT
    report = tick(newsroom)
    assert "Source posts: it answers 500" in report
    assert subjects() == ["Please approve issue 1: One"]
    assert "posts: it answers 500" in texts()[0]


def test_a_draft_reads_the_sources_once_more(newsroom, clock, shelf, database):
    clock.at = DRAFT_AT - timedelta(minutes=30)
    tick(newsroom)
    shelf.put("Just in time")
    clock.at = DRAFT_AT
    tick(newsroom)
    assert titles(database, 1) == {"Just in time"}


def test_a_draft_does_not_trust_a_read_that_has_not_ended(newsroom, clock, shelf, database):
    """Another process has begun to read, and is still at it or died over it."""
    clock.at = DRAFT_AT
    assert runs.claim_every(database, ("gather", ""), timedelta(hours=1), now=clock())
    shelf.put("One")
    tick(newsroom)
    assert titles(database, 1) == {"One"}


def test_the_editor_is_asked_once(newsroom, clock, shelf, status, subjects, texts):
    shelf.put("Lanterns in the fog")
    tick(newsroom)
    clock.at = DRAFT_AT
    assert "Issue 1 was drafted and waits for approval" in tick(newsroom)
    assert status() is Status.IN_REVIEW
    clock.forward(hours=2)
    tick(newsroom)
    assert subjects() == ["Please approve issue 1: Lanterns in the fog"]
    text = texts()[0]
    assert (
        "due on Friday 6 March at 07:30 (Europe/London). Without your approval it is held then."
        in text
    )
    assert "emag issue approve 1" in text


def test_what_is_approved_leaves_on_time_to_everyone_once(
    newsroom, database, settings, clock, shelf, status, mail
):
    shelf.put("Lanterns in the fog")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT - timedelta(seconds=1)
    tick(newsroom)
    assert status() is Status.APPROVED
    clock.at = SEND_AT
    report = tick(newsroom)
    assert "Issue 1 goes out to 3 readers" in report
    assert "Issue 1 is sent: 3 accepted" in report
    for _ in range(3):
        clock.forward(minutes=5)
        tick(newsroom)
    assert sorted(to for to, _ in mail("reader")) == [
        f"reader{number}@example.org" for number in range(3)
    ]
    assert [subject for _, subject in mail("ann@")][-1] == "Issue 1 is sent"


def test_the_mail_about_a_sent_issue_names_the_end_of_the_consent_record(
    newsroom, database, settings, clock, shelf, texts
):
    evidence = Evidence("form", wording="Yes")
    with database.transaction() as conn:
        membership.sign_up(
            conn, newsroom.keys, address="ida@example.org", evidence=evidence, now=clock()
        )
        end = end_of_chain(conn)
    shelf.put("Lanterns in the fog")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT
    for _ in range(3):
        tick(newsroom)
        clock.forward(minutes=5)
    text = " ".join(" ".join(texts()).split())
    assert f"emag consent verify --against {end.sequence}:{end.hash}" in text


def test_without_approval_it_is_held_and_the_editor_told(
    newsroom, clock, shelf, status, subjects, mail
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    clock.at = SEND_AT
    assert "Issue 1 is held: nobody approved it" in tick(newsroom)
    assert status() is Status.HELD
    assert subjects()[-1] == "Issue 1 is held: not approved"
    assert mail("reader") == []


def test_an_editor_may_approve_what_was_held_a_little_late(
    newsroom, database, settings, clock, shelf, status, mail
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    clock.at = SEND_AT
    tick(newsroom)
    clock.forward(minutes=20)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    tick(newsroom)
    assert status() is Status.SENT
    assert len(mail("reader")) == 3


def test_without_approval_it_is_skipped_and_its_stories_come_next(
    open_newsroom, configure, database, clock, shelf, status, subjects
):
    newsroom = open_newsroom(configure(if_unapproved="skip"))
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    clock.at = SEND_AT
    assert "Issue 1 is skipped: nobody approved it" in tick(newsroom)
    assert subjects()[-1] == "Issue 1 is skipped: not approved"
    shelf.put("Two")
    clock.at = DRAFT_AT + timedelta(days=7)
    tick(newsroom)
    assert status(1) is Status.SKIPPED
    assert titles(database, 2) == {"One", "Two"}


def test_stories_of_a_held_issue_come_into_the_next(newsroom, database, clock, shelf):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    clock.at = SEND_AT
    tick(newsroom)
    clock.at = DRAFT_AT + timedelta(days=7)
    tick(newsroom)
    assert titles(database, 2) == {"One"}


def test_a_clean_preflight_approves_by_itself(
    automatic, database, clock, shelf, status, subjects, mail
):
    shelf.put("One")
    clock.at = DRAFT_AT
    assert "Issue 1 was drafted and approved" in tick(automatic)
    assert subjects() == ["Issue 1 is approved: One"]
    with database.reading() as conn:
        assert store.get(conn, 1).approved_by == "the timetable"
    clock.at = SEND_AT
    tick(automatic)
    assert status() is Status.SENT
    assert len(mail("reader")) == 3


def test_what_the_editor_changes_after_that_is_approved_again_when_it_is_due(
    automatic, database, settings, clock, shelf, status, mail
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(automatic)
    edit.write(database, settings, 1, subject="Better", now=clock(), by="Ann")
    tick(automatic)
    assert status() is Status.DRAFT
    clock.at = SEND_AT
    tick(automatic)
    assert status() is Status.SENT
    assert {subject for _, subject in mail("reader")} == {"Better"}


def test_what_blocks_is_not_approved_by_itself(
    automatic, database, settings, clock, shelf, status, texts
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(automatic)
    with database.reading() as conn:
        only = store.get(conn, 1).picks[0].candidate
    arrange.drop(database, settings, 1, [only], now=clock(), by="ann")
    clock.at = SEND_AT
    assert "Issue 1 is held: nobody approved it" in tick(automatic)
    assert "The issue has no story" in texts()[-1]


def test_too_few_stories_skip_the_period_and_the_editor_is_told_once(newsroom, clock, subjects):
    clock.at = DRAFT_AT
    report = tick(newsroom)
    assert any(
        line.startswith("No issue was drafted: There are 0 of the 1 stories") for line in report
    )
    clock.at = SEND_AT
    tick(newsroom)
    clock.forward(days=1)
    tick(newsroom)
    assert subjects() == ["No issue this time: too few stories"]


@pytest.mark.parametrize(
    ("late", "then"),
    [
        (timedelta(minutes=119), Status.SENT),
        (timedelta(minutes=121), Status.HELD),
        (timedelta(days=3), Status.HELD),
    ],
)
def test_a_send_that_was_missed(
    newsroom, database, settings, clock, shelf, status, subjects, late, then
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT + late
    tick(newsroom)
    assert status() is then
    last = "Issue 1 is held: too late" if then is Status.HELD else "Issue 1 is sent"
    assert subjects()[-1] == last
    with database.reading() as conn:
        assert bool(approval.used(conn)) is (then is Status.SENT)


def test_a_draft_that_was_missed_is_made_before_its_send(newsroom, clock, shelf, status):
    tick(newsroom)
    shelf.put("One")
    clock.at = SEND_AT - timedelta(minutes=10)
    tick(newsroom)
    assert status() is Status.IN_REVIEW


def test_a_draft_and_a_send_missed_by_a_little_are_both_caught_up(
    automatic, clock, shelf, status, database
):
    tick(automatic)
    shelf.put("One")
    clock.at = SEND_AT + timedelta(hours=1)
    tick(automatic)
    assert status() is Status.SENT
    with database.reading() as conn:
        assert store.get(conn, 1).local_date == "2026-03-06"


def test_an_outage_over_draft_and_send_is_told_once(newsroom, clock, shelf, subjects, database):
    tick(newsroom)
    shelf.put("One")
    clock.at = SEND_AT + timedelta(days=2)
    assert "Nothing was sent on 2026-03-06: there was no issue" in tick(newsroom)
    clock.forward(hours=5)
    tick(newsroom)
    assert subjects() == ["No issue was sent"]


def test_a_new_publication_hears_of_no_send_before_its_time(newsroom, clock, subjects):
    clock.at = SEND_AT + timedelta(hours=3)
    tick(newsroom)
    assert subjects() == []


def test_another_rhythm_makes_no_date_of_the_past_a_missed_one(
    newsroom, open_newsroom, configure, clock, subjects
):
    tick(newsroom)
    clock.at = SEND_AT + timedelta(days=1)
    tick(newsroom)
    assert subjects().count("No issue was sent") == 1
    clock.forward(days=20)
    tick(open_newsroom(configure(send="mon 09:00"), readers=0))
    clock.forward(hours=1)
    tick(open_newsroom(configure(), readers=0))
    assert subjects().count("No issue was sent") == 1


def test_a_send_that_broke_off_goes_on(newsroom, database, settings, clock, shelf, status, mail):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    with database.transaction() as conn:  # “issue send” was killed before it addressed anybody
        life.move(conn, 1, Move.SEND, now=clock(), by="ann")
    tick(newsroom)
    assert status() is Status.SENT
    assert len(mail("reader")) == 3


def test_a_paused_issue_waits(newsroom, database, settings, clock, shelf, status, mail):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    address.address(database, 1, now=clock(), by="ann")
    with database.transaction() as conn:
        life.move(conn, 1, Move.PAUSE, now=clock(), by="ann")
    clock.at = SEND_AT
    tick(newsroom)
    assert (status(), mail("reader")) == (Status.PAUSED, [])
    with database.transaction() as conn:
        life.move(conn, 1, Move.RESUME, now=clock(), by="ann")
    tick(newsroom)
    assert (status(), len(mail("reader"))) == (Status.SENT, 3)


@dataclass
class Away:
    """A mail server that is away for some calls."""

    inner: object
    calls: int
    name: str = "away"
    batch: int = 20

    def send(self, messages):
        if self.calls:
            self.calls -= 1
            raise Unreachable("the mail server does not answer")
        return self.inner.send(messages)

    def close(self):
        self.inner.close()


def test_a_server_that_is_away_loses_nobody(
    newsroom, database, settings, clock, shelf, status, mail
):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(newsroom)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    away = replace(newsroom, sender=newsroom.sender.using(Away(newsroom.transport, calls=1)))
    clock.at = SEND_AT
    for _ in range(4):
        tick(away)
        clock.forward(minutes=10)
    assert status() is Status.SENT
    assert len(mail("reader")) == 3
    with database.reading() as conn:
        assert ledger.counts(conn, 1)["accepted"] == 3


def test_one_stage_that_fails_stops_no_other(newsroom):
    def broken(_newsroom, _stop):
        yield "first this"
        raise ZeroDivisionError("reader1@example.org")

    def fine(_newsroom, _stop):
        yield "all is well"

    report = tick(newsroom, stages=[Stage("juggle", broken), Stage("hum", fine)])
    assert report == [
        "first this",
        "Could not juggle: there is a fault in emag, see errors.log",
        "all is well",
    ]


def test_rounds_at_the_same_moment_do_everything_once(automatic, clock, shelf, database, mail):
    """As many processes would that look at the same database."""
    shelf.put("One")
    others = [replace(automatic, database=Database(str(database.url))) for _ in range(4)]
    with ThreadPoolExecutor(4) as hands:
        for now in (DRAFT_AT, SEND_AT):
            clock.at = now
            report = [line for lines in hands.map(tick, others) for line in lines]
            assert [line for line in report if line.startswith("Could not")] == []
    for other in others:
        other.database.close()
    clock.forward(minutes=20)
    tick(automatic)
    with database.reading() as conn:
        assert [issue.status for issue in store.listing(conn)] == [Status.SENT]
    assert len(mail("reader")) == len(set(mail("reader"))) == 3
    assert sorted(subject for _, subject in mail("ann@")) == [
        "Issue 1 is approved: One",
        "Issue 1 is sent",
    ]


def test_the_desks_lane_needs_no_mail_server(newsroom, clock, shelf, status):
    shelf.put("One")
    clock.at = DRAFT_AT
    tick(replace(newsroom, sender=None), stages=DESK)
    assert status() is Status.IN_REVIEW
