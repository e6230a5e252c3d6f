"""Floods of sign-ups, old links and receipts from the command line."""

BASIS = ("--basis", "agreed on paper, spring fair 2024")


def test_nothing_is_held_on_a_quiet_day(emag):
    assert emag("subscriber", "held", "--json").json == {"held": 0, "since": None}
    assert "0 confirmations held" in emag("subscriber", "held").out
    assert emag("subscriber", "held", "--release", "--drop", code=2)


def test_old_links_are_taken_in_and_told(emag, tmp_path):
    emag("subscriber", "add", "ann@example.org", *BASIS)
    file = tmp_path / "links.csv"
    file.write_text("email,link\nann@example.org,https://old.example/u/abc\nbob@example.org,x\n")
    data = emag("subscriber", "links", file, "--json").json
    assert data["taken"] == 1
    assert [row["line"] for row in data["refused"]] == [3]
    assert "1 old link" in emag("subscriber", "links", file).out
    file.write_text("name\nAnn\n")
    assert "token" in emag("subscriber", "links", file, code=1).err


def test_a_receipt_is_one_page_with_the_words_as_shown(emag):
    emag("subscriber", "add", "ann@example.org", *BASIS)
    emag("subscriber", "unsubscribe", "ann@example.org")
    page = emag("consent", "receipt", "ann@example.org").out
    for text in (
        "ann@example.org is unsubscribed",
        "Taken over from another list, on the stated basis (editor, by ",
        BASIS[1],
        "where: command line",
        "Unsubscribed (editor, by ",
        "entry 1 of the record",
        "The record is whole",
    ):
        assert text in page, text
    data = emag("consent", "receipt", "ann@example.org", "--json").json
    assert [event["act"] for event in data["events"]] == ["imported", "left"]
    assert data["ledger"]["ok"]


def test_doctor_shows_how_long_what_is_kept_and_a_file_that_is_missing(emag, publication):
    toml = publication / "emag.toml"
    toml.write_text(f'{toml.read_text()}\n[signup]\ndisposable = "none.txt"\n')
    data = emag("doctor", "--json", code=1).json
    days = {"evidence": 2190, "network_addresses": 90, "unconfirmed": 30, "deliveries": 365}
    assert data["kept_days"] == days
    assert any("no file none.txt" in fault["message"] for fault in data["faults"])
