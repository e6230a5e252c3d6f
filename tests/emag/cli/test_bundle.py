"""The proof of an issue is written and verified from the command line."""

import json
import shutil

import pytest


def test_export_and_verify(emag, approved, publication, tmp_path, monkeypatch):
    exported = emag("issue", "export", "1", tmp_path / "proof", "--json").json
    assert (exported["number"], exported["ok"], exported["faults"]) == (1, True, [])
    assert exported["folder"] == str(tmp_path / "proof")
    shutil.rmtree(publication)  # the bundle needs no publication
    monkeypatch.delenv("EMAG_DIR")
    monkeypatch.chdir("/")
    verified = emag("issue", "verify", tmp_path / "proof", "--json").json
    assert verified["ok"] is verified["rebuilt"] is True
    assert (verified["seal"], verified["hash"]) == (exported["seal"], approved["hash"])
    text = emag("issue", "verify", tmp_path / "proof").out
    assert "Issue 1, approved by Ann" in text
    assert "Identical" in text


def test_a_change_is_named_and_exits_1(emag, approved, tmp_path):
    emag("issue", "export", "1", tmp_path / "proof")
    page = tmp_path / "proof" / "issue.html"
    page.write_text(page.read_text("utf-8").replace("The bridge", "The fridge"), "utf-8")
    result = emag("issue", "verify", tmp_path / "proof", code=1)
    assert "issue.html" in result.out
    assert "in place of" in result.out
    assert "Identical" not in result.out
    data = emag("issue", "verify", tmp_path / "proof", "--json", code=1).json
    assert data["ok"] is False
    assert [fault["file"] for fault in data["faults"]] == ["issue.html"]


def test_the_counts_are_in_the_bundle(emag, approved, tmp_path):
    emag("issue", "send", "1", "--yes")
    emag("issue", "export", "1", tmp_path / "proof")
    counts = json.loads((tmp_path / "proof" / "counts.json").read_text("utf-8"))
    assert (counts["planned"], counts["accepted"]) == (3, 3)
    whole = b"".join(p.read_bytes() for p in (tmp_path / "proof").rglob("*") if p.is_file())
    for address in ("ann@example.org", "ben@example.org", "cat@example.org"):
        assert address.encode() not in whole


@pytest.mark.parametrize("words", [("issue", "export", "1"), ("issue", "verify")])
def test_the_folder_must_be_named(emag, words):
    emag(*words, code=2)


def test_what_cannot_be_exported_or_verified(emag, drafted, tmp_path):
    draft = emag("issue", "export", "1", tmp_path / "proof", code=1)
    assert "Issue 1 is draft: approve it first." in draft.err
    missing = emag("issue", "verify", tmp_path / "proof", "--json", code=1)
    assert "There is no folder" in missing.json["error"]
