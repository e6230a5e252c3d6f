"""The commands about editors, and the names that --as accepts."""


def test_editors_are_invited_listed_changed_and_removed(emag):
    assert emag("--json", "editor", "list").json == {"editors": []}
    emag(
        "--json",
        "editor",
        "invite",
        "Ann <ann@example.org>",
        "--role",
        "editor",
        "--role",
        "approver",
    )
    emag("--json", "editor", "invite", "ben@example.org", "--role", "operator", "--as", "Ann")
    assert emag("--json", "editor", "list").json == {
        "editors": [
            {
                "address": "ann@example.org",
                "name": "Ann",
                "roles": ["editor", "approver"],
                "passkeys": 0,
                "last_seen": None,
            },
            {
                "address": "ben@example.org",
                "name": "",
                "roles": ["operator"],
                "passkeys": 0,
                "last_seen": None,
            },
        ]
    }
    assert emag("--json", "editor", "role", "Ann", "viewer").json["roles"] == ["viewer"]
    assert emag("--json", "editor", "sessions", "Ann", "--end").json["sessions"] == []
    assert emag("--json", "editor", "reset", "Ann").json["passkeys"] == 0
    assert emag("--json", "editor", "remove", "Ann").json["removed"] is True
    assert [e["address"] for e in emag("--json", "editor", "list").json["editors"]] == [
        "ben@example.org"
    ]


def test_as_names_an_editor_once_there_are_any(emag, drafted):
    emag("--json", "issue", "edit", "1", "--subject", "One", "--as", "anybody")
    emag("--json", "editor", "invite", "Ann <ann@example.org>", "--role", "editor")
    emag("--json", "issue", "edit", "1", "--subject", "Two", "--as", "ANN@example.org")
    wrong = emag("--json", "issue", "edit", "1", "--subject", "Three", "--as", "Anna", code=1)
    assert wrong.json["error"] == "There is no editor “Anna”; there are Ann <ann@example.org>."
    wrong = emag("--json", "subscriber", "add", "x@example.org", "--as", "Anna", code=1)
    assert "no editor “Anna”" in wrong.json["error"]
    acts = emag("--json", "issue", "history", "1").json["acts"]
    assert [act["by"] for act in acts] == ["anybody", "Ann"]


def test_wrong_use_ends_with_a_sentence(emag):
    emag("--json", "editor", "invite", "Ann <ann@example.org>", code=2)
    wrong = emag("--json", "editor", "invite", "Ann", "--role", "editor", code=1)
    assert "is not a mailbox" in wrong.json["error"]
    assert (
        "no role"
        in emag("--json", "editor", "invite", "a@b.example", "--role", "king", code=1).json["error"]
    )
