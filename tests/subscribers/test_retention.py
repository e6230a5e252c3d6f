"""What is kept of a person, for how long, and that nothing of it stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from subscribers import membership, roll
from subscribers.membership import Periods

DAY = timedelta(days=1)
PERIODS = Periods(evidence=100 * DAY, network=10 * DAY, unconfirmed=5 * DAY)


@pytest.fixture
def sweep(database, keys, clock):
    def sweep():
        with database.transaction() as conn:
            return membership.sweep(conn, keys, now=clock(), periods=PERIODS)

    return sweep


def test_network_addresses_are_forgotten_first_and_the_chain_stays_whole(
    desk, people, sweep, database, keys, clock
):
    people.reader("ann@example.org")
    clock.forward(days=11)
    people.reader("bob@example.org")
    assert sweep().networks == 1
    assert sweep().networks == 0
    receipt = desk.receipt("ann@example.org")
    assert "ip" not in receipt.events[0].evidence
    assert receipt.events[0].evidence["address"] == "ann@example.org"
    assert receipt.record.ok
    later = desk.receipt("bob@example.org")
    assert later.events[0].evidence["ip"] == "198.51.100.7"


def test_a_network_address_taken_out_by_hand_is_found_even_after_a_sweep(
    desk, people, sweep, database, keys, clock
):
    people.reader("ann@example.org")
    clock.forward(days=11)
    sweep()
    people.reader("bob@example.org")
    with database.transaction() as conn:
        conn.execute(text("UPDATE evidence SET network = NULL, network_salt = NULL"))
    assert desk.verify().first_bad == 4


def test_who_left_long_ago_is_a_hash_and_stays_away(desk, people, sweep, database, keys, clock):
    for name in ("left", "complained", "stays"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.report("complained@example.org", "complained")
    clock.forward(days=99)
    assert sweep().forgotten == 0
    clock.forward(days=2)
    assert sweep().forgotten == 2
    for name in ("left", "complained"):
        suppressed = desk.find(f"{name}@example.org")
        assert suppressed.status == "suppressed"
    assert people.ask("complained@example.org").outcome == "quiet"
    with database.reading() as conn:
        assert [member.address for member in roll.listing(conn)] == ["stays@example.org"]
    assert desk.verify().ok


def test_what_nobody_confirmed_lapses(people, sweep, database, clock):
    people.ask("ann@example.org")
    clock.forward(days=6)
    assert sweep().lapsed == 1
    with database.reading() as conn:
        assert list(roll.listing(conn)) == []


@pytest.mark.sqlite
def test_no_byte_of_an_erased_person_is_left_in_the_files(desk, people, database, keys, clock):
    """The write-ahead log and its index too, though not emptied by closing."""
    for number in range(20):
        people.reader(f"other{number}@example.org", name=f"Other {number}")
    people.reader("Zerlina.Quux@forget-me.example", name="Zerlina Quux", topics=["posts"])
    people.letters("welcome")
    with database.transaction() as conn:
        membership.import_legacy_links(
            conn,
            keys,
            [("zerlina.quux@forget-me.example", "old-token")],
            file="links.csv",
            by="Ann",
            now=clock(),
        )
        membership.request_address_change(
            conn,
            keys,
            roll.find(conn, "zerlina.quux@forget-me.example").ref,
            address="Zerlina@new-forget-me.example",
            now=clock(),
        )
    people.ask("again@example.org")
    file = Path(database.url.database)
    assert is_in_files(file, b"zerlina")
    people.erase("zerlina.quux@forget-me.example")
    with database.engine.connect() as conn:
        conn.exec_driver_sql("VACUUM")
    database.scrub()
    for word in (b"zerlina", b"quux", b"forget-me", b"old-token"):
        assert not is_in_files(file, word), word
    matches = desk.verify()
    assert matches.ok, matches


def is_in_files(file: Path, word: bytes) -> bool:
    files = [path for path in file.parent.glob(f"{file.name}*") if path.is_file()]
    assert files
    return any(word in path.read_bytes().lower() for path in files)


@pytest.mark.sqlite
def test_any_altered_byte_of_the_chain_is_found(people, database, keys):
    """Each character of each text of each entry, its evidence and its words."""
    people.reader("ann@example.org")
    people.leave("ann@example.org")
    columns = {
        "consents": ("previous", "at", "act", "how", "wording", "evidence", "hash"),
        "evidence": ("salt", "body", "network_salt", "network"),
        "wordings": ("text", "version", "language"),
        "ledger_heads": ("hash", "seal"),
    }
    checked = 0
    with database.engine.connect() as conn:
        for table, names in columns.items():
            rows = conn.execute(text(f"SELECT rowid AS place, * FROM {table}")).mappings().all()
            for row in rows:
                for name in names:
                    value = row[name] or ""
                    for at in range(0, len(value), 1 if name == "at" else 7):
                        other = "x" if value[at] != "x" else "y"
                        changed = value[:at] + other + value[at + 1 :]
                        conn.execute(
                            text(f"UPDATE {table} SET {name} = :v WHERE rowid = :r"),
                            {"v": changed, "r": row["place"]},
                        )
                        assert not membership.verify(conn, keys).ok, (table, name, at)
                        conn.rollback()
                        checked += 1
    assert checked > 100


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["previous", "at", "act", "how", "wording", "evidence", "hash"])
def test_a_byte_that_is_no_text_any_more_is_found_in_its_row(people, database, keys, column):
    people.reader("ann@example.org", name="Ann")
    people.leave("ann@example.org")
    with database.engine.connect() as conn:
        conn.exec_driver_sql(
            f"UPDATE consents SET {column} = CAST(x'ff' || {column} AS TEXT) WHERE sequence = 2"
        )
        matches = membership.verify(conn, keys)
        assert (matches.ok, matches.first_bad) == (False, 2)
        conn.rollback()


@pytest.mark.sqlite
@pytest.mark.parametrize("sign", ["T", "_", " +"])
def test_a_time_that_reads_the_same_but_is_written_otherwise_is_found(people, database, keys, sign):
    people.reader("ann@example.org")
    with database.engine.connect() as conn:
        conn.execute(text("UPDATE consents SET at = replace(at, ' ', :s)"), {"s": sign})
        assert not membership.verify(conn, keys).ok
        conn.rollback()
