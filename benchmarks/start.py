"""Measures the CPU time of the whole command “emag issue send”, its start included.

    .venv/bin/python benchmarks/start.py [--readers 20000] [--before COMMIT] [--rounds 3]

The code of an earlier commit and the code as it is send in turn, each from a folder of its own, to
a sink in a process of its own. The figures are user and system time of the process that sends,
from its first instruction to its last, and the lowest of all rounds: other programs on the machine
only ever add to it. With one reader, nearly all of it is the start.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sinks

ROOT = Path(__file__).parent.parent
START_SECONDS = 0.3  # the target for one reader
MANY = 20_000  # readers, for whom the targets of a message are
TARGETS = {5_000: 118, 60_000: 100}  # µs a message, by the size of the HTML
STARTS = 3  # as many rounds with one reader for each with many: a start is short
PREPARE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/benchmarks"]
import send
from emag import bootstrap
folder, readers, html, port = Path(sys.argv[2]), *map(int, sys.argv[3:])
database = bootstrap.connect(send.settings_of(folder, 4))
bootstrap.upgrade(database)
send.approved(database, send.document(html), readers)
database.close()
address = "EMAG_BASE_URL=https://mail.example.org"
(folder / ".env").write_text(f"EMAG_SECRET_KEY={send.SECRET}\\n{address}\\n")
transport = f'kind = "smtp"\\nhost = "127.0.0.1"\\nport = {port}\\nsecurity = "none"'
(folder / "emag.toml").write_text(f"{send.TOML}[transport]\\n{transport}\\nconnections = 4\\n")
"""


def git(*words: str) -> str:
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit_before() -> str:
    """The last commit that loaded everything to send an issue; “” where there is no history."""
    try:
        added = git("log", "--diff-filter=A", "--format=%H", "--", "emag/quick_start.py")
        return git("rev-parse", f"{added.splitlines()[-1]}^") if added else ""
    except (OSError, subprocess.CalledProcessError):
        return ""


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        git("worktree", "add", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def cpu_seconds(tree: Path, readers: int, html: int) -> float:
    """Sends one issue by the code of a tree. Returns the CPU time of the command."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("EMAG_")}  # noqa: TID251
    with tempfile.TemporaryDirectory() as folder, sinks.own_sink("smtp", readers) as port:
        words = [str(tree), folder, str(readers), str(html), str(port)]
        subprocess.run([sys.executable, "-c", PREPARE, *words], cwd=tree, env=environ, check=True)
        command = [sys.executable, "-m", "emag", "issue", "send", "1", "--yes", "--dir", folder]
        sending = subprocess.Popen(command, cwd=tree, env=environ, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(sending.pid, 0)
        sending.returncode = os.waitstatus_to_exitcode(status)
    assert sending.returncode == 0
    return usage.ru_utime + usage.ru_stime


def lowest(trees: list[Path], readers: int, html: int, rounds: int) -> list[float]:
    """The lowest CPU time of each tree. They take turns, so that all meet the same machine."""
    seconds = [[cpu_seconds(tree, readers, html) for tree in trees] for _ in range(rounds)]
    return [min(times) for times in zip(*seconds, strict=True)]


def table(trees: list[Path], readers: int, sizes: list[int], rounds: int) -> None:
    names = "".join(f"{name:>10}" for name in ("before", "now")[-len(trees) :])
    print(f"\n{'The whole command “emag issue send”':<50}{names}{'target':>10}")
    figures = lowest(trees, 1, sizes[0], rounds * STARTS)
    row("1 reader: its start, CPU seconds", figures, START_SECONDS, 2)
    for html in sizes:
        figures = [s / readers * 1e6 for s in lowest(trees, readers, html, rounds)]
        name = f"{readers:,} readers, {html // 1000} KB: CPU µs a message"
        row(name, figures, TARGETS.get(html, 0) if readers >= MANY else 0, 0)


def row(name: str, figures: list[float], target: float, digits: int) -> None:
    cells = "".join(f"{figure:>10.{digits}f}" for figure in (*figures, target) if figure)
    print(f"{name:<50}{cells}", flush=True)


def compare(readers: int, sizes: list[int], rounds: int, before: str = "") -> None:
    """Prints the table, with the earlier code beside it where git has it."""
    if commit := before or commit_before():
        with tree_of(commit) as tree:
            cpu_seconds(tree, 1, sizes[0])  # compiles its modules
            table([tree, ROOT], readers, sizes, rounds)
    else:
        table([ROOT], readers, sizes, rounds)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=MANY)
    options.add_argument("--html", type=int, nargs="+", default=[5_000, 60_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--before", default="", help="the commit to compare with")
    wanted = options.parse_args()
    compare(wanted.readers, wanted.html, wanted.rounds, wanted.before)
