"""Searching the list a page at a time, and what editors see of past imports."""

from zoneinfo import ZoneInfo

import pytest

from subscribers import growth
from subscribers.errors import NoSuchImport, UnknownReader

LONDON = ZoneInfo("Europe/London")


def addresses(page) -> list[str]:
    return [reader.address for reader in page.readers]


@pytest.fixture
def five(desk):
    names = ["Ann Jones", "Élodie Petit", "Bob 100%", "Carys_Ann Rees", ""]
    for number, name in enumerate(names):
        desk.add(f"reader{number}@town{number}.example.org", by="Eve", name=name, basis="phoned")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("ann", [3, 0]),
        ("ANN jones", [0]),
        ("jones ann", [0]),
        ("reader2", [2]),
        ("@town3.", [3]),
        ("élodie", [1]),
        ("ÉLODIE", [1]),
        ("%", [2]),
        ("_", [3]),
        ("reader1@TOWN1.example.org", [1]),
        ("nobody", []),
        ("n\0obody\0", []),
        ("' OR 1=1 --", []),
    ],
)
def test_search_by_parts_of_address_and_name(desk, five, text, numbers):
    page = desk.search(text)
    assert addresses(page) == [f"reader{n}@town{n}.example.org" for n in numbers]
    assert page.count == len(numbers)


def test_pages_follow_each_other(desk, five):
    first = desk.search(limit=2)
    second = desk.search(limit=2, before=first.older)
    third = desk.search(limit=2, before=second.older)
    numbers = [reader.number for page in (first, second, third) for reader in page.readers]
    assert numbers == [5, 4, 3, 2, 1]
    assert [page.count for page in (first, second, third)] == [5, 5, 5]
    assert third.older is None


def test_search_by_status(desk, five):
    desk.unsubscribe("reader2@town2.example.org", by="Eve")
    assert addresses(desk.search(status="unsubscribed")) == ["reader2@town2.example.org"]
    assert desk.search("reader2", status="active").count == 0
    assert desk.counts()["active"] == 4


def test_an_address_of_which_only_a_hash_is_left(desk, five):
    desk.erase("reader1@town1.example.org", by="Eve")
    page = desk.search("Reader1@town1.example.org")
    assert (page.count, page.suppressed.status) == (0, "suppressed")
    assert desk.search("reader9@town1.example.org").suppressed is None


def test_a_reader_by_number(desk, five):
    reader = desk.by_number(2)
    assert (reader.number, reader.name) == (2, "Élodie Petit")
    desk.erase(reader.address, by="Eve")
    with pytest.raises(UnknownReader, match="no reader 2"):
        desk.by_number(2)


def test_why_an_editor_changed_somebody_is_in_the_record(desk, five):
    desk.edit("reader0@town0.example.org", by="Eve", name="Ann Smith", reason="She \0phoned.")
    desk.unsubscribe("reader0@town0.example.org", by="Eve", reason="She wrote to us.")
    receipt = desk.receipt("reader0@town0.example.org", with_check=False)
    assert receipt.record is None
    assert [(event.by, event.evidence.get("reason")) for event in receipt.events[1:]] == [
        ("Eve", "She phoned."),
        ("Eve", "She wrote to us."),
    ]
    assert desk.verify().ok


def test_growth_is_reckoned_again_when_the_list_has_changed(desk, five, clock, monkeypatch):
    monkeypatch.setattr(growth, "_QUICK", 60.0)  # however busy this machine is
    assert desk.growth(weeks=2, zone=LONDON).by_source["editor"].active == 5
    desk.unsubscribe("reader0@town0.example.org", by="Eve")
    assert desk.growth(weeks=2, zone=LONDON).by_source["editor"].active == 4
    clock.forward(weeks=1)
    weeks = [*desk.growth(weeks=2, zone=LONDON).weeks.values()]
    assert [week.imported for week in weeks] == [5, 0]
    assert len(desk.growth(weeks=3, zone=LONDON).weeks) == 3


def test_past_imports(desk, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("email\nann@example.org\nbob@\n")
    assert desk.past_imports() == []
    first = desk.import_file(file, by="Olga", basis="They agreed.")
    past = desk.past_import(first.id)
    assert (past.file, past.by, past.added, past.refused) == ("list.csv", "Olga", 1, 1)
    assert past.finished_at
    desk.undo_import(first.id, by="Uma")
    assert [(row.id, row.undone_by) for row in desk.past_imports()] == [(1, "Uma")]
    with pytest.raises(NoSuchImport):
        desk.past_import(7)
