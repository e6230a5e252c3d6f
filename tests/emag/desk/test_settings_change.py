"""Settings and texts are changed in their files, checked as a whole, recorded and taken back."""

import os
import stat
from datetime import UTC

import pytest

from emag.desk import settings_change as verbs
from emag.desk import settings_text
from emag.errors import FileChanged, NotFound, SettingsError, WrongMove
from emag.press.words import words
from emag.settings import load


@pytest.fixture
def change(database, folder, clock):
    """Changes keys of emag.toml as Ann, who opened it just now."""

    def change(wanted, *, based_on=None, by="Ann"):
        settings = load(folder, {})
        based_on = based_on or settings_text.opened(settings).fingerprint
        return verbs.change(database, settings, wanted, based_on=based_on, now=clock(), by=by)

    return change


@pytest.fixture
def change_words(database, folder, clock):
    def change(wanted):
        settings = load(folder, {})
        based_on = settings_text.opened(settings, settings_text.words_file(settings)).fingerprint
        return verbs.change_words(
            database, settings, wanted, based_on=based_on, now=clock(), by="Ann"
        )

    return change


def test_a_change_is_written_and_recorded(change, database, folder, clock):
    change({"theme.accent": "#123456", "approval.four_eyes": "warn"})
    settings = load(folder, {})
    assert settings.theme.accent == "#123456"
    assert settings.approval.four_eyes == "warn"
    [row] = verbs.history(database)
    assert (row.by, row.at.astimezone(UTC), row.file) == ("Ann", clock(), "emag.toml")
    assert [(key.key, key.before, key.after) for key in row.keys] == [
        ("theme.accent", None, "#123456"),
        ("approval.four_eyes", None, "warn"),
    ]


def test_the_same_values_again_are_no_change(change, database, folder):
    before = (folder / "emag.toml").stat().st_mtime_ns
    assert change({"publication.title": "The Town Crier", "theme.accent": None}) is None
    assert (folder / "emag.toml").stat().st_mtime_ns == before
    assert verbs.history(database) == []


def test_a_wrong_value_is_named_and_nothing_is_written(change, database, folder):
    before = (folder / "emag.toml").read_bytes()
    with pytest.raises(SettingsError) as caught:
        change({"theme.accent": "green", "schedule.send": "someday", "theme.ink": "#000000"})
    faults = "\n".join(caught.value.faults)
    assert "theme.accent: “green” is not a colour: write it like #0b6e4f" in faults
    assert "schedule.send: “someday” is not a time that repeats" in faults
    assert (folder / "emag.toml").read_bytes() == before
    assert verbs.history(database) == []


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(change, database, folder):
    based_on = settings_text.opened(load(folder, {})).fingerprint
    with (folder / "emag.toml").open("a") as file:
        file.write("# by hand\n")
    with pytest.raises(FileChanged, match="changed after you opened this page"):
        change({"theme.accent": "#123456"}, based_on=based_on)
    assert "#123456" not in (folder / "emag.toml").read_text()
    assert verbs.history(database) == []


def test_the_mode_and_a_link_stay(change, folder, tmp_path):
    elsewhere = tmp_path / "shared.toml"
    (folder / "emag.toml").rename(elsewhere)
    (folder / "emag.toml").symlink_to(elsewhere)
    elsewhere.chmod(0o640)
    change({"theme.accent": "#123456"})
    assert (folder / "emag.toml").is_symlink()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640
    assert "#123456" in elsewhere.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_so(change, database, folder):
    folder.chmod(0o555)
    try:
        with pytest.raises(Exception, match="cannot be written"):
            change({"theme.accent": "#123456"})
    finally:
        folder.chmod(0o755)
    assert verbs.history(database) == []


def test_undo_gives_back_the_values_and_the_text(change, database, folder, clock):
    before = (folder / "emag.toml").read_text()
    row = change({"publication.title": "The Other Crier", "theme.accent": "#123456"})
    verbs.undo(database, load(folder, {}), row.id, now=clock(), by="Ben")
    after = load(folder, {})
    assert after.publication.title == "The Town Crier"
    assert "accent" not in after.theme.model_fields_set
    undone, first = verbs.history(database)
    assert (undone.by, undone.undoes, first.undone_by) == ("Ben", row.id, undone.id)
    with pytest.raises(WrongMove, match="undone already"):
        verbs.undo(database, after, row.id, now=clock(), by="Ben")
    verbs.undo(database, after, undone.id, now=clock(), by="Ann")
    assert load(folder, {}).publication.title == "The Other Crier"
    assert before.splitlines()[:2] == (folder / "emag.toml").read_text().splitlines()[:2]


def test_undo_never_overwrites_what_came_later(change, database, folder, clock):
    row = change({"theme.accent": "#123456"})
    change({"theme.accent": "#654321"}, by="Ben")
    with pytest.raises(WrongMove, match=r"theme\.accent was changed again"):
        verbs.undo(database, load(folder, {}), row.id, now=clock(), by="Ann")
    with pytest.raises(NotFound):
        verbs.undo(database, load(folder, {}), 99, now=clock(), by="Ann")


def test_the_former_file_can_be_read_again(change, database, folder):
    before = (folder / "emag.toml").read_bytes().decode()
    row = change({"theme.accent": "#123456"})
    assert verbs.former_text(database, row.id) == before


def test_texts_of_the_publication(change_words, database, folder, clock):
    row = change_words({"home.heading": "Read us", "home.lead": "For {title}"[:3]})
    settings = load(folder, {})
    assert (folder / "templates" / "words" / "en.toml").is_file()
    assert words(settings).texts["home.heading"] == "Read us"
    assert row.file == "templates/words/en.toml"
    verbs.undo(database, settings, row.id, now=clock(), by="Ann")
    assert words(settings).texts["home.heading"] == "The next issue, in your inbox"


def test_a_text_that_cannot_be_used_is_refused(change_words, folder):
    with pytest.raises(SettingsError, match=r"home\.heading holds \{nobody\}"):
        change_words({"home.heading": "Hello {nobody}"})
    with pytest.raises(SettingsError, match="no page uses"):
        change_words({"home.nothing": "Hello"})
    assert not (folder / "templates" / "words" / "en.toml").exists()
