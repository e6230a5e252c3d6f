"""Bytes of whatever program, read as they were meant."""

import csv
import hashlib
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.address import Address, _validated, parse
from subscribers.consent import ConsentAct, ConsentEntry, canonical, linking, stamp
from subscribers.errors import BadAddress
from subscribers.exchange.columns import moment
from subscribers.exchange.evidence import entry, import_context
from subscribers.exchange.formula import bare, harmless
from subscribers.exchange.row import Row
from subscribers.tokens import Keys

LIST = "email,name\nann@example.org,Jörg “Ann” Lee\n"


@pytest.mark.parametrize(
    ("encoding", "answer"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(load, members, encoding, answer, delimiter, end):
    content = LIST.replace(",", delimiter).replace("\n", end)
    result = load(content.encode(encoding))
    assert members() == {"ann@example.org": ("Jörg “Ann” Lee", "active")}
    assert result.files == [f"readers.csv: plain, {answer}"]


def test_the_line_that_spreadsheets_put_first(load, members):
    load("sep=;\nemail;name\nann@example.org;Ann, Lee\n")
    assert members() == {"ann@example.org": ("Ann, Lee", "active")}


def test_notes_may_have_lines_and_a_forgotten_mark_swallows_nobody(load, members):
    result = load(
        'email,note\nann@example.org,"one\ntwo"\nbob@example.org,"open\n'
        'cat@example.org,\ndan@example.org,"a ""word"""\neve@example.org,fine\n'
    )
    assert [line for line, _ in result.refused] == [4]
    assert set(members()) == {f"{name}@example.org" for name in ("ann", "cat", "dan", "eve")}


def test_a_mark_that_is_open_to_the_end_swallows_nobody(load, members):
    rows = "".join(f"r{n}@example.org,R\n" for n in range(50))
    result = load('email,name\nann@example.org,"Ann\n' + rows)
    assert [line for line, _ in result.refused] == [2]
    assert len(members()) == 50


def test_a_byte_far_down_tells_the_encoding(load):
    content = b"email,name\n" + b"ann@example.org,Ann\n" * 60_000 + b"bob@example.org,J\xf6rg\n"
    assert load(content).files == ["readers.csv: plain, cp1252"]


@given(st.text(max_size=20))
def test_a_cell_that_was_made_harmless_comes_back(cell):
    token = harmless(cell)
    assert bare(token) == cell
    assert not token or token[0] not in "=+-@\t\r"


def test_an_export_can_be_opened_and_read_in_again(load, people, export, members, dump):
    for address in ("=cmd@example.org", "'=cmd@example.org", "+plus@example.org", "-o@example.org"):
        people.reader(address, topics=["jobs"])
    people.reader("left@example.org")
    people.leave("left@example.org")
    text = export()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    before, standing = members(), dump()["subscribers"]
    result = load(text)
    assert result.files == ["readers.csv: emag, utf-8"]
    assert result.refused == []
    assert members() == before
    assert dump()["subscribers"] == standing


LABEL = st.from_regex(r"[a-zA-Z0-9.-]{1,12}", fullmatch=True)
LOCAL = st.from_regex(r"[A-Za-z0-9.+_'-]{1,70}", fullmatch=True)


@given(LOCAL, LABEL, st.sampled_from(["org", "co.uk", "local", "onion", "x", "xn--p1ai", "0rg"]))
def test_the_quick_way_to_read_an_address_agrees_with_the_slow_one(local, label, end):
    text = f"{local}@{label}.{end}"
    try:
        quick: Address | None = parse(text)
    except BadAddress:
        quick = None
    try:
        matches = _validated(text, smtputf8=False)
    except BadAddress:
        matches = None
    assert (quick is None) == (matches is None)
    if quick and matches:
        assert quick.text == f"{matches.local_part}@{(matches.ascii_domain or '').lower()}"
        assert quick.key == quick.text.casefold()


@given(st.text(max_size=30), st.text(max_size=30), st.integers(1, 10**6))
def test_evidence_written_out_is_canonical(address, file, line):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    context = import_context(Keys("k"), 1, file, basis="basis", by="Ann “A”", now=now)
    new = entry(context, 1, Row(line, address), address, ConsentAct.IMPORTED)
    expected = {"address": address, "by": "Ann “A”", "line": line, "source": file}
    if address and file:
        assert new.body == canonical(expected)


@given(st.text(max_size=20), st.integers(0), st.text(max_size=20))
def test_a_link_of_the_chain_is_the_hash_of_the_canonical_list(how, number, evidence):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    whole = ConsentEntry(number, "p", at, "left", number, how, "w", evidence)
    fields = [number, "p", "2026-01-01T00:00:00.000000+00:00", "left", number, how, "w", evidence]
    text = canonical(fields).encode("utf-8", "surrogatepass")
    assert whole.hash == hashlib.sha256(text).hexdigest()


@given(st.text(max_size=20), st.integers(0), st.binary(min_size=4, max_size=4))
def test_many_links_written_out_together_are_the_same(how, number, some):
    previous, evidence = some.hex(), f"{some.hex()}.{some.hex()}"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    whole = ConsentEntry(number, previous, at, "left", 7, how, some.hex(), evidence)
    link = linking(stamp(at), "left", how, some.hex())
    assert link(number, previous, 7, evidence) == whole.hash


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-02-03 10:05:00", "2021-02-03T10:05:00+00:00"),
        ("2021-02-03T11:05:00.000+01:00", "2021-02-03T10:05:00+00:00"),
        ("2021-02-03 10:05:00 +0000", "2021-02-03T10:05:00+00:00"),
        ("2021-02-03 10:05:00 UTC", "2021-02-03T10:05:00+00:00"),
        ("last spring", None),
        ("", None),
    ],
)
def test_times_as_programs_write_them(text, iso):
    matches = moment(text)
    assert (matches.isoformat() if matches else None) == iso
