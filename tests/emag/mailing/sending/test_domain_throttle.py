"""One receiving domain at a time: a rate of its own, and rest after a storm."""

from collections import Counter
from datetime import timedelta

from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending.domain_throttle import DomainThrottle
from tests.conftest import START

ACCEPTED, LATER = Receipt(Outcome.ACCEPTED), Receipt(Outcome.DEFERRED, "451 4.7.0 slow down")
REFUSED, UNSENT = Receipt(Outcome.REFUSED, "550 5.1.1 unknown"), Receipt(Outcome.UNSENT)


def hold(domains, domain="busy.example", *, at=0.0, waited=False):
    """How many seconds somebody there still has to wait."""
    now = START + timedelta(seconds=at)
    held = domains.check(f"ann@{domain}", waited=waited, now=now)
    return (held.until - now).total_seconds() if held else 0


def hear(domains, receipt, times=1, *, at=0.0, domain="busy.example"):
    for _ in range(times):
        domains.record(f"ann@{domain}", receipt, now=START + timedelta(seconds=at))


def test_without_a_rate_and_without_trouble_nobody_waits():
    domains = DomainThrottle()
    hear(domains, ACCEPTED, 1000)
    hear(domains, LATER, 4)
    assert hold(domains) == 0


def test_a_storm_slows_that_domain_alone():
    domains = DomainThrottle()
    hear(domains, LATER, 5)
    assert hold(domains) == 60
    assert hold(domains, "BUSY.example") == 60
    assert hold(domains, "quiet.example") == 0


def test_refusals_with_a_success_between_are_no_storm():
    domains = DomainThrottle()
    for _ in range(10):
        hear(domains, LATER, 4)
        hear(domains, ACCEPTED)
    assert hold(domains) == 0


def test_after_the_rest_a_few_find_out_and_the_others_follow():
    domains = DomainThrottle()
    hear(domains, LATER, 5)
    assert [hold(domains, at=61) for _ in range(5)] == [0, 0, 0, 10, 10]
    hear(domains, ACCEPTED, at=62)
    assert [hold(domains, at=62) for _ in range(5)] == [0] * 5


def test_a_refusal_for_good_is_an_answer_too():
    domains = DomainThrottle()
    hear(domains, LATER, 5)
    assert hold(domains, at=61) == 0
    hear(domains, REFUSED, at=62)
    assert hold(domains, at=62) == 0


def test_the_rest_doubles_up_to_half_an_hour():
    domains, at, rests = DomainThrottle(), 0.0, []
    hear(domains, LATER, 5)
    for _ in range(7):
        rests.append(hold(domains, at=at) / 60)
        at += rests[-1] * 60 + 1
        assert hold(domains, at=at) == 0
        hear(domains, LATER, at=at)
    assert rests == [1, 2, 4, 8, 16, 30, 30]


def test_what_was_on_its_way_when_the_rest_began_does_not_lengthen_it():
    domains = DomainThrottle()
    hear(domains, LATER, 50)
    assert hold(domains) == 60
    hear(domains, ACCEPTED)
    assert hold(domains) == 60, "nor does it end it"


def test_probes_whose_answer_is_lost_do_not_close_a_domain_for_ever():
    domains = DomainThrottle()
    hear(domains, LATER, 5)
    assert [hold(domains, at=61) for _ in range(4)] == [0, 0, 0, 10]
    hear(domains, UNSENT, 3, at=62)
    assert hold(domains, at=130) == 0


def test_a_rate_gives_everybody_a_turn_once():
    domains = DomainThrottle(2.0)
    waits = [hold(domains) for _ in range(9)]
    assert waits == [0, 0, 0, 1.5, 2, 2.5, 3, 3.5, 4]
    assert hold(domains, "quiet.example") == 0
    assert hold(domains, at=1.5, waited=True) == 0, "whose turn has come does not wait again"


def test_it_does_not_grow_with_the_list():
    domains = DomainThrottle(10.0)
    for n in range(30_000):
        hold(domains, f"d{n}.example", at=n)
    assert Counter({"known": len(domains._known)})["known"] <= 10_001
