from datetime import UTC, datetime, timedelta

import pytest

from subscribers import firewall
from subscribers.firewall import SignupLimits, Tally

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("198.51.100.250", "198.51.100.0/24"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("127.0.0.1", ""),
        ("10.3.2.1", ""),
        ("::1", ""),
        ("fe80::1", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_a_visitor_counts_for_the_network(ip: str, network: str):
    assert firewall.network(ip) == network


def tally(count: int, *, hours_ago: float) -> Tally:
    return Tally(count, NOW - hours_ago * HOURS, NOW - hours_ago * HOURS)


@pytest.mark.parametrize(
    ("tallies", "refused"),
    [
        ({}, None),
        ({"address": tally(1, hours_ago=23.9)}, "address"),
        ({"address": tally(1, hours_ago=24)}, None),
        ({"address": tally(2, hours_ago=24)}, None),
        ({"address": tally(3, hours_ago=5_000)}, "address"),
        ({"network": tally(29, hours_ago=0.5)}, None),
        ({"network": tally(30, hours_ago=0.5)}, "network"),
        ({"network": tally(30, hours_ago=1)}, None),
        ({"domain": tally(500, hours_ago=0.5)}, "domain"),
        ({"all": tally(2_000, hours_ago=0.5)}, "all"),
    ],
)
def test_the_limits(tallies, refused: str | None):
    assert firewall.limit_reached(tallies, SignupLimits(), now=NOW) == refused


def test_a_service_answers_for_its_own_visitors():
    full = {"network": tally(99, hours_ago=0), "domain": tally(999, hours_ago=0)}
    assert firewall.limit_reached(full, SignupLimits().for_services(), now=NOW) is None
    mailbox = {"address": tally(1, hours_ago=0)}
    assert firewall.limit_reached(mailbox, SignupLimits().for_services(), now=NOW) == "address"


def test_a_window_that_is_over_starts_anew():
    assert firewall.incremented(None, now=NOW, window=HOURS) == Tally(1, NOW, NOW)
    running = firewall.incremented(tally(4, hours_ago=0.9), now=NOW, window=HOURS)
    assert (running.count, running.since) == (5, NOW - 0.9 * HOURS)
    assert firewall.incremented(tally(4, hours_ago=1), now=NOW, window=HOURS) == Tally(1, NOW, NOW)
    assert firewall.incremented(tally(2, hours_ago=999), now=NOW, window=None).count == 3
