"""What an import and an export give through the list's face."""

import io

import pytest

BASIS = "the old list"


def test_an_import_says_what_it_does_and_why(desk, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(
        "Adresse;Etat\nann@example.org;active\nbob@example.org;unsubscribed\nbad;active\n"
    )
    mapping = {"email": "Adresse", "status": "Etat"}
    options = {"basis": BASIS, "mapping": mapping, "by": "Ann"}
    dry = desk.import_file(file, dry_run=True, **options)
    assert dry.reasons == {
        ("added", "is new"): 1,
        ("refused", "cannot be read"): 1,
        ("suppressed", "unsubscribed there"): 1,
    }
    result = desk.import_file(file, **options)
    result.id = None
    assert result == dry


@pytest.mark.parametrize(
    ("shape", "lines", "word"),
    [
        ("listmonk", 2, "attributes"),
        ("ghost", 3, "subscribed_to_emails"),
        ("jsonl", 5, "suppressed"),
    ],
)
def test_what_each_export_holds(desk, people, shape, lines, word):
    """A reader, one who left, one who asked, and one who was erased."""
    for name in ("ann", "left", "erased"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.erase("erased@example.org")
    people.ask("ask@example.org")
    out = io.StringIO()
    desk.export(out, by="Ann", format=shape)
    text = out.getvalue()
    assert word in text
    assert text.count("\n") == lines
    assert "erased@example.org" not in text
    assert ("ask@example.org" in text) == (shape == "jsonl")
