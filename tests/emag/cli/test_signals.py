"""A program that is told to stop ends in time, whatever it waits for."""

import signal
import subprocess
import sys
import threading
import time

from emag.cli.signals import StopDeadline, stop_requested

HANGS = """
import threading
from emag.cli.signals import StopDeadline, stop_requested

with stop_requested(StopDeadline(within=0.05)) as stop:
    print("ready", flush=True)
    stop.wait()
    threading.Event().wait()
"""


def test_a_program_that_hangs_is_ended_as_by_the_signal():
    process = subprocess.Popen(
        [sys.executable, "-c", HANGS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    assert "settled at the next start" in error


def test_a_program_that_ends_by_itself_is_left_alone():
    before = threading.active_count()
    deadline = StopDeadline(within=0.01)
    with stop_requested(deadline) as stop:
        deadline.begin()
        deadline.cancel()
        assert not stop.is_set()
    with stop_requested():
        pass
    time.sleep(0.02)
    assert threading.active_count() <= before + 1
