"""The demo runs all its steps, its parts work, and it deletes its folder."""

import contextlib
import re
import signal
import smtplib
import socket
import struct
import subprocess
import sys
import time
from datetime import timedelta

import httpx
import lxml.html
import pytest

from emag.content.vacancies import headline
from emag.demo import hosting, inbox, inspection, material, site
from emag.demo.catcher import Catcher
from emag.errors import EmagError


def size_of_png(png):
    """Width and height from the header (https://www.w3.org/TR/png-3/)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_every_picture_is_small_and_has_the_size_that_the_feed_gives():
    sizes = {name: len(path.read_bytes()) for name, path in site.PICTURES.items()}
    assert {size_of_png(path.read_bytes()) for path in site.PICTURES.values()} == {(1200, 600)}
    assert max(sizes.values()) < 40_000, sizes
    assert sum(sizes.values()) < 220_000


def test_the_bundled_material_is_complete(clock):
    posts, jobs, events = (f(clock()) for f in (material.posts, material.jobs, material.events))
    assert len(posts) == 12
    assert {post.picture for post in posts} == set(site.PICTURES)
    assert all(post.alt and post.summary and post.body for post in posts)
    assert all(clock() - timedelta(days=7) < entry.published < clock() for entry in posts + jobs)
    facts = [headline.read(job.title) for job in jobs]
    assert len(jobs) == 6
    assert [fact.job_of_the_week for fact in facts].count(True) == 1
    assert [job.closes < clock().date() for job in jobs].count(True) == 1
    assert all(fact.role and fact.employer for fact in facts)
    assert [fact.places for fact in facts].count(2) == 1
    assert all(event.starts > clock() for event in events)


def test_the_website_serves_pages_feeds_and_pictures(clock):
    with hosting.listen(0) as listener:
        app = site.app(hosting.address(listener), site.content(clock()), now=clock())
        with hosting.serving(app, listener) as base, httpx.Client(base_url=base) as client:
            home = client.get("/").text
            links = re.findall(rf'href="{base}(/[a-z]+/[a-z0-9-]+)"', home)
            assert len(links) == 12 + 6 + 2
            assert {client.get(link).status_code for link in links} == {200}
            assert client.get("/blog/nothing").status_code == 404
            assert client.get("/pictures/nothing.png").status_code == 404
            feed = client.get("/blog/feed.xml").text
            first = re.search(r"/pictures/\w+\.png", feed)[0]
            picture = client.get(first)
            assert picture.headers["content-type"] == "image/png"
            assert size_of_png(picture.content) == (1200, 600)
            assert client.get("/pictures/..%2Fposts.png").status_code == 404


@pytest.fixture
def catcher(clock):
    with Catcher(now=clock) as catcher:
        yield catcher


def test_the_catcher_stores_messages_octet_for_octet(catcher, clock):
    text = b"Subject: Dots\r\n\r\n.\r\n..two\r\nto the end\r\n"
    with smtplib.SMTP(catcher.host, catcher.port, timeout=5) as smtp:
        smtp.sendmail("from@example.org", ["ann@example.org", "ben@example.org"], text)
        smtp.sendmail("<>", ["ann@example.org"], b"Subject: Again\r\n\r\n")
    first, second, third = catcher.caught()
    assert first.octets == second.octets == text
    assert (first.recipient, second.recipient) == ("ann@example.org", "ben@example.org")
    assert (first.sender, third.sender) == ("from@example.org", "")
    assert [mail.number for mail in catcher.caught()] == [1, 2, 3]
    assert first.at == clock()


def test_the_catcher_accepts_a_pipeline_and_refuses_a_wrong_order(catcher):
    with socket.create_connection((catcher.host, catcher.port), timeout=5) as client:
        file = client.makefile("rb")
        assert file.readline().startswith(b"220")
        client.sendall(b"DATA\r\nRCPT TO:<a@b.c>\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n")
        codes = [file.readline()[:3] for _ in range(5)]
        assert codes == [b"503", b"501", b"250", b"250", b"354"]
        client.sendall(b"Subject: x\r\n\r\nhi\r\n.\r\nNOOP\r\nEXPN list\r\nQUIT\r\n")
        assert [file.readline()[:3] for _ in range(4)] == [b"250", b"250", b"502", b"221"]
        assert file.read() == b""
        file.close()
    assert catcher.wait_for(1, seconds=2)
    assert not catcher.wait_for(2, seconds=0.05)


def test_the_catcher_disconnects_a_client_with_an_endless_line(catcher):
    with socket.create_connection((catcher.host, catcher.port), timeout=5) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(b"X" * 1_100_000)
        with contextlib.suppress(ConnectionError):
            while client.recv(4096):
                pass  # the connection ends, with or without a reply
    with smtplib.SMTP(catcher.host, catcher.port, timeout=5) as smtp:
        assert smtp.noop()[0] == 250


def test_an_idle_client_does_not_delay_the_end(clock):
    with Catcher(now=clock) as catcher:
        idle = socket.create_connection((catcher.host, catcher.port), timeout=5)
        idle.recv(100)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    idle.close()


EVIL = (
    b"From: <script>alert(1)</script> <a@example.org>\r\nTo: Ann <ann@example.org>\r\n"
    b"Subject: <b>&amp;</b>\r\nList-Unsubscribe: <https://example.org/unsubscribe/x>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b"<html><head></head><body><script>alert(1)</script>Hello</body></html>\r\n"
)


def test_the_inbox_shows_a_message_and_runs_no_script_of_it(catcher, settings):
    catcher.store("", ["ann@example.org"], EVIL)
    with (
        hosting.listen(0) as listener,
        hosting.serving(inbox.app(catcher, settings), listener) as base,
        httpx.Client(base_url=base) as client,
    ):
        assert "&lt;b&gt;" in client.get("/").text
        assert client.get("/count").json() == {"count": 1}
        page = client.get("/1").text
        assert "<script>alert" not in page
        assert 'action="https://example.org/unsubscribe/x"' in page
        part = client.get("/1/html/dark")
        assert "sandbox" in part.headers["content-security-policy"]
        assert "script-src" not in part.headers["content-security-policy"]
        assert "Hello" in part.text
        assert client.get("/1/source").text.startswith("From: <script>")
        assert client.get("/2").status_code == 404
        assert client.get("/1/html/sepia").status_code == 422


def test_a_faulty_copy_is_reported(catcher):
    catcher.store("", ["ann@example.org"], EVIL + b"x" * 999)
    (mail,) = inspection.issues(catcher.caught())
    faults = " ".join(inspection.faults(mail))
    for phrase in (
        "header Message-ID occurs 0 times",
        "Feedback-ID",
        "text/html",
        "998",
        "plain part",
    ):
        assert phrase in faults
    assert "header List-Unsubscribe occurs" not in faults


def test_one_click_needs_both_headers(catcher):
    catcher.store("", ["ann@example.org"], EVIL)
    catcher.store("", ["ann@example.org"], EVIL.replace(b"=One-Click", b"=Two-Clicks"))
    catcher.store("", ["ann@example.org"], EVIL.replace(b"https:", b"mailto:"))
    addresses = [inbox.one_click(mail) for mail in catcher.caught()]
    assert addresses == ["https://example.org/unsubscribe/x", "", ""]


def test_a_port_in_use_is_an_error_with_a_sentence():
    with hosting.listen(0) as listener, pytest.raises(EmagError, match="--port"):
        hosting.listen(listener.getsockname()[1])


def run(*arguments, tmp_path):
    command = [sys.executable, "-m", "emag", "demo", *arguments]
    environ = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "COLUMNS": "120"}
    # The demo must ignore the settings of the machine.
    environ["EMAG_BASE_URL"] = "https://elsewhere.example.org"
    return subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_all_steps_run_and_every_count_is_right(tmp_path):
    walk = run("--once", tmp_path=tmp_path)
    out, err = walk.communicate(timeout=90)
    assert walk.returncode == 0, out + err
    assert "✗" not in out
    for line in (
        "12 sign-ups: 12 × 202",
        "9 active, 3 pending",
        "20 candidates = 19 in + 1 out",
        "9 planned = 8 accepted + 1 skipped",
        "8 copies of the issue, one for each of 8 readers",
        "/archive/1: 200",
        "from 6 new stories: in review",
        "2 editors invited, 1 asked to approve: 3 mails",
        "It all adds up.",
        "/demo/ would now open the desk",
    ):
        assert line in out
    assert err == ""
    assert list(tmp_path.iterdir()) == []


def check_the_door(client):
    """Only a form of the demo's own page, on this machine, opens the desk."""
    assert "Open the desk" in client.get("/demo/").text
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Host": "evil.example"},
    ):
        answer = client.post("/demo/desk", headers=headers)
        assert answer.status_code in {403, 421}, headers
        assert "set-cookie" not in answer.headers
    assert client.get("/demo/desk").status_code == 405
    assert client.get("/desk").headers["location"].startswith("/desk/sign-in")
    answer = client.post("/demo/desk", headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    page = client.get("/desk").text
    assert "The letter that answered itself" in page
    assert "Waits for approval" in page
    assert "Approve issue 2" in client.get("/desk/issues/2/review").text
    change_the_title(client)


def change_the_title(client):
    """A setting that is changed at the desk counts within seconds, without a restart."""
    form = lxml.html.fromstring(client.get("/desk/settings/rules").text)
    fields = dict(form.get_element_by_id("settings-form").form_values())
    fields["publication.title"] = "The Pinboard"
    same_origin = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/desk/settings/rules", data=fields, headers=same_origin).status_code == 303
    until = time.monotonic() + 60
    while "The Pinboard" not in client.get("/archive").text:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_it_runs_until_it_is_stopped_and_then_deletes_its_folder(tmp_path):
    stays = run("--port", "0", tmp_path=tmp_path)
    output = ""
    for line in stays.stdout:
        output += line
        if "Ctrl-C" in line:
            break
    (base,) = re.findall(r"(http://localhost:\d+)/inbox/", output)
    with httpx.Client(base_url=base, timeout=20) as client:
        assert "32 caught" in client.get("/inbox/").text
        assert "Desktop" in client.get("/preview/").text
        assert client.get("/archive/1").status_code == 200
        check_the_door(client)
        # A reader signs up while the demo runs, and the mail arrives.
        stamp = re.search(r'name="shown" value="([^"]+)"', client.get("/signup").text)[1]
        time.sleep(1.1)  # the form refuses faster answers
        form = {"email": "zoe@example.org", "name": "Zoë", "shown": stamp}
        assert client.post("/signup", data=form).status_code == 200
        until = time.monotonic() + 60
        while "33 caught" not in client.get("/inbox/").text:
            assert time.monotonic() < until
            time.sleep(0.1)
    stays.send_signal(signal.SIGTERM)
    stays.communicate(timeout=60)
    assert stays.returncode == 0
    assert list(tmp_path.iterdir()) == []
