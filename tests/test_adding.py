"""Follows docs/adding.md, section by section, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "adding.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
PREPARATION = "Before you start"
SUBJECTS = (
    "A source",
    "A transport",
    "A webhook",
    "A mailbox",
    "A check",
    "An import format",
    "A language",
    "A command",
)
COPIED = ("emag", "subscribers", "templates", "docs", "benchmarks", "pyproject.toml")
BLOCK = re.compile(r"^```(\w+)(?: (file|contract)=(.+?))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block of the page. `kind` is file, contract, console or the empty string."""

    language: str
    kind: str
    target: str
    text: str


def blocks(section: str) -> list[Block]:
    return [
        Block(language, kind or language, target, text)
        for language, kind, target, text in BLOCK.findall(SECTIONS[section])
    ]


@dataclass(frozen=True)
class Copy:
    """A copy of the project, with a command `emag` that runs the copy."""

    root: Path

    @property
    def publication(self) -> Path:
        return self.root / "try"

    @property
    def environ(self) -> dict[str, str]:
        path = f"{self.root / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "PYTHONPATH": str(self.root), "COLUMNS": "200", "TZ": "UTC"}

    def run(self, command: str, *, folder: Path) -> str:
        """Runs a line of the page and returns what it prints. A warning may exit with 1."""
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in process.stderr, process.stderr
        assert process.returncode in {0, 1}, process.stderr
        return process.stdout + process.stderr

    def apply(self, section: str) -> None:
        """Writes the files of a section and makes its changes."""
        for block in blocks(section):
            if block.kind == "contract":
                give_place(self.root / "pyproject.toml", block)
            elif block.kind == "file" and block.language == "diff":
                change(self.root / block.target, block.text)
            elif block.kind == "file":
                file = self.root / block.target
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, "utf-8")

    def see(self, section: str, *, folder: Path) -> None:
        """Runs the commands of a section; each prints the lines below it, in this order."""
        for block in blocks(section):
            if block.kind == "console":
                for command, expected in re.findall(
                    r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE
                ):
                    output, start = self.run(command, folder=folder), 0
                    for line in expected.splitlines():
                        assert line in output[start:], f"{command}\n{output}"
                        start = output.index(line, start) + len(line)

    @contextmanager
    def serving(self, **environ: str) -> Iterator[str]:
        """`emag serve` in the publication's folder; yields its address."""
        command = [sys.executable, "-m", "emag", "serve", "--port", "0", "--json"]
        environ = self.environ | environ
        with (
            (self.root / "serve.log").open("w") as log,
            subprocess.Popen(
                command, cwd=self.publication, env=environ, stdout=subprocess.PIPE, stderr=log
            ) as process,
        ):
            try:
                lines = takewhile(b"}\n".__ne__, process.stdout)
                address = re.search(rb'"url": "(http://[^"]+)"', b"".join(lines))
                assert address, (self.root / "serve.log").read_text()
                yield address[1].decode()
            finally:
                process.terminate()
                process.wait(timeout=30)


def change(file: Path, diff: str) -> None:
    """Applies a block with + and - to the one place in the file that has its other lines."""
    lines = diff.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    text = file.read_text("utf-8")
    assert text.count(before) == 1, f"{file} has these lines {text.count(before)} times:\n{before}"
    file.write_text(text.replace(before, after), "utf-8")


def give_place(file: Path, block: Block) -> None:
    """Puts a module beside another one in the layers of a contract: “new beside old”."""
    module, _, neighbour = block.text.strip().partition(" beside ")
    pattern = re.compile(
        rf'(name = "{re.escape(block.target.strip())}"\n.*?layers = [^\n]*?)\b{neighbour}\b',
        re.DOTALL,
    )
    text, count = pattern.subn(rf"\g<1>{module} | {neighbour}", file.read_text("utf-8"), count=1)
    assert count == 1, f"no contract “{block.target}” with {neighbour}"
    file.write_text(text, "utf-8")


