"""The list's face for editors."""

import io

import pytest

from subscribers.errors import BadAddress, UnknownReader, UnknownTopic


def test_add_asks_for_confirmation_or_takes_a_basis(desk, people):
    request = desk.add("ann@example.org", by="Eve", name="Ann", topics=["posts"])
    assert (request.reader.status, request.reader.topics) == ("pending", ("posts",))
    assert "queued" in request.note
    assert len(people.letters()) == 1
    assert "24 hours" in desk.add("ann@example.org", by="Eve").note
    added = desk.add("bob@example.org", by="Eve", basis="asked on the phone")
    assert (added.reader.status, added.note) == ("active", "")
    again = desk.add("ann@example.org", by="Eve", basis="asked too")
    assert again.reader.status == "active"
    assert "active" in desk.add("ann@example.org", by="Eve").note
    assert people.letters() == []


def test_add_brings_nobody_back_on_a_basis(desk, people):
    for name in ("left", "erased"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.erase("erased@example.org")
    for name, status in (("left", "unsubscribed"), ("erased", "suppressed")):
        result = desk.add(f"{name}@example.org", by="Eve", basis="they said so")
        assert result.reader.status == status
        assert "Not added" in result.note


def test_a_topic_that_is_not_offered_is_refused(desk, dump):
    before = dump()
    with pytest.raises(UnknownTopic, match=r"“cats”.*posts, jobs, events"):
        desk.add("ann@example.org", by="Eve", topics=["cats"])
    assert dump() == before


def test_find_gives_what_is_known(desk, people):
    people.reader("ann@example.org", name="Ann", topics=["jobs"])
    reader = desk.find("ANN@example.org")
    assert reader.address == "ann@example.org"
    assert (reader.status, reader.topics) == ("active", ("jobs",))
    assert reader.since.isoformat() == "2026-03-05T09:00:00+00:00"
    people.erase("ann@example.org")
    erased = desk.find("ann@example.org")
    assert (erased.status, erased.reason, erased.topics) == ("suppressed", "erased", ())


def test_the_reason_of_a_bounce_is_given_in_the_server_s_words(desk, people):
    people.reader("ann@example.org")
    people.report("ann@example.org", "bounced")
    assert desk.find("ann@example.org").reason == "550"


def test_an_unknown_address_is_an_error(desk):
    with pytest.raises(UnknownReader, match=r"nobody@example\.org is not on the list"):
        desk.find("nobody@example.org")
    for verb in (desk.unsubscribe, desk.erase):
        with pytest.raises(UnknownReader):
            verb("nobody@example.org", by="Eve")
    with pytest.raises(BadAddress):
        desk.find("nobody")


def test_list_unsubscribe_erase_export(desk, people):
    for name in ("ann", "bob", "cat"):
        people.reader(f"{name}@example.org")
    assert desk.unsubscribe("bob@example.org", by="Eve").status == "unsubscribed"
    assert desk.erase("cat@example.org", by="Eve").status == "suppressed"
    everybody = desk.list()
    addresses = [reader.address for reader in everybody.readers]
    assert addresses == ["ann@example.org", "bob@example.org"]
    assert everybody.counts["active"] == 1
    active = desk.list(status="active").readers
    assert [reader.address for reader in active] == ["ann@example.org"]
    assert desk.export(io.StringIO(), by="Eve") == 2


def test_an_import_counts_what_it_did(desk, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("email,name\nann@example.org,Ann\nbad,Bad\n")
    result = desk.import_file(file, by="Eve", basis="old form")
    assert (result.added, result.updated, result.suppressed, result.unchanged) == (1, 0, 0, 0)
    assert [line for line, _ in result.refused] == [3]
    record = desk.verify()
    assert (record.ok, record.rows) == (True, 1)


def test_every_verb_keeps_who_did_it(desk, people, database, tmp_path):
    """In the evidence of the entry, or beside the import."""
    file = tmp_path / "list.csv"
    file.write_text("email\nann@example.org\n")
    number = desk.import_file(file, by="Eve", basis="old form").id
    desk.unsubscribe("ann@example.org", by="Ida")
    desk.add("bob@example.org", by="Uma")
    events = desk.receipt("ann@example.org").events
    assert [(event.act, event.by) for event in events] == [("imported", "Eve"), ("left", "Ida")]
    assert [event.by for event in desk.receipt("bob@example.org").events] == ["Uma"]
    desk.erase("bob@example.org", by="Oda")
    desk.undo_import(number, by="Una")
    links = tmp_path / "links.csv"
    links.write_text("email,token\nann@example.org,t1\n")
    desk.import_legacy_links(links, by="Lil")
    with database.reading() as conn:
        bodies = [*conn.exec_driver_sql("SELECT body FROM evidence ORDER BY sequence").scalars()]
        undone = conn.exec_driver_sql("SELECT by, undone_by FROM imports").one()
    assert tuple(undone) == ("Eve", "Una")
    assert [body for body in bodies if '"Oda"' in body]
    assert [body for body in bodies if '"Lil"' in body]
    assert desk.verify().ok


def test_a_verb_without_a_name_is_refused(desk, tmp_path):
    for verb, *arguments in (
        (desk.add, "ann@example.org"),
        (desk.unsubscribe, "ann@example.org"),
        (desk.erase, "ann@example.org"),
        (desk.undo_import, 1),
        (desk.import_legacy_links, tmp_path),
        (desk.release_signups,),
        (desk.drop_signups,),
    ):
        with pytest.raises(TypeError, match="by"):
            verb(*arguments)
