import contextlib
import itertools
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from subscribers import membership, roll
from subscribers.consent import Evidence
from subscribers.membership import Verification, ledger


@pytest.fixture
def history(people, clock):
    """Nine entries of three readers, one of them erased."""
    for name in ("ann", "bob", "cat"):
        people.reader(f"{name}@example.org", topics=["posts"])
        clock.forward(hours=1)
    people.erase("cat@example.org")
    people.report("ann@example.org", "bounced")
    people.leave("bob@example.org")


@pytest.fixture
def verify(desk):
    return desk.verify


class Regret(Exception):
    """Nothing of it is to last."""


@pytest.fixture
def touched(database, keys):
    """What `verify` finds after these statements, which are then rolled back."""

    def touched(*statements: str, **values) -> tuple[int, int | None]:
        with contextlib.suppress(Regret), database.transaction() as conn:
            for statement in statements:
                assert conn.execute(text(statement), values).rowcount, statement
            matches = membership.verify(conn, keys)
            raise Regret
        assert matches.ok is (matches.first_bad is None)
        return matches.rows, matches.first_bad

    return touched


@pytest.mark.usefixtures("history")
def test_a_whole_chain_is_found_whole(verify):
    assert verify() == Verification(9)


def test_an_empty_chain_is_whole(verify):
    assert verify() == Verification(0)


COLUMNS = ["previous", "at", "act", "subscriber", "how", "wording", "evidence", "hash"]


@pytest.mark.usefixtures("history")
def test_any_changed_column_is_found(touched, database):
    with database.reading() as conn:
        rows = conn.execute(text("SELECT * FROM consents")).mappings().all()
    for row, column in itertools.product(rows, COLUMNS):
        old, number = row[column], row["sequence"]
        new = {
            "at": str(old).replace("2026", "2025"),
            "subscriber": 2 if old == 1 else 1,
            "act": "left" if old != "left" else "asked",
        }.get(column, f"x{str(old)[1:]}" if old else "x")
        update = f"UPDATE consents SET {column} = :new WHERE sequence = {number}"
        assert touched(update, new=new) == (9, number), (number, column)


@pytest.mark.sqlite
@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("column", ["at", "subscriber", "act", "hash"])
@pytest.mark.parametrize("value", ["'nonsense'", "7.5", "x'00ff'", "''"])
def test_what_its_column_could_not_hold_is_found_too(touched, column, value):
    """SQLite takes anything anywhere: whoever writes past the program may make it unreadable."""
    assert touched(f"UPDATE consents SET {column} = {value} WHERE sequence = 5") == (9, 5)


@pytest.mark.usefixtures("history")
def test_any_removed_row_is_found_the_last_too(touched):
    for row in range(1, 10):
        assert touched(f"DELETE FROM consents WHERE sequence = {row}") == (8, row)


@pytest.mark.usefixtures("history")
def test_a_removed_row_is_found_when_the_rest_moves_up(touched):
    moves = [
        f"UPDATE consents SET sequence = {row - 1} WHERE sequence = {row}" for row in range(5, 10)
    ]
    assert touched("DELETE FROM consents WHERE sequence = 4", *moves) == (8, 4)


@pytest.mark.usefixtures("history")
def test_swapped_rows_are_found(touched):
    moves = [
        f"UPDATE consents SET sequence = {new} WHERE sequence = {old}"
        for old, new in ((3, 99), (6, 3), (99, 6))
    ]
    assert touched(*moves) == (9, 3)


