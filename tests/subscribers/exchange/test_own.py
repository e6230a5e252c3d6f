"""What we export is read in again, opt-outs and hashes and all."""

import json
import os
import struct
import time
import zipfile

import pytest
from sqlalchemy import inspect, text

from subscribers import exchange, membership, roll
from subscribers.consent import Evidence
from subscribers.errors import WrongFile
from subscribers.tokens import Keys

ELSEWHERE = Keys("another-publication's-secret-0123456789ab")


def letters_of(people):
    """Some of every status, and of each reason for a hash."""
    for name in ("ann", "left", "dead", "spam", "erased", "spam-erased", "back"):
        people.reader(f"{name}@example.org", name=name.title(), topics=["jobs"])
    people.leave("left@example.org")
    people.report("dead@example.org", "bounced")
    people.report("spam@example.org", "complained")
    people.report("spam-erased@example.org", "complained")
    for name in ("erased", "spam-erased", "back"):
        people.erase(f"{name}@example.org")
    people.ask("wait@example.org")


@pytest.fixture
def moved(people, export, database):
    """The export of a list that is then no more, as if it were read in somewhere else."""
    letters_of(people)
    lines = export("jsonl")
    with database.transaction() as conn:
        for table in ("subscribers", "suppressions", "removed_readers", "letters", "signup_hits"):
            conn.execute(text(f"DELETE FROM {table}"))
    return lines


def hashes(lines):
    return [line for line in lines.splitlines() if "suppressed" in json.loads(line)]


def without_old_links(lines):
    return [line for line in lines.splitlines() if "old_link" not in json.loads(line)]


@pytest.fixture
def refs(people, database):
    """The refs in the links of mails that were sent before the list moved."""

    def refs(*names):
        with database.reading() as conn:
            return {name: roll.find(conn, f"{name}@example.org").ref for name in names}

    return refs


@pytest.fixture
def emptied(database):
    """Another installation with the same key: nothing of the list is there."""

    def emptied():
        with database.transaction() as conn:
            for table in inspect(conn).get_table_names():
                conn.execute(text(f"DELETE FROM {table}"))

    return emptied


def test_the_links_of_moved_readers_go_on_working(
    load, export, people, web, keys, members, refs, emptied
):
    for name in ("ann", "left", "again", "there"):
        people.reader(f"{name}@example.org")
    old = refs("ann", "left", "again", "there")
    people.leave("left@example.org")
    people.erase("again@example.org")
    people.reader("again@example.org")
    lines = export("jsonl")
    emptied()
    people.reader("there@example.org")  # is on the new list already, under another ref
    load(lines, "list.jsonl")
    before = members()
    assert before["ann@example.org"][1] == before["again@example.org"][1] == "active"
    for name in ("ann", "again", "there"):
        link = f"/unsubscribe/{keys.sign('unsubscribe', old[name])}"
        assert "Unsubscribe from" in web.get(link).text
        answer = web.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, members()[f"{name}@example.org"][1]) == (200, "unsubscribed")
    assert web.get(f"/preferences/{keys.sign('preferences', old['ann'])}").status_code == 200


def test_the_link_of_an_unknown_reader_is_not_answered_with_unsubscribed(
    people, web, keys, refs, emptied, dump
):
    """An export without links was moved, or none."""
    people.reader("ann@example.org")
    ref = refs("ann")["ann"]
    emptied()
    before = dump()
    link = f"/unsubscribe/{keys.sign('unsubscribe', ref)}"
    one_click = web.post(link, data={"List-Unsubscribe": "One-Click"})
    preferences = web.get(f"/preferences/{keys.sign('preferences', ref)}")
    for answer in (web.get(link), web.post(link), one_click, preferences):
        assert answer.status_code == 404
        assert "do not know this link" in answer.text
        assert "You are unsubscribed" not in answer.text
    assert dump() == before


def test_an_erased_reader_is_still_answered(people, web, keys, refs):
    people.reader("ann@example.org")
    ref = refs("ann")["ann"]
    people.erase("ann@example.org")
    answer = web.post(f"/unsubscribe/{keys.sign('unsubscribe', ref)}")
    assert answer.status_code == 200


def test_a_ref_in_a_file_takes_nobody_elses_place(load, export, people, keys, members, refs):
    people.reader("ann@example.org")
    ref = refs("ann")["ann"]
    line = {"email": "eve@example.org", "status": "active", "link": ref}
    result = load(
        json.dumps(line) + "\n" + json.dumps(line | {"email": "f@example.org"}), "l.jsonl"
    )
    assert result.added == 2
    assert refs("ann")["ann"] == ref
    assert len({*refs("ann", "eve", "f").values()}) == 3
    bad = load(json.dumps(line | {"email": "g@example.org", "link": "x y"}) + "\n", "l.jsonl")
    assert "link" in bad.refused[0][1]


