import json
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from subscribers import exchange, membership
from subscribers.consent import Evidence
from subscribers.errors import NoSuchImport, WrongFile

BASIS = "agreed on the old form, 2019–2025"


def test_readers_of_a_plain_file_are_active_on_the_stated_basis(
    desk, load, database, keys, clock, verified
):
    result = load("email,name\nann@example.org,Ann\nbob@example.org,\n")
    assert (result.added, result.updated, result.suppressed, result.unchanged) == (2, 0, 0, 0)
    assert result.refused == []
    receipt = desk.receipt("bob@example.org")
    assert receipt.reader.status == "active"
    (event,) = receipt.events
    assert (event.act, event.how, event.wording) == ("imported", "import", BASIS)
    assert event.by == "Ann"
    assert event.evidence == {
        "address": "bob@example.org",
        "source": "readers.csv",
        "line": 3,
    }
    assert verified()


@pytest.mark.parametrize(
    "content",
    [
        "Name,E-Mail\nAnn Lee,ann@example.org\n",
        "\ufeffemail;name\r\nann@example.org;Ann Lee\r\n",
        "EMAIL_ADDRESS\tfirst_name\tlast_name\nann@example.org\tAnn\tLee",
        'id,"Email address",City,"First Name","Last Name"\n7,ann@example.org,York,Ann,Lee\n\n',
        "email,name\n  ann@example.org ,  Ann\u2028Lee \n",
    ],
)
def test_columns_are_known_by_their_names(load, members, content):
    load(content)
    assert members() == {"ann@example.org": ("Ann Lee", "active")}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "empty"),
        ("ann@example.org,Ann\nbob@example.org,Bob\n", "first line"),
        ("address,town\n1 High Street,York\n", "no column"),
        (b"email,name\nann@example.org,J\x81rg\n", "UTF-8"),
        (b"PK\x03\x04 workbook", "unpacked"),
        (b"\xd0\xcf\x11\xe0 workbook", "workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08 email", "compressed"),
        ("<!DOCTYPE html>\n<p>email,name</p>", "web page"),
        ("email,Mail\nann@example.org,bob@example.org\n", "both"),
        ("email,email\nann@example.org,bob@example.org\n", "both"),
        ("email\nann@example.org\n\0", "not a text"),
        ("Email Address,UNSUB_TIME\nann@example.org,2024-01-01\n", "unsub time"),
        ("email,status\nann@example.org,active\n", "status"),
        ("email,email_disabled\nann@example.org,true\n", "email disabled"),
    ],
)
def test_a_wrong_file_is_refused_whole_with_a_sentence(load, dump, content, word):
    before = dump()
    with pytest.raises(WrongFile, match=word):
        load(content)
    assert dump() == before


def test_a_missing_file_a_missing_basis_and_an_unknown_format(
    desk, load, dump, database, keys, clock
):
    before = dump()
    with pytest.raises(WrongFile, match="basis"):
        load("email\nann@example.org\n", basis="  ")
    with pytest.raises(WrongFile, match="plain"):
        load("email\nann@example.org\n", format="pigeon")
    nowhere = Path(database.url.database).parent / "nowhere.csv"
    with pytest.raises(WrongFile, match=r"nowhere\.csv"):
        desk.import_file(nowhere, basis="x", by="Ann")
    assert dump() == before


def test_a_bad_row_is_named_and_the_rest_goes_on(load, members):
    result = load(
        "email,name\n"
        "ann@example.org,Ann\n"
        "not an address,Bob\n"
        "cat@example.org\n"
        "dan@example.org,Dan,7\n"
        '"eve@example.org\n",Eve\n'
        "fay@example.org,Fay\n"
    )
    assert [line for line, _ in result.refused] == [3, 4, 5, 6]
    assert all(len(reason) > 15 for _, reason in result.refused)
    assert set(members()) == {"ann@example.org", "fay@example.org"}


def test_a_name_may_have_a_line_break_but_swallows_nobody(load, members):
    result = load(
        'email,name\n"ann@example.org","Ann\nLee"\nbob@example.org,"Bob\ncat@example.org,Cat"\n'
    )
    assert members() == {
        "ann@example.org": ("Ann Lee", "active"),
        "cat@example.org": ('Cat"', "active"),
    }
    assert [line for line, _ in result.refused] == [4]


def test_a_quotation_mark_that_is_never_closed_is_named(load):
    rows = "".join(f"r{n}@example.org,R\n" for n in range(9_000))
    result = load('email,name\nann@example.org,Ann\nbob@example.org,"Bob\n' + rows)
    assert result.added >= 1
    assert result.refused[0][0] == 3


def test_an_address_twice_in_a_file_is_one_reader(load, members):
    result = load("email,name\nAnn@example.org,\nann@EXAMPLE.org,Ann\n")
    assert (result.added, result.unchanged) == (1, 1)
    assert members() == {"Ann@example.org": ("", "active")}


def test_nobody_who_left_is_brought_back(load, people, members):
    names = ("left", "bounced", "complained", "erased")
    for name in names:
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.report("bounced@example.org", "bounced")
    people.report("complained@example.org", "complained")
    people.erase("erased@example.org")
    before = members()
    content = "email\n" + "".join(f"{name.upper()}@example.org\n" for name in names)
    result = load(content)
    assert (result.added, result.updated, result.suppressed) == (0, 0, 4)
    assert members() == before


