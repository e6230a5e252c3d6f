"""An issue is drafted, shown, changed and approved from the command line."""

import pytest


def ids(emag) -> dict[str, int]:
    items = emag("issue", "explain", "1", "--json").json["items"]
    return {item["url"].rpartition("/")[2]: item["id"] for item in items}


def picked(emag) -> list[str]:
    data = emag("issue", "show", "1", "--json").json
    return [p["url"].rpartition("/")[2] for s in data["sections"] for p in s["picks"]]


def test_gather_reports_every_source(emag, publication, settings_of):
    assert emag("gather", "--json").json == {
        "sources": [
            {
                "name": "stories",
                "ok": True,
                "seen": 3,
                "new": 3,
                "changed": 0,
                "error": None,
                "refused": 0,
                "left_out": {},
                "notes": [],
            }
        ]
    }
    (publication / "stories" / "market.md").write_text("No front matter, no story.")
    again = emag("gather", "--json")
    assert again.json["sources"][0]["new"] == 0
    assert "market.md" in again.err
    settings_of(path="nowhere")
    failed = emag("gather", "--json", code=1).json["sources"][0]
    assert failed["ok"] is False
    assert failed["error"]


def test_gather_without_sources_succeeds(emag, publication):
    text = (publication / "emag.toml").read_text()
    (publication / "emag.toml").write_text(text.partition("[[sources]]")[0])
    assert emag("gather", "--json").json == {"sources": []}


def test_a_second_draft_returns_the_same_issue(emag, drafted):
    assert drafted["number"] == 1
    assert drafted["status"] == "draft"
    assert drafted["subject"]
    assert drafted["send_at"].endswith("+00:00")
    assert drafted["html_bytes"] > 5_000
    assert len(drafted["hash"]) == 64
    [posts, *_] = drafted["sections"]
    assert posts["name"] == "posts"
    first = posts["picks"][0]
    assert first["title"] == "The bridge [bold]again[/bold]"
    assert (first["url"], first["kind"]) == ("https://crier.example.org/bridge", "post")
    assert emag("issue", "draft", "--json").json["number"] == 1
    assert emag("issue", "show", "next", "--json").json == drafted


def test_a_draft_at_another_time(emag):
    emag("gather")
    # Without an offset the moment is meant in the publication's zone, in summer time here.
    early = emag("issue", "draft", "--now", "2026-06-04T16:30", "--json", code=1)
    assert "error" in early.json
    assert "is not a time" in emag("issue", "draft", "--now", "tomorrow", code=2).err


def test_too_few_stories_are_reported(emag):
    result = emag("issue", "draft", code=1)
    assert result.out == ""
    assert len(result.err.strip().splitlines()) == 1


def test_the_newest_issue_is_listed_first(emag, drafted):
    names = ("number", "status", "subject", "send_at", "edition", "special", "audience")
    assert emag("issue", "list", "--json").json == {
        "issues": [{name: drafted[name] for name in names}]
    }
    assert (drafted["edition"], drafted["special"], drafted["audience"]) == (
        None,
        False,
        "everyone",
    )
    assert drafted["subject"] in emag("issue", "list").out
    assert "no issue yet" not in emag("issue", "list").out


def test_explain_gives_the_reasons(emag, drafted):
    items = emag("issue", "explain", "next", "--json").json["items"]
    assert len(items) == 3
    for item in items:
        assert item["in"] is True
        assert item["reason"]
        assert (item["source"], item["section"], item["kind"]) == ("stories", "posts", "post")
    emag("issue", "drop", "1", ids(emag)["market"])
    out = [i for i in emag("issue", "explain", "1", "--json").json["items"] if not i["in"]]
    assert [item["url"].rpartition("/")[2] for item in out] == ["market"]
    assert "dropped by" in out[0]["reason"]


def test_show_and_explain_name_a_story_gathered_since_the_draft(emag, drafted, publication):
    text = (publication / "stories" / "bridge.md").read_text()
    late = text.replace("The bridge [bold]again[/bold]", "The ferry").replace("bridge", "ferry")
    (publication / "stories" / "ferry.md").write_text(late)
    emag("gather")
    assert "The ferry" in emag("issue", "show", "1").out
    (waiting,) = emag("issue", "show", "1", "--json").json["tray"]
    assert (waiting["title"], waiting["section"]) == ("The ferry", "posts")
    (explained,) = [
        item
        for item in emag("issue", "explain", "1", "--json").json["items"]
        if item["id"] == waiting["id"]
    ]
    assert explained["in"] is False
    assert "The ferry" in emag("issue", "explain", "1").out


@pytest.mark.parametrize("which", ["7", "nonsense"])
@pytest.mark.parametrize("command", ["show", "explain", "check", "status", "approve", "send"])
def test_an_unknown_issue_is_reported(emag, drafted, command, which):
    result = emag("issue", command, which, code=1)
    assert result.out == ""
    assert which in result.err


def test_check_passes_and_blocks(emag, drafted, publication):
    assert emag("issue", "check", "1", "--json").json["ok"] is True
    emag("issue", "note", "1", "See [the plan](http://nowhere.invalid/plan).")
    faults = emag("issue", "check", "1", "--json", code=1).json["faults"]
    [dead] = [fault for fault in faults if fault["severity"] == "block"]
    assert (dead["rule"], dead["where"]) == ("link-dead", "http://nowhere.invalid/plan")
    assert "link-dead" in emag("issue", "approve", "1", code=1).err
    emag("issue", "note", "1", "")
    with (publication / "emag.toml").open("a") as settings:
        settings.write('\n[checks]\nblock = ["stories"]\n')
    for story in ids(emag).values():
        emag("issue", "drop", "1", story)
    blocked = emag("issue", "check", "1", "--json", code=1).json
    assert blocked["ok"] is False
    [fault] = [fault for fault in blocked["faults"] if fault["severity"] == "block"]
    assert set(fault) == {"rule", "severity", "message", "where", "target"}
    assert fault["rule"] == "stories"
    refused = emag("issue", "approve", "1", code=1)
    assert "stories" in refused.err
    assert "needs --reason" in emag("issue", "approve", "1", "--override", "stories", code=2).err
    words = ("--override", "stories", "--reason", "only the note this week")
    assert emag("issue", "approve", "1", *words, "--json").json["status"] == "approved"


