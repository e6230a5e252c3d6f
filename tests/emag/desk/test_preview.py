"""The preview prints an issue again after each change, and goes on after a fault."""

import shutil
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from emag import bootstrap, migrate
from emag.checks.rules import size
from emag.content.gather import gather
from emag.dates.calendar import DateStatus, IssueDate
from emag.demo import hosting
from emag.desk import approve, arrange, contact_sheet, edit, preview_files
from emag.desk import chromium as desk_chromium
from emag.desk.appearance import in_scheme
from emag.desk.look import look
from emag.desk.preview import Preview
from emag.errors import EmagError, PreflightFailed
from emag.issues.draft import draft
from emag.settings import load, shipped_templates
from emag.settings.times import read
from emag.sources import sources
from emag.web.preview import app, serve
from tests import chromium

TOML = """
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
postal_address = "1 Market Square, Exampleton, EX1 2MP"
[[sources]]
name = "desk"
kind = "folder"
path = "stories"
section = "posts"
[[sections]]
name = "posts"
title = "New on the blog"
"""
STORY = """---
title: {title}
link: https://crier.example.org/{slug}
date: 2026-03-04 10:00
---
Why @media (prefers-color-scheme: dark) matters.
"""


@dataclass
class Publication:
    settings: Any
    database: Any
    now: Any


@pytest.fixture
def folder(tmp_path):
    """A publication with two stories in its folder."""
    folder = tmp_path / "publication"
    (folder / "stories").mkdir(parents=True)
    (folder / "templates").mkdir()
    (folder / "emag.toml").write_text(TOML)
    for title, slug in (("Bins & boats", "bins"), ("A quiet week", "quiet")):
        (folder / "stories" / f"{slug}.md").write_text(STORY.format(title=title, slug=slug))
    return folder


@pytest.fixture
def newsroom(folder, database, clock):
    """Opened as often as the preview wants; every table is in the tests' database."""

    def opened():
        settings = load(folder, {"EMAG_DATABASE_URL": str(database.url)})
        return Publication(settings, bootstrap.connect(settings), clock)

    room = opened()
    migrate.declared().create_all(room.database.engine)
    gather(room.database, sources(room.settings, clock), now=clock())
    draft(room.database, room.settings, now=clock(), by="ann")
    room.database.close()
    return opened


@pytest.fixture
def looking(newsroom):
    looking = Preview(newsroom, "next")
    yield looking
    looking.close()


def own_template(folder, name, change):
    """A template of the publication's own, made from the shipped one."""
    path = folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(change((shipped_templates() / name).read_text()))


def test_the_preview_shows_the_issue_as_a_reader_gets_it(looking):
    view = looking.look()
    assert view.error == ""
    assert view.issue.number == 1
    assert "Hello Alex," not in view.document.html  # there is no note
    assert "[[" not in view.document.html + view.document.text
    assert looking.look() is view  # nothing changed, nothing printed


def test_a_changed_template_is_shown_at_once_and_a_fault_does_not_end_the_preview(looking, folder):
    before = looking.look()
    own_template(folder, "issue/body.txt", lambda text: "HEAR YE\n" + text)
    after = looking.look()
    assert after.stamp != before.stamp
    assert after.document.text.startswith("HEAR YE")
    own_template(folder, "issue/body.txt", lambda text: text + "{% if %}")
    broken = looking.look()
    assert broken.document is None
    assert "body.txt" in broken.error
    own_template(folder, "issue/body.txt", lambda text: "OYEZ\n" + text)
    assert looking.look().document.text.startswith("OYEZ")


def test_settings_are_read_again_and_a_wrong_one_is_named(looking, folder):
    looking.look()
    (folder / "emag.toml").write_text(TOML.replace("Town Crier", "Village Crier"))
    assert "Village Crier" in looking.look().document.html
    (folder / "emag.toml").write_text(TOML.replace("postal_address", "postal_adress"))
    assert "postal_address" in looking.look().error
    (folder / "emag.toml").write_text(TOML)
    assert "Town Crier" in looking.look().document.html
    theme = folder / "templates/themes/noticeboard/theme.toml"
    theme.parent.mkdir(parents=True)
    theme.write_text('accent = "#123456"')
    assert "#123456" in looking.look().document.html
    theme.write_text('acent = "#123456"')
    assert "theme.toml: acent is not a setting of a theme" in looking.look().error


