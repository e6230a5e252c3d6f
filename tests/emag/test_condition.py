"""A process knows of a clock that jumped, and of a database that refuses."""

from datetime import timedelta

import pytest

from emag.condition import Condition
from tests.conftest import START

HOUR = timedelta(hours=1)


class Machine:
    """A machine whose clock somebody sets while another one goes on."""

    def __init__(self):
        self.seconds, self.off_by = 0.0, timedelta(0)
        self.condition = Condition(lambda: self.seconds)

    def now(self):
        return START + timedelta(seconds=self.seconds) + self.off_by

    def live(self, *, minutes=0.0):
        self.seconds += minutes * 60
        self.condition.look_at_clock(self.now())
        return self.condition.jump


@pytest.fixture
def machine():
    machine = Machine()
    machine.live()
    return machine


@pytest.mark.parametrize(
    ("off_by", "words"),
    [
        (timedelta(days=1), "went forward by 24 hours"),
        (timedelta(days=-2), "went back by 2 days"),
        (timedelta(minutes=11), "went forward by 11 minutes"),
    ],
)
def test_a_clock_that_jumps_is_in_doubt_for_half_an_hour(machine, off_by, words):
    assert machine.live(minutes=60) is None
    machine.off_by = off_by
    assert str(machine.live(minutes=1)) == words
    assert machine.live(minutes=29).at == START + HOUR + timedelta(minutes=1) + off_by
    assert machine.live(minutes=1) is None


def test_a_clock_that_comes_back_is_believed_at_once(machine):
    machine.off_by = timedelta(days=1)
    assert machine.live(minutes=1)
    machine.off_by = timedelta(seconds=30)
    assert machine.live(minutes=1) is None


def test_a_clock_that_is_corrected_a_little_is_no_matter(machine):
    machine.off_by = timedelta(minutes=9)
    assert machine.live(minutes=1) is None


def test_a_database_is_well_again_when_every_lane_is_and_a_minute_has_passed(machine):
    condition = machine.condition
    assert condition.refused("post", "The disk is full.", now=START)
    assert condition.refused("send", "The disk is full.", now=START + HOUR) is False
    assert condition.database.since == START
    assert condition.refused("send", "It is locked", now=START + HOUR)
    machine.live(minutes=2)
    assert condition.worked("post") is None
    assert condition.worked("send").words == "It is locked"
    assert (condition.database, condition.ended.since) == (None, START)
    assert condition.refused("post", "It is locked", now=START + HOUR)
    assert condition.worked("post") is None  # a minute has not passed


def test_people_are_told_once_by_each_way_that_works(machine):
    condition = machine.condition
    condition.refused("post", "It is locked", now=START)
    assert [condition.may_tell("webhook"), condition.may_tell("webhook")] == [True, False]
    machine.live(minutes=1)
    assert condition.may_tell("webhook")
    condition.has_told("webhook")
    machine.live(minutes=600)
    assert not condition.may_tell("webhook")