def test_an_export_as_json_lines_is_read_in_again(
    load, moved, members, export, events_of, verified
):
    import_result = load(moved, "list.jsonl")
    assert import_result.files == ["list.jsonl: jsonl, utf-8"]
    assert (
        import_result.added,
        import_result.suppressed,
        import_result.skipped,
        import_result.refused,
    ) == (1, 6, 1, [])
    assert {address: status for address, (_, status) in members().items()} == {
        "ann@example.org": "active",
        "left@example.org": "unsubscribed",
        "dead@example.org": "bounced",
        "spam@example.org": "complained",
    }
    assert hashes(export("jsonl")) == hashes(moved)
    (event,) = events_of("ann@example.org")
    assert (event.act, event.how) == ("imported", "import")
    assert event.evidence["status"] == "active"
    assert event.evidence["line"] == 1
    assert verified()


def test_who_is_only_a_hash_in_it_is_not_brought_back(load, moved, people, members):
    load(moved, "list.jsonl")
    import_result = load("email\nerased@example.org\nback@example.org\nspam-erased@example.org\n")
    assert (import_result.added, import_result.suppressed) == (0, 3)
    assert people.ask("spam-erased@example.org").outcome == "quiet"
    people.reader("back@example.org")
    assert members()["back@example.org"][1] == "active"


def test_the_same_hash_again_changes_nothing(load, moved, export):
    load(moved, "list.jsonl")
    before = export("jsonl")
    import_result = load(moved, "list.jsonl")
    assert (import_result.added, import_result.unchanged - 1, export("jsonl")) == (0, 6, before)


def test_a_reader_whose_hash_says_that_they_left_is_taken_off(load, moved, people, members, clock):
    """Unless they agreed here afterwards."""
    load("email\nerased@example.org\n")
    clock.forward(days=1)
    people.reader("back@example.org")
    import_result = load(moved, "list.jsonl")
    assert import_result.suppressed == 5
    assert members()["erased@example.org"][1] == "unsubscribed"
    assert members()["back@example.org"][1] == "active"


def test_undo_gives_back_every_byte_of_it(load, moved, export, people, database, keys, clock):
    load("email\nerased@example.org\nold@example.org\n")
    before = without_old_links(export("jsonl"))
    number = load(moved, "list.jsonl").id
    assert without_old_links(export("jsonl")) != before
    clock.forward(hours=1)
    exchange.undo_import(database.transaction, keys, number, by="Ann", now=clock())
    assert without_old_links(export("jsonl")) == before


def test_a_dry_run_of_it_tells_the_same(load, moved, dump):
    before = dump()
    events_of = load(moved, "list.jsonl", dry_run=True)
    assert dump() == before
    import_result = load(moved, "list.jsonl")
    assert (events_of.added, events_of.suppressed, events_of.skipped, events_of.reasons) == (
        import_result.added,
        import_result.suppressed,
        import_result.skipped,
        import_result.reasons,
    )


def test_a_hash_of_another_publication_is_kept_and_hurts_nobody(load, people, members):
    people.reader("ann@example.org")
    line = {"suppressed": ELSEWHERE.fingerprint("ann@example.org"), "reason": "erased"}
    import_result = load(json.dumps(line | {"at": "2026-01-01T00:00:00+00:00"}), "list.jsonl")
    assert import_result.suppressed == 1
    assert members()["ann@example.org"][1] == "active"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("nonsense", "no JSON object"),
        ("[1]", "no JSON object"),
        ("{" * 5_000, "no JSON object"),
        ('{"email": 7, "status": "active"}', "else than text"),
        ('{"email": "b@example.org", "topics": [1], "status": "active"}', "else than text"),
        ('{"email": "b@example.org", "status": "sleeping"}', "status"),
        ('{"email": "no address", "status": "active"}', "No mail"),
        ('{"suppressed": "ab", "reason": "erased", "at": ""}', "no hash"),
        (f'{{"suppressed": "{"a" * 64}", "at": ""}}', "why"),
        (
            '{"email": "b@example.org", "status": "active", "paused_until": "tomorrow"}',
            "paused_until",
        ),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(load, members, line, word):
    good = '{"email": "ann@example.org", "status": "active"}\n'
    import_result = load(good + line + "\n" + good.replace("ann", "bob"), "list.jsonl")
    assert [number for number, _ in import_result.refused] == [2]
    assert word in import_result.refused[0][1]
    assert set(members()) == {"ann@example.org", "bob@example.org"}