@pytest.mark.usefixtures("history")
def test_touched_evidence_words_and_head_are_found(touched):
    for statement, first_bad in (
        ("UPDATE evidence SET body = replace(body, 'bob', 'rob') WHERE sequence = 3", 3),
        ("UPDATE evidence SET network = replace(network, '198.51', '203.0') WHERE sequence = 3", 3),
        ("UPDATE evidence SET network_salt = 'sugar' WHERE sequence = 3", 3),
        ("UPDATE evidence SET network = NULL WHERE sequence = 3", 3),
        ("UPDATE evidence SET network = NULL, network_salt = NULL WHERE sequence = 3", 3),
        ("UPDATE evidence SET salt = 'sugar' WHERE sequence = 3", 3),
        ("UPDATE evidence SET subscriber = 1 WHERE sequence = 3", 3),
        ("DELETE FROM evidence WHERE sequence = 3", 3),
        ("UPDATE wordings SET text = text || '!'", 1),
        ("DELETE FROM wordings", 1),
        ("UPDATE ledger_heads SET seal = 'wax'", 10),
        ("DELETE FROM ledger_heads", 10),
    ):
        assert touched(statement) == (9, first_bad), statement


@pytest.mark.usefixtures("history")
def test_a_chain_rewritten_without_the_secret_is_found(touched):
    """Somebody with the database, but not the key, cuts the tail and mends the head: no seal."""
    assert touched(
        "DELETE FROM consents WHERE sequence = 9",
        "UPDATE ledger_heads SET sequence = 8, "
        "hash = (SELECT hash FROM consents WHERE sequence = 8)",
    ) == (8, 9)


@pytest.mark.usefixtures("history")
def test_the_receipt_tells_the_whole_story(desk, database, keys, clock):
    receipt = desk.receipt("BOB@example.org")
    assert (receipt.reader.address, receipt.reader.status) == ("bob@example.org", "unsubscribed")
    assert [event.act for event in receipt.events] == ["asked", "confirmed", "left"]
    request, confirmed, left = receipt.events
    assert (
        request.wording == "Yes, send me The Town Crier every Friday. I can leave with one click."
    )
    assert request.evidence["ip"] == "198.51.100.7"
    assert request.evidence["topics"] == ["posts"]
    assert confirmed.evidence["message_id"].endswith("@test>")
    assert left.how == "test"


@pytest.mark.usefixtures("history")
def test_nothing_personal_is_in_the_chain(database):
    with database.reading() as conn:
        rows = repr(conn.execute(text("SELECT * FROM consents")).all())
    for word in ("ann", "bob", "example", "198.51"):
        assert word not in rows


def test_writers_at_once_make_one_chain(people, database, keys, clock, verify):
    failed, letters = [], []

    def work(number):
        try:
            for turn in range(10):
                address = f"r{(number + turn) % 17}@example.org"
                evidence = Evidence("form", wording=f"words {turn}")
                with database.transaction() as conn:
                    membership.sign_up(conn, keys, address=address, evidence=evidence, now=clock())
                with database.transaction() as conn:
                    letters.extend(membership.claim_letters(conn, limit=2, now=clock()))
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number * 3,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert verify() == Verification(17)
    assert len({letter.id for letter in letters}) == len(letters)  # to one of them each


def test_a_transaction_that_fails_leaves_no_entry(database, keys, clock, verify, people):
    people.ask("ann@example.org")

    def fail():
        with database.transaction() as conn:
            membership.sign_up(
                conn, keys, address="b@example.org", evidence=Evidence("form"), now=clock()
            )
            raise Regret

    with pytest.raises(Regret):
        fail()
    clock.forward(seconds=1)
    people.ask("cat@example.org")
    assert verify() == Verification(2)


def test_a_long_chain_is_checked_in_parts(database, keys, clock, verify):
    deeds = [
        ledger.NewEntry(ledger.ConsentAct.LEFT, number, Evidence("test"), f"r{number}@example.org")
        for number in range(5_000)
    ]
    with database.transaction() as conn:
        ledger.append(conn, keys, deeds, now=clock() + timedelta(microseconds=7))
    assert verify() == Verification(5_000)
    with database.reading() as conn:
        (event,) = roll.history(conn, 4_999)
    assert event.evidence == {"address": "r4999@example.org"}
