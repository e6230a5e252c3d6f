"""Shapes of notices that no rule was made for: found where they say so, and never a guess."""

import pytest

from emag.mailing.returns.bounces.classify import classify
from tests.emag.mailing.returns.bounces.shapes import SHAPES, filled

ENDING = {"hard", "complaint"}
TIMES = 8  # with different people


@pytest.fixture(scope="module")
def read():
    return [
        (each.name, {f.address: f.outcome for f in classify(raw).failures}, expected, also)
        for seed in range(TIMES)
        for each, raw, expected, also in filled(seed)
    ]


def test_there_are_many_of_them():
    assert len({each.name for each in SHAPES}) == len(SHAPES) > 70


def test_the_right_addresses_and_no_wrong_ones(read):
    wanted = found = named = wrong = 0
    misses = []
    for name, got, expected, also in read:
        told = {address for address in got if address}
        alike = expected if not (also and also & told) else {}
        wanted, found = wanted + len(alike), found + len(alike.keys() & told)
        strangers = told - expected.keys() - also
        named, wrong = named + len(told), wrong + len(strangers)
        misses += [(name, *strangers)] * bool(strangers)
    assert found / wanted >= 0.95
    assert wrong / named < 0.01, misses


def test_the_action_is_the_right_one(read):
    asked = kept = 0
    for _, got, expected, _ in read:
        for address, outcome in expected.items():
            if address in got:
                asked += 1
                kept += (outcome in ENDING) == (got[address].value in ENDING)
    assert kept / asked >= 0.97


def test_people_and_answering_machines_report_nothing(read):
    for name, got, expected, also in read:
        if name.startswith(("person", "ooo", "oof", "unsub", "challenge", "ticket", "auto")):
            assert (got, expected, also) == ({}, {}, set()), name
