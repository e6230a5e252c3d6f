"""An import taken back, in whatever order, with whatever happened since."""

import pytest

from subscribers import exchange
from subscribers.exchange.importing import AT_ONCE

LEFT = "email,status,created_at,tier\n{}@example.org,inactive,2020-01-01,\n"
READS = "email,name\n{}@example.org,\n"
SHAPES = ("csv", "jsonl", "listmonk", "ghost")


def readers_of(export: str) -> list[str]:
    """All lines but those of old links, which must go on working after an undo."""
    return [line for line in export.splitlines() if "old_link" not in line]


@pytest.fixture
def undo(database, keys, clock):
    return lambda number: exchange.undo_import(
        database.transaction, keys, number, by="Ann", now=clock()
    )


@pytest.fixture
def some(people):
    """Everybody there can be: a reader, one who asked, left, bounced, complained, was erased."""
    people.reader("ann@example.org", name="Ann", topics=["jobs"])
    people.reader("bob@example.org")
    people.ask("ask@example.org")
    for name in ("left", "dead", "angry", "erased"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.report("dead@example.org", "bounced")
    people.report("angry@example.org", "complained")
    people.erase("erased@example.org")


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize("status", ["active", "inactive", "invalid", "complained"])
def test_the_export_from_before_comes_back_byte_for_byte(
    load, undo, export, verified, clock, status
):
    names = ("ann", "bob", "ask", "left", "dead", "angry", "erased", "new")
    rows = "".join(f"{name}@example.org,{name},,{status},,2020-01-01\n" for name in names)
    was = {shape: readers_of(export(shape)) for shape in SHAPES}
    clock.forward(hours=1)
    result = load("email,First Name,Last Name,status,tier,created_at\n" + rows)
    assert result.rows == len(names)
    assert export() != was["csv"]
    clock.forward(hours=1)
    undo(result.id)
    assert {shape: readers_of(export(shape)) for shape in SHAPES} == was
    assert verified()


@pytest.mark.parametrize("first", [0, 1])
def test_two_imports_that_say_they_left_count_each(load, undo, people, members, export, first):
    people.reader("ann@example.org")
    was = export()
    numbers = [load(LEFT.format(name)).id for name in ("ann", "ann")]
    undo(numbers[first])
    assert members()["ann@example.org"][1] == "unsubscribed"
    undo(numbers[1 - first])
    assert export() == was


def test_who_was_brought_by_one_import_and_left_in_the_next(load, undo, members):
    one, two = load(READS.format("ann")).id, load(LEFT.format("ann")).id
    undo(one)
    assert members()["ann@example.org"][1] == "unsubscribed"
    assert load(READS.format("ann")).suppressed == 1
    undo(two)
    assert members() == {}


def test_leaving_again_by_themselves_is_never_taken_back(load, undo, people, members):
    people.reader("ann@example.org")
    number = load(LEFT.format("ann")).id
    people.leave("ann@example.org")  # nothing to do, and yet they said so
    undo(number)
    assert members()["ann@example.org"][1] == "unsubscribed"


def test_confirming_is_newer_than_any_import(load, undo, people, members, clock):
    people.ask("ann@example.org")
    number = load(READS.format("ann")).id
    people.leave("ann@example.org")
    clock.forward(days=2)
    people.reader("ann@example.org")
    undo(number)
    assert members()["ann@example.org"][1] == "active"


class Stopped(Exception):
    pass


def test_an_import_that_was_cut_off_is_undone_or_done_again(load, undo, members, export):
    rows = "email\n" + "".join(f"r{n}@example.org\n" for n in range(AT_ONCE + 500))
    was = export()

    def stop(result: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        load(rows, progress=stop)
    assert len(members()) == AT_ONCE
    result = load(rows)
    assert (result.added, result.unchanged) == (500, AT_ONCE)
    undo(result.id)
    undo(result.id - 1)
    assert export() == was
