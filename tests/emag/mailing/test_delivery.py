"""The life of a delivery, as tables and as rules."""

from datetime import timedelta
from functools import reduce
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.mailing.delivery import (
    AFTER_EVENT,
    AFTER_OUTCOME,
    DeliveryStatus,
    Outcome,
    Receipt,
    Report,
    apply_event,
    apply_receipt,
    is_dead_address,
    next_attempt_at,
    without_addresses,
)
from emag.mailing.event import EventKind
from tests.conftest import START

S, E = DeliveryStatus, EventKind


def test_the_tables_are_total():
    assert {(s, o) for s, row in AFTER_OUTCOME.items() for o in row} == set(product(S, Outcome))
    assert {(s, e) for s, row in AFTER_EVENT.items() for e in row} == set(product(S, E))


@pytest.mark.parametrize("status", [S.INFLIGHT, S.DOUBTFUL])
@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (Outcome.ACCEPTED, S.ACCEPTED),
        (Outcome.REFUSED, S.REFUSED),
        (Outcome.DEFERRED, S.DEFERRED),
        (Outcome.UNSENT, S.QUEUED),
        (Outcome.DOUBTFUL, S.DOUBTFUL),
    ],
)
def test_what_an_outcome_makes_of_one_under_way(status, outcome, after):
    assert AFTER_OUTCOME[status][outcome] is after


@pytest.mark.parametrize("status", [s for s in S if s not in {S.INFLIGHT, S.DOUBTFUL}])
def test_an_outcome_changes_nothing_that_is_not_under_way(status):
    assert set(AFTER_OUTCOME[status].values()) == {status}


@pytest.mark.parametrize(
    ("status", "kind", "after"),
    [
        (S.ACCEPTED, E.DELIVERED, (S.ACCEPTED, Report.DELIVERED)),
        (S.ACCEPTED, E.HARD, (S.ACCEPTED, Report.BOUNCED)),
        (S.ACCEPTED, E.SOFT, (S.ACCEPTED, Report.BOUNCED)),
        (S.ACCEPTED, E.COMPLAINT, (S.ACCEPTED, Report.COMPLAINED)),
        (S.ACCEPTED, E.UNSUBSCRIBED, (S.ACCEPTED, Report.NONE)),
        (S.DOUBTFUL, E.ACCEPTED, (S.ACCEPTED, Report.NONE)),
        (S.DOUBTFUL, E.DELIVERED, (S.ACCEPTED, Report.DELIVERED)),
        (S.DOUBTFUL, E.NONE, (S.DOUBTFUL, Report.NONE)),
        (S.INFLIGHT, E.DELIVERED, (S.ACCEPTED, Report.DELIVERED)),
        (S.QUEUED, E.DELIVERED, (S.ACCEPTED, Report.DELIVERED)),
        (S.REFUSED, E.DELIVERED, (S.REFUSED, Report.NONE)),
        (S.SKIPPED, E.COMPLAINT, (S.SKIPPED, Report.NONE)),
    ],
)
def test_what_a_report_makes_of_it(status, kind, after):
    assert apply_event(status, Report.NONE, kind) == after


@given(st.sampled_from(S), st.lists(st.sampled_from(E), max_size=4))
def test_reports_say_the_same_in_any_order(status, kinds):
    def settle(order):
        return reduce(lambda state, kind: apply_event(*state, kind), order, (status, Report.NONE))

    assert len({settle(order) for order in permutations(kinds)}) <= 1


@given(st.sampled_from([s for s in S if s is not S.ACCEPTED]), st.lists(st.sampled_from(E)))
def test_no_report_has_anything_sent(status, kinds):
    """Only reports on what was handed over exist: none may put a message back in line."""
    state = (status, Report.NONE)
    for kind in kinds:
        state = apply_event(*state, kind)
        assert state[0] in {status, S.ACCEPTED}


def test_attempts_wait_longer_and_end():
    moments = [next_attempt_at(n, now=START) for n in range(1, 10)]
    assert moments[-1] is None
    waits = [moment - START for moment in moments[:-1]]
    assert waits[:4] == [timedelta(minutes=m) for m in (1, 5, 15, 60)]
    assert waits == sorted(waits)
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(days=5)


def test_the_other_side_may_ask_for_more_time():
    assert next_attempt_at(1, now=START, retry_after=600) == START + timedelta(minutes=10)
    assert next_attempt_at(2, now=START, retry_after=1) == START + timedelta(minutes=5)


def test_unsent_costs_no_attempt():
    answer = apply_receipt(Receipt(Outcome.UNSENT, "away", retry_after=30), 2, now=START)
    assert (answer.status, answer.attempts) == (S.QUEUED, 2)
    assert answer.not_before == START + timedelta(seconds=30)


def test_a_refusal_that_is_about_us_burns_no_reader():
    answer = apply_receipt(Receipt(Outcome.REFUSED, "550 5.7.1", sender_fault=True), 0, now=START)
    assert (answer.status, answer.attempts) == (S.DEFERRED, 1)


def test_after_the_last_attempt_it_is_refused_and_says_so():
    answer = apply_receipt(Receipt(Outcome.DEFERRED, "451 busy"), 8, now=START)
    assert (answer.status, answer.attempts) == (S.REFUSED, 9)
    assert answer.reason == "given up after 9 attempts: 451 busy"


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.DOUBTFUL])
def test_what_is_final_is_final(outcome):
    answer = apply_receipt(Receipt(outcome, "why"), 3, now=START)
    assert (answer.status.value, answer.attempts, answer.reason) == (outcome.value, 4, "why")


@pytest.mark.parametrize(
    ("receipt", "dead"),
    [
        (Receipt(Outcome.REFUSED, "550 5.1.1 unknown"), True),
        (Receipt(Outcome.REFUSED, "550 5.1.10 null mx"), True),
        (Receipt(Outcome.REFUSED, "550 no such user"), True),
        (Receipt(Outcome.REFUSED, "552 5.2.2 full"), False),
        (Receipt(Outcome.REFUSED, "550 5.1.1 your host is on a blocklist"), False),
        (Receipt(Outcome.REFUSED, "550 5.1.2 sender address rejected: domain not found"), False),
        (Receipt(Outcome.REFUSED, "556 5.1.10 … does not accept mail (nullMX)"), True),
        (Receipt(Outcome.REFUSED, "450 4.1.1 no such user"), False),
        (Receipt(Outcome.REFUSED, "550 5.1.1 x", sender_fault=True), False),
        (Receipt(Outcome.DEFERRED, "450 5.1.1"), False),
    ],
)
def test_only_a_plain_word_makes_an_address_dead(receipt, dead):
    assert is_dead_address(receipt) is dead


@given(st.text(max_size=400))
def test_reasons_hold_no_address_and_one_line(text):
    cleaned = without_addresses(f"{text} <ann@example.net>, b@example.org {text}")
    assert "example.net" not in cleaned
    assert "b@example" not in cleaned
    assert len(cleaned) <= 200
    assert "\n" not in cleaned
