"""A sending that holds itself back: a storm at one domain, a rate for each, a warm-up."""

from collections import Counter

import pytest
from sqlalchemy import update

from emag.issues import store
from emag.issues.issue import Status
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending.address import address
from emag.mailing.transports.smtp import SmtpTransport
from subscribers.tables import Subscriber
from tests.emag.mailing.conftest import DOCUMENT

SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


@pytest.fixture
def number(database, approved, readers, clock):
    """An issue on its way to thirty readers, every third at a busy domain."""
    readers(30)
    busy = Subscriber.id % 3 == 0
    with database.transaction() as conn:
        values = {"address": Subscriber.ref + "@busy.example", "key": Subscriber.ref}
        conn.execute(update(Subscriber).where(busy).values(values))
    number = approved(DOCUMENT)
    address(database, number, now=clock(), by="ann")
    return number


@pytest.fixture
def send(database, quick, keys, clock, number):
    made = []

    def send(server, **told):
        transport = SmtpTransport("127.0.0.1", server.port, "none", timeout=5.0, batch=4)
        made.append(transport)
        counts = deliver.deliver(
            database,
            number,
            transport=transport,
            settings=quick(connections=2, **told),
            keys=keys,
            now=clock,
            wait=False,
        )
        assert counts["planned"] == sum(counts[name] for name in SUMMED) == 30
        return {name: many for name, many in counts.items() if many and name != "planned"}

    yield send
    for transport in made:
        transport.close()


def status(database, number):
    with database.reading() as conn:
        return store.get(conn, number).status


def test_a_storm_slows_that_domain_alone_and_costs_nobody_an_attempt(
    database, relay, send, number, clock
):
    storm = {"rcpt": lambda to, _: "451 4.7.0 slow down" if to.endswith("busy.example") else None}
    server = relay(faults=storm)
    counts = send(server)
    assert counts["accepted"] == 20
    assert counts["deferred"] + counts["queued"] == 10
    assert 5 <= counts["deferred"] < 10, "a storm is seen after five; the others are not tried"
    with database.reading() as conn:
        waiting = list(ledger.listing(conn, number, status="queued"))
    assert {(e.reason, e.attempts) for e in waiting} == {("busy.example asked for patience", 0)}
    server.faults.clear()
    assert send(server)["accepted"] == 20, "not before the rest is over"
    for _ in range(8):
        clock.forward(minutes=1)
        counts = send(server)
    assert counts == {"accepted": 30}
    assert status(database, number) is Status.SENT
    assert set(Counter(server.recipients).values()) == {1}


def test_each_domain_has_a_rate_of_its_own(relay, send, clock):
    server = relay()
    seen = []
    for _ in range(40):
        send(server, domain_rate=1)
        seen.append(Counter(to.partition("@")[2] for to in server.recipients))
        clock.forward(seconds=1)
    assert seen[0] == {"example.net": 2, "busy.example": 2}
    assert seen[4] == {"example.net": 5, "busy.example": 5}
    assert seen[-1] == {"example.net": 20, "busy.example": 10}
    assert set(Counter(server.recipients).values()) == {1}


def test_a_warm_up_sends_its_share_of_each_day(database, relay, send, number, clock):
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
    counts = deliver.deliver(
        database,
        number,
        transport=transport,
        settings=quick(warm_up=(12,)),
        keys=keys,
        now=clock,
    )
    transport.close()
    assert (counts["accepted"], counts["queued"], len(server.taken)) == (12, 18, 12)


def test_a_relay_that_is_away_costs_nothing_of_the_warm_up(relay, send, clock):
    server = relay(faults={"greeting": "421 4.3.2 not now"})
    assert send(server, warm_up=(10,)) == {"queued": 30}
    server.faults.clear()
    clock.forward(minutes=1)
    assert send(server, warm_up=(10,)) == {"accepted": 10, "queued": 20}
