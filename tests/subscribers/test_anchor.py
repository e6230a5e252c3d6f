"""What somebody who can write to the database, but has no key, cannot hide."""

import os
import threading
from contextlib import suppress

import pytest
from sqlalchemy import text

from subscribers import membership
from subscribers.anchor import Anchor
from subscribers.consent import Evidence
from subscribers.errors import BrokenAnchor, MissingAnchor
from subscribers.exchange import import_file
from subscribers.tokens import Keys

TABLES = ("consents", "evidence", "wordings", "ledger_heads")


@pytest.fixture
def run(database):
    """Runs statements past the program."""

    def run(*statements, **values):
        with database.engine.begin() as conn:
            for statement in statements:
                conn.execute(text(statement), values)

    return run


@pytest.fixture
def readers(anchor, people):
    for name in ("ann", "bob", "cat"):
        people.reader(f"{name}@example.org")
    people.leave("bob@example.org")


@pytest.mark.usefixtures("readers")
def test_the_anchor_follows_every_commit(anchor, desk, people):
    assert anchor.read().sequence == desk.verify().rows == 7
    people.ask("dan@example.org")
    assert anchor.read().sequence == 8
    assert desk.verify().ok
    assert oct(anchor.path.stat().st_mode)[-3:] == "600"


@pytest.mark.usefixtures("readers")
def test_emptied_tables_are_found(desk, run):
    run(*(f"DELETE FROM {table}" for table in TABLES))
    result = desk.verify()
    assert (result.ok, result.rows, result.first_bad) == (False, 0, 1)
    run("DELETE FROM subscribers")
    assert not desk.verify().ok


@pytest.mark.usefixtures("readers")
def test_an_older_end_that_is_put_back_is_found(desk, run, database, people):
    with database.reading() as conn:
        head = dict(conn.execute(text("SELECT * FROM ledger_heads")).mappings().one())
    people.leave("ann@example.org")
    run(
        "DELETE FROM consents WHERE sequence > 7",
        "DELETE FROM evidence WHERE sequence > 7",
        "UPDATE ledger_heads SET sequence = :sequence, hash = :hash, seal = :seal",
        "UPDATE subscribers SET status = 'active' WHERE id = 1",
        **head,
    )
    result = desk.verify()
    assert (result.ok, result.rows, result.first_bad) == (False, 7, 8)
    # It stays found when the chain grows past the anchor again.
    for name in ("dan", "eve"):
        people.ask(f"{name}@example.org")
    result = desk.verify()
    assert (result.ok, result.first_bad) == (False, 8)


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subscribers SET status = 'active' WHERE id = 2",
        "UPDATE subscribers SET status = 'bounced' WHERE id = 1",
        """INSERT INTO subscribers
        (ref, address, key, name, status, topics, since, joined_at, ask, open, soft)
        SELECT 'ref-of-a-stranger', 'x@example.org', 'x@example.org', '', 'active', topics,
        since, joined_at, 0, open, 0 FROM subscribers WHERE id = 1""",
    ],
)
def test_a_status_without_an_entry_is_found(desk, run, statement):
    assert desk.verify().ok
    run(statement)
    result = desk.verify()
    assert (result.ok, result.first_bad) == (False, None)
    assert "1" in result.faults[0] or "2" in result.faults[0] or "4" in result.faults[0]
    assert len(result.readers) == 1


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize(
    ("statement", "reader"),
    [
        ("UPDATE subscribers SET address = 'eve@example.org' WHERE id = 1", 1),
        ("UPDATE subscribers SET address = 'x@example.org', key = 'x@example.org' WHERE id = 3", 3),
    ],
)
def test_an_address_that_the_evidence_does_not_state_is_found(desk, run, statement, reader):
    run(statement)
    result = desk.verify()
    assert (result.ok, result.first_bad, result.readers) == (False, None, (reader,))
    assert result.faults == (
        f"The address of reader {reader} is not the one that their last entry states.",
    )


def test_another_spelling_of_an_address_is_the_same(desk, people, database, keys, clock, tmp_path):
    people.reader("ann@example.org")
    people.leave("ann@example.org")
    clock.forward(days=2)
    people.reader("Ann@EXAMPLE.org")
    file = tmp_path / "readers.csv"
    file.write_text("email\nANN@example.org\nBob@example.org\n")
    for _ in range(2):
        import_file(database.transaction, keys, file, basis="agreed", by="Ann", now=clock())
    people.ask("BOB@example.org")
    assert desk.verify().ok


