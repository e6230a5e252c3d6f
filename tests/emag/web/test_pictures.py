"""A mail of twenty stories with pictures: who is asked for them, by its bytes and in a browser."""

import re
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from random import Random
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from emag import bootstrap, instance
from emag.checks.outside import Outside
from emag.content.gather import gather
from emag.content.pictures import fetching as content
from emag.content.sources.links import WebLinks
from emag.content.tables import PICTURE_FILES
from emag.demo import hosting
from emag.desk import approve, pictures, promos, words
from emag.desk.look import look
from emag.desk.outside import look_and_ask
from emag.desk.promo_booking import Wish
from emag.issues import store
from emag.issues.draft import draft
from emag.issues.promo import Promo, PromoKind
from emag.issues.words import Field
from emag.network import NetworkAccess
from emag.press.tiers import FEATURES
from emag.settings.pictures import PictureSettings
from emag.web import app as web
from tests import chromium
from tests.emag.content.conftest import site  # noqa: F401 - a fixture
from tests.emag.web.conftest import ENVIRON, Press
from tests.emag.web.desk.conftest import Desk

MORE = """
[[sources]]
name = "feed"
kind = "feed"
url = "{site}/feed"
section = "posts"
[network]
allow_private = true
[theme]
logo = "{site}/logo.png"
"""
ITEM = """<item><title>Tide {n}</title><link>https://tide.example/{n}</link>
<pubDate>Wed, 04 Mar 2026 {n:02}:00:00 GMT</pubDate>
<content:encoded><![CDATA[<p><img src="{site}/speck.gif"><img src="{site}/{n}.png" alt="{alt}"></p>
<p>The water came up to mark {n} on Wednesday, and then it went away again for good.</p>]]>
</content:encoded></item>"""
FEED = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Tides</title>{items}</channel></rss>"""


def a_picture(number: int, size: tuple[int, int] = (900, 700), kind: str = "PNG") -> bytes:
    image = Image.new("RGB", size, (number * 12 % 256, 90, 160))
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="white")
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


PRINTED = FEATURES + 1  # the features' and the logo; that of the lead is not there


@dataclass
class Hosted:
    """A publication with a draft of twenty stories, and its pages on a real port."""

    press: Press
    base: str
    number: int

    def fetch(self):
        room = self.press.newsroom
        return pictures.fetch(
            room.database, room.settings, room.pictures, now=room.now(), is_urgent=True
        )

    def look(self):
        room = self.press.newsroom
        return look(room.database, room.settings, self.number, now=room.now())

    def warnings(self, rule: str):
        return [fault for fault in self.look().faults if fault.rule == rule]


@pytest.fixture
def hosted(migrated, tmp_path, clock, site):  # noqa: F811 - the fixture
    items = "".join(
        ITEM.format(n=n, site=site.url, alt=f"Water at mark {n}" if n % 2 else f"DSC_{n}")
        for n in range(1, 21)
    )
    site.serve("/feed", FEED.format(items=items), Content_Type="application/rss+xml")
    site.serve("/speck.gif", a_picture(0, (1, 1), "GIF"))
    site.serve("/logo.png", a_picture(3, (300, 80)))
    for n in range(1, 20):  # the twentieth is not there
        site.serve(f"/{n}.png", a_picture(n))
    folder = shutil.copytree(migrated, tmp_path / "publication")
    toml = folder / "emag.toml"
    toml.write_text(toml.read_text() + "limit = 30\n" + MORE.format(site=site.url))
    with hosting.listen(0) as listener:
        base = hosting.address(listener)
        room = bootstrap.open_newsroom(folder, now=clock, environ=ENVIRON | {"EMAG_BASE_URL": base})
        instance.release(room.database)
        gather(room.database, room.sources, now=room.now())
        issue = draft(room.database, room.settings, now=room.now(), by="ann")
        with hosting.serving(web.create(room), listener):
            yield Hosted(Press(room, []), base, issue.number)
        room.database.close()


def sources_of(html: str) -> list[str]:
    return re.findall(r"<img[^>]* src=\"([^\"]+)\"", html)


def test_every_picture_of_the_mail_is_the_publications_own(hosted):
    assert hosted.fetch().fetched == 20  # nineteen and the logo
    assert hosted.warnings("picture-heavy") == []
    html = hosted.look().document.html
    addresses = sources_of(html)
    assert len(addresses) == PRINTED
    assert {a[: len(hosted.base)] for a in addresses} == {hosted.base}
    assert not re.search(r"\b(?:srcset|background)=|url\(", html)
    with httpx.Client() as client:
        for address in addresses:
            answer = client.get(address)
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["content-type"] in {"image/jpeg", "image/png"}
            assert "set-cookie" not in answer.headers
            assert len(answer.content) < 120_000
        assert client.post(addresses[0]).status_code == 405
        assert client.get(f"{hosted.base}/pictures/{'0' * 32}/lead.jpg").status_code == 404
        for path in ("x/lead.jpg", f"{'0' * 32}/%00.jpg", "%f0%9f/é"):
            assert client.get(f"{hosted.base}/pictures/{path}").status_code == 404


def test_a_browser_that_opens_the_mail_asks_nobody_else(hosted):
    hosted.fetch()
    requests: list[str] = []
    with chromium.started() as browser:
        page = browser.new_page(viewport={"width": 600, "height": 900})
        page.on("request", lambda request: requests.append(request.url))
        page.set_content(hosted.look().document.html, wait_until="networkidle")
        widths = page.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)")
    assert len(requests) >= PRINTED
    assert {urlsplit(url).netloc for url in requests} == {urlsplit(hosted.base).netloc}
    assert all(widths)


def test_a_picture_that_is_not_there_is_left_out_and_said(hosted):
    assert len(hosted.warnings("picture-missing")) == PRINTED + 1  # nothing was fetched yet
    hosted.fetch()
    [missing] = hosted.warnings("picture-missing")
    assert (missing.where, missing.severity) == ("Tide 20", "warn")
    assert "HTTP 404" in missing.message
    assert missing.target.endswith(" picture")


def test_pictures_at_their_sources_are_measured_and_not_kept(hosted):
    room = hosted.press.newsroom
    settings = room.settings.model_copy(update={"pictures": PictureSettings(host="source")})
    count = pictures.fetch(room.database, settings, room.pictures, now=room.now())
    assert count.fetched + count.failed > 0
    with room.database.reading() as conn:
        files = conn.execute(select(func.count()).select_from(PICTURE_FILES)).scalar()
    assert files == 0
    html = look(room.database, settings, hosted.number, now=room.now()).document.html
    addresses = sources_of(html)
    assert addresses
    assert not any("speck" in address or hosted.base in address for address in addresses)
    [unknown] = [i for i in re.findall(r"<img[^>]+\.png[^>]+>", html)[1:] if "height=" not in i]
    assert "/20.png" in unknown  # it is not there


def test_an_approval_waits_for_the_crop_that_an_editor_asked_for(hosted):
    room = hosted.press.newsroom
    hosted.fetch()
    issue = hosted.look().issue
    pick = next(pick for pick in issue.picks if issue.thumbnail(pick))
    before = issue.thumbnail(pick)
    texts = {Field.FOCUS: "0,0"}
    edited = words.write(
        *(room.database, room.settings, hosted.number, pick.candidate, texts),
        now=room.now(),
        by="ann",
    )

    def thumbnail(of):
        return of.thumbnail(next(p for p in of.picks if p.candidate == pick.candidate))

    assert thumbnail(edited) == before
    [uncut] = [f for f in hosted.warnings("picture-missing") if "middle" in f.message]
    assert uncut.where == pick.story.title
    reasons = dict.fromkeys({f.rule for f in hosted.look().blocking}, "a test")
    approve.approve(
        *(room.database, room.settings, hosted.number),
        now=room.now(),
        by="ann",
        overrides=reasons,
        outside=replace(room.outside, domain=None),
    )
    assert thumbnail(hosted.look().issue) != before
    assert not [f for f in hosted.warnings("picture-missing") if "middle" in f.message]


def test_a_heavy_picture_at_its_source_is_named(hosted, site):  # noqa: F811
    room = hosted.press.newsroom
    noise = Image.frombytes("RGB", (300, 300), Random(7).randbytes(270_000))
    out = BytesIO()
    noise.save(out, "PNG")
    site.serve("/19.png", out.getvalue())
    hosted.fetch()  # so that no speck is chosen
    settings = room.settings.model_copy(update={"pictures": PictureSettings(host="source")})
    outside = Outside(WebLinks(base_url=hosted.base, network=NetworkAccess(allow_private=True)))
    inspection = look_and_ask(
        *(room.database, settings, outside, hosted.number),
        now=room.now(),
        within=timedelta(minutes=1),
    )
    [heavy] = [fault for fault in inspection.faults if fault.rule == "picture-heavy"]
    assert (heavy.where, heavy.severity) == (f"{site.url}/19.png", "warn")
    assert "A picture weighs 27" in heavy.message
    assert heavy.target.endswith(" picture")


def test_a_picture_that_nobody_described_is_printed_and_named(hosted):
    hosted.fetch()
    undescribed = hosted.warnings("alt")
    assert {fault.where for fault in undescribed} == {f"Tide {n}" for n in (16, 18)}
    room = hosted.press.newsroom
    story = int(undescribed[0].target.split()[1])
    words.write(
        room.database, room.settings, hosted.number, story, {Field.ALT: ""}, now=room.now(), by="A"
    )
    assert len(hosted.warnings("alt")) == len(undescribed) - 1


def test_own_pictures_and_promos_are_copied_too_and_the_archive_keeps_them(hosted, site):  # noqa: F811
    room = hosted.press.newsroom
    site.serve("/own.png", a_picture(5, (150, 150)))  # small, and meant
    site.serve("/bakery.png", a_picture(6, (500, 200)))
    with room.database.reading() as conn:
        story = store.get(conn, hosted.number).picks[1].candidate
    texts = {Field.PICTURE: f"{site.url}/own.png#focus=0,0", Field.ALT: "A gauge"}
    words.write(room.database, room.settings, hosted.number, story, texts, now=room.now(), by="A")
    promo = Promo(
        PromoKind.SPONSOR,
        "Bread",
        "end",
        text="Warm.",
        picture=f"{site.url}/bakery.png",
        alt="Bread",
    )
    promos.add(room.database, room.settings, promo, Wish(), now=room.now(), by="A")
    hosted.fetch()
    hosted.press.send(hosted.number)
    site.answers.clear()  # every picture vanishes at its source
    pictures_ = sources_of(httpx.get(f"{hosted.base}/archive/{hosted.number}").text)
    assert len(pictures_) == PRINTED + 1
    assert {httpx.get(address).status_code for address in pictures_} == {200}
    room.now.forward(days=400)
    assert content.forget(room.database, now=room.now()) > 40
    assert {httpx.get(address).status_code for address in pictures_} == {200}


def test_the_desk_shows_the_same_small_pictures(hosted):
    hosted.fetch()
    desk = Desk(hosted.press, hosted.base)
    client = desk.signed_in()
    for page in ("/desk/pool", f"/desk/issues/{hosted.number}"):
        addresses = re.findall(r'<img class="thumbnail" src="([^"]+)"', client.get(page).text)
        assert len(addresses) == 19
        assert client.get(addresses[0]).headers["content-type"] == "image/jpeg"
        assert all(address.startswith("/pictures/") for address in addresses)
    client.close()
