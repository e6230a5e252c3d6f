"""“emag issue correct”: the archive's copy of a sent issue."""

LINK, NEW = "https://crier.example.org/bridge", "https://crier.example.org/bridges"


def test_a_link_is_corrected_and_the_history_says_so(emag, approved):
    assert "change the issue instead" in emag("issue", "correct", "1", "--note", "x", code=1).err
    emag("issue", "send", "1")
    words = ("issue", "correct", "1", "--link", LINK, NEW, "--note", "The link was wrong.")
    result = emag(*words, "--as", "Ann", "--json").json
    [correction] = result["corrections"]
    assert (correction["by"], correction["note"]) == ("Ann", "The link was wrong.")
    assert correction["links"] == [[LINK, NEW]]
    assert "No link of the issue" in emag(*words, code=1).err
    acts = emag("issue", "history", "1", "--json").json["acts"]
    assert (acts[-1]["what"], acts[-1]["by"], acts[-1]["undone"]) == ("correct", "Ann", False)
    subject = emag("issue", "show", "1", "--json").json["subject"]
    emag("issue", "undo", "1", "--as", "Ben")
    assert emag("issue", "history", "1", "--json").json["acts"][-2]["undone"]
    assert emag("issue", "show", "1", "--json").json["subject"] == subject
    assert "1 link corrected" in emag(*words).out


def test_wrong_usage_is_named(emag, approved):
    wrong = ("issue", "correct", "1", "--note", "x", "--link")
    assert "two addresses" in emag(*wrong, LINK, code=2).err
    assert emag(*wrong, code=2).err
    assert "--note" in emag("issue", "correct", "1", code=2).err
