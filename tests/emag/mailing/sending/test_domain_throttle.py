"""The domain throttle: a circuit breaker and a rate for each receiving domain."""

from datetime import timedelta

from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending.domain_throttle import DomainThrottle
from tests.conftest import START

ACCEPTED, DEFERRED = Receipt(Outcome.ACCEPTED), Receipt(Outcome.DEFERRED, "451 4.7.0 slow down")
REFUSED, UNSENT = Receipt(Outcome.REFUSED, "550 5.1.1 unknown"), Receipt(Outcome.UNSENT)


def wait(throttle, domain="busy.example", *, at=0.0, had_turn=False):
    """How many seconds a message to the domain has to wait."""
    now = START + timedelta(seconds=at)
    postponed = throttle.check(f"ann@{domain}", had_turn=had_turn, now=now)
    return (postponed.until - now).total_seconds() if postponed else 0


def answer(throttle, receipt, times=1, *, at=0.0, domain="busy.example"):
    for _ in range(times):
        throttle.record(f"ann@{domain}", receipt, now=START + timedelta(seconds=at))


def test_without_a_rate_and_without_deferrals_nothing_waits():
    throttle = DomainThrottle()
    answer(throttle, ACCEPTED, 1000)
    answer(throttle, DEFERRED, 4)
    assert wait(throttle) == 0


def test_five_deferrals_in_a_row_open_the_circuit_of_that_domain_only():
    throttle = DomainThrottle()
    answer(throttle, DEFERRED, 5)
    assert wait(throttle) == 60
    assert wait(throttle, "BUSY.example") == 60
    assert wait(throttle, "quiet.example") == 0


def test_deferrals_with_a_success_between_do_not_open_it():
    throttle = DomainThrottle()
    for _ in range(10):
        answer(throttle, DEFERRED, 4)
        answer(throttle, ACCEPTED)
    assert wait(throttle) == 0


def test_after_the_pause_three_probes_decide():
    throttle = DomainThrottle()
    answer(throttle, DEFERRED, 5)
    assert [wait(throttle, at=61) for _ in range(5)] == [0, 0, 0, 10, 10]
    answer(throttle, ACCEPTED, at=62)
    assert [wait(throttle, at=62) for _ in range(5)] == [0] * 5


def test_a_probe_that_is_refused_for_good_closes_the_circuit_too():
    throttle = DomainThrottle()
    answer(throttle, DEFERRED, 5)
    assert wait(throttle, at=61) == 0
    answer(throttle, REFUSED, at=62)
    assert wait(throttle, at=62) == 0


def test_the_pause_doubles_up_to_half_an_hour():
    throttle, at, pauses = DomainThrottle(), 0.0, []
    answer(throttle, DEFERRED, 5)
    for _ in range(7):
        pauses.append(wait(throttle, at=at) / 60)
        at += pauses[-1] * 60 + 1
        assert wait(throttle, at=at) == 0
        answer(throttle, DEFERRED, at=at)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_answers_to_messages_that_were_on_their_way_change_nothing():
    throttle = DomainThrottle()
    answer(throttle, DEFERRED, 50)
    assert wait(throttle) == 60, "the pause is not longer"
    answer(throttle, ACCEPTED)
    assert wait(throttle) == 60, "the pause is not over"


def test_probes_without_an_answer_do_not_keep_the_circuit_open_for_ever():
    throttle = DomainThrottle()
    answer(throttle, DEFERRED, 5)
    assert [wait(throttle, at=61) for _ in range(4)] == [0, 0, 0, 10]
    answer(throttle, UNSENT, 3, at=62)
    assert wait(throttle, at=130) == 0


def test_with_a_rate_each_message_waits_for_its_turn_once():
    throttle = DomainThrottle(2.0)
    waits = [wait(throttle) for _ in range(9)]
    assert waits == [0, 0, 0, 1.5, 2, 2.5, 3, 3.5, 4]
    assert wait(throttle, "quiet.example") == 0
    assert wait(throttle, at=1.5, had_turn=True) == 0, "its turn has come"


def test_its_memory_does_not_grow_with_the_list():
    throttle = DomainThrottle(10.0)
    for n in range(30_000):
        wait(throttle, f"d{n}.example", at=n)
    assert len(throttle._circuits) <= 10_001
