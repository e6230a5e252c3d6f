"""Names of workers: each tells whether the process that it belongs to still runs."""

import os
import socket
from collections.abc import Collection, Iterable
from pathlib import Path
from secrets import token_hex

_PROC = Path("/proc")
_PARTS = 4  # of a name


def new_name() -> str:
    """A name for a new worker: machine, process id, start time of the process, random part."""
    pid = os.getpid()
    return "/".join((_machine(), str(pid), _started(pid), token_hex(4)))


def dead(names: Iterable[str], abandoned: Collection[str] = ()) -> list[str]:
    """The workers that have ended: the `abandoned`, and those whose process on this machine ended.

    Nothing is known of workers on other machines: only their lease tells.
    """
    machine = _machine()
    return [name for name in names if name in abandoned or _has_ended(name, machine)]


def _has_ended(name: str, machine: str) -> bool:
    parts = name.rsplit("/", _PARTS - 1)
    if len(parts) != _PARTS or not parts[1].isdigit():
        return False
    place, pid, started, _ = parts
    return place == machine and _started(int(pid)) != started


def _machine() -> str:
    """This boot of this machine, seen from this container: process ids are unique within it."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").readlink().name
    except OSError:  # no /proc: macOS, Windows
        boot = namespace = "-"
    return f"{socket.gethostname()}/{boot}/{namespace}"


def _started(pid: int) -> str:
    """When the process started, in the kernel's ticks: a reused process id has another value.

    "-" stands for a zombie, "?" for a running process of unknown start, "" for none.
    """
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _started_without_proc(pid)
    return "-" if fields[0] == "Z" else fields[19]


def _started_without_proc(pid: int) -> str:
    if _PROC.is_dir():
        return ""
    if os.name != "posix":  # on Windows, os.kill would end the process
        return "?"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        pass
    return "?"
