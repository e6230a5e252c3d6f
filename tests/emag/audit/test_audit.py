"""The audit record and the acts of issues are chains; their ends are sealed with a key."""

import pytest
from sqlalchemy import delete, text, update

from emag.audit import record, seal
from emag.audit.entry import AuditKind, shortened
from emag.audit.tables import AUDIT, NETWORKS, SEALS
from emag.chain import START, link
from emag.issues import act_log
from emag.issues.act import ActKind
from emag.issues.draft import draft_special
from emag.issues.tables import ACTS
from subscribers.tokens import Keys
from tests.conftest import SECRET


@pytest.fixture
def keys():
    return Keys(SECRET)


@pytest.fixture
def add(database, clock):
    def _add(kind=AuditKind.SIGNED_IN, *, by="Ann", ip="203.0.113.77"):
        with database.transaction() as conn:
            return record.append(conn, kind, by=by, now=clock(), subject="ann@example.org", ip=ip)

    return _add


def faults(database, keys, clock):
    return [check.fault for check in seal.verify(database, keys, now=clock()) if check.fault]


def test_only_the_network_is_kept():
    assert shortened("203.0.113.77") == "203.0.113.0/24"
    assert shortened("::ffff:203.0.113.77") == "203.0.113.0/24"
    assert shortened("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert shortened("a socket") == ""


def test_entries_follow_each_other(database, keys, clock, add):
    assert [add(), add(by="Ben"), add(AuditKind.SIGNED_OUT)] == [1, 2, 3]
    with database.reading() as conn:
        entries = record.listing(conn)
        first = next(record.chained(conn))
    assert [(e.sequence, e.by, e.kind, e.network) for e in entries] == [
        (3, "Ann", "signed-out", "203.0.113.0/24"),
        (2, "Ben", "signed-in", "203.0.113.0/24"),
        (1, "Ann", "signed-in", "203.0.113.0/24"),
    ]
    assert first.hash == link(START, 1, first.values)
    assert seal.seal(database, keys) == []
    assert [(c.records, c.sealed) for c in seal.verify(database, keys, now=clock())] == [
        (3, 3),
        (0, 0),
    ]


def test_a_seal_follows_what_was_added_since(database, keys, clock, add):
    add()
    seal.seal(database, keys)
    add()
    assert seal.verify(database, keys, now=clock())[0].sealed == 1
    seal.seal(database, keys)
    check = seal.verify(database, Keys(f"a-newer-key-{SECRET}, {SECRET}"), now=clock())[0]
    assert (check.records, check.sealed, check.fault) == (2, 2, "")


@pytest.mark.parametrize(
    "change",
    [
        update(AUDIT).where(AUDIT.c.sequence == 2).values(by="Eve"),
        update(AUDIT).where(AUDIT.c.sequence == 2).values(detail="x"),
        delete(AUDIT).where(AUDIT.c.sequence == 2),
        delete(AUDIT).where(AUDIT.c.sequence == 3),
        update(SEALS).values(seal="00"),
        update(SEALS).values(number=2),
        update(NETWORKS).where(NETWORKS.c.sequence == 2).values(network="198.51.100.0/24"),
        delete(NETWORKS).where(NETWORKS.c.sequence == 2),
    ],
)
def test_a_change_is_noticed(database, keys, clock, add, change):
    for _ in range(3):
        add()
    seal.seal(database, keys)
    assert faults(database, keys, clock) == []
    with database.transaction() as conn:
        conn.execute(change)
    assert len(faults(database, keys, clock)) == 1


def test_a_chain_that_was_written_anew_is_not_sealed(database, keys, clock, add):
    add()
    seal.seal(database, keys)
    with database.transaction() as conn:
        conn.execute(delete(AUDIT))
    add(by="Eve")
    add(by="Eve")
    assert seal.seal(database, keys) == [
        "The record “audit” was changed: entry 1 is not the one sealed"
    ]


def test_networks_are_forgotten_after_thirty_days(database, keys, clock, add):
    add()
    clock.forward(days=20)
    add()
    clock.forward(days=11)
    with database.transaction() as conn:
        assert record.forget_networks(conn, now=clock()) == 1
        assert [entry.network for entry in record.listing(conn)] == ["203.0.113.0/24", ""]
    assert faults(database, keys, clock) == []


def test_acts_of_all_issues_are_one_chain(database, settings, keys, clock):
    number = draft_special(database, settings, now=clock(), by="Ann").number
    with database.transaction() as conn:
        for title in ("One", "Two", None):
            act_log.append(
                conn, number, ActKind.NOTE, "note", before=None, after=title, now=clock(), by="Ann"
            )
    seal.seal(database, keys)
    assert faults(database, keys, clock) == []
    for change in (
        text("UPDATE acts SET after = 'Three' WHERE after = 'Two'"),
        text("DELETE FROM acts WHERE after IS NULL"),
    ):
        with database.transaction() as conn:
            before = conn.execute(ACTS.select()).mappings().all()
            conn.execute(change)
        assert len(faults(database, keys, clock)) == 1
        with database.transaction() as conn:
            conn.execute(delete(ACTS))
            conn.execute(ACTS.insert(), [dict(row) for row in before])
