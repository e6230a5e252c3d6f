"""The page “Pool”: every story with its reason, three buttons each, and one added by hand."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Semaphore

import pytest

from emag.content.gather import gather
from emag.demo import hosting
from emag.desk import records
from emag.web import app as web
from emag.web.desk.waiting import MOST
from tests import chromium
from tests.emag.content.conftest import site  # noqa: F401 - a fixture
from tests.emag.web.desk.conftest import Desk

PAGE = "<title>The ferry stops</title><meta name=description content='After six years.'>"
STORY = """---
title: {title}
link: https://crier.example.org/{slug}
date: 2026-03-04 10:00
---
A few words on {title}, long enough to be more than a single line of the page that shows it.
"""


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def card(answer, title):
    """The markup of one story."""
    cards = re.findall(r'<li class="card story.*?</li>', answer.text, re.DOTALL)
    return next(markup for markup in cards if f">{title}</h3>" in markup)


def number(answer, title):
    return int(re.search(r'id="story-(\d+)"', card(answer, title))[1])


@pytest.fixture
def write(press):
    """Puts stories into the source's folder and reads it."""

    def write(*titles):
        folder = press.newsroom.settings.folder / "stories"
        folder.mkdir(exist_ok=True)
        for title in titles:
            slug = title.lower().replace(" ", "-")
            (folder / f"{slug}.md").write_text(STORY.format(title=title, slug=slug))
        room = press.newsroom
        gather(room.database, room.sources, now=room.now())

    return write


@pytest.fixture
def open_network(press):
    press.newsroom.pages._network = press.newsroom.pages._network.__class__(allow_private=True)


def titles_in(press):
    issue = records.issue(press.newsroom.database, "next")
    return [pick.story.title for pick in issue.picks]


def test_stories_are_shown_with_their_reason_and_three_buttons(desk):
    desk.press.issue("A new bridge", "The ferry timetable")
    answer = desk.signed_in().get("/desk/pool")
    assert answer.status_code == 200
    markup = card(answer, "A new bridge")
    assert [b for b in ("In", "Later", "Out") if f">{b}</button>" in markup] == [
        *("In", "Later", "Out")
    ]
    assert 'value="in" aria-pressed="true"' in markup
    assert "newest" in markup
    assert "Thursday 5 March 2026" in answer.text


def test_a_story_goes_out_and_undo_is_offered(desk):
    issue = desk.press.issue("A new bridge", "The ferry timetable")
    client = desk.signed_in()
    story = number(client.get("/desk/pool"), "A new bridge")
    answer = client.post(f"/desk/pool/{story}", data={"wish": "out", "issue": issue})
    assert "“A new bridge” is dropped." in text(answer)
    assert f'action="/desk/issues/{issue}/undo"' in answer.text
    assert titles_in(desk.press) == ["The ferry timetable"]
    markup = card(answer, "A new bridge")
    assert 'value="out" aria-pressed="true"' in markup
    assert "dropped by Ann" in markup
    again = client.post(f"/desk/pool/{story}", data={"wish": "out", "issue": issue})
    assert "was dropped already" in text(again)
    assert "/undo" not in again.text


def test_later_and_in_again(desk):
    issue = desk.press.issue("A new bridge", "The ferry timetable")
    client = desk.signed_in()
    story = number(client.get("/desk/pool"), "A new bridge")
    later = client.post(f"/desk/pool/{story}", data={"wish": "later", "issue": issue})
    assert "is kept for the next issue" in text(later)
    assert titles_in(desk.press) == ["The ferry timetable"]
    client.post(f"/desk/pool/{story}", data={"wish": "in", "issue": issue})
    assert sorted(titles_in(desk.press)) == ["A new bridge", "The ferry timetable"]
    already = client.post(f"/desk/pool/{story}", data={"wish": "in", "issue": issue})
    assert "“A new bridge” was in already." in text(already)


def test_a_story_of_the_tray_is_picked(desk, clock, write):
    issue = desk.press.issue("A new bridge")
    clock.forward(hours=1)
    write("Late news")
    client = desk.signed_in()
    answer = client.get("/desk/pool?show=tray")
    assert "gathered after the draft, waits in the tray" in card(answer, "Late news")
    assert "A new bridge" not in answer.text.split('<ul class="plain stories">')[1]
    client.post(f"/desk/pool/{number(answer, 'Late news')}", data={"wish": "in", "issue": issue})
    assert "Late news" in titles_in(desk.press)


def test_without_an_issue_there_are_reasons_and_no_buttons(desk, write):
    write("A new bridge")
    answer = desk.signed_in().get("/desk/pool")
    assert "No issue is open" in text(answer)
    assert "newest" in card(answer, "A new bridge")
    assert "<button" not in card(answer, "A new bridge")


