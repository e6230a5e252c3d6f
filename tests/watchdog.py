"""Stops a PostgreSQL once whoever started it is gone, however it went: run it with its folder."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 10.0  # seconds for PostgreSQL to end


@contextmanager
def guarding(folder: Path) -> Iterator[None]:
    """The pipe closes with this process, and no `kill -9` can keep it open."""
    command = [sys.executable, "-S", __file__, str(folder)]
    # In a session of its own, for Ctrl-C would end it before there is something to do.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield


def main(folder: Path) -> None:
    sys.stdin.read()
    running = folder / "postmaster.pid"  # where all went well, there is no folder any more
    with suppress(OSError, ValueError, IndexError):
        os.kill(int(running.read_text().split()[0]), signal.SIGQUIT)
    until = time.monotonic() + PATIENCE
    while running.exists() and time.monotonic() < until:
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
