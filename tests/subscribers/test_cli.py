import io
import json

import pytest

from subscribers import cli
from subscribers.errors import BadAddress, UnknownReader


@pytest.fixture
def add(database, keys, clock):
    return lambda address, **more: cli.add(database.transaction, keys, address, now=clock(), **more)


@pytest.fixture
def show(database, keys):
    return lambda address: cli.show(database.reading, keys, address)


def test_add_asks_for_confirmation_or_takes_a_basis(add, people):
    asked = add("ann@example.org", name="Ann", topics=["posts"])
    assert (asked["status"], asked["topics"]) == ("pending", ["posts"])
    assert "queued" in asked["note"]
    assert len(people.letters()) == 1
    assert "24 hours" in add("ann@example.org")["note"]
    given = add("bob@example.org", basis="told me on the phone")
    assert (given["status"], given["note"]) == ("active", "")
    assert add("ann@example.org", basis="told me too")["status"] == "active"
    assert "active" in add("ann@example.org")["note"]
    assert people.letters() == []


def test_add_brings_nobody_back_on_a_basis(add, people):
    for name in ("left", "erased"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.erase("erased@example.org")
    for name, status in (("left", "unsubscribed"), ("erased", "suppressed")):
        told = add(f"{name}@example.org", basis="they said so")
        assert told["status"] == status
        assert "Not added" in told["note"]


def test_show_tells_what_there_is(show, people):
    people.reader("ann@example.org", name="Ann", topics=["jobs"])
    told = show("ANN@example.org")
    assert told["address"] == "ann@example.org"
    assert (told["status"], told["topics"]) == ("active", ["jobs"])
    assert told["since"] == "2026-03-05T09:00:00+00:00"
    people.erase("ann@example.org")
    gone = show("ann@example.org")
    assert (gone["status"], gone["reason"], gone["topics"]) == ("suppressed", "erased", [])


def test_nobody_is_a_sentence(show, database, keys, clock):
    with pytest.raises(UnknownReader, match=r"nobody@example\.org is not on the list"):
        show("nobody@example.org")
    for act in (cli.unsubscribe, cli.erase):
        with pytest.raises(UnknownReader):
            act(database.transaction, keys, "nobody@example.org", now=clock())
    with pytest.raises(BadAddress):
        show("nobody")


def test_list_unsubscribe_erase_export(database, keys, clock, people):
    for name in ("ann", "bob", "cat"):
        people.reader(f"{name}@example.org")
    told = cli.unsubscribe(database.transaction, keys, "bob@example.org", now=clock())
    assert told["status"] == "unsubscribed"
    told = cli.erase(database.transaction, keys, "cat@example.org", now=clock())
    assert told["status"] == "suppressed"
    told = cli.listing(database.reading)
    assert [m["address"] for m in told["subscribers"]] == ["ann@example.org", "bob@example.org"]
    assert told["counts"]["active"] == 1
    told = cli.listing(database.reading, status="active")
    assert [m["address"] for m in told["subscribers"]] == ["ann@example.org"]
    assert cli.export(database.reading, io.StringIO()) == 2
    json.dumps(told)


def test_import_tells_what_the_contract_says(database, keys, clock, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("email,name\nann@example.org,Ann\nbad,Bad\n")
    told = cli.load(database.transaction, keys, file, basis="old form", by="Ann", now=clock())
    assert {key: told[key] for key in ("added", "updated", "suppressed", "unchanged")} == {
        "added": 1,
        "updated": 0,
        "suppressed": 0,
        "unchanged": 0,
    }
    assert told["refused"][0]["line"] == 3
    assert set(told["refused"][0]) == {"line", "reason"}
    assert cli.verify(database.reading, keys) == {"ok": True, "rows": 1, "first_bad": None}
