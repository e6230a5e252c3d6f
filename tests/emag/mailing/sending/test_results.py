"""What became of an issue's copies, counted by either database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from emag.errors import WrongMove
from emag.issues import store
from emag.issues.tables import ISSUES
from emag.mailing.event import Event, EventKind
from emag.mailing.returns import reports
from emag.mailing.sending import ledger, results
from emag.mailing.sending.address import address
from emag.mailing.sending.condense import condense
from emag.mailing.sending.results import ReasonCount, folded_reasons
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tables import SUBSCRIBERS


def test_domains_add_up_and_small_ones_are_folded(database, approved, readers, clock, keys):
    readers(9)
    number = approved()
    address(database, number, now=clock(), by="ann")
    with database.transaction() as conn:
        ids = conn.execute(select(SUBSCRIBERS.c.id).order_by(SUBSCRIBERS.c.id)).scalars().all()
        for place, reader in enumerate(ids):
            domain = "Large.example" if place < 5 else f"small{place}.example"
            values = {"address": f"reader{place}@{domain}"}
            conn.execute(update(SUBSCRIBERS).where(SUBSCRIBERS.c.id == reader), values)
        some = DELIVERIES.c.subscriber.in_(ids[:3])
        conn.execute(update(DELIVERIES).where(some), {"status": "accepted", "settled_at": clock()})
        one = DELIVERIES.c.subscriber == ids[0]
        values = {"report": "bounced", "reason": "550 no such user"}
        conn.execute(update(DELIVERIES).where(one), values)
    with database.reading() as conn:
        domains = results.by_domain(conn, number)
        counts = ledger.counts(conn, number)
        assert results.bounces(conn, number) == [ReasonCount("550 no such user", 1)]
    assert [(d.domain, d.counts["planned"]) for d in domains] == [
        ("large.example", 5),
        ("others", 4),
    ]
    assert {name: sum(d.counts[name] for d in domains) for name in counts} == counts
    evidence = Evidence("one-click")
    clock.forward(days=6)
    with database.transaction() as conn:
        for place in (0, 1, 7):  # bounced, accepted, and one that has no copy yet
            domain = "Large.example" if place < 5 else f"small{place}.example"
            conn.execute(
                update(SUBSCRIBERS)
                .where(SUBSCRIBERS.c.id == ids[place])
                .values(key=f"reader{place}@{domain}".lower())
            )
            reader_address = f"reader{place}@{domain}"
            membership.unsubscribe(
                conn, keys, address=reader_address, evidence=evidence, now=clock()
            )
    with database.reading() as conn:
        assert results.count_left(conn, number) == 1
    clock.forward(days=2)
    with database.transaction() as conn:
        late = DELIVERIES.c.subscriber == ids[1]
        before = clock() - timedelta(days=10)
        conn.execute(update(DELIVERIES).where(late), {"settled_at": before})
        assert results.count_left(conn, number) == 0


def test_an_issue_that_was_not_addressed_has_no_figures(database, approved):
    number = approved()
    with database.reading() as conn:
        assert results.by_domain(conn, number) == []
        assert results.count_left(conn, number) == 0


def test_reasons_that_differ_in_the_mark_of_the_message_are_one():
    marks = ("d9443c01a7336-29", "a1b2c3d4e5f6-30")
    answers = [ReasonCount(f"550-5.1.1 The account does not exist. {m} - gsmtp", 2) for m in marks]
    assert folded_reasons([*answers, ReasonCount("552 5.2.2 Mailbox full", 3)]) == [
        ReasonCount("550-5.1.1 The account does not exist. … - gsmtp", 4),
        ReasonCount("552 5.2.2 Mailbox full", 3),
    ]
    assert folded_reasons(answers[:1]) == answers[:1], "a single answer is kept in its own words"


@given(
    st.lists(st.builds(ReasonCount, st.text(), st.integers(1, 99)), unique_by=lambda r: r.reason)
)
def test_folding_reasons_loses_no_copy(reasons):
    folded = folded_reasons(reasons)
    assert sum(reason.count for reason in folded) == sum(reason.count for reason in reasons)
    assert len({reason.reason for reason in folded}) == len(folded)


def test_a_condensed_issue_keeps_its_figures_and_no_person(
    database, approved, readers, clock, keys
):
    """No person is left in it. Its number stays addressed, so nobody gets it again."""
    readers(6)
    number = approved()
    address(database, number, now=clock(), by="ann")
    with database.transaction() as conn:
        conn.execute(update(DELIVERIES), {"status": "accepted", "settled_at": clock()})
        one = DELIVERIES.c.id == select(func.max(DELIVERIES.c.id)).scalar_subquery()
        values = {"report": "bounced", "reason": "550 no such user"}
        conn.execute(update(DELIVERIES).where(one), values)
        conn.execute(update(ISSUES), {"began_at": clock()})
    kinds = (EventKind.DELIVERED, EventKind.HARD)
    reports.receive(
        database,
        [Event(kind, "provider", kind, clock(), address="reader1@example.net") for kind in kinds],
    )
    reports.apply(database, keys=keys, now=clock())
    before = figures(database, number)
    later = clock() + timedelta(days=1)
    assert list(condense(database, before=later, now=later)) == [], "it still leaves"
    with database.transaction() as conn:
        conn.execute(update(ISSUES), {"status": "sent"})
    assert list(condense(database, before=clock(), now=later)) == [], "it is not old yet"
    assert list(condense(database, before=later, now=later)) == [number]
    assert list(condense(database, before=later, now=later)) == []
    assert figures(database, number) == before
    with database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(DELIVERIES)).scalar() == 0
        kinds = conn.execute(select(EVENTS.c.kind)).scalars().all()
        assert kinds == ["hard"], "why a reader is off the list is still known"
        earlier = store.get(conn, number)
    special = replace(earlier, number=0, is_special=True, audience=number, edition=None)
    with database.transaction() as conn:
        other = store.add(conn, special).number
        conn.execute(update(ISSUES).where(ISSUES.c.number == other), {"status": "approved"})
    with pytest.raises(WrongMove, match=r"privacy\.deliveries"):
        address(database, other, now=clock(), by="ann")
    assert address(database, number, now=clock(), by="ann") == 6, "nobody gets it again"


def figures(database, number):
    with database.reading() as conn:
        return (
            ledger.counts(conn, number),
            results.by_domain(conn, number),
            results.bounces(conn, number),
            results.count_left(conn, number),
            ledger.last_outcome_at(conn, number),
        )
