"""The mails that ask for an approval: what they show, who gets them, and how often."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from emag.desk import approve, edit
from emag.editors import people
from emag.schedule import calendar
from emag.schedule.tick import tick

DRAFT_AT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
SEND_AT = datetime(2026, 3, 6, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def room(open_newsroom, configure, folder, clock, shelf):
    """A newsroom with other lines in [approval], whose issue 1 is drafted and waits."""

    def _room(approval="", **schedule):
        toml = (folder / "emag.toml").read_text()
        (folder / "emag.toml").write_text(f"{toml}[approval]\n{approval}\n")
        newsroom = open_newsroom(configure(**schedule))
        shelf.put("Lanterns in the fog")
        shelf.put("A bench for two")
        clock.at = DRAFT_AT
        tick(newsroom)
        return newsroom

    return _room


def test_the_mail_shows_the_issue_and_what_to_do(room, texts):
    room()
    [text] = texts()
    assert "It is due on Friday 6 March at 07:30 (Europe/London)." in text
    assert "Subject: Lanterns in the fog Preheader: A bench for two" in text
    assert "First: Lanterns in the fog" in text
    assert "New on the blog - Lanterns in the fog - A bench for two" in text
    assert "The pre-flight found nothing wrong." in text
    assert "https://mail.crier.example.org/desk/issues/1/review" in text
    assert "emag issue approve 1" in text


def test_no_link_of_the_mail_holds_a_key(room, texts):
    room()
    links = re.findall(r"https?://\S+", texts()[0])
    assert links == ["https://mail.crier.example.org/desk/issues/1/review"]


def test_the_mail_says_what_the_preflight_found_and_who_may_approve(
    room, database, settings, clock, mail, texts
):
    newsroom = room('four_eyes = "required"')
    for name, role in (("Ann", "approver"), ("Ben", "approver"), ("Cleo", "editor")):
        mailbox = f"{name} <{name.lower()}@example.org>"
        people.invite(database, settings, mailbox, [role], now=clock(), by="Olga")
    edit.write(database, newsroom.settings, 1, subject="Lamps", now=clock(), by="Ann")
    clock.at = SEND_AT - HOUR
    tick(newsroom)
    text = next(text for text in texts() if "Nobody has approved issue 1 yet" in text)
    assert "Who may approve it: Ben." in text
    assert (len(mail("ben@")), len(mail("cleo@"))) == (2, 1)  # each with the invitation
    assert "warns: Ann changed the issue last: somebody else must approve it." in text
    assert "Subject: Lamps" in text


def test_the_editors_are_reminded_once_two_hours_before_the_time(room, clock, mail):
    newsroom = room()
    clock.at = SEND_AT - 2 * HOUR - timedelta(seconds=1)
    tick(newsroom)
    assert len(mail("ann@")) == 1
    for minutes in (0, 1, 30, 60):
        clock.at = SEND_AT - 2 * HOUR + timedelta(minutes=minutes)
        tick(newsroom)
    due = "Friday 6 March at 07:30 (Europe/London)"
    assert [subject for _, subject in mail("ann@")] == [
        "Please approve issue 1: Lanterns in the fog",
        f"Issue 1 still waits for approval: it is due on {due}",
    ]


def test_a_second_person_is_asked_only_then(room, clock, mail):
    newsroom = room('remind = "90m"\nsecond = "Cleo <cleo@example.org>"')
    assert mail("cleo@") == []
    clock.at = SEND_AT - 2 * HOUR
    tick(newsroom)
    assert mail("cleo@") == []
    clock.at = SEND_AT - HOUR
    tick(newsroom)
    assert len(mail("cleo@")) == 1
    assert len(mail("ann@")) == 2


def test_who_is_an_editor_already_gets_one_mail(room, clock, mail):
    newsroom = room('second = "Ann <ANN@example.org>"')
    clock.at = SEND_AT - HOUR
    tick(newsroom)
    assert len(mail("ann@")) + len(mail("ANN@")) == 2


def test_reminders_can_be_off(room, clock, mail):
    newsroom = room('remind = "off"')
    clock.at = SEND_AT - HOUR
    tick(newsroom)
    assert len(mail("ann@")) == 1


def test_an_approved_issue_needs_no_reminder_until_it_loses_its_approval(
    room, database, clock, mail
):
    newsroom = room()
    approve.approve(database, newsroom.settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT - HOUR
    tick(newsroom)
    assert len(mail("ann@")) == 1
    edit.write(database, newsroom.settings, 1, subject="Lamps", now=clock(), by="Ben")
    clock.at = SEND_AT - HOUR / 2
    tick(newsroom)
    assert mail("ann@")[-1][1].startswith("Issue 1 still waits for approval")


def test_nobody_is_reminded_of_what_they_were_just_asked(room, clock, mail):
    newsroom = room(draft="fri 06:30")
    clock.at = SEND_AT - HOUR
    tick(newsroom)
    clock.at = SEND_AT - HOUR / 2
    tick(newsroom)
    assert [subject for _, subject in mail("ann@")] == [
        "Please approve issue 1: Lanterns in the fog"
    ]


def test_the_mail_says_why_the_date_is_another_one(
    newsroom, database, settings, clock, shelf, texts
):
    to = SEND_AT + timedelta(hours=2)
    calendar.move(database, settings, SEND_AT.date(), to, now=clock(), by="Ann")
    shelf.put("Lanterns in the fog")
    clock.at = DRAFT_AT + timedelta(hours=2)
    tick(newsroom)
    text = texts()[0]
    assert "It is due on Friday 6 March at 09:30 (Europe/London)." in text
    assert "That date was moved from Friday 6 March, 07:30, by Ann." in text