def test_a_viewer_sees_reasons_and_no_button(desk):
    issue = desk.press.issue("A new bridge")
    client = desk.signed_in("Vic <vic@example.org>", "viewer")
    answer = client.get("/desk/pool")
    assert "<button" not in card(answer, "A new bridge")
    assert "Add a story by its address" not in answer.text
    story = number(answer, "A new bridge")
    assert (
        client.post(f"/desk/pool/{story}", data={"wish": "out", "issue": issue}).status_code == 403
    )
    assert client.post("/desk/pool/add", data={"address": "https://a.example/"}).status_code == 403


def test_wishes_that_make_no_sense(desk):
    issue = desk.press.issue("A new bridge")
    client = desk.signed_in()
    assert client.post("/desk/pool/1", data={"wish": "up", "issue": issue}).status_code == 422
    assert client.post("/desk/pool/99", data={"wish": "out", "issue": issue}).status_code == 404
    big = client.post(f"/desk/pool/{10**30}", data={"wish": "out", "issue": issue})
    assert big.status_code == 422
    for query in ("page=-1", "page=x&show=nonsense", "until=never", "page=99999999"):
        assert client.get(f"/desk/pool?{query}").status_code == 200


def test_a_story_is_added_by_its_address(desk, clock, site, open_network):  # noqa: F811
    desk.press.issue("A new bridge")
    clock.forward(minutes=1)
    site.serve("/ferry", PAGE, Content_Type="text/html")
    client = desk.signed_in()
    answer = client.post("/desk/pool/add", data={"address": f"{site.url}/ferry"})
    assert "“The ferry stops” is in the pool now. “In” puts it into the issue." in text(answer)
    assert "added by Ann, waits in the tray" in card(answer, "The ferry stops")
    again = client.post("/desk/pool/add", data={"address": f"{site.url}/ferry"})
    assert "was in the pool already" in text(again)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Enter the address of a page"),
        ("ferry", "“ferry” is no web address"),
        ("<script>alert(1)</script>", "is no web address"),
        ("http://127.0.0.1:9/x", "private network"),
    ],
)
def test_an_address_that_cannot_be_read_is_a_problem_of_its_field(desk, address, sentence):
    client = desk.signed_in()
    answer = client.post("/desk/pool/add", data={"address": address})
    assert answer.status_code == 422
    assert "<title>Problem: Pool" in answer.text
    assert '<a href="#address">' in answer.text
    assert sentence in text(answer)
    assert "<script>alert" not in answer.text


def test_slow_sites_hold_a_few_threads_only(desk, site, open_network):  # noqa: F811
    entered, leave = Semaphore(0), Event()

    def slow(request):
        entered.release()
        leave.wait(10)
        request.send_response(404)
        request.end_headers()

    site.answer("/slow", slow)
    client, form = desk.signed_in(), {"address": f"{site.url}/slow"}
    with ThreadPoolExecutor(MOST) as threads:
        waiting = [threads.submit(client.post, "/desk/pool/add", data=form) for _ in range(MOST)]
        assert all(entered.acquire(timeout=60) for _ in waiting)
        refused = client.post("/desk/pool/add", data=form)
        assert (refused.status_code, "Try again in a moment" in refused.text) == (409, True)
        assert client.post("/desk/sources/desk/try").status_code == 409
        assert client.get("/desk/pool").status_code == 200
        leave.set()
        assert [answer.result().status_code for answer in waiting] == [422] * MOST


def test_what_is_new_waits_behind_a_line(desk, clock, write):
    desk.press.issue("A new bridge")
    client = desk.signed_in()
    page = client.get("/desk/pool")
    poll = re.search(r'data-poll-url="([^"]+)"', page.text)[1].replace("&amp;", "&")
    clock.forward(minutes=10)
    write("Late news")
    polled = client.get(poll, headers={"X-Emag-Poll": "1"})
    assert "1 new story since 09:00" in text(polled)
    assert "Late news" not in polled.text
    again = client.get(poll, headers={"If-None-Match": polled.headers["etag"]})
    assert again.status_code == 304
    until = re.search(r'name="until" value="([^"]+)"', polled.text)[1]
    story = number(polled, "A new bridge")
    after = client.post(f"/desk/pool/{story}", data={"wish": "out", "issue": 1, "until": until})
    assert "Late news" not in after.text
    assert "1 new story since 09:00" in text(after)
    assert "Late news" in client.get("/desk/pool").text


