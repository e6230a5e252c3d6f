"""The release: its version, its locks, its wheel, its checks before a commit."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emag import __version__
from emag.cli.commands import application

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements.operator.lock"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([\w.-]+)(?:\[.+\])?==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    )


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in requirements}


def test_the_command_prints_the_version():
    result = CliRunner().invoke(application(), ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"emag {__version__}\n")
    result = CliRunner().invoke(application(), ["--version", "--json"])
    assert (result.exit_code, result.stdout.split()) == (
        0,
        ["{", '"version":', f'"{__version__}"', "}"],
    )


def test_the_changes_begin_with_this_version_and_its_day():
    sections = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(__version__)} – \d{{4}}-\d\d-\d\d", sections[0])


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_only(lock):
    allowed = re.compile(
        r"^([\w.-]+(\[[\w, -]+\])?==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$"
    )
    for line in (ROOT / lock).read_text().splitlines():
        assert allowed.match(line), line


def test_operators_get_everything_that_emag_needs_and_no_test_tools():
    operators = set(pins("requirements.operator.lock"))
    extras = PROJECT["project"]["optional-dependencies"]
    needed = names(PROJECT["project"]["dependencies"] + extras["postgres"] + extras["sso"])
    assert needed <= operators
    tools = names(PROJECT["dependency-groups"]["dev"]) - needed
    assert "pytest" in tools
    assert not tools & operators


def test_both_locks_agree_on_versions():
    developers = pins("requirements.lock")
    for name, version in pins("requirements.operator.lock").items():
        assert developers.get(name) == version, f"{name}: run “make lock”"


def test_the_wheel_holds_templates_migrations_and_types(tmp_path):
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    result = subprocess.run(
        [sys.executable, "-c", build, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wheel = result.stdout.split()[-1]
    assert wheel == f"emag-{__version__}-py3-none-any.whl"
    files = set(zipfile.ZipFile(tmp_path / wheel).namelist())
    assert {
        "emag/py.typed",
        "subscribers/py.typed",
        "emag/migrations/env.py",
        "emag/migrations/versions/0001_the_first_tables.py",
        "emag/_templates/publication/emag.toml",
    } <= files
    shipped = {path.relative_to(ROOT) for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert {f"emag/_{path.as_posix()}" for path in shipped} <= files


def test_a_commit_that_the_checks_refuse_is_not_made(tmp_path):
    def git(*command: str) -> int:
        person = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
        return subprocess.run(
            ["git", *person, *command], cwd=tmp_path, capture_output=True, check=False
        ).returncode

    git("init")
    git("config", "core.hooksPath", str(ROOT / ".githooks"))
    (tmp_path / "Makefile").write_text("check:\n\t@false\n")
    git("add", "Makefile")
    assert git("commit", "-m", "refused") != 0
    (tmp_path / "Makefile").write_text("check:\n\t@true\n")
    git("add", "Makefile")
    assert git("commit", "-m", "good") == 0
