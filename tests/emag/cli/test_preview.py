"""The commands preview, demo, init and doctor."""

import json

import pytest
from typer.testing import CliRunner

from emag.cli.commands import application
from emag.settings import load
from emag.settings.times import read


def test_an_issue_is_written_as_files(emag, drafted, tmp_path):
    out = tmp_path / "new" / "place"
    files = emag("preview", "1", "--out", out, "--json").json["files"]
    assert sorted(path.name for path in out.iterdir()) == ["issue.html", "issue.mjml", "issue.txt"]
    assert sorted(files) == sorted(str(path) for path in out.iterdir())
    assert "The bridge [bold]again[/bold]" in (out / "issue.html").read_text()
    assert "<mjml" in (out / "issue.mjml").read_text()


def test_preview_needs_an_issue_and_a_folder(emag, drafted, tmp_path):
    assert "9" in emag("preview", "9", "--out", tmp_path, code=1).err
    assert "--out" in emag("preview", "--shots", code=2).err


def test_an_issue_is_written_for_chosen_topics(emag, drafted, tmp_path):
    emag("preview", "1", "--out", tmp_path, "--topics", "posts, jobs")
    assert "The bridge" in (tmp_path / "issue.html").read_text()
    assert (
        "no story for readers who chose jobs"
        in emag("preview", "1", "--out", tmp_path, "--topics", "jobs", code=1).err
    )
    text = emag("preview", "1", "--out", tmp_path, "--topics", "sport", code=1).err
    assert "There is no topic “sport”; there are posts, jobs, events" in text
    assert "--out" in emag("preview", "1", "--topics", "jobs", code=2).err


def test_the_demo_runs_as_a_command(tmp_path):
    result = CliRunner().invoke(application(), ["demo", "--once", "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"ok": True}), result.stderr
    assert "It all adds up" in result.stderr


def test_init_creates_a_publication(tmp_path):
    folder = tmp_path / "our-village"
    result = CliRunner().invoke(application(), ["init", str(folder), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["title"]) == (0, "Our Village")
    assert load(folder, {}).schedule.draft == (read("thu 16:00"),)
    listed = CliRunner().invoke(application(), ["issue", "list", "--json", "--dir", str(folder)])
    assert json.loads(listed.stdout) == {"issues": []}
    again = CliRunner().invoke(application(), ["init", str(folder)])
    assert again.exit_code == 1
    assert "Nothing was changed" in again.stderr
    assert CliRunner().invoke(application(), ["init"]).exit_code == 2


def test_the_doctor_finds_nothing_that_blocks(emag, publication):
    data = emag("doctor", "--json").json
    assert data["ok"] is True
    assert {"what", "message", "severity"} == set(data["faults"][0])
    assert {fault["severity"] for fault in data["faults"]} == {"warn"}
    assert "warn" in emag("doctor").out


def test_the_doctor_names_all_faults_of_the_settings_at_once(emag, publication):
    text = (publication / "emag.toml").read_text().replace("title", "titel")
    (publication / "emag.toml").write_text(text + 'rat = 3\nport = "x"\n')
    data = emag("doctor", "--json", code=1).json
    assert data["ok"] is False
    assert len([f for f in data["faults"] if f["what"] == "settings"]) == 4
    assert any("did you mean title?" in fault["message"] for fault in data["faults"])


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("emag.db", "broken", "database"),
        ("templates/issue/body.mjml", "{% if %}", "templates"),
        ("outbox", "a file where a folder should be", "transport"),
    ],
)
def test_the_doctor_examines_every_part(emag, publication, name, text, part):
    (publication / name).parent.mkdir(parents=True, exist_ok=True)
    (publication / name).write_text(text * 1000)
    data = emag("doctor", "--json", code=1).json
    assert [f["what"] for f in data["faults"] if f["severity"] == "block"] == [part]