def test_a_changed_address_is_the_one_that_is_stated(desk, people, database, keys, clock):
    ref = people.reader("old@example.org")
    with database.transaction() as conn:
        membership.request_address_change(conn, keys, ref, address="new@example.org", now=clock())
    assert desk.verify().ok
    (letter,) = people.letters("change")
    token, evidence = people.token(letter, "change"), Evidence("link")
    with database.transaction() as conn:
        membership.confirm_address_change(conn, keys, token, evidence=evidence, now=clock())
    assert desk.find("new@example.org").status == "active"
    assert desk.verify().ok


def test_somebody_put_in_the_place_of_an_erased_reader_is_found(desk, run, people, anchor):
    people.reader("ann@example.org")
    people.reader("bob@example.org")
    run("CREATE TABLE spare AS SELECT * FROM subscribers WHERE id = 1")
    people.erase("ann@example.org")
    assert desk.verify().ok
    run("INSERT INTO subscribers SELECT * FROM spare", "DROP TABLE spare")
    assert desk.verify().readers == (1,)


@pytest.mark.usefixtures("readers")
def test_a_missing_or_changed_anchor_is_said(desk, anchor, keys):
    content = anchor.path.read_bytes()
    anchor.path.write_bytes(content.replace(b"7 ", b"6 ", 1))
    with pytest.raises(BrokenAnchor, match="seal"):
        anchor.read()
    assert not desk.verify().ok
    anchor.path.unlink()
    with pytest.raises(MissingAnchor, match="db release"):
        anchor.read()
    assert "missing" in desk.verify().faults[0]


@pytest.mark.usefixtures("readers")
def test_no_commit_makes_a_missing_or_changed_anchor_good(desk, anchor, people):
    anchor.path.write_bytes(b"x" * 173)
    people.ask("dan@example.org")
    assert not desk.verify().ok
    anchor.path.unlink()
    people.ask("eve@example.org")
    assert not anchor.path.exists()


@pytest.mark.usefixtures("readers")
def test_a_crash_between_the_commit_and_the_file_is_no_false_alarm(desk, anchor, people):
    before = anchor.path.read_bytes()
    people.ask("dan@example.org")
    anchor.path.write_bytes(before)  # as it would be after the crash
    assert desk.verify().ok
    people.ask("eve@example.org")
    assert anchor.read().sequence == desk.verify().rows == 9
    assert desk.verify().ok


def test_a_transaction_that_fails_does_not_move_it(anchor, desk, database, keys, clock, people):
    people.ask("ann@example.org")
    before = anchor.read()
    evidence, now = Evidence("form"), clock()
    with suppress(KeyError), database.transaction() as conn:
        membership.sign_up(conn, keys, address="bob@example.org", evidence=evidence, now=now)
        raise KeyError
    with database.transaction() as conn:
        conn.execute(text("SELECT 1"))
    assert anchor.read() == before
    assert desk.verify().ok


@pytest.mark.usefixtures("readers")
def test_the_anchor_of_another_machine_catches_up(database, keys, people, tmp_path):
    """It holds its own witness, and is behind while others write."""
    other = Anchor(tmp_path / "elsewhere.anchor", keys)
    other.create(database.reading)
    people.ask("dan@example.org")
    assert other.read().sequence == 7
    database.after_commit.clear()
    other.follow(database.engine, database.after_commit)
    people.ask("eve@example.org")
    assert other.read().sequence == 9


@pytest.mark.usefixtures("readers")
def test_an_entry_from_an_old_mail_can_be_checked(desk, anchor):
    position = anchor.read()
    assert desk.verify(against=position).ok
    assert not desk.verify(against=position._replace(hash="0" * 64)).ok
    assert desk.verify(against=position._replace(sequence=99)).first_bad == 8


@pytest.mark.usefixtures("readers")
def test_a_new_secret_reads_what_the_old_one_sealed(anchor, keys):
    both = Keys("a-new-secret-for-tests-0123456789abcdef, a-secret-for-tests-only-0123456789abcdef")
    assert Anchor(anchor.path, both).read() == anchor.read()


def test_many_writers_leave_it_at_the_end(anchor, people, desk):
    def work(number):
        for turn in range(5):
            people.ask(f"r{number}-{turn}@example.org")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert anchor.read().sequence == desk.verify().rows == 20


def test_a_folder_that_cannot_be_written_does_not_stop_the_list(anchor, people, desk, caplog):
    if os.geteuid() == 0:
        anchor.path.unlink()
        anchor.path.mkdir()  # root may write everywhere, but not into a folder
    else:
        anchor.path.chmod(0o400)
    people.ask("ann@example.org")
    assert desk.find("ann@example.org").status == "pending"
    assert "cannot be written" in caplog.text
