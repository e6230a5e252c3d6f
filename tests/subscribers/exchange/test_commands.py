"""What an import and an export say at the command line's door."""

import io

import pytest

from subscribers import cli

BASIS = "the old list"


def test_an_import_says_what_and_why(database, keys, clock, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(
        "Adresse;Etat\nann@example.org;active\nbob@example.org;unsubscribed\nbad;active\n"
    )
    mapping = {"email": "Adresse", "status": "Etat"}
    more = {"basis": BASIS, "mapping": mapping, "by": "Ann", "now": clock()}
    dry = cli.load(database.transaction, keys, file, dry_run=True, **more)
    assert dry["why"] == [
        {"outcome": "added", "why": "is new", "rows": 1},
        {"outcome": "refused", "why": "cannot be read", "rows": 1},
        {"outcome": "suppressed", "why": "left there", "rows": 1},
    ]
    told = cli.load(database.transaction, keys, file, **more)
    assert told | {"id": None} == dry


@pytest.mark.parametrize(
    ("shape", "lines", "word"),
    [
        ("listmonk", 2, "attributes"),
        ("ghost", 3, "subscribed_to_emails"),
        ("jsonl", 4, "suppressed"),
    ],
)
def test_what_each_export_holds(database, people, shape, lines, word):
    """A reader, one who left, one who asked, and one who was erased."""
    for name in ("ann", "left", "erased"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.erase("erased@example.org")
    people.ask("ask@example.org")
    out = io.StringIO()
    cli.export(database.reading, out, format=shape)
    text = out.getvalue()
    assert word in text
    assert text.count("\n") == lines
    assert "erased@example.org" not in text
    assert ("ask@example.org" in text) == (shape == "jsonl")
