"""Keys of emag.toml are changed where they stand: comments and order stay as they were."""

import tomllib
from string import Template

import pytest

from emag.settings import shipped_templates
from emag.settings.toml_text import Unwritable, changed, value_of

SAMPLE = Template((shipped_templates() / "publication" / "emag.toml").read_text()).substitute(
    title="The Crier"
)


def lines(text: str) -> dict[str, str]:
    """The lines of a text that its sample does not have, by their first word."""
    new = [line for line in text.splitlines() if line not in SAMPLE.splitlines()]
    return {line.split(" ")[0]: line for line in new}


def test_a_key_that_is_commented_out_takes_its_line_and_keeps_its_comment():
    new = changed(SAMPLE, {"approval.four_eyes": "warn"})
    assert lines(new) == {
        "four_eyes": 'four_eyes = "warn"                  # whoever changed an issue last may not '
        'approve it: "warn" says so, "required" refuses'
    }
    assert len(new.splitlines()) == len(SAMPLE.splitlines())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme.accent", "#123456"),
        ("publication.title", 'A “b” "c" \\ Ŵ'),
        ("schedule.skip", ["2026-12-25", "2027-01-01"]),
        ("jobs.repeat", 3),
        ("network.allow_private", True),
        ("sections.events.order", "featured"),
        ("checks.banned", ["learnings"]),
    ],
)
def test_what_was_written_is_read_and_nothing_else_has_changed(key, value):
    before, after = tomllib.loads(SAMPLE), tomllib.loads(changed(SAMPLE, {key: value}))
    assert value_of(after, key) == value
    table, _, last = key.rpartition(".")
    for data in (before, after):
        node = data
        for part in table.split("."):
            node = (
                next(entry for entry in node if entry["name"] == part)
                if isinstance(node, list)
                else node.setdefault(part, {})
            )
        node.pop(last, None)
    assert before == after


def test_a_key_that_is_taken_away_shows_its_default_again():
    changes = {"theme.accent": "#123456", "jobs.repeat": 3, "publication.title": "Other"}
    new = changed(SAMPLE, changes)
    back = {"theme.accent": None, "jobs.repeat": None, "publication.title": "The Crier"}
    assert changed(new, back, sample=SAMPLE) == SAMPLE


def test_a_new_key_comes_after_the_last_one_of_its_table():
    text = '[a]\nx = [\n  1,\n]  # of a\n\n# of b\n[[b]]\nname = "p"\n\n# of q\n[[b]]\nname = "q"\n'
    assert changed(text, {"a.y": 2, "b.p.limit": 3}) == (
        '[a]\nx = [\n  1,\n]  # of a\ny = 2\n\n# of b\n[[b]]\nname = "p"\nlimit = 3\n\n'
        '# of q\n[[b]]\nname = "q"\n'
    )


def test_a_file_that_does_not_exist_begins_with_the_table():
    assert tomllib.loads(changed("", {"home.heading": "Hi"})) == {"home": {"heading": "Hi"}}


def test_the_ends_of_lines_stay():
    new = changed(SAMPLE.replace("\n", "\r\n"), {"checks.banned": ["a"], "jobs.repeat": 2})
    assert "\n" not in new.replace("\r\n", "")


def test_tables_in_one_line_and_keys_with_dots_are_changed_too():
    text = 'publication.title = "x" # t\ntheme = { accent = "#000000", ink = "#111111" }\n'
    new = changed(text, {"publication.title": "y", "theme.ink": "#222222"})
    assert new == 'publication.title = "y" # t\ntheme = { accent = "#000000", ink = "#222222" }\n'
    with pytest.raises(Unwritable):
        changed(text, {"theme.paper": "#ffffff"})


def test_a_value_of_several_lines_is_replaced_whole():
    text = '[a]\nlist = [\n  "x", # one\n  "y",\n]\ntext = """\n[b]\n# c = 1\n"""\n'
    new = changed(text, {"a.list": ["z"], "a.text": "t"})
    assert new == '[a]\nlist = ["z"]\ntext = "t"\n'
