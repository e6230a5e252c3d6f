"""The commands about the audit record."""

from sqlalchemy import text

from emag import bootstrap
from emag.settings import load


def test_the_record_is_listed_and_verified(emag):
    emag("editor", "invite", "Ann <ann@example.org>", "--role", "editor")
    emag("editor", "role", "Ann", "viewer", "--as", "Ann")
    entries = emag("--json", "audit", "list").json["entries"]
    assert [(e["kind"], e["subject"], e["detail"]) for e in entries] == [
        ("roles-changed", "ann@example.org", "editor → viewer"),
        ("invited", "ann@example.org", "editor"),
    ]
    assert entries[0]["by"] == "Ann"
    assert "roles-changed" in emag("audit", "list", "--about", "ann@example.org").out
    assert emag("--json", "audit", "verify").json == {
        "ok": True,
        "chains": [
            {"chain": "audit", "entries": 2, "sealed": 0, "fault": None},
            {"chain": "acts", "entries": 0, "sealed": 0, "fault": None},
        ],
    }


def test_a_changed_record_ends_with_a_fault(emag, publication):
    emag("editor", "invite", "Ann <ann@example.org>", "--role", "editor")
    database = bootstrap.connect(load(publication))
    with database.transaction() as conn:
        conn.execute(text("UPDATE audit SET detail = 'operator'"))
    database.close()
    result = emag("--json", "audit", "verify", code=1)
    assert result.json["ok"] is False
    assert "entry 1 does not follow from the one before" in result.json["chains"][0]["fault"]
