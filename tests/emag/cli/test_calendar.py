"""The commands about dates: input as editors write it, exact output with the zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def dates(emag):
    """The dates that the calendar shows."""
    return lambda *options: emag("calendar", *options, "--json").json["dates"]


@pytest.fixture
def next_week(dates):
    """The usual day of the second date to come: an editor can still do anything with it."""
    return dates()[1]["usual"]


def test_the_calendar_shows_the_weeks_to_come(emag, dates):
    entries = dates()
    assert len(entries) == 12
    assert {"draft", "send", "status", "reason"} <= set(entries[0])
    assert {(e["status"], e["reason"]) for e in entries} == {("planned", "every Friday")}
    for entry in entries:
        send = datetime.fromisoformat(entry["send"])
        assert send.utcoffset() == send.astimezone(LONDON).utcoffset()
        assert f"{send:%a %H:%M}" == "Fri 07:30"
        assert f"{datetime.fromisoformat(entry['draft']):%a %H:%M}" == "Thu 16:00"
    assert len(dates("--weeks", "3")) == 3
    text = emag("calendar", "--weeks", "2").out
    assert "07:30 GMT" in text or "07:30 BST" in text


def test_a_date_is_skipped_and_comes_back(emag, dates, next_week):
    skipped = emag("calendar", "skip", next_week, "--as", "Ann", "--json").json
    assert (skipped["status"], skipped["reason"]) == ("skipped", "skipped by Ann")
    assert dates()[1] == {key: skipped[key] for key in dates()[1]}
    assert "is skipped by Ann already" in emag("calendar", "skip", next_week, code=1).err
    assert "leaves on Fri" in emag("calendar", "unskip", next_week).out
    assert dates()[1]["status"] == "planned"
    assert "is not skipped" in emag("calendar", "unskip", next_week, code=1).err


@pytest.mark.parametrize("words", ["thursday 9am", "thu 09:00", "Thurs 9.00"])
def test_a_date_moves_to_a_day_of_its_week(emag, dates, next_week, words):
    moved = emag("calendar", "move", next_week, words, "--as", "Ann", "--json").json
    assert f"{datetime.fromisoformat(moved['send']):%a %H:%M}" == "Thu 09:00"
    assert f"{datetime.fromisoformat(moved['draft']):%a %H:%M}" == "Wed 17:30"
    assert moved["status"] == "moved"
    assert dates()[1]["send"] == moved["send"]


def test_a_date_moves_to_any_time(emag, next_week):
    day = datetime.fromisoformat(next_week) + timedelta(days=3)
    moved = emag("calendar", "move", next_week, f"{day:%Y-%m-%d}T10:00", "--json").json
    assert moved["send"].startswith(f"{day:%Y-%m-%d}T10:00:00+0")
    again = emag("calendar", "move", f"{day:%Y-%m-%d}", next_week, "--json").json
    assert (again["status"], again["send"][:16]) == ("planned", f"{next_week}T07:30")


def test_an_open_issue_shows_and_follows(emag, dates, drafted):
    line = dates()[0]
    assert (line["issue"], line["reason"]) == (1, "every Friday; issue 1 is draft")
    later = datetime.fromisoformat(line["send"]) + timedelta(hours=3)
    emag("issue", "approve", "1", "--as", "Ann")
    text = emag("calendar", "move", line["usual"], later.isoformat(), "--as", "Ben").out
    assert "It was approved: run “emag issue approve 1” again" in text
    issue = emag("issue", "show", "1", "--json").json
    assert issue["status"] == "draft"
    assert datetime.fromisoformat(issue["send_at"]) == later
    acts = emag("issue", "history", "1", "--json").json["acts"]
    assert [act["by"] for act in acts if "set the sending" in act["said"]] == ["Ben"]
    skipped = emag("calendar", "skip", line["usual"]).out
    assert "and issue 1 with it" in skipped
    assert emag("issue", "show", "1", "--json").json["status"] == "skipped"
    emag("calendar", "unskip", line["usual"])
    assert emag("issue", "draft", "--json").json["number"] == 2


def test_wrong_input_ends_with_a_sentence(emag, next_week):
    assert "is not a date" in emag("calendar", "skip", "christmas", code=2).err
    assert "is not a time" in emag("calendar", "move", next_week, "soon", code=2).err
    assert "is not a time" in emag("calendar", "move", next_week, "2026-99-99", code=2).err
    assert "has passed" in emag("calendar", "move", next_week, "2020-01-01T09:00", code=1).err
    assert "There is no date on" in emag("calendar", "skip", "2020-01-01", code=1).err
    assert emag("calendar", "--weeks", "0", code=2).err


def test_without_a_send_the_calendar_says_what_to_set(emag, publication):
    text = (publication / "emag.toml").read_text().replace('send = "fri 07:30"', 'send = "off"')
    (publication / "emag.toml").write_text(text)
    assert "set “send” in [schedule]" in emag("calendar").out
    assert emag("calendar", "--json").json == {"dates": []}
