"""A sending that limits itself: deferrals at one domain, a rate for each domain, a warm-up."""

from collections import Counter

import pytest
from sqlalchemy import update

from emag.issues import store
from emag.issues.issue import Status
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.smtp import SmtpTransport
from subscribers.tables import SUBSCRIBERS
from tests.emag.mailing.conftest import DOCUMENT

SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


@pytest.fixture
def number(database, approved, readers, clock):
    """An issue on its way to thirty readers, every third at a busy domain."""
    readers(30)
    busy = SUBSCRIBERS.c.id % 3 == 0
    with database.transaction() as conn:
        values = {"address": SUBSCRIBERS.c.ref + "@busy.example", "key": SUBSCRIBERS.c.ref}
        conn.execute(update(SUBSCRIBERS).where(busy).values(values))
    number = approved(DOCUMENT)
    address(database, number, now=clock(), by="ann")
    return number


@pytest.fixture
def send(database, quick, keys, clock, number):
    transports, senders = [], []

    def send(server, **options):
        transport = SmtpTransport("127.0.0.1", server.port, "none", timeout=5.0, batch=4)
        transports.append(transport)
        settings = quick(connections=2, **options)
        senders.append(
            senders[0].using(transport)
            if senders
            else Sender(database, transport, Terms.of(settings), clock)
        )
        counts = deliver.deliver(senders[-1], number, settings=settings, keys=keys, wait=False)
        assert counts["planned"] == sum(counts[name] for name in SUMMED) == 30
        return {name: many for name, many in counts.items() if many and name != "planned"}

    yield send
    for transport in transports:
        transport.close()


def status(database, number):
    with database.reading() as conn:
        return store.get(conn, number).status


def test_deferrals_pause_their_domain_only_and_the_pause_costs_no_attempt(
    database, relay, send, number, clock
):
    deferrals = {
        "rcpt": lambda to, _: "451 4.7.0 slow down" if to.endswith("busy.example") else None
    }
    server = relay(faults=deferrals)
    counts = send(server)
    assert counts["accepted"] == 20
    assert counts["deferred"] + counts["queued"] == 10
    assert 5 <= counts["deferred"] < 10, "the circuit opens after five"
    with database.reading() as conn:
        waiting = list(ledger.listing(conn, number, status="queued"))
    assert {(e.reason, e.attempts) for e in waiting} == {("busy.example asked us to slow down", 0)}
    server.faults.clear()
    assert send(server)["accepted"] == 20, "the pause is not over"
    for _ in range(8):
        clock.forward(minutes=1)
        counts = send(server)
    assert counts == {"accepted": 30}
    assert status(database, number) is Status.SENT
    assert set(Counter(server.recipients).values()) == {1}


def test_each_domain_has_its_own_rate(relay, send, clock):
    server = relay()
    received = []
    for _ in range(40):
        send(server, domain_rate=1)
        received.append(Counter(to.partition("@")[2] for to in server.recipients))
        clock.forward(seconds=1)
    assert received[0] == {"example.net": 2, "busy.example": 2}
    assert received[4] == {"example.net": 5, "busy.example": 5}
    assert received[-1] == {"example.net": 20, "busy.example": 10}
    assert set(Counter(server.recipients).values()) == {1}


def test_a_warm_up_limits_each_day(database, relay, send, number, clock):
    server = relay()
    plan = {"warm_up": (5, 8)}
    assert send(server, **plan) == {"accepted": 5, "queued": 25}
    assert send(server, **plan) == {"accepted": 5, "queued": 25}
    clock.forward(days=1)
    assert send(server, **plan) == {"accepted": 13, "queued": 17}
    assert status(database, number) is Status.SENDING
    clock.forward(days=1)
    assert send(server, **plan) == {"accepted": 30}
    assert status(database, number) is Status.SENT


def test_in_the_foreground_a_warm_up_ends_with_the_day(database, relay, quick, keys, clock, number):
    server = relay()
    transport = SmtpTransport("127.0.0.1", server.port, "none", timeout=5.0, batch=4)
    settings = quick(warm_up=(12,))
    counts = deliver.deliver(
        Sender(database, transport, Terms.of(settings), clock),
        number,
        settings=settings,
        keys=keys,
    )
    transport.close()
    assert (counts["accepted"], counts["queued"], len(server.received)) == (12, 18, 12)


def test_a_server_that_cannot_be_reached_uses_up_nothing_of_the_warm_up(relay, send, clock):
    server = relay(faults={"greeting": "421 4.3.2 not now"})
    assert send(server, warm_up=(10,)) == {"queued": 30}
    server.faults.clear()
    clock.forward(minutes=1)
    assert send(server, warm_up=(10,)) == {"accepted": 10, "queued": 20}