def test_a_dropped_story_disappears_from_the_page(looking, newsroom, clock):
    before = looking.look()
    room = newsroom()
    pick = next(p for p in before.issue.picks if p.story.title == "A quiet week")
    arrange.drop(room.database, room.settings, 1, [pick.candidate], now=clock(), by="ann")
    room.database.close()
    after = looking.look()
    assert "A quiet week" in before.document.text
    assert "A quiet week" not in after.document.text


def test_a_missing_issue_is_reported_and_does_not_end_the_preview(newsroom):
    looking = Preview(newsroom, 7)
    assert "7" in looking.look().error
    looking.close()


@pytest.fixture
def client(looking):
    with (
        hosting.listen(0) as listener,
        hosting.serving(app(looking, patience=5), listener) as base,
        httpx.Client(base_url=base, timeout=20) as client,
    ):
        yield client
        looking.stop()


def test_the_page_holds_all_four_views(client):
    page = client.get("/").text
    for title in ("Desktop", "Phone", "Dark", "Text"):
        assert title in page
    assert "Bins &amp; boats" in client.get("/view/light").text
    assert (
        client.get("/view/dark").headers["content-security-policy"].startswith("script-src 'none'")
    )
    assert "Bins & boats" in client.get("/text").text
    assert client.get("/view/sepia").status_code == 422