@pytest.mark.parametrize("content", ['{"subscribers": [', '{"name": "Ann"}\n', "{not json}\n"])
def test_other_json_is_refused_whole(load, dump, content):
    before = dump()
    with pytest.raises(WrongFile, match="JSON"):
        load(content, "list.json")
    assert dump() == before


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(load, dump):
    before = dump()
    with pytest.raises(WrongFile, match="too long"):
        load("email,note\nann@example.org," + "x" * (5 << 20) + "\n")
    assert dump() == before


def test_a_zip_bomb_is_not_read(load, dump, tmp_path):
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", "email\n" + "ann@example.org\n" * (2 << 20))
    before = dump()
    with pytest.raises(WrongFile, match="far more"):
        load(file.read_bytes(), "list.zip")
    assert dump() == before


MEBIBYTE = 1 << 20


def zip_of(path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


def many_times_sixteen(path) -> bytes:
    """Tables of 16 MB, each just small enough to pass on its own."""
    table = (b"email\n" + b"ann@example.org\n" * MEBIBYTE)[: 16 * MEBIBYTE]
    return zip_of(path, {f"list{number}.csv": table for number in range(20)})


def one_member_many_names(path) -> bytes:
    """Forty entries of the directory that lead to the same packed bytes."""
    table = b"email\n" + os.urandom(3000).hex().encode() * 1400
    content = bytearray(zip_of(path, {"list00.csv": table}))
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, tail = bytes(content[start:end]), bytes(content[end:])
    entries = b"".join(entry.replace(b"list00", b"list%02d" % n) for n in range(40))
    counts = struct.pack("<HHLL", 40, 40, len(entries), start)
    return bytes(content[:start]) + entries + tail[:8] + counts + tail[20:]


def many_small_names(path) -> bytes:
    return zip_of(path, {f"{number}.txt": b"" for number in range(20_000)})


def packed_by_another_method(path) -> bytes:
    return zip_of(path, {"list.csv": b"email\n" + b"a" * 30 * MEBIBYTE}, zipfile.ZIP_LZMA)


@pytest.mark.parametrize(
    "make", [many_times_sixteen, one_member_many_names, many_small_names, packed_by_another_method]
)
def test_an_archive_bomb_is_refused_at_once(load, dump, tmp_path, make):
    content, before = make(tmp_path / "bomb.zip"), dump()
    started = time.process_time()
    with pytest.raises(WrongFile):
        load(content, "list.zip")
    assert time.process_time() - started < 1
    assert dump() == before


def test_a_link_in_a_mail_sent_before_an_undo_still_takes_its_reader_off(
    desk, load, people, database, keys, clock, members
):
    """Imported, written to, taken back, imported again: it is the same mailbox."""
    number = load("email\nann@example.org\n").id
    with database.reading() as conn:
        ann = roll.find(conn, "ann@example.org")
    exchange.undo_import(database.transaction, keys, number, by="Ann", now=clock())
    load("email\nann@example.org\n")
    assert members()["ann@example.org"][1] == "active"
    with database.transaction() as conn:
        membership.unsubscribe(conn, keys, ref=ann.ref, evidence=Evidence("one-click"), now=clock())
    assert members()["ann@example.org"][1] == "unsubscribed"
    assert desk.verify().ok


@pytest.mark.parametrize("how", ["link", "bounced", "complained"])
def test_what_comes_back_after_an_undo_keeps_the_next_import_away(
    desk, load, people, database, keys, clock, members, how
):
    number = load("email\nann@example.org\n").id
    with database.reading() as conn:
        ann = roll.find(conn, "ann@example.org")
    exchange.undo_import(database.transaction, keys, number, by="Ann", now=clock())
    with database.transaction() as conn:
        if how == "link":
            membership.unsubscribe(
                conn, keys, ref=ann.ref, evidence=Evidence("one-click"), now=clock()
            )
        else:
            membership.record_report(conn, keys, ann.id, how, now=clock())
    assert load("email\nann@example.org\n").suppressed == 1
    assert members() == {}
    assert desk.verify().ok
    outcome = people.ask("ann@example.org").outcome
    assert outcome == ("quiet" if how == "complained" else "asked")


def test_an_old_link_works_for_who_was_erased_and_came_back(people, database, keys, clock, members):
    ref = people.reader("ann@example.org")
    people.erase("ann@example.org")
    clock.forward(days=1)
    people.reader("ann@example.org")
    with database.transaction() as conn:
        membership.unsubscribe(conn, keys, ref=ref, evidence=Evidence("one-click"), now=clock())
    assert members()["ann@example.org"][1] == "unsubscribed"
