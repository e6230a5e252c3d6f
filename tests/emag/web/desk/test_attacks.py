"""What an attacker sends to the desk: numbers, dates and forms that nobody could have meant."""

import os
import re
import tempfile
from pathlib import Path

import pytest

from emag.audit import record

LARGE = 2**63
FIRST, LAST = "0001-01-01", "9999-12-31"


@pytest.mark.parametrize(
    "path",
    [
        f"/desk/dates/{FIRST}",
        f"/desk/dates/{LAST}",
        f"/desk/promos/{LARGE}",
        f"/desk/promos/{LARGE}/preview",
        f"/desk/promos/{LARGE}/proof",
        f"/desk/issues/1/review?look={LARGE}",
        f"/desk/issues/1/review?leave_at={LAST}T23:59:59Z",
        f"/desk/issues/1/preview/view?leave_at={LAST}T23:59:59Z",
        f"/desk/pool?until={FIRST}T00:00:00%2B14:00",
    ],
)
def test_a_number_or_a_date_that_nothing_can_hold_is_a_sentence(desk, path):
    desk.press.issue("A new bridge")
    answer = desk.signed_in().get(path)
    assert answer.status_code < 500
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"/desk/dates/{FIRST}/skip", {}),
        (f"/desk/dates/{LAST}/unskip", {}),
        (f"/desk/dates/{LAST}/move", {"day": LAST, "time": "23:59"}),
        (f"/desk/promos/{LARGE}/remove", {}),
        ("/desk/issues/1/review/settle", {"request": LARGE}),
        ("/desk/issues/1/review/approve", {"send_at": f"{FIRST}T00:00:00+14:00", "credential": 1}),
        ("/desk/issues/1/review/approve", {"leave_at": f"{LAST}T23:59:59Z", "credential": 1}),
        ("/desk/issues/1/review/approve/options", {"send_at": f"{FIRST}T00:00:00+14:00"}),
    ],
)
def test_a_form_with_such_a_value_is_a_sentence_and_changes_nothing(desk, path, form):
    desk.press.issue("A new bridge")
    client = desk.signed_in()
    before = desk.press.dump()
    answer = client.post(path, data=form)
    assert 400 <= answer.status_code < 500
    assert "<h1" in answer.text
    assert desk.press.dump() == before


def spooled(megabytes):
    """A form with a file, which the server would write to its disk."""
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    for _ in range(megabytes):
        yield b"a" * (1 << 20)
    yield b"\r\n--x--\r\n"


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/issues/1/texts", "/desk/pool/add"])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_no_form_fills_the_disk(desk, path, is_signed_in):
    client = desk.signed_in() if is_signed_in else desk.client()
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(path, content=spooled(8), headers=kind)
    assert answer.status_code == 413
    assert "<h1" in answer.text


def test_only_who_may_import_sends_a_large_file(desk):
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    path = "/desk/readers/import"
    ben = desk.signed_in("Ben <ben@example.org>", "editor")
    assert desk.client().post(path, content=spooled(8), headers=kind).status_code == 401
    assert ben.post(path, content=spooled(8), headers=kind).status_code == 403
    ann = desk.signed_in()
    assert ann.post(path, content=spooled(8), headers=kind).status_code == 422
    assert ann.post(path, content=spooled(80), headers=kind).status_code == 413


def test_a_list_that_a_stopped_server_left_behind_is_deleted(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, new = tmp_path / "emag-import-old", tmp_path / "emag-import-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "list.csv").write_text("email\nann@example.org\n")
    os.utime(old, (0, 0))
    desk.signed_in().post("/desk/readers/import", files={"file": ("a.csv", b"email\n")})
    assert [path.name for path in Path(tmp_path).iterdir() if "emag-import" in path.name] == [
        "emag-import-new"
    ]


def test_what_changes_no_issue_is_on_record_too(desk):
    number, room = desk.press.issue("A new bridge"), desk.press.newsroom
    client = desk.signed_in()
    day = re.search(r"/desk/dates/(\d{4}-\d\d-\d\d)", client.get("/desk/issues").text)[1]
    for path, form in (
        (f"/desk/issues/{number}/review/test", {}),
        (f"/desk/issues/{number}/review/changes", {"text": "Shorten it."}),
        (f"/desk/dates/{day}/skip", {}),
    ):
        assert client.post(path, data=form).status_code == 200, path
    entries = record.newest(room.database, limit=3)
    assert [(entry.kind, entry.by) for entry in entries] == [
        ("date-changed", "Ann"),
        ("changes-requested", "Ann"),
        ("tested", "Ann"),
    ]
    assert "Ann sent a test copy" in client.get("/desk/editors").text