def test_an_address_that_a_reader_has_left_behind_stays_behind(
    load, people, members, database, keys, clock
):
    ref = people.reader("old@example.org")
    with database.transaction() as conn:
        membership.request_address_change(conn, keys, ref, address="new@example.org", now=clock())
    (letter,) = people.letters("change")
    token, evidence = people.token(letter, "change"), Evidence("link")
    with database.transaction() as conn:
        membership.confirm_address_change(conn, keys, token, evidence=evidence, now=clock())
    assert load("email\nold@example.org\nnew@example.org\n").suppressed == 1
    assert members() == {"new@example.org": ("", "active")}


def test_a_sign_up_after_erasure_is_not_confirmed_by_an_import(load, people, members):
    people.reader("ann@example.org")
    people.erase("ann@example.org")
    people.ask("ann@example.org")
    assert load("email\nann@example.org\n").suppressed == 1
    assert members()["ann@example.org"][1] == "pending"


def test_what_a_reader_said_is_not_overwritten(load, people, members):
    people.reader("ann@example.org", name="Ann")
    people.reader("bob@example.org")
    people.ask("cat@example.org", name="Cat")
    result = load(
        "email,name\nann@example.org,Anna\nbob@example.org,Bob\ncat@example.org,\n"
        "bob@example.org,Robert\n"
    )
    assert (result.added, result.updated, result.unchanged) == (0, 2, 2)
    assert members() == {
        "ann@example.org": ("Ann", "active"),
        "bob@example.org": ("Bob", "active"),
        "cat@example.org": ("Cat", "active"),
    }
    assert people.letters() == []  # Cat need not confirm any more


CONTENT = (
    "email,name\nann@example.org,Ann\nleft@example.org,\nbob@example.org,Bob\n"
    "ask@example.org,\nbad\nann@example.org,\n"
)


@pytest.fixture
def before(people):
    people.reader("left@example.org")
    people.leave("left@example.org")
    people.reader("bob@example.org")
    people.ask("ask@example.org")


@pytest.mark.usefixtures("before")
def test_a_dry_run_tells_the_same_and_changes_nothing(load, dump):
    rows = dump()
    dry = load(CONTENT, dry_run=True)
    assert dump() == rows
    real = load(CONTENT)
    assert dry.id is None
    assert real.id
    dry.id = real.id
    assert dry == real


@pytest.mark.usefixtures("before")
def test_undo_brings_back_the_export_from_before(
    desk, load, export, database, keys, clock, verified
):
    was = export()
    number = load(CONTENT, now=clock.forward(hours=1)).id
    assert export() != was
    result = desk.undo_import(number, by="Ann")
    assert result == (1, 2)
    assert export() == was
    assert verified()
    with pytest.raises(NoSuchImport, match="already"):
        desk.undo_import(number, by="Ann")
    with pytest.raises(NoSuchImport, match="99"):
        desk.undo_import(99, by="Ann")
    assert load(CONTENT).added == 1  # and it can be read in again


def test_undo_leaves_whoever_acted_since(load, people, members, database, keys, clock):
    number = load("email\nann@example.org\nbob@example.org\ncat@example.org\n").id
    people.leave("ann@example.org")
    people.report("bob@example.org", "complained")
    exchange.undo_import(database.transaction, keys, number, by="Ann", now=clock())
    assert members() == {
        "ann@example.org": ("", "unsubscribed"),
        "bob@example.org": ("", "complained"),
    }


def test_no_personal_byte_of_an_undone_import_stays(load, database, keys, clock, dump):
    number = load("email,name\nzebedee@example.org,Quux\n").id
    exchange.undo_import(database.transaction, keys, number, by="Ann", now=clock())
    assert "zebedee" not in repr(dump()).lower()
    assert "quux" not in repr(dump()).lower()


def test_exports_hold_everybody(load, people, export):
    people.reader("ann@example.org", name='Ann "A" Lee', topics=["posts", "jobs"])
    people.reader("bob@example.org")
    people.leave("bob@example.org")
    nine = "2026-03-05T09:00:00+00:00"
    assert export().splitlines() == [
        "email,name,status,topics,since,joined_at,paused_until",
        f'ann@example.org,"Ann ""A"" Lee",active,posts jobs,{nine},{nine},',
        f"bob@example.org,,unsubscribed,,{nine},{nine},",
    ]
    rows = [json.loads(line) for line in export("jsonl").splitlines()]
    assert [row["topics"] for row in rows] == [["posts", "jobs"], []]


def test_many_rows_take_seconds_and_tell_how_far_they_are(load, verified, database):
    rows = "".join(f"reader{n}@example{n % 50}.org,Reader {n}\n" for n in range(20_000))
    positions: list[tuple[int, int]] = []
    began = time.process_time()
    result = load("email,name\n" + rows, progress=lambda *far: positions.append(far))
    spent = time.process_time() - began
    assert result.added == 20_000
    assert positions[-1] == (20_000, 20_000)
    assert spent < 8  # about one where nothing else runs
    assert verified()
    with database.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM wordings")).scalar_one() == 1
