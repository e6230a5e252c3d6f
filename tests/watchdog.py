"""Stops a PostgreSQL when the process that started it ends, even by `kill -9`."""

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
    """Starts the watchdog. It waits for a pipe, which closes when this process ends."""
    command = [sys.executable, "-S", __file__, str(folder)]
    # In a new session, because Ctrl-C would end it too early.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield


def main(folder: Path) -> None:
    sys.stdin.read()
    running = folder / "postmaster.pid"  # after a normal end the folder is gone
    with suppress(OSError, ValueError, IndexError):
        os.kill(int(running.read_text().split()[0]), signal.SIGQUIT)
    until = time.monotonic() + PATIENCE
    while running.exists() and time.monotonic() < until:
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
