"""Reference pages and manual page are made from the code, and every command has examples."""

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from emag.cli.commands import application
from emag.cli.examples import EXAMPLES

ROOT = Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("draw_reference", ROOT / "docs" / "draw_reference.py")
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def test_the_pages_are_as_the_code_is():
    for path, text in reference.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run “make reference”"


def test_every_command_has_examples_and_no_other():
    assert {command.path for command in reference.commands()} == set(EXAMPLES)


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_an_example_can_be_typed(line, tmp_path, monkeypatch):
    """Its words are parsed as the command's; nothing is run."""
    words = shlex.split(line.partition(" < ")[0])
    monkeypatch.chdir(tmp_path)
    for file in (word for word in words if re.fullmatch(r"[a-z-]+\.(csv|db|eml)", word)):
        Path(file).touch()
    assert words.pop(0) == "emag"
    command, path = typer.main.get_command(application()), []
    while hasattr(command, "commands"):
        name = words.pop(0) if words and words[0] in command.commands else "list"
        command = command.commands[name]
        path.append(name)
    assert line in EXAMPLES[" ".join(path)]
    command.make_context(path[-1], words)


def test_the_help_ends_with_the_examples():
    text = CliRunner().invoke(application(), ["issue", "pick", "--help"]).stdout
    assert "For example:" in text
    assert "emag issue pick next 41 --section posts --place 1" in text


def test_the_shell_completes_commands():
    words = {"_EMAG_COMPLETE": "complete_bash", "COMP_WORDS": "emag calen", "COMP_CWORD": "1"}
    assert CliRunner().invoke(application(), [], env=words, prog_name="emag").stdout.split() == [
        "calendar"
    ]


def test_the_page_of_settings_names_every_key():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    sample = (ROOT / "templates" / "publication" / "emag.toml").read_text()
    whole = re.sub(r"(?m)^# (?=[a-z_]+ = |\[)", "", sample).replace("$title", "T")
    keys = set(re.findall(r"(?m)^([a-z_]+) = ", whole))
    assert tomllib.loads(sample.replace("$title", "T"))
    assert keys <= set(re.findall(r"(?m)^\| `([a-z_]+)`", page))
