"""“emag feedback read” says what mails report, and acts on it."""

import json
import subprocess
import sys

import pytest

from emag import bootstrap
from emag.cli.feedback import MAX_BYTES
from emag.publication import create_publication
from emag.settings import load

REPORT = """From: mailer-daemon@example.net
To: bounces+{mark}@example.org
Subject: failure notice

Your mail could not be delivered:

<ann@example.net>: 550 5.1.1 user unknown
"""
LETTER = "From: Ann <ann@example.net>\nSubject: Hello\n\nNice issue!\n"
REPORTED = {
    "outcome": "hard",
    "recipients": [{"address": "ann@example.net", "status": "5.1.1", "outcome": "hard"}],
}


def emag(*args: str, body: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emag", *args]
    return subprocess.run(command, input=body, capture_output=True, text=True, check=False)


def test_a_dry_run_needs_no_publication(tmp_path):
    bounce, letter = tmp_path / "bounce.eml", tmp_path / "letter.eml"
    bounce.write_text(REPORT.format(mark="no"))
    letter.write_text(LETTER)
    result = emag("feedback", "read", "--dry-run", "--json", str(bounce), str(letter))
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "messages": [
            {"file": str(bounce), **REPORTED},
            {"file": str(letter), "outcome": "none", "recipients": []},
        ]
    }


def test_a_mail_is_read_from_standard_input():
    result = emag("feedback", "read", "--dry-run", "--json", body=REPORT.format(mark="no"))
    assert json.loads(result.stdout) == {"messages": [{"file": "-", **REPORTED}]}


def test_without_json_a_table_is_printed():
    result = emag("feedback", "read", "--dry-run", body=REPORT.format(mark="no"))
    assert "hard" in result.stdout
    assert "ann@example.net" in result.stdout


def test_a_missing_file_is_reported(tmp_path):
    result = emag("feedback", "read", "--dry-run", str(tmp_path / "nothing.eml"))
    assert result.returncode == 1
    assert "cannot be read: No such file" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def crier(tmp_path):
    folder = tmp_path / "crier"
    create_publication(folder, environ={})
    return folder


def test_only_mail_with_our_mark_is_acted_on(crier, tmp_path):
    keys = bootstrap.keys(load(crier, {}))
    genuine, forged = tmp_path / "genuine.eml", tmp_path / "forged.eml"
    genuine.write_text(REPORT.format(mark=keys.short("bounce", 1)))
    forged.write_text(REPORT.format(mark="1-aaaaaaaaaaaaaaaaaaaaaaaaaa"))
    place = ("--dir", str(crier), "--json")
    assert emag("subscriber", "add", "ann@example.net", *place).returncode == 0

    result = emag("feedback", "read", str(forged), *place)
    assert json.loads(result.stdout)["messages"] == [{"file": str(forged), **REPORTED}]
    assert "0 reports about our messages" in result.stderr
    for new in (1, 0):
        result = emag("feedback", "read", str(genuine), *place)
        assert result.returncode == 0
        assert f"1 report about our messages, {new} of them new" in result.stderr
    data = emag("subscriber", "show", "ann@example.net", *place)
    assert json.loads(data.stdout)["status"] in {"active", "pending"}, "delivery 1 was never sent"


def test_only_the_beginning_of_a_large_mail_is_read():
    body = REPORT.format(mark="no") + "x" * (2 * MAX_BYTES)
    result = emag("feedback", "read", "--dry-run", "--json", body=body)
    assert json.loads(result.stdout)["messages"][0]["outcome"] == "hard"