def a_copy(folder: Path) -> Copy:
    copy = Copy(folder)
    ignored = shutil.ignore_patterns("__pycache__", "images")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    command = folder / "bin" / "emag"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m emag "$@"\n')
    command.chmod(0o755)
    return copy


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A copy with the publication that the page begins with."""
    copy = a_copy(tmp_path_factory.mktemp("prepared"))
    copy.see(PREPARATION, folder=copy.root)
    copy.apply(PREPARATION)
    return copy.root


@pytest.fixture
def copy(prepared, tmp_path) -> Copy:
    folder = shutil.copytree(prepared, tmp_path / "copy")
    copy = Copy(folder)
    copy.run("emag db release", folder=copy.publication)  # it is a copy of a database
    return copy


def test_the_page_has_a_section_for_each_thing():
    assert [PREPARATION, *SUBJECTS] == sorted(SECTIONS, key=[PREPARATION, *SUBJECTS].index)


def test_a_reader_of_the_page_sees_the_name_of_each_block():
    for line, target in re.findall(r"^(.*)\n\n```\w+ (?:file|contract)=(.+)$", PAGE, re.MULTILINE):
        assert target in line, target
    assert len(re.findall(r"^```\w+ \w+=", PAGE, re.MULTILINE)) == PAGE.count("\n\n```") - (
        PAGE.count("\n\n```console")
    )


@pytest.mark.parametrize("section", SUBJECTS)
def test_a_section_works_as_it_is_written(copy, section):
    copy.apply(section)
    copy.see(section, folder=copy.publication)


@pytest.mark.timeout(600)
def test_everything_together_passes_the_checks(copy):
    for section in SUBJECTS:
        copy.apply(section)
    python = [sys.executable, "-m"]
    tests = copy.root / "tests"  # a benchmark prints their issues
    shutil.copytree(ROOT / "tests", tests, ignore=shutil.ignore_patterns("__pycache__"))
    cache = ROOT / ".mypy_cache"
    if cache.is_dir():
        shutil.copytree(cache, copy.root / ".mypy_cache")
    for command in (
        [*python, "ruff", "check", "emag", "subscribers"],
        [*python, "ruff", "format", "--check", "emag", "subscribers"],
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        [*python, "mypy"],
    ):
        process = subprocess.run(
            command, cwd=copy.root, env=copy.environ, capture_output=True, text=True, check=False
        )
        problems = process.stdout.partition("Broken contracts")[2] or process.stdout[-3000:]
        assert process.returncode == 0, problems + process.stderr


def test_a_new_language_is_shown_to_readers(copy):
    copy.apply("A language")
    with copy.serving(EMAG_PUBLICATION__LANGUAGE="nl") as address:
        assert "Ontvang The Town Crier per e-mail" in httpx.get(f"{address}/signup").text


def test_a_new_webhook_answers(copy):
    copy.apply("A webhook")
    report = '[{"id": "1", "type": "bounced", "address": "ann@example.org"}]'
    with copy.serving(EMAG_PIGEON_TOKEN="a-token-for-tests") as address:
        hook = f"{address}/hooks/feedback/pigeon"
        answers = [
            httpx.post(hook, content=report, headers={"Authorization": f"Bearer {token}"})
            for token in ("a-token-for-tests", "wrong")
        ]
    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[0].json()["events"] == 1


def test_a_new_mailbox_is_read_by_the_schedule(copy):
    copy.apply("A mailbox")
    new, current = (copy.publication / "returned" / name for name in ("new", "cur"))
    for folder in (new, current, new.with_name("tmp")):
        folder.mkdir(parents=True)
    (new / "1").write_text("From: a@example.net\nSubject: Out of office\n\nI am away.\n")
    with copy.serving(EMAG_MAILBOX__KIND="maildir", EMAG_MAILBOX__FOLDER="returned"):
        deadline = time.monotonic() + 30
        while not list(current.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert not list(new.iterdir())
