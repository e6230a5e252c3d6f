"""Importing a file at the desk, undoing it, and exporting the list."""

import re
import time

import pytest

from emag.audit import record
from emag.web import uploads

BASIS = "They signed up on the old site."
LIST = "email,name\nann@example.org,Ann\nbob@example.org,Bob\nnobody,X\n<b>@example.org,Y\n"


def upload(client, text=LIST, *, name="list.csv", basis=BASIS, **fields):
    files = {"file": (name, text.encode() if isinstance(text, str) else text)}
    return client.post("/desk/readers/import", files=files, data={"basis": basis, **fields})


def when_ready(client, answer):
    """The page of an import when nothing runs any more."""
    for _ in range(200):
        if "data-refresh" not in answer.text:
            return answer
        time.sleep(0.05)
        answer = client.get(answer.url.path)
    raise AssertionError(answer.text)


def checked(client, **options):
    return when_ready(client, upload(client, **options))


def test_a_file_is_checked_first_then_imported_then_undone(desk):
    readers = desk.press.newsroom.readers
    client = desk.signed_in()
    page = checked(client)
    for text in (
        "Nothing is imported yet",
        "list.csv: plain, utf-8",
        BASIS,
        "Import 2 readers",
    ):
        assert text in page.text
    assert re.search(r"<td[^>]*>4</td><td[^>]*>[^<]*address", page.text)
    assert "<b>@example.org" not in page.text
    assert readers.counts()["active"] == 0

    page = when_ready(client, client.post(f"{page.url.path}/start"))
    assert "The readers are imported" in page.text
    assert readers.counts()["active"] == 2
    [event] = readers.receipt("ann@example.org").events
    assert (event.by, event.wording) == ("Ann", BASIS)

    assert "This is import 1" in page.text
    assert "Undo import 1?" in client.get("/desk/readers/imports/1/undo").text
    page = when_ready(client, client.post("/desk/readers/imports/1/undo"))
    assert "Ann undid it on" in page.text
    assert readers.counts()["active"] == 0
    assert "Undone" in client.get("/desk/readers/import").text
    assert client.post("/desk/readers/imports/1/undo").status_code == 404
    assert client.get("/desk/readers/imports/2").status_code == 404
    entries = record.newest(desk.press.newsroom.database, limit=9)
    acts = {entry.kind.value: entry.by for entry in entries}
    assert acts["imported"] == acts["import-undone"] == "Ann"


def test_the_file_is_deleted_when_nothing_is_to_be_imported(desk):
    client = desk.signed_in()
    page = checked(client)
    tasks = desk.press.newsroom.readers.tasks
    file = tasks.get(page.url.path.rpartition("/")[2]).file
    assert file.exists()
    answer = client.post(f"{page.url.path}/discard")
    assert "Nothing was imported." in answer.text
    assert not file.parent.exists()
    assert client.get(page.url.path).status_code == 404


def test_an_import_begins_once(desk):
    client = desk.signed_in()
    page = checked(client)
    when_ready(client, client.post(f"{page.url.path}/start"))
    assert client.post(f"{page.url.path}/start").status_code == 409
    assert len(desk.press.newsroom.readers.past_imports()) == 1