def test_filters_and_pages(desk, write):
    write(*(f"Story number {n:03}" for n in range(60)))
    desk.press.issue()
    client = desk.signed_in()
    page = client.get("/desk/pool")
    assert page.text.count('class="card story') == 40
    assert "Page 1 of 2" in text(page)
    assert client.get("/desk/pool?page=2").text.count('class="card story') == 20
    inside = client.get("/desk/pool?show=in")
    assert inside.text.count('class="card story') == 10
    full = client.get("/desk/pool?show=full&page=2")
    assert full.text.count('class="card story') == 10
    assert 'aria-current="true"' in full.text
    assert client.get("/desk/pool?source=nowhere").text.count('class="card story') == 0


def test_a_page_stays_light_with_400_stories(desk, write):
    write(*(f"Story number {n:03} with a title of some length" for n in range(400)))
    desk.press.issue()
    page = desk.signed_in().get("/desk/pool")
    assert len(gzip.compress(page.content)) < 20_000


@pytest.mark.browser
def test_on_a_phone_with_the_thumb_and_without_script(desk, browser):
    desk.press.issue("A new bridge", "The ferry timetable")
    token = desk.token(desk.invite())
    for script in (True, False):
        context = desk.context(
            browser,
            token,
            viewport={"width": 375, "height": 812},
            java_script_enabled=script,
            has_touch=True,
        )
        page = context.new_page()
        page.goto("/desk/pool")
        item = page.get_by_role("listitem", name="A new bridge", exact=True)
        for name in ("In", "Later", "Out"):
            assert item.get_by_role("button", name=name, exact=True).bounding_box()["height"] >= 48
        wish = "Out" if script else "In"
        item.get_by_role("button", name=wish, exact=True).tap()
        page.get_by_text(
            "“A new bridge” is dropped." if script else "“A new bridge” is in."
        ).wait_for()
        pressed = item.get_by_role("button", name=wish, exact=True)
        assert pressed.get_attribute("aria-pressed") == "true"
        if script:
            assert chromium.audit(page) == []
            assert chromium.faults(page) == []
        context.close()
    assert "A new bridge" in titles_in(desk.press)


def test_pool_and_sources_in_welsh(press, write):
    press.issue("A new bridge")
    room = press.newsroom
    publication = room.settings.publication.model_copy(update={"language": "cy"})
    settings = room.settings.model_copy(update={"publication": publication})
    app = web.create(replace(room, settings=settings))
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        desk = Desk(press, base)
        client = desk.signed_in()
        page = client.get("/desk/pool")
        assert 'lang="cy"' in page.text
        markup = card(page, "A new bridge")
        assert ">Wedyn</button>" in markup
        assert "y diweddaraf" in markup
        story = number(page, "A new bridge")
        after = client.post(f"/desk/pool/{story}", data={"wish": "out", "issue": 1})
        assert "Gollyngwyd “A new bridge”." in text(after)
        assert "Ffynonellau" in text(client.get("/desk/sources"))
        assert "Ni chedwir dim o hyn." in text(client.post("/desk/sources/desk/try"))
        client.close()


SWIPE = """(card) => {
  const touch = (x) => new Touch({ identifier: 1, target: card, clientX: x, clientY: 300 });
  const send = (name, x) => card.dispatchEvent(new TouchEvent(name, {
    bubbles: true, touches: name === "touchend" ? [] : [touch(x)], changedTouches: [touch(x)] }));
  send("touchstart", 300); send("touchmove", 260); send("touchmove", 150); send("touchend", 150);
}"""


@pytest.mark.browser
def test_a_push_to_the_left_drops_and_news_waits_behind_its_line(desk, browser, clock, write):
    desk.press.issue("A new bridge", "The ferry timetable")
    context = desk.context(browser, desk.token(desk.invite()), has_touch=True)
    page = context.new_page()
    breaches = []
    page.on("console", lambda message: breaches.append(message.text))
    page.goto("/desk/pool")
    page.get_by_role("listitem", name="A new bridge").evaluate(SWIPE)
    page.get_by_text("“A new bridge” is dropped.").wait_for()
    assert titles_in(desk.press) == ["The ferry timetable"]
    clock.forward(minutes=10)
    write("Late news")
    page.evaluate("emag.refresh()")
    page.evaluate("emag.refresh()")
    line = page.get_by_role("link", name="1 new story since 09:00")
    line.wait_for()
    assert page.get_by_role("listitem", name="Late news").count() == 0
    line.click()
    page.get_by_role("listitem", name="Late news").wait_for()
    assert page.get_by_text("“A new bridge” is dropped.").count() == 0
    assert breaches == []
    # What somebody has opened stays open, and what is wrong with a form stays until it is sent.
    page.get_by_text("Choose its section").click()
    page.evaluate("emag.refresh(true)")
    page.get_by_label("Section").wait_for()
    page.get_by_label("Add a story by its address").fill("no address")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.evaluate("emag.refresh()")
    assert page.get_by_role("alert").count() == 1
    context.close()
