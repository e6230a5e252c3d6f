"""The demo: it walks the whole line, its parts are what they say, and it leaves nothing behind."""

import contextlib
import re
import signal
import smtplib
import socket
import struct
import subprocess
import sys
import time
import zlib
from datetime import timedelta

import httpx
import pytest

from emag.content import vacancy
from emag.demo import hosting, inbox, inspection, material, pictures, site
from emag.demo.canvas import Canvas, between, box, circle, colour, polygon, ring
from emag.demo.catcher import Catcher
from emag.errors import EmagError


def pixels(png):
    """Rows of (r, g, b) of a PNG as the canvas writes it: 8 bits, filter “up” on every row."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(
            name + data
        )
        chunks[name] = data
        at += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw, above, rows = zlib.decompress(chunks[b"IDAT"]), bytes(width * 3), []
    for y in range(height):
        line = raw[y * (width * 3 + 1) : (y + 1) * (width * 3 + 1)]
        assert line[0] == 2
        above = bytes((a + b) & 255 for a, b in zip(line[1:], above, strict=True))
        rows.append([tuple(above[x * 3 : x * 3 + 3]) for x in range(width)])
    return rows


BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def test_shapes_fill_what_they_cover_and_smooth_their_edges():
    canvas = Canvas(40, 40, BLACK, BLACK)
    canvas.fill(circle(20, 20, 10), WHITE)
    rows = pixels(canvas.png())
    assert rows[20][20] == WHITE
    assert rows[2][2] == BLACK
    edge = {rows[y][x] for y in range(8, 14) for x in range(8, 20)}
    assert any(BLACK < grey < WHITE for grey in edge)
    covered = sum(r for row in rows for r, _, _ in row) / 255
    assert covered == pytest.approx(3.1416 * 100, rel=0.01)


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (box(5, 5, 20, 10), 200),
        (box(5, 5, 20, 20, round_by=10), 314),
        (ring(20, 20, 15, 5), 3.1416 * (225 - 100)),
        (polygon((0, 0), (40, 0), (0, 40)), 800),
        (box(-10, -10, 20, 20), 100),
    ],
)
def test_every_shape_covers_its_area(shape, area):
    canvas = Canvas(40, 40, BLACK, BLACK)
    canvas.fill(shape, WHITE)
    covered = sum(r for row in pixels(canvas.png()) for r, _, _ in row) / 255
    assert covered == pytest.approx(area, rel=0.02)


def test_a_veil_lets_the_ground_through():
    canvas = Canvas(4, 4, BLACK, BLACK)
    canvas.fill(box(0, 0, 4, 4), WHITE, alpha=0.5)
    assert pixels(canvas.png())[1][1] == (128, 128, 128)
    assert between(BLACK, WHITE, 0.5) == (128, 128, 128)
    assert colour("#0b5d4b") == (11, 93, 75)


def test_the_bundled_material_is_whole(clock):
    posts, jobs, events = (f(clock()) for f in (material.posts, material.jobs, material.events))
    assert len(posts) == 12
    assert {post.picture for post in posts} == set(pictures.SCENES)
    assert all(post.alt and post.summary and post.body for post in posts)
    assert all(clock() - timedelta(days=7) < each.published < clock() for each in posts + jobs)
    facts = [vacancy.parse_title(job.title) for job in jobs]
    assert len(jobs) == 6
    assert [fact.job_of_the_week for fact in facts].count(True) == 1
    assert [job.closes < clock().date() for job in jobs].count(True) == 1
    assert all(fact.role and fact.employer for fact in facts)
    assert [fact.places for fact in facts].count(2) == 1
    assert all(event.starts > clock() for event in events)


def test_the_website_serves_pages_feeds_and_pictures(clock):
    with hosting.listen(0) as listener:
        app = site.app(hosting.address(listener), now=clock())
        with hosting.serving(app, listener) as base, httpx.Client(base_url=base) as client:
            home = client.get("/").text
            links = re.findall(rf'href="{base}(/[a-z]+/[a-z0-9-]+)"', home)
            assert len(links) == 12 + 6 + 2
            assert {client.get(link).status_code for link in links} == {200}
            assert client.get("/blog/nothing").status_code == 404
            assert client.get("/pictures/nothing.png").status_code == 404
            feed = client.get("/blog/feed.xml").text
            first = re.search(r"/pictures/\w+\.png", feed)[0]
            rows = pixels(client.get(first).content)
            assert (len(rows[0]), len(rows)) == (1200, 600)


@pytest.fixture
def catcher(clock):
    with Catcher(now=clock) as catcher:
        yield catcher


def test_the_catcher_keeps_what_was_sent_octet_for_octet(catcher, clock):
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


def test_the_catcher_takes_a_pipeline_and_refuses_a_wrong_order(catcher):
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


def test_the_catcher_sends_an_endless_line_away(catcher):
    with socket.create_connection((catcher.host, catcher.port), timeout=5) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(b"X" * 1_100_000)
        with contextlib.suppress(ConnectionError):
            while client.recv(4096):
                pass  # it ends, whether with a word or without
    with smtplib.SMTP(catcher.host, catcher.port, timeout=5) as smtp:
        assert smtp.noop()[0] == 250


def test_a_client_that_hangs_does_not_hold_up_the_end(clock):
    with Catcher(now=clock) as catcher:
        idle = socket.create_connection((catcher.host, catcher.port), timeout=5)
        idle.recv(100)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    idle.close()


EVIL = (
    b"From: <script>alert(1)</script> <a@example.org>\r\nTo: Ann <ann@example.org>\r\n"
    b"Subject: <b>&amp;</b>\r\nList-Unsubscribe: <https://example.org/unsubscribe/x>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b"<html><head></head><body><script>alert(1)</script>Hello</body></html>\r\n"
)


def test_the_inbox_shows_a_message_and_runs_nothing_of_it(catcher, settings):
    catcher.keep("", ["ann@example.org"], EVIL)
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
        seen = client.get("/1/html/dark")
        assert "sandbox" in seen.headers["content-security-policy"]
        assert "script-src" not in seen.headers["content-security-policy"]
        assert "Hello" in seen.text
        assert client.get("/1/source").text.startswith("From: <script>")
        assert client.get("/2").status_code == 404
        assert client.get("/1/html/sepia").status_code == 422


def test_a_copy_that_is_not_as_it_should_be_is_found_out(catcher):
    catcher.keep("", ["ann@example.org"], EVIL + b"x" * 999)
    (mail,) = inspection.issues(catcher.caught())
    found = " ".join(inspection.faults(mail))
    for what in ("Message-ID is there 0 times", "Feedback-ID", "text/html", "998", "plain part"):
        assert what in found
    assert "List-Unsubscribe is" not in found


def test_only_what_says_so_unsubscribes_with_one_click(catcher):
    catcher.keep("", ["ann@example.org"], EVIL)
    catcher.keep("", ["ann@example.org"], EVIL.replace(b"=One-Click", b"=Two-Clicks"))
    catcher.keep("", ["ann@example.org"], EVIL.replace(b"https:", b"mailto:"))
    found = [inbox.one_click(mail) for mail in catcher.caught()]
    assert found == ["https://example.org/unsubscribe/x", "", ""]


def test_a_port_in_use_is_a_sentence():
    with hosting.listen(0) as taken, pytest.raises(EmagError, match="--port"):
        hosting.listen(taken.getsockname()[1])


def run(*arguments, tmp_path):
    command = [sys.executable, "-m", "emag", "demo", *arguments]
    environ = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "COLUMNS": "120"}
    # A setting of the machine must not reach the demo.
    environ["EMAG_BASE_URL"] = "https://elsewhere.example.org"
    return subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_it_walks_the_whole_line_and_every_count_is_right(tmp_path):
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
        "It all adds up.",
    ):
        assert line in out
    assert err == ""
    assert list(tmp_path.iterdir()) == []


def test_it_stays_open_until_it_is_ended_and_then_leaves_nothing(tmp_path):
    stays = run("--port", "0", tmp_path=tmp_path)
    told = ""
    for line in stays.stdout:
        told += line
        if "Ctrl-C" in line:
            break
    (base,) = re.findall(r"(http://127\.0\.0\.1:\d+)/inbox/", told)
    with httpx.Client(base_url=base, timeout=20) as client:
        assert "29 caught" in client.get("/inbox/").text
        assert "Desktop" in client.get("/preview/").text
        assert client.get("/archive/1").status_code == 200
        # A reader signs up while it is open, and the mail comes in.
        stamp = re.search(r'name="shown" value="([^"]+)"', client.get("/signup").text)[1]
        time.sleep(1.1)  # nobody fills in a form faster
        form = {"email": "zoe@example.org", "name": "Zoë", "shown": stamp}
        assert client.post("/signup", data=form).status_code == 200
        until = time.monotonic() + 5
        while "30 caught" not in client.get("/inbox/").text:
            assert time.monotonic() < until
            time.sleep(0.1)
    stays.send_signal(signal.SIGTERM)
    stays.communicate(timeout=15)
    assert stays.returncode == 0
    assert list(tmp_path.iterdir()) == []
