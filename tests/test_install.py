"""docs/install.md followed literally, in a folder of its own, to the first mail.

It installs everything from the package index, which takes minutes: it runs with TEST_INSTALL=1.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "install.md"
BLOCK = re.compile(r"^## (\d)\. .+?\n```sh\n(.+?)```", re.MULTILINE | re.DOTALL)
# What only a real machine has. Everything else of the page runs as it stands there.
STUBS = {
    "apt-get": "exit 0",
    "useradd": "exit 0",
    "systemctl": "exit 0",
    "runuser": 'shift 3; exec "$@"',
    "install": 'mkdir -p "${@: -1}"',
}
wanted = pytest.mark.skipif(
    not os.environ.get("TEST_INSTALL"), reason="it installs from the index: set TEST_INSTALL"
)


def steps() -> dict[int, str]:
    return {int(number): script for number, script in BLOCK.findall(PAGE.read_text())}


def test_there_are_eight_steps_at_most_each_with_its_commands():
    assert list(steps()) == [1, 2, 3, 4, 5, 6, 7, 8]
    for script in steps().values():
        result = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
        assert result.returncode == 0


class Sink:
    """A mail server that keeps what it is handed."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(0)
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def sink():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def wheel(tmp_path):
    """The folder that the page calls /usr/local/src/emag."""
    folder = tmp_path / "usr" / "local" / "src" / "emag"
    folder.mkdir(parents=True)
    build = "from hatchling.build import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, folder], cwd=ROOT, check=True, timeout=120)
    shutil.copy(ROOT / "requirements.operator.lock", folder)
    return folder


@wanted
@pytest.mark.timeout(900)
def test_the_page_leads_to_the_first_mail(tmp_path, wheel, sink):
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    for name, body in STUBS.items():
        (stubs / name).write_text(f"#!/bin/bash\n{body}\n")
        (stubs / name).chmod(0o755)
    for folder in ("usr/local/bin", "etc/systemd/system", "etc/caddy", "srv", "opt"):
        (tmp_path / folder).mkdir(parents=True)
    script = "set -e\n" + "\n".join(steps().values())
    script = re.sub(r"(?<![\w.])/(opt/emag|srv|etc|usr/local)\b", rf"{tmp_path}/\1", script)
    relay = {
        "HOST=relay.example.org": "HOST=127.0.0.1",
        "PORT=587": f"PORT={sink.port}",
        "SECURITY=starttls": "SECURITY=none",
        "EMAG_SMTP_USERNAME=crier": "EMAG_SMTP_USERNAME=",
        "EMAG_SMTP_PASSWORD=the-password-of-the-relay": "EMAG_SMTP_PASSWORD=",
    }
    for before, after in relay.items():
        assert before in script
        script = script.replace(before, after)
    paths = f"{stubs}:{tmp_path}/usr/local/bin:/usr/bin:/bin"
    environment = {"HOME": str(tmp_path), "PATH": paths, "LANG": "C.UTF-8"}
    python = Path(sys.executable).resolve()
    (stubs / "python3").symlink_to(python)
    result = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    [(recipients, mail)] = sink.handler.mails
    assert recipients == ["ann@example.org"]
    assert "Hello from the Town Crier" in mail
    assert f"ExecStart={tmp_path}/opt/emag/bin/emag serve" in (
        (tmp_path / "etc/systemd/system/emag.service").read_text()
    )
    emag = tmp_path / "opt" / "emag" / "bin" / "emag"
    walk = subprocess.run(
        [emag, "demo", "--once"], env=environment, cwd=tmp_path, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert walk.returncode == 0, walk.stdout + walk.stderr
