"""The PostgreSQL of the tests stops when the tests are killed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.postgres

START = """
from tests import postgres
with postgres.started() as server:
    print(server._connection.info.parameter_status("server_version"), flush=True)
    print(server._connection.execute("SHOW data_directory").fetchone()[0], flush=True)
    input()
"""


def test_postgresql_stops_when_its_session_is_killed():
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", START],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as session:
        if not session.stdout.readline():
            pytest.skip("PostgreSQL does not start here")
        folder = Path(session.stdout.readline().strip())
        postmaster = Path(f"/proc/{(folder / 'postmaster.pid').read_text().split()[0]}")
        assert folder.exists()
        session.kill()
    until = time.monotonic() + 30
    while (folder.exists() or postmaster.exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
    assert not postmaster.exists()
