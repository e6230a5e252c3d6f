"""“emag serve” and “emag preview” answer, and end on a signal."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def serving(publication, *words):
    return running(publication, "serve", "--port", "0", "--json", *words)


@contextmanager
def running(publication, *words):
    """The process, and what it says of itself once it is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emag", *words],
        cwd=ROOT,
        env=os.environ | {"EMAG_DIR": str(publication)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lines = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()
        yield process, json.loads("".join(lines))
    finally:
        process.kill()
        process.communicate()


def get(url: str) -> tuple[int, str]:
    for _ in range(50):
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(url)


def test_web_schedule_and_sending_in_one_process(emag, publication):
    with serving(publication) as (process, data):
        assert data["engine"] is True
        assert get(f"{data['url']}/healthz")[0] == 200
        assert "Town Crier" in get(f"{data['url']}/signup")[1]
        added = emag("subscriber", "add", "eve@example.org", "--json").json
        assert added["status"] == "pending"
        posted = publication / "outbox"
        for _ in range(100):
            if list(posted.glob("*.eml")):
                break
            time.sleep(0.1)
        [mail] = posted.glob("*.eml")
        assert "/confirm/" in mail.read_text()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "Gathered 3 new stories" in err
        assert "eve@" not in err
        assert "Traceback" not in err


def test_without_the_engine_nothing_is_sent(emag, publication):
    with serving(publication, "--no-engine") as (process, data):
        assert data["engine"] is False
        assert get(f"{data['url']}/signup")[0] == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, ""), err
    assert emag("issue", "draft", code=1).err  # nothing was gathered


def test_a_port_in_use_is_reported(emag):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = emag("serve", "--port", port, code=1).err
    assert (
        f"127.0.0.1:{port} cannot be listened on (address already in use): try --port" in sentence
    )


@pytest.mark.parametrize("words", [("--port", "99999"), ("--host", "not a host")])
def test_an_impossible_address_is_reported(emag, words):
    assert emag("serve", *words, code=2 if "--port" in words else 1).err


def test_the_preview_is_a_page_until_it_is_stopped(drafted, publication):
    with running(publication, "preview", "--port", "0", "--json") as (process, data):
        status, page = get(data["url"])
        assert status == 200
        assert "The bridge" in page
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