def test_changing_an_issue(emag, drafted):
    story = ids(emag)
    emag("issue", "edit", "1", "--subject", "The bridge", "--preheader", "and more")
    emag("issue", "note", "1", "Dear *readers*")
    emag("issue", "order", "1", story["school"], story["market"])
    assert picked(emag) == ["school", "market", "bridge"]
    emag("issue", "drop", "1", story["market"])
    assert picked(emag) == ["school", "bridge"]
    emag("issue", "pick", "1", story["market"], "--place", "1")
    assert picked(emag) == ["market", "school", "bridge"]
    data = emag("issue", "show", "1", "--json").json
    assert (data["subject"], data["preheader"]) == ("The bridge", "and more")
    assert data["note"] == "Dear *readers*"
    assert data["hash"] != drafted["hash"]


def test_a_note_is_read_from_a_file_or_standard_input(emag, drafted, tmp_path):
    (tmp_path / "note.md").write_text("From a file — with an umlaut: ü\n")
    emag("issue", "note", "1", "--file", tmp_path / "note.md")
    noted = emag("issue", "show", "1", "--json").json["note"]
    assert noted == "From a file — with an umlaut: ü"
    emag("issue", "note", "1", typed="Typed in\n")
    assert emag("issue", "show", "1", "--json").json["note"] == "Typed in"


def test_an_issue_without_a_subject_is_named(emag, drafted):
    emag("issue", "edit", "1", "--subject", "")
    [fault] = emag("issue", "check", "1", "--json").json["faults"]
    assert (fault["rule"], fault["severity"]) == ("subject", "warn")


@pytest.mark.parametrize("words", ["issue pick 1", "issue drop 1", "issue order 1"])
def test_a_number_that_no_story_can_have_is_wrong_usage(emag, drafted, words):
    assert "There is no number 999" in emag(*words.split(), "9" * 20, code=2).err


def test_edit_needs_something_to_change(emag, drafted):
    assert "--subject" in emag("issue", "edit", "1", code=2).err


def test_an_unknown_story_is_reported(emag, drafted):
    assert "999" in emag("issue", "pick", "1", "999", code=1).err
    assert "999" in emag("issue", "order", "1", "999", code=1).err


def test_a_change_voids_the_approval(emag, approved):
    assert emag("issue", "show", "1", "--json").json["approved_by"] == "Ann"
    changed = emag("issue", "edit", "1", "--subject", "Other", "--json")
    assert changed.json["approval_voided"] is True
    assert changed.json["status"] == "draft"
    assert "approve 1" in emag("issue", "send", "1", "--yes", code=1).err


def test_an_approval_may_set_the_time_of_sending(emag, drafted):
    result = emag("issue", "approve", "1", "--send-at", "2099-07-03T07:30", "--json").json
    assert result["send_at"] == "2099-07-03T06:30:00+00:00"  # British summer time
    assert len(result["hash"]) == 64
    assert emag("issue", "show", "1", "--json").json["hash"] == result["hash"]


def test_a_title_cannot_control_the_terminal(emag, publication, drafted):
    assert "[bold]again[/bold]" in emag("issue", "show", "1").out
    emag("issue", "edit", "1", "--subject", "red \x1b[31malert\x1b]0;owned\x07")
    out = emag("issue", "show", "1").out + emag("issue", "list").out
    assert "alert" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_written_subject_is_made_automatic_again(emag, drafted):
    automatic = drafted["subject"]
    emag("issue", "edit", "1", "--subject", "News")
    assert emag("issue", "show", "1", "--json").json["subject"] == "News"
    assert emag("issue", "reset", "1", "--subject", "--json").json["subject"] == automatic
    assert "Say what to reset" in emag("issue", "reset", "1", code=2).err


@pytest.mark.parametrize(
    "words",
    [
        ("note", "1", "Text", "--file", "{file}"),
        ("order", "1", "2", "2"),
        ("approve", "1", "--reason", "because"),
        ("approve", "1", "--override", "size"),
        ("send", "1", "--dry-run", "--wait"),
        ("drop", "1", "99999999999"),
        ("edit", "1", "--as", "", "--note", "x"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(emag, drafted, tmp_path, words):
    (tmp_path / "note.md").write_text("Note")
    emag("issue", *(word.format(file=tmp_path / "note.md") for word in words), code=2)
    assert emag("issue", "show", "1", "--json").json["note"] == ""


def test_a_note_that_is_not_utf_8_is_refused(emag, drafted, tmp_path):
    (tmp_path / "note.md").write_bytes("Märkte".encode("latin-1"))
    refused = emag("issue", "note", "1", "--file", tmp_path / "note.md", code=1)
    assert "save it as UTF-8" in refused.err


def test_a_change_is_recorded_under_the_editor_s_name(emag, drafted):
    emag("issue", "approve", "1", "--as", "Ann")
    assert emag("issue", "show", "1", "--json").json["approved_by"] == "Ann"
    changed = emag("issue", "edit", "1", "--note", "x", "--as", "Ben")
    assert "Run “emag issue approve 1” again" in changed.out
