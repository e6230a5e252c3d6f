"""The proof of the consent record, and its anchor in the publication's folder."""

import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def readers(emag):
    for name in ("ann", "bob"):
        emag("subscriber", "add", f"{name}@example.org", "--basis", "asked on paper")


@pytest.fixture
def write(publication):
    """Writes to the database past the program."""

    def write(*statements):
        with closing(sqlite3.connect(publication / "emag.db")) as conn:
            for statement in statements:
                conn.execute(statement)
            conn.commit()

    return write


@pytest.mark.usefixtures("readers")
def test_a_changed_entry_is_named(emag, write):
    whole = {"ok": True, "rows": 2, "first_bad": None, "faults": [], "readers": []}
    assert emag("consent", "verify", "--json").json == whole
    assert "whole: 2 entries" in emag("consent", "verify").out
    write("UPDATE consents SET how = 'form' WHERE sequence = 2")
    result = emag("consent", "verify", "--json", code=1).json
    assert (result["ok"], result["rows"], result["first_bad"]) == (False, 2, 2)
    assert "Entry 2" in emag("consent", "verify", code=1).out


@pytest.mark.usefixtures("readers")
def test_an_emptied_record_is_not_whole(emag, write):
    tables = ("consents", "evidence", "wordings", "ledger_heads", "subscribers")
    write(*(f"DELETE FROM {table}" for table in tables))
    assert emag("consent", "verify", "--json", code=1).json["ok"] is False


@pytest.mark.usefixtures("readers")
def test_a_reader_made_active_past_the_program_is_named(emag, write):
    emag("subscriber", "unsubscribe", "bob@example.org")
    write("UPDATE subscribers SET status = 'active' WHERE address = 'bob@example.org'")
    result = emag("consent", "verify", "--json", code=1).json
    assert (result["first_bad"], result["readers"]) == (None, [2])


@pytest.mark.usefixtures("readers")
def test_a_missing_anchor_is_said_until_it_is_renewed(emag, publication):
    (publication / "consent.anchor").unlink()
    emag("subscriber", "add", "cat@example.org", "--basis", "asked on paper")
    assert "missing" in emag("consent", "verify", code=1).out
    emag("db", "release")
    assert "whole: 3 entries" in emag("consent", "verify").out


@pytest.mark.usefixtures("readers")
def test_a_restore_renews_the_anchor(emag, tmp_path):
    copy = tmp_path / "copy.db"
    emag("db", "backup", copy)
    emag("subscriber", "add", "cat@example.org", "--basis", "asked on paper")
    emag("db", "restore", copy)
    assert "whole: 2 entries" in emag("consent", "verify").out


@pytest.mark.usefixtures("readers")
def test_an_entry_from_a_mail_can_be_checked(emag, write):
    receipt = emag("consent", "receipt", "bob@example.org", "--json").json
    event = receipt["events"][0]
    entry = f"{event['sequence']}:{event['hash']}"
    emag("consent", "verify", "--against", entry)
    emag("consent", "verify", "--against", f"9{entry}", code=1)
    emag("consent", "verify", "--against", "nonsense", code=2)


@pytest.mark.usefixtures("readers")
def test_the_receipt_names_the_editor(emag):
    emag("subscriber", "unsubscribe", "bob@example.org", "--as", "Eve")
    events = emag("consent", "receipt", "bob@example.org", "--json").json["events"]
    assert events[-1]["by"] == "Eve"
