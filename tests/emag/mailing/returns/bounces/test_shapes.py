"""Tests notices in unusual forms: the right addresses are found, and none is guessed."""

import pytest

from emag.mailing.returns.bounces.classify import classify
from tests.emag.mailing.returns.bounces.shapes import SHAPES, filled

ENDING = {"hard", "complaint"}
TIMES = 8  # with different people


@pytest.fixture(scope="module")
def read():
    return [
        (shape.name, {f.address: f.outcome for f in classify(raw).failures}, expected, also)
        for seed in range(TIMES)
        for shape, raw, expected, also in filled(seed)
    ]


def test_there_are_more_than_seventy_forms():
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) > 70


def test_the_right_addresses_and_no_wrong_ones(read):
    wanted = right_addresses = named = wrong = 0
    misses = []
    for name, got, expected, also in read:
        named_by_us = {address for address in got if address}
        alike = expected if not (also and also & named_by_us) else {}
        wanted, right_addresses = (
            wanted + len(alike),
            right_addresses + len(alike.keys() & named_by_us),
        )
        strangers = named_by_us - expected.keys() - also
        named, wrong = named + len(named_by_us), wrong + len(strangers)
        misses += [(name, *strangers)] * bool(strangers)
    assert right_addresses / wanted >= 0.95
    assert wrong / named < 0.01, misses


def test_the_action_is_the_right_one(read):
    checked = right = 0
    for _, got, expected, _ in read:
        for address, outcome in expected.items():
            if address in got:
                checked += 1
                right += (outcome in ENDING) == (got[address].value in ENDING)
    assert right / checked >= 0.97


def test_people_and_automatic_answers_report_nothing(read):
    for name, got, expected, also in read:
        if name.startswith(("person", "ooo", "oof", "unsub", "challenge", "ticket", "auto")):
            assert (got, expected, also) == ({}, {}, set()), name