@pytest.mark.parametrize("path", ["/", "/text", "/view/light", "/changes"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.7:8401", "", "[", "localhost.evil"]
)
def test_another_host_gets_no_page(client, path, host):
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 421 or (host == "" and answer.status_code >= 400)
    assert "Bins" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8401", "127.0.0.1:1", "[::1]:8401"])
def test_every_name_of_this_machine_gets_the_page(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.fixture
def two_sections(folder):
    """Jobs too, so that there is something to choose."""
    (folder / "work").mkdir()
    (folder / "work" / "lamp.md").write_text(STORY.format(title="A lamplighter", slug="lamp"))
    more = '[[sources]]\nname = "work"\nkind = "folder"\npath = "work"\nsection = "jobs"\n'
    (folder / "emag.toml").write_text(f'{TOML}[[sections]]\nname = "jobs"\n{more}')


def test_the_page_shows_what_readers_of_some_topics_get(two_sections, client):
    page = client.get("/").text
    assert '<a class="topic" href="./" aria-current="true">everything</a>' in page
    assert '<a class="topic" href="?topics=jobs">jobs</a>' in page
    jobs = client.get("/?topics=jobs").text
    assert '<a class="topic" href="./" aria-current="true">jobs</a>' in jobs
    assert '<a class="topic" href="?topics=posts&amp;topics=jobs">posts</a>' in jobs
    assert 'src="view/light?topics=jobs"' in jobs
    both = client.get("/text").text
    assert all(title in both for title in ("Bins & boats", "A lamplighter"))
    for view in ("/text", "/view/light", "/view/dark"):
        markup = client.get(f"{view}?topics=jobs").text
        assert "A lamplighter" in markup
        assert "A quiet week" not in markup
        assert "[[" not in markup
    assert client.get("/text?topics=posts&topics=jobs").text == both


def test_the_page_says_who_gets_no_mail(two_sections, client):
    page = client.get("/?topics=events").text
    assert "No mail for this reader" in page
    assert "<iframe" not in page
    assert client.get("/text?topics=events").text == ""


def test_an_issue_without_topics_has_no_switch(client, folder):
    (folder / "emag.toml").write_text(f"{TOML}[signup]\ntopics = []\n")
    assert 'class="topic"' not in client.get("/").text


def test_a_waiting_page_is_answered_at_the_change(client, folder):
    stamp = client.get("/changes").json()["stamp"]

    def later():
        time.sleep(0.6)
        own_template(folder, "issue/body.txt", lambda text: "HEAR YE\n" + text)

    writer = threading.Thread(target=later)
    began = time.monotonic()
    writer.start()
    changed = client.get("/changes", params={"since": stamp}).json()["stamp"]
    waited = time.monotonic() - began
    writer.join()
    assert changed != stamp
    assert 0.5 < waited < 20
    assert client.get("/text").text.startswith("HEAR YE")


def test_waiting_ends_with_the_server(client, looking):
    stamp = client.get("/changes").json()["stamp"]
    threading.Timer(0.3, looking.stop).start()
    began = time.monotonic()
    assert client.get("/changes", params={"since": stamp}).json()["stamp"] == stamp
    assert time.monotonic() - began < 20


def test_faults_are_shown_on_the_page(client, folder):
    own_template(folder, "issue/body.txt", lambda text: text + "{% if %}")
    page = client.get("/").text
    assert 'role="alert"' in page
    assert "body.txt" in page


MAIL = """<html><head><meta name="color-scheme" content="light dark">
<style>@media only screen and (prefers-color-scheme: dark) { p { color: #fff } }
@media (prefers-color-scheme:light) { p { color: #000 } }</style>
<!--[if mso]><style>p { margin: 0 }</style><![endif]--></head>
<body><picture><source media="(prefers-color-scheme: dark)" srcset="n.png"></picture>
<p>(prefers-color-scheme: dark)</p></body></html>"""


@pytest.mark.parametrize(
    ("scheme", "dark", "light"),
    [("dark", "(min-width: 0)", "(max-width: 0)"), ("light", "(max-width: 0)", "(min-width: 0)")],
)
def test_media_queries_are_rewritten_in_style_sheets_only(scheme, dark, light):
    markup = in_scheme(MAIL, scheme)
    assert f"@media only screen and {dark} {{" in markup
    assert f"@media {light} {{" in markup
    assert f'<source media="{dark}"' in markup
    assert "<p>(prefers-color-scheme: dark)</p>" in markup
    assert "<!--[if mso]><style>p { margin: 0 }</style><![endif]-->" in markup
    assert f'content="{scheme}"' in markup
    assert 'content="light dark"' not in markup


def test_the_preview_names_the_same_faults_as_the_approval(newsroom, clock):
    room = newsroom()
    preview = Preview(newsroom, 1)
    assert "story-twice" not in {fault.rule for fault in preview.look().faults}
    in_a_week = clock() + timedelta(days=7)
    later = IssueDate(
        in_a_week.date(), read("thu 09:00"), in_a_week, draft=None, status=DateStatus.PLANNED
    )
    draft(room.database, room.settings, now=clock(), on=later, by="ann")
    approve.approve(room.database, room.settings, 2, now=clock(), by="Ann")
    with pytest.raises(PreflightFailed) as refused:
        approve.approve(room.database, room.settings, 1, now=clock(), by="Ann")
    faults = preview.look().faults
    assert "story-twice" in {fault.rule for fault in faults}
    for fault in faults:
        assert (fault.severity == "block") == (fault.message in str(refused.value))
    assert faults == look(room.database, room.settings, 1, now=clock()).faults
    preview.close()
    room.database.close()


def test_size_is_one_number_with_one_limit(newsroom, clock):
    room = newsroom()
    view = Preview(newsroom, 1)
    inspected = look(room.database, room.settings, 1, now=clock())
    assert view.html_bytes(view.look(), None) == inspected.html_bytes
    free = size.LIMIT - inspected.html_bytes
    edit.write(room.database, room.settings, 1, now=clock(), by="Ann", note="x" * free)
    html_bytes = view.html_bytes(view.look(), None)
    sentence = f"{html_bytes:,} bytes and mail programs cut it off at 102,000"
    assert [sentence in fault.message for fault in view.look().faults if fault.rule == "size"] == [
        True
    ]
    view.close()
    room.database.close()


def test_the_files_are_written(newsroom, tmp_path):
    room = newsroom()
    out = tmp_path / "deep" / "out"
    files = preview_files.write(room, "next", out=out, shots=False)
    room.database.close()
    assert sorted(file.name for file in files) == ["issue.html", "issue.mjml", "issue.txt"]
    assert "Bins &amp; boats" in (out / "issue.html").read_text()
    assert "<mjml" in (out / "issue.mjml").read_text()


def test_of_an_approved_issue_the_frozen_document_is_written(newsroom, folder, tmp_path, clock):
    room = newsroom()
    approve.approve(room.database, room.settings, 1, now=clock(), by="Ann")
    own_template(folder, "issue/body.txt", lambda text: "HEAR YE\n" + text)
    preview_files.write(room, 1, out=tmp_path, shots=False)
    looking = Preview(newsroom, 1)
    assert "HEAR YE" not in (tmp_path / "issue.txt").read_text()
    assert "<mjml" in (tmp_path / "issue.mjml").read_text()
    assert "HEAR YE" in looking.look().document.text
    assert looking.look().approved is False  # and the page says so
    (folder / "templates" / "issue" / "body.txt").unlink()
    assert looking.look().approved is True
    looking.close()
    room.database.close()


def test_a_folder_that_cannot_be_written_is_reported(newsroom, tmp_path):
    (tmp_path / "file").write_text("")
    room = newsroom()
    with pytest.raises(EmagError, match="cannot be written"):
        preview_files.write(room, "next", out=tmp_path / "file", shots=False)
    room.database.close()


def test_a_port_in_use_is_a_sentence(newsroom):
    with hosting.listen(0) as listener, pytest.raises(EmagError, match="--port"):
        serve(newsroom, "next", listener.getsockname()[1])


@pytest.mark.browser
def test_screenshots_are_taken_in_both_widths_and_schemes(newsroom, tmp_path):
    if not any(shutil.which(program) for program in desk_chromium.PROGRAMS):
        pytest.skip("no Chromium on this machine")
    room = newsroom()
    # Playwright runs once in a thread, and the tests' own browser is in this one.
    with ThreadPoolExecutor(1) as thread:
        write = thread.submit(preview_files.write, room, "next", out=tmp_path, shots=True)
    files = write.result()[3:]
    room.database.close()
    sheet = files.pop()
    widths = {file.name: struct.unpack(">I", file.read_bytes()[16:20])[0] for file in files}
    assert widths == {
        "issue-600-light.png": 600,
        "issue-600-dark.png": 600,
        "issue-375-light.png": 375,
        "issue-375-dark.png": 375,
    }
    light, dark = (tmp_path / f"issue-600-{s}.png" for s in ("light", "dark"))
    assert light.read_bytes() != dark.read_bytes()
    assert sheet.name == contact_sheet.NAME
    assert sheet.stat().st_size < contact_sheet.LIMIT
    width, height = struct.unpack(">II", sheet.read_bytes()[16:24])
    assert width > 2_500, "nine pictures side by side"
    assert height > 500


@pytest.mark.browser
def test_an_open_page_reloads_through_a_fault_and_back(client, folder):
    with chromium.started() as browser:
        page = browser.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(str(client.base_url))
        expect(page.locator("#text")).to_contain_text("THE TOWN CRIER")
        dark = page.frame_locator("iframe[title=Dark]").locator("body")
        assert dark.evaluate("body => matchMedia('(prefers-color-scheme: dark)').matches") is False
        ground = "body => getComputedStyle(body).backgroundColor"
        light = page.frame_locator("iframe[title^=Desktop]").locator("body")
        assert dark.evaluate(ground) != light.evaluate(ground)
        own_template(folder, "issue/body.txt", lambda text: "HEAR YE\n" + text)
        expect(page.locator("#text")).to_contain_text("HEAR YE")
        own_template(folder, "issue/body.txt", lambda text: text + "{% if %}")
        expect(page.get_by_role("alert")).to_contain_text("body.txt")
        (folder / "templates" / "issue" / "body.txt").unlink()
        expect(page.frame_locator("iframe[title^=Phone]").locator("body")).to_contain_text("Bins")
        page.get_by_role("link", name="events").click()
        expect(page.get_by_text("No mail for this reader")).to_be_visible()
        own_template(folder, "issue/body.txt", lambda text: "OYEZ\n" + text)
        page.get_by_role("link", name="posts").click()
        expect(page.locator("#text")).to_contain_text("OYEZ")
        own_template(folder, "issue/body.txt", lambda text: "OYEZ, OYEZ\n" + text)
        expect(page.locator("#text")).to_contain_text("OYEZ, OYEZ")
        assert page.url.endswith("?topics=posts&topics=events"), "the choice is kept"
        page.close()
    assert faults == []