def test_a_form_without_file_or_basis_says_so(desk):
    client = desk.signed_in()
    answer = upload(client, "", name="", basis=" ")
    assert answer.status_code == 422
    assert '<a href="#file">Choose a file</a>' in answer.text
    assert '<a href="#basis">Say how these readers agreed</a>' in answer.text
    answer = upload(client, basis="")
    assert '<a href="#file">' not in answer.text
    assert client.post("/desk/readers/import", data={"basis": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", "has no column “email”"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
        ("", "is empty"),
        (b"PK\x03\x04broken", "cannot be unpacked"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(desk, text, sentence):
    page = checked(desk.signed_in(), text=text)
    assert "The import ended with a problem" in page.text
    assert sentence in page.text
    assert "Nothing was imported, and the file is deleted." in page.text


def test_columns_can_be_named(desk):
    text = "Adresse,Wer\nann@example.org,Ann Jones\n"
    page = checked(desk.signed_in(), text=text, email_column="Adresse", name_column="Wer")
    assert "Import 1 reader" in page.text


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\lists\\readers.csv", "..", "\x00.csv", "é" * 300, "a\r\nb"]
)
def test_the_name_of_a_file_leads_nowhere(desk, name):
    page = checked(desk.signed_in(), name=name)
    assert "Import 2 readers" in page.text
    file = desk.press.newsroom.readers.tasks.get(page.url.path.rpartition("/")[2]).file
    assert file.parent.name.startswith("emag-import-")
    assert len(list(file.parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=a"),
        ("multipart/form-data; boundary=b", b"nothing of a form"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 99 + b"\r\n--b--\r\n"),
        ("text/plain", b"email\nann@example.org\n"),
    ],
)
def test_a_body_that_is_no_form_is_refused(desk, kind, body):
    client = desk.signed_in()
    answer = client.post("/desk/readers/import", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422


def test_too_many_or_too_long_fields_are_refused(desk):
    client = desk.signed_in()
    assert upload(client, basis="x" * 30_000).status_code == 413
    many = {f"f{number}": "x" for number in range(50)}
    assert upload(client, **many).status_code == 413


def test_a_file_that_is_too_large_is_refused(desk, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 2 << 20)
    client = desk.signed_in()
    answer = upload(client, "x" * (3 << 20))
    assert answer.status_code == 413
    assert "Choose a file of at most 2 MB" in answer.text

    def pieces():
        for _ in range(4):
            yield b"x" * (1 << 20)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/desk/readers/import", content=pieces(), headers=headers)
    assert answer.status_code in {413, 422}


def test_nobody_without_the_permission_has_a_body_read(desk):
    client = desk.signed_in("Ed <ed@example.org>", "editor")
    assert upload(client).status_code == 403
    assert upload(desk.client()).status_code == 401


def test_the_session_must_be_fresh_before_a_file_is_chosen(desk, clock):
    client = desk.signed_in()
    clock.forward(minutes=11)
    for path in ("import", "export"):
        page = client.get(f"/desk/readers/{path}").text
        assert f'href="/desk/confirm?next=/desk/readers/{path}"' in page
        assert f'action="/desk/readers/{path}"' not in page


@pytest.mark.parametrize(
    ("shape", "kind", "first"),
    [
        ("csv", "text/csv", "email,name,status"),
        ("jsonl", "application/x-ndjson", '{"email": "ann@example.org"'),
        ("listmonk", "text/csv", "email,name,attributes"),
        ("ghost", "text/csv", "id,email,name"),
    ],
)
def test_the_list_is_exported_and_it_is_recorded(desk, shape, kind, first):
    desk.press.reader("ann@example.org")
    client = desk.signed_in()
    answer = client.post("/desk/readers/export", data={"format": shape})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(
        r'attachment; filename="readers-2026-03-05\.(csv|jsonl)"',
        answer.headers["content-disposition"],
    )
    assert answer.text.startswith(first)
    assert "ann@example.org" in answer.text
    [entry] = [
        entry
        for entry in record.newest(desk.press.newsroom.database, limit=9)
        if entry.kind == "exported"
    ]
    assert (entry.by, entry.subject, entry.detail) == ("Ann", "readers", shape)


def test_a_format_must_be_chosen(desk):
    client = desk.signed_in()
    for fields in ({}, {"format": "exe"}):
        answer = client.post("/desk/readers/export", data=fields)
        assert answer.status_code == 422
        assert '<a href="#format">Choose a format</a>' in answer.text


def test_one_import_at_a_time(desk):
    client = desk.signed_in()
    text = "email\n" + "".join(f"r{number}@example.org\n" for number in range(60_000))
    first = upload(client, text)
    assert "data-refresh" in first.text
    assert '<noscript><meta http-equiv="refresh"' in first.text
    assert upload(client).status_code == 409
    assert client.post(f"{first.url.path}/discard").status_code == 409
    assert "Import 60,000 readers" in when_ready(client, first).text
