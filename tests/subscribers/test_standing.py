from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import standing
from subscribers.standing import AFTER, Fact, Record, Standing

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
REMOVED = (Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED, Standing.SUPPRESSED)


def test_the_table_is_total():
    assert set(AFTER) == set(Standing)
    for row in AFTER.values():
        assert set(row) == set(Fact)


@pytest.mark.parametrize("removed", REMOVED)
@pytest.mark.parametrize("fact", [f for f in Fact if f is not Fact.CONFIRMED])
def test_only_a_confirmation_brings_somebody_back(removed: Standing, fact: Fact):
    assert AFTER[removed][fact] is not Standing.ACTIVE


def test_a_confirmation_needs_a_sign_up_that_is_open():
    request = standing.after(Record(), Fact.SIGNED_UP)
    assert (request.standing, request.open, request.ask) == (Standing.PENDING, True, 1)
    assert standing.after(request, Fact.CONFIRMED, ask=2) is request
    active = standing.after(request, Fact.CONFIRMED, ask=1)
    assert active.standing is Standing.ACTIVE
    assert standing.after(active, Fact.CONFIRMED, ask=1) == active
    left = standing.after(active, Fact.LEFT)
    assert standing.after(left, Fact.CONFIRMED, ask=1) is left
    again = standing.after(left, Fact.SIGNED_UP)
    assert again.standing is Standing.UNSUBSCRIBED
    assert standing.after(again, Fact.CONFIRMED, ask=1) is again
    assert standing.after(again, Fact.CONFIRMED, ask=2).standing is Standing.ACTIVE


def test_asking_twice_is_one_sign_up():
    request = standing.after(Record(), Fact.SIGNED_UP)
    assert standing.after(request, Fact.SIGNED_UP) == request


def test_who_complained_is_not_asked():
    assert not standing.may_ask(Record(Standing.COMPLAINED))
    assert not standing.may_ask(Record(suppression="complained"))
    assert (
        standing.after(Record(suppression="complained"), Fact.SIGNED_UP).standing
        is Standing.UNKNOWN
    )
    assert standing.may_ask(Record(suppression="erased"))


def test_an_import_passes_by_whoever_is_suppressed():
    barred = Record(Standing.PENDING, suppression="erased", ask=1, open=True)
    assert standing.after(barred, Fact.IMPORTED) is barred
    assert standing.after(Record(suppression="erased"), Fact.IMPORTED).standing is Standing.UNKNOWN


def soft(days: list[int]) -> Record:
    record = Record(Standing.ACTIVE)
    for day in days:
        record = standing.soft_bounced(record, at=NOW + timedelta(days=day))
    return record


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 7, 14], Standing.BOUNCED),
        ([0, 7, 13], Standing.ACTIVE),
        ([0, 14], Standing.ACTIVE),
        ([0, 1, 2, 3, 14], Standing.BOUNCED),
    ],
)
def test_three_in_a_row_over_two_weeks_are_a_dead_address(days: list[int], expected: Standing):
    assert soft(days).standing is expected


def test_a_delivery_starts_the_count_anew():
    record = standing.delivered(soft([0, 7]))
    assert (record.soft, record.soft_since) == (0, None)
    record = standing.soft_bounced(record, at=NOW + timedelta(days=14))
    assert record.standing is Standing.ACTIVE
    assert record.soft == 1


@pytest.mark.parametrize("where", [s for s in Standing if s is not Standing.ACTIVE])
def test_soft_bounces_count_for_readers_only(where: Standing):
    assert standing.soft_bounced(Record(where), at=NOW) == Record(where)


FACTS = st.sampled_from(list(Fact))


@given(st.lists(st.tuples(FACTS, st.integers(0, 3)), max_size=30))
def test_no_order_of_facts_makes_it_raise_or_opens_a_closed_sign_up(facts):
    record = Record()
    for fact, ask in facts:
        before, record = record, standing.after(record, fact, ask=ask)
        if record.standing is Standing.ACTIVE and before.standing is not Standing.ACTIVE:
            by_import = fact is Fact.IMPORTED and before.standing not in REMOVED
            assert by_import or (fact is Fact.CONFIRMED and before.open)
            assert not record.open
