"""Who is sending: a name that tells whether its process still lives."""

import os
import socket
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex

_PROC = Path("/proc")
_OVER: set[str] = set()


def name() -> str:
    """A new worker's name: machine, process, the process's birth, and a number drawn for it."""
    pid = os.getpid()
    return "/".join((_place(), str(pid), _birth(pid), token_hex(4)))


def over(worker: str) -> None:
    """A worker of this process has ended, and could not write down what became of its claims."""
    _OVER.add(worker)


def gone(workers: Iterable[str]) -> list[str]:
    """Those that are over, or ran on this machine since it started in a process that has ended.

    Of a worker elsewhere nothing is known: only its lease tells.
    """
    here = _place()
    return [worker for worker in workers if worker in _OVER or _ended(worker, here)]


def _ended(worker: str, here: str) -> bool:
    parts = worker.rsplit("/", 3)
    if len(parts) != 4 or not parts[1].isdigit():  # noqa: PLR2004 - the four that name() joins
        return False
    place, pid, birth, _ = parts
    return place == here and _birth(int(pid)) != birth


def _place() -> str:
    """This start of this machine, seen from this container: process numbers end there."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").readlink().name
    except OSError:  # no /proc: macOS, Windows
        boot = namespace = "-"
    return f"{socket.gethostname()}/{boot}/{namespace}"


def _birth(pid: int) -> str:
    """When the process started, in the kernel's ticks; a number used again has another birth."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _alive(pid)
    return "-" if fields[0] == "Z" else fields[19]


def _alive(pid: int) -> str:
    if _PROC.is_dir():
        return ""
    if os.name != "posix":  # there, looking would end it
        return "?"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        pass
    return "?"
