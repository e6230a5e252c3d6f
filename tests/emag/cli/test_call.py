"""All commands share --json, --dir, exit codes, and sentences instead of tracebacks."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from emag.cli import output
from emag.cli.call import Call, command
from emag.cli.commands import application

ROOT = Path(__file__).parents[3]
HEAVY = {
    *("alembic", "apscheduler", "dns", "fastapi", "feedparser", "httpx", "mjml", "premailer"),
    *("sendgrid", "sqlalchemy", "sqlmodel", "starlette", "uvicorn"),
}


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("words", [["--help"], ["issue", "--help"], ["issue", "send", "--help"]])
def test_help_loads_nothing_heavy(words):
    result = python(
        f"import sys; sys.argv = ['emag', *{words!r}]\n"
        "from emag.__main__ import main\n"
        "try:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    )
    assert result.returncode == 0
    assert "Usage: emag" in result.stdout
    assert not {name.partition(".")[0] for name in result.stderr.split()} & HEAVY


def loaded(code: str) -> set[str]:
    result = python(f"import sys\n{code}")
    assert result.returncode == 0, result.stderr
    return set(result.stderr.split())


def test_help_loads_little_more_than_any_help_page():
    """Each module costs time. What typer itself needs is the measure."""
    report = "print(*sys.modules, file=sys.stderr)"
    others = loaded(
        "from emag.__main__ import main\nsys.argv = ['emag', '--help']\n"
        f"try:\n    main()\nfinally:\n    {report}"
    ) - loaded(f"import typer.rich_utils\n{report}")
    assert len([name for name in others if not name.startswith("emag.cli")]) < 45, others


COMMANDS = [
    *("init", "demo", "gather", "preview", "serve", "doctor", "deliveries"),
    *(
        f"issue {name}"
        for name in (
            *("draft", "list", "show", "explain", "edit", "note", "pick", "drop", "order"),
            *("check", "test", "approve", "send", "status", "pause", "resume", "cancel"),
        )
    ),
    *(f"subscriber {n}" for n in ("add", "show", "list", "unsubscribe", "erase", "import")),
    *("subscriber export", "consent receipt", "consent verify", "deliveries settle"),
    *("db upgrade", "db backup", "db restore"),
]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_help_and_json(words):
    result = CliRunner().invoke(application(), [*words.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    group = words == "deliveries"  # its own help is that of its two commands
    assert ("--json" in result.stdout) is not group
    assert ("--dir" in result.stdout) is not group


def test_the_folder_may_be_given_before_after_or_in_the_environment(publication, tmp_path):
    listed = ["issue", "list", "--json"]
    elsewhere = {"EMAG_DIR": str(tmp_path)}
    for words, env in (
        (["--dir", publication, *listed], {"EMAG_DIR": ""}),
        ([*listed, "--dir", publication], {"EMAG_DIR": ""}),
        ([*listed, f"--dir={publication}"], elsewhere),
        (["--dir", publication, *listed], elsewhere),
        (["--dir", tmp_path, *listed, "--dir", publication], elsewhere),
        (["--json", "issue", "list"], {"EMAG_DIR": str(publication)}),
    ):
        result = CliRunner().invoke(application(), list(map(str, words)), env=env)
        assert result.exit_code == 0, (words, result.stderr)
        assert json.loads(result.stdout) == {"issues": []}


def test_the_current_folder_is_the_default(publication):
    result = subprocess.run(
        [sys.executable, "-m", "emag", "issue", "list", "--json"],
        cwd=publication,
        env={k: v for k, v in os.environ.items() if k != "EMAG_DIR"} | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, json.loads(result.stdout)) == (0, {"issues": []})


def test_a_folder_without_a_publication_is_reported(tmp_path):
    result = CliRunner().invoke(application(), ["issue", "list", "--dir", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "emag init" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_error_is_one_json_document(tmp_path):
    result = CliRunner().invoke(application(), ["issue", "list", "--json", "--dir", str(tmp_path)])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == result.stderr.strip()


def test_settings_with_several_faults_name_them_all(publication):
    (publication / "emag.toml").write_text('[publication]\ntitel = "x"\n')
    result = CliRunner().invoke(application(), ["issue", "list", "--dir", str(publication)])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 3


@pytest.mark.parametrize(
    "words", [["nonsense"], ["issue", "list", "--nonsense"], ["issue", "show"], ["serve", "x"]]
)
def test_wrong_usage_has_exit_code_2(words):
    result = CliRunner().invoke(application(), words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage" in result.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nonsense", "--json"], "nonsense"),
        (["--json", "issue", "nonsense"], "nonsense"),
        (["issue", "show", "--json"], "Missing argument"),
        (["issue", "list", "--json", "--nonsense"], "--nonsense"),
        (["issue", "approve", "1", "--json", "--override", "alt"], "--reason"),
        (["stats", "--json", "--weeks", "0"], "'--weeks': write 1 or more"),
        (["stats", "--json", "--weeks", "x"], "'--weeks': write a whole number"),
        (["serve", "--json", "--port", "99999"], "write 65535 or less"),
        (["promo", "add", "--json", "--kind", "banner"], "'--kind': 'banner' is not one of"),
    ],
)
def test_wrong_usage_is_one_json_document_with_json(words, text):
    result = CliRunner().invoke(application(), words)
    assert result.exit_code == 2
    assert text in json.loads(result.stdout)["error"]
    assert "Input should" not in result.stderr
    assert "Usage" in result.stderr


def test_a_file_that_cannot_be_used_is_named_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("here already")
    result = CliRunner().invoke(application(), ["init", str(tmp_path / "file" / "crier")])
    assert result.exit_code == 1
    assert "cannot be used: Not a directory" in result.stderr


def broken(call: Call) -> None:
    raise ZeroDivisionError("ann@example.org was divided")


def stopped(call: Call) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def broken_app():
    app = typer.Typer()
    app.command("broken")(command(broken))
    app.command("stopped")(command(stopped))
    return app


def test_an_error_in_emag_itself_is_a_sentence_without_its_text(broken_app):
    result = CliRunner().invoke(broken_app, ["broken"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "ZeroDivisionError" in result.stderr
    assert "--debug" in result.stderr
    assert "Traceback" not in result.stderr
    assert "ann@" not in result.stderr
    assert "ann@" in CliRunner().invoke(broken_app, ["broken", "--debug"]).stderr


def test_ctrl_c_ends_with_a_sentence(broken_app):
    result = CliRunner().invoke(broken_app, ["stopped"])
    assert (result.exit_code, result.stderr.strip()) == (1, "Stopped")


def test_output_to_a_file_has_whole_lines_and_no_colours(emag, approved, publication):
    long = "word " * 30
    emag("issue", "edit", "1", "--subject", long)
    line = next(line for line in emag("issue", "list").out.splitlines() if "word" in line)
    assert line.count("word") == 30
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 readers"), (1, "1 reader"), (2000, "2,000 readers")]
)
def test_counts_have_separators_and_plurals(number, text):
    assert output.count_text(number, "reader") == text


def test_sums_leave_out_zeros():
    assert output.sum_text({"a": 1990, "b": 0, "c": 10}, ["a", "b", "c"]) == "1,990 a + 10 c"
    assert output.sum_text({"a": 0}, ["a"]) == "0"


def test_a_long_table_looks_like_a_short_one():
    rows = [["sent", number, f"title {number}", None] for number in range(output.LONG + 1)]
    long = output.table(["Status", "No.#", "Title", "Where"], rows)
    short = io.StringIO()
    output.print_part(output.table(["Status", "No.#", "Title", "Where"], rows[:-1]), short)
    lines = [line.rstrip() for line in short.getvalue().splitlines() if "─" not in line]
    assert long.splitlines()[:-1] == lines


@pytest.mark.parametrize(
    "words",
    [
        ("issue", "edit", "1", "--subject", "One", "--subject=Two"),
        ("issue", "approve", "1", "--send-at", "2030-01-01", "--send-at", "2030-01-02"),
        ("preview", "--port", "1", "--port", "2"),
        ("serve", "--engine", "--no-engine"),
        ("subscriber", "add", "ann@example.org", "--name", "Ann", "--name", "Anna"),
        ("deliveries", "1", "--status", "accepted", "--status", "refused"),
        ("--dir", "one", "--dir", "two", "issue", "list"),
    ],
)
def test_an_option_given_twice_is_wrong_usage(emag, words):
    result = emag(*words, code=2)
    assert "may be given only once" in result.err
    assert json.loads(emag(*words, "--json", code=2).out)["error"].endswith("only once")


def test_an_option_that_takes_several_values_may_be_repeated(emag, drafted):
    edited = emag("issue", "edit", "1", "--note", "--subject --subject", "--json", "--json").json
    assert edited["number"] == 1
