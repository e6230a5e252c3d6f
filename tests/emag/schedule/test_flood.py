"""What the schedule does about sign-ups: a flood is told, and what is too old is forgotten."""

from datetime import timedelta

import pytest

from emag.schedule import tick as timetable
from subscribers import membership
from subscribers.address import parse
from subscribers.consent import Evidence
from subscribers.firewall import SignupLimits

tick = timetable.tick


@pytest.fixture
def ask(database, newsroom, clock):
    """Sign-ups, with more than three of them a flood."""

    def ask(*addresses):
        limits = SignupLimits(network=None, spike=3)
        evidence = Evidence("form", wording="Yes", ip="198.51.100.7")
        asks = [membership.SignupRequest(parse(address), evidence, limits) for address in addresses]
        with database.transaction() as conn:
            return membership.sign_up_all(conn, newsroom.keys, asks, now=clock())

    return ask


def test_a_flood_is_told_to_the_editors_once(newsroom, ask, mail, clock):
    ask(*(f"r{number}@example.org" for number in range(7)))
    lines = tick(newsroom, stages=timetable.POST)
    assert any("4 confirmations are held" in line for line in lines)
    clock.forward(minutes=1)
    ask("more@example.org")
    assert not any("held" in line for line in tick(newsroom, stages=timetable.POST))
    subjects = [subject for _, subject in mail()]
    assert sum("Sign-ups spike" in subject for subject in subjects) == 1
    assert sum("onfirm" in subject and "spike" not in subject for subject in subjects) == 3


def test_what_need_not_be_kept_is_forgotten_as_the_settings_say(newsroom, ask, clock):
    ask("ann@example.org")
    clock.forward(days=newsroom.settings.privacy.unconfirmed // timedelta(days=1) + 1)
    assert "Forgot 1 sign-ups that nobody confirmed" in tick(newsroom, stages=timetable.POST)
