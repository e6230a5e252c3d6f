"""Tests what becomes of letters to one person that bounce: confirmation, welcome, new address."""

import pytest
from sqlalchemy import select

from emag.mailing.event import Event, EventKind
from emag.mailing.letters.post import post_letters
from emag.mailing.returns import reports
from emag.mailing.transports.folder import FolderTransport
from subscribers import membership, roll
from subscribers.consent import Evidence
from subscribers.tables import LETTERS
from tests.emag.mailing.returns.conftest import GROUP, REPORT, RETURNED, events_of

ANN = "ann@example.net"
HARD = {"action": "failed", "status": "5.1.1", "words": "550 5.1.1 no such user"}
BLAME = {"action": "failed", "status": "5.1.1", "words": "550 5.1.1 your host is blocklisted"}
DELAY = {"action": "delayed", "status": "4.7.1", "words": "451 4.7.1 greylisted"}


@pytest.fixture
def sign_up(database, keys, clock):
    def sign_up():
        with database.transaction() as conn:
            membership.sign_up(conn, keys, address=ANN, evidence=Evidence("form"), now=clock())

    return sign_up


@pytest.fixture
def post(database, settings, keys, clock, outbox):
    """Sends the letters that are due. Returns the number of the latest one."""

    def post() -> int:
        transport = FolderTransport(outbox)
        post_letters(database, transport=transport, settings=settings, keys=keys, now=clock())
        with database.reading() as conn:
            return conn.scalars(select(LETTERS.c.id).order_by(LETTERS.c.id)).all()[-1]

    return post


@pytest.fixture
def confirm_link(database, keys, clock):
    """Confirms by the link of a letter."""

    def confirm_link(number: int):
        with database.transaction() as conn:
            ref = conn.scalar(select(LETTERS.c.ref).where(LETTERS.c.id == number))
            token = keys.sign("confirm", ref)
            membership.confirm(conn, keys, token, evidence=Evidence("link"), now=clock())

    return confirm_link


@pytest.fixture
def bounce(database, keys, clock, reader):
    """Reads a bounce of a letter and applies it. Returns how many events were new."""

    def bounce(number: int, group: dict[str, str]) -> int:
        mark = keys.short("confirm", number)
        returned = RETURNED.format(mark=mark, link="")
        groups = GROUP.format(address=ANN, **group)
        raw = REPORT.format(mark=mark, groups=groups, returned=returned).encode()
        with database.transaction() as conn:
            new = reports.record(conn, events_of(reader, raw))
        reports.apply(database, keys=keys, now=clock())
        return new

    return bounce


@pytest.fixture
def status(database):
    def status() -> str:
        with database.reading() as conn:
            return roll.find(conn, ANN).status

    return status


def test_a_bounced_confirmation_ends_the_sign_up(sign_up, post, bounce, status, database):
    sign_up()
    number = post()
    assert status() == "pending"
    assert bounce(number, HARD) == 1
    assert status() == "bounced"
    with database.reading() as conn:
        reader = roll.find(conn, ANN).id
        assert "no such user" in reports.latest_reason(conn, reader)
    assert bounce(number, HARD) == 0, "it counts once"


@pytest.mark.parametrize("group", [BLAME, DELAY])
def test_a_report_that_is_not_about_the_address_leaves_the_sign_up_open(
    sign_up, post, bounce, status, group
):
    sign_up()
    bounce(post(), group)
    assert status() == "pending"


def test_the_link_of_a_bounced_letter_confirms_nothing(sign_up, post, bounce, confirm_link, status):
    sign_up()
    number = post()
    bounce(number, HARD)
    confirm_link(number)
    assert status() == "bounced"


def test_a_bounce_of_an_earlier_sign_up_does_not_end_a_later_one(
    sign_up, post, bounce, confirm_link, status, database, keys, clock
):
    sign_up()
    first = post()
    bounce(first, HARD)
    clock.forward(days=2)
    sign_up()
    second = post()
    assert second != first
    with database.transaction() as conn:  # the same bounce again, from a provider
        event = Event("1", "sendgrid", EventKind.HARD, clock(), keys.short("confirm", first))
        reports.record(conn, [event])
    reports.apply(database, keys=keys, now=clock())
    confirm_link(second)
    assert status() == "active"


def test_a_reader_who_has_confirmed_is_not_lost_to_a_late_bounce(
    sign_up, post, bounce, confirm_link, status
):
    sign_up()
    number = post()
    confirm_link(number)
    bounce(number, HARD)
    assert status() == "active"


def test_a_bounced_welcome_counts_like_a_bounced_issue(sign_up, post, bounce, confirm_link, status):
    sign_up()
    confirm_link(post())
    bounce(post(), HARD)
    assert status() == "bounced"


def test_a_letter_to_a_new_address_says_nothing_about_the_old_one(
    sign_up, post, bounce, confirm_link, status, database, keys, clock
):
    sign_up()
    confirm_link(post())
    post()
    with database.transaction() as conn:
        ref = roll.find(conn, ANN).ref
        membership.request_address_change(
            conn, keys, ref=ref, address="new@example.net", now=clock()
        )
    bounce(post(), HARD)
    assert status() == "active"


def test_a_forged_mark_of_a_letter_ends_nothing(sign_up, post, bounce, status, keys, reader):
    sign_up()
    number = post()
    forged = f"{number}-{'a' * 28}"
    raw = REPORT.format(
        mark=forged,
        groups=GROUP.format(address=ANN, **HARD),
        returned=RETURNED.format(mark=forged, link=""),
    )
    assert events_of(reader, raw.encode()) == []
    assert status() == "pending"
