"""The list from the command line."""

import pytest

BASIS = ("--basis", "agreed on the old form, 2019–2025")


@pytest.fixture
def imported(emag, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("email,name\nann@example.org,Ann\nnobody\nben@example.org,Ben\n")
    return emag("subscriber", "import", file, *BASIS, "--json").json


def test_an_import_is_kept_with_its_basis(emag, imported):
    assert isinstance(imported["id"], int)
    assert [imported[key] for key in ("added", "updated", "suppressed", "unchanged")] == [
        2,
        0,
        0,
        0,
    ]
    [refused] = imported["refused"]
    assert refused["line"] == 3
    assert refused["reason"]
    receipt = emag("consent", "receipt", "ann@example.org", "--json").json
    assert [event["wording"] for event in receipt["events"]] == [BASIS[1]]
    assert BASIS[1] in emag("consent", "receipt", "ann@example.org").out


def test_a_dry_run_brings_nobody_in(emag, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("email\nann@example.org\n")
    assert emag("subscriber", "import", file, *BASIS, "--dry-run", "--json").json["added"] == 1
    emag("subscriber", "show", "ann@example.org", code=1)


def test_readers_are_found_and_edited(emag, imported, settings_of):
    rows = emag("subscriber", "list", "--search", "BEN@", "--json").json["subscribers"]
    assert [row["address"] for row in rows] == ["ben@example.org"]
    words = ("subscriber", "edit", "ben@example.org")
    edited = emag(*words, "--name", "Benjamin", "--as", "Eve", "--json").json
    assert edited["name"] == "Benjamin"
    events = emag("consent", "receipt", "ben@example.org", "--json").json["events"]
    assert (events[-1]["act"], events[-1]["by"]) == ("changed", "Eve")
    assert "no topic “cats”" in emag(*words, "--topics", "cats", code=1).err
    assert "--name" in emag(*words, code=2).err
    assert (
        "not on the list" in emag("subscriber", "edit", "x@example.org", "--name", "X", code=1).err
    )


def test_the_list_s_growth_counts_imports_by_week_and_source(emag, imported):
    stats = emag("stats", "--weeks", "2", "--json").json
    assert len(stats["weeks"]) == 2
    week = stats["weeks"][-1]
    assert (week["joined"], week["imported"], week["net"], week["active"]) == (0, 2, 2, 2)
    assert stats["by_source"]["import"]["imported"] == 2
    assert "import" in emag("stats").out


def test_an_import_can_be_taken_back(emag, imported):
    undone = emag("subscriber", "import", "--undo", imported["id"], "--json").json
    assert undone["id"] == imported["id"]
    emag("subscriber", "show", "ann@example.org", code=1)
    emag("subscriber", "import", "--undo", imported["id"], code=1)


def test_an_import_needs_a_file_and_a_basis(emag, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("email\nann@example.org\n")
    assert "--basis" in emag("subscriber", "import", file, code=2).err
    emag("subscriber", "import", tmp_path / "no.csv", *BASIS, code=2)
    emag("subscriber", "import", *BASIS, code=2)
    emag("subscriber", "import", file, "--undo", "1", code=2)
    file.write_text("nothing of use\n1\n")
    assert "email" in emag("subscriber", "import", file, *BASIS, code=1).err


def test_one_reader(emag, imported):
    data = emag("subscriber", "show", "ann@example.org", "--json").json
    assert (data["address"], data["status"], data["topics"]) == ("ann@example.org", "active", [])
    assert data["since"].endswith("+00:00")
    assert "ann@example.org is active since" in emag("subscriber", "show", "ANN@example.org").out
    unknown = emag("subscriber", "show", "eve@example.org", code=1)
    assert unknown.out == ""
    assert len(unknown.err.strip().splitlines()) == 1
    emag("subscriber", "show", "not an address", code=1)


def test_add_asks_first_and_a_basis_does_not(emag):
    added = emag("subscriber", "add", "eve@example.org", "--topic", "jobs", "--json").json
    assert (added["status"], added["topics"]) == ("pending", ["jobs"])
    assert "confirmation" in added["note"]
    dan = ("dan@example.org", "--name", "Dan", "--topic", "posts")
    added = emag("subscriber", "add", *dan, *BASIS, "--json").json
    assert (added["status"], added["name"], added["topics"]) == ("active", "Dan", ["posts"])
    assert "no topic" in emag("subscriber", "add", "x@example.org", "--topic", "cars", code=1).err


def test_leaving_and_erasing_outlive_an_import(emag, imported, tmp_path):
    removed = emag("subscriber", "unsubscribe", "ann@example.org", "--json").json
    assert removed["status"] == "unsubscribed"
    assert emag("subscriber", "erase", "ben@example.org", "--json").json["status"] == "suppressed"
    again = emag("subscriber", "import", tmp_path / "old.csv", *BASIS, "--json").json
    assert (again["added"], again["suppressed"]) == (0, 2)
    assert emag("subscriber", "list", "--status", "active", "--json").json["subscribers"] == []
    emag("subscriber", "unsubscribe", "eve@example.org", code=1)
    emag("subscriber", "erase", "eve@example.org", code=1)


def test_the_list(emag, imported):
    data = emag("subscriber", "list", "--json").json
    assert [item["address"] for item in data["subscribers"]] == [
        "ann@example.org",
        "ben@example.org",
    ]
    assert data["counts"]["active"] == 2
    assert "ben@example.org" in emag("subscriber", "list").out
    emag("subscriber", "list", "--status", "sleeping", code=2)


def test_export(emag, imported, tmp_path):
    lines = emag("subscriber", "export").out.splitlines()
    assert lines[0].startswith("email,name,status")
    assert len(lines) == 3
    assert len(emag("subscriber", "export", "--format", "jsonl").out.splitlines()) == 2
    assert len(emag("subscriber", "export", "--json").json["subscribers"]) == 2
    file = tmp_path / "all.csv"
    assert emag("subscriber", "export", "--out", file, "--json").json["written"] == 2
    assert file.read_text().splitlines() == lines
    assert file.stat().st_mode & 0o777 == 0o600
    emag("subscriber", "export", "--out", file, code=1)


def test_what_is_done_with_readers_data_is_in_the_audit_record(emag, publication, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("email\nann@example.org\n")
    emag("subscriber", "import", file, "--basis", "They agreed", "--as", "Olga")
    emag("subscriber", "export", "--out", tmp_path / "all.csv", "--as", "Olga")
    emag("subscriber", "export", "--format", "jsonl")
    emag("subscriber", "import", "--undo", 1, "--as", "Olga")
    emag("subscriber", "add", "bob@example.org", "--basis", "By phone")
    emag("subscriber", "erase", "bob@example.org", "--as", "Uma")
    entries = emag("audit", "list", "--json").json["entries"]
    acts = [(entry["kind"], entry["subject"], entry["detail"]) for entry in reversed(entries)]
    assert acts == [
        ("imported", "import 1", "1 added"),
        ("exported", "readers", "csv"),
        ("exported", "readers", "jsonl"),
        ("import-undone", "import 1", ""),
        ("erased", "reader 2", ""),
    ]
    assert [entry["by"] for entry in reversed(entries)][-1] == "Uma"
    assert "bob" not in str(entries)


def test_past_imports_are_listed(emag, imported):
    [past] = emag("subscriber", "imports", "--json").json["imports"]
    assert (past["id"], past["file"], past["added"], past["refused"]) == (1, "old.csv", 2, 1)
    assert "old.csv" in emag("subscriber", "imports").out
    emag("subscriber", "import", "--undo", 1, "--as", "Una")
    assert "undone by Una" in emag("subscriber", "imports").out
