"""A backup is restored after two years: the next issue leaves on time, and old links go on."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from emag.schedule.tick import DESK, RETURNS, SENDING, tick
from tests.conftest import Clock

from .conftest import STORY
from .old_mails import ONE_CLICK, link, mails_in, opened

YEARS = timedelta(days=731)


@pytest.fixture
def sent(emag, approved, publication):
    """Issue 1 has gone to three readers, whose mails are kept; from now on nobody approves."""
    emag("issue", "send", "1", "--yes")
    toml = publication / "emag.toml"
    toml.write_text(toml.read_text().replace("[[sources]]", 'approval = "automatic"\n[[sources]]'))
    return mails_in(publication)


def thursday(after):
    return after.replace(hour=16, minute=30) + timedelta(days=(3 - after.weekday()) % 7)


def test_after_a_disaster_the_issue_leaves_on_time_and_old_mails_work(
    emag, sent, publication, tmp_path
):
    clock = Clock(thursday(datetime.now(UTC) + YEARS))
    story = STORY.format(title="The library", slug="library", date=f"{clock():%Y-%m-%dT08:00}")
    (publication / "stories" / "library.md").write_text(story)
    with opened(publication, clock) as (newsroom, _):
        lines = tick(newsroom, stages=[*RETURNS, *DESK])
        assert "Forgot who got 1 old issues; the counts are kept" in lines
    assert emag("issue", "show", "2", "--json").json["status"] == "approved"
    emag("backup", tmp_path / "backups")
    key = (publication / ".env").read_text()
    shutil.rmtree(publication)
    new = tmp_path / "elsewhere" / "herald"
    new.mkdir(parents=True)
    (new / ".env").write_text(key)
    at_new = ("--dir", new)
    rehearsed = emag(*at_new, "db", "restore", tmp_path / "backups", "--dry-run").out
    assert "3 readers, last issue 1, held until released" in rehearsed
    assert emag(*at_new, "db", "restore", tmp_path / "backups", "--json").json["stopped"] == [2]
    emag(*at_new, "db", "release")
    emag(*at_new, "issue", "approve", "2", "--as", "Ann")
    with opened(new, clock) as (newsroom, pages):
        clock.at = clock().replace(hour=7, minute=29) + timedelta(days=1)
        tick(newsroom, stages=SENDING)
        assert mails_in(new) == {}
        clock.forward(minutes=1)
        tick(newsroom, stages=SENDING)
        assert len(mails_in(new)) == 3
        # The deliveries of issue 1 are condensed. Its links and its figures are there.
        pages.post(link(sent["ann"], "unsubscribe"), data=ONE_CLICK).raise_for_status()
        assert "cat@example.org" in pages.get(link(sent["cat"], "preferences")).text
        assert pages.get("/archive/1").status_code == 200
    assert emag(*at_new, "subscriber", "show", "ann@example.org", "--json").json["status"] == (
        "unsubscribed"
    )
    assert emag(*at_new, "deliveries", "1", "--json").json["deliveries"] == []
    assert emag(*at_new, "issue", "report", "1", "--json").json["counts"]["accepted"] == 3
    emag(*at_new, "issue", "export", "1", tmp_path / "proof")
    assert emag("issue", "verify", tmp_path / "proof", "--json").json["ok"]
    for chain in ("consent", "audit"):
        assert emag(*at_new, chain, "verify", "--json").json["ok"]
