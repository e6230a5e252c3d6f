"""The command “emag issue approve”: four eyes and the document that was looked at."""

import pytest


@pytest.fixture
def four_eyes(publication):
    def write(value):
        with (publication / "emag.toml").open("a") as toml:
            toml.write(f'[approval]\nfour_eyes = "{value}"\n')

    return write


def test_four_eyes(emag, drafted, four_eyes):
    emag("issue", "edit", "1", "--subject", "One", "--as", "Ann")
    four_eyes("warn")
    answer = emag("issue", "approve", "1", "--as", "Ann", "--json").json
    assert [fault["rule"] for fault in answer["faults"]] == ["four-eyes"]
    assert answer["revision"] > 0
    check = emag("issue", "check", "1", "--json").json
    assert check["ok"]
    assert {"four-eyes"} <= {fault["rule"] for fault in check["faults"]}


def test_four_eyes_that_are_required(emag, drafted, four_eyes):
    emag("issue", "edit", "1", "--subject", "One", "--as", "Ann")
    four_eyes("required")
    answer = emag("issue", "approve", "1", "--as", "Ann", "--json", code=1).json
    assert "Ann changed issue 1 last" in answer["error"]
    assert emag("issue", "approve", "1", "--as", "Ben", "--json").json["status"] == "approved"


def test_another_hash_is_refused_with_the_difference(emag, drafted):
    was = drafted["hash"]
    emag("issue", "edit", "1", "--subject", "Ferries", "--as", "Ann")
    answer = emag("issue", "approve", "1", "--hash", was, "--json", code=1).json
    assert "the subject is “Ferries” now" in answer["error"]
    now = emag("issue", "show", "1", "--json").json["hash"]
    assert emag("issue", "approve", "1", "--hash", now, "--json").json["hash"] == now


def test_an_approved_issue_is_stopped_and_a_held_one_opened_again(emag, drafted):
    emag("issue", "approve", "1", "--as", "Ann")
    assert emag("issue", "reopen", "1", "--as", "Ben", "--json").json["status"] == "draft"
    held = emag("issue", "withhold", "1", "--as", "Ben")
    assert "emag issue reopen 1" in held.out
    assert emag("issue", "show", "1", "--json").json["status"] == "held"
    assert emag("issue", "reopen", "1", "--json").json["status"] == "draft"
    acts = emag("issue", "history", "1", "--json").json["acts"]
    assert "Ben held the issue" in [act["said"] for act in acts]
