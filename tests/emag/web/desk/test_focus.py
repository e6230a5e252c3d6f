"""The focus of a story's picture: chosen without script, seen in the crop, taken back."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from emag.content.pictures.fetching import find
from emag.content.sources.pictures import WebPictures
from emag.desk import history, pictures, records, words
from emag.desk.look import look
from emag.issues.words import Field
from tests import chromium
from tests.emag.content.conftest import site  # noqa: F401 - a fixture


@pytest.fixture
def illustrated(desk, site):  # noqa: F811 - the fixture
    """An issue whose story has a picture: red on its left, white in the middle, blue right."""
    image = Image.new("RGB", (1200, 400), "white")
    image.paste("red", (0, 0, 300, 400))
    image.paste("blue", (900, 0, 1200, 400))
    out = BytesIO()
    image.save(out, "PNG")
    site.serve("/own.png", out.getvalue())
    number, room = desk.press.issue("A new bridge"), desk.press.newsroom
    story = records.issue(room.database, number).picks[0].candidate
    texts = {Field.PICTURE: f"{site.url}/own.png", Field.ALT: "Flags"}
    words.write(room.database, room.settings, number, story, texts, now=room.now(), by="Ann")
    return number, story


@pytest.fixture
def fetch(desk):
    room, fetcher = desk.press.newsroom, WebPictures(allow_private=True)

    def run():
        return pictures.fetch(
            *(room.database, room.settings, fetcher),
            now=room.now(),
            within=timedelta(seconds=60),
            is_urgent=True,
        )

    return run


def left_edge(desk, number):
    """The colour at the left edge of the picture in the printed issue."""
    room = desk.press.newsroom
    html = look(room.database, room.settings, number, now=room.now()).document.html
    address = html.partition("/pictures/")[2].partition('"')[0]
    file = find(room.database, *address.split("/"))
    red, green, _ = Image.open(BytesIO(file.content)).convert("RGB").getpixel((3, 100))
    return {(True, False): "red", (True, True): "white", (False, False): "blue"}[
        red > 128, green > 128
    ]


def own_words(desk, number):
    return records.issue(desk.press.newsroom.database, number).picks[0].words


@pytest.mark.browser
def test_an_editor_sets_the_focus_without_script_and_takes_it_back(
    desk,
    browser,
    illustrated,
    fetch,
    site,  # noqa: F811 - the fixture
):
    number, _ = illustrated
    assert fetch().fetched == 1
    assert left_edge(desk, number) == "white"
    context = desk.context(
        browser,
        desk.token(desk.invite()),
        java_script_enabled=False,
        viewport={"width": 375, "height": 740},
    )
    page = context.new_page()
    page.goto(f"/desk/issues/{number}")
    page.get_by_role("button", name="Own words").click()
    group = page.get_by_role("group", name="Focus of the picture")
    assert group.get_by_role("radio").count() == 9
    assert group.get_by_role("radio", name="Centre").is_checked()
    group.get_by_role("radio", name="Centre").focus()
    page.keyboard.press("ArrowLeft")
    assert group.get_by_role("radio", name="Left", exact=True).is_checked()
    assert chromium.faults(page) == []
    page.get_by_role("button", name="Set the focus").click()
    page.get_by_text("Saved", exact=True).wait_for()
    assert own_words(desk, number)[Field.FOCUS] == "0,50"
    assert left_edge(desk, number) == "white"  # the crop that is there stands in until then
    assert fetch().fetched == 1
    assert left_edge(desk, number) == "red"
    page.get_by_role("button", name="Undo").first.click()
    assert Field.FOCUS not in own_words(desk, number)
    assert left_edge(desk, number) == "white"
    context.close()


def test_the_focus_is_an_act_and_conflicts_by_itself(desk, illustrated):
    number, story = illustrated
    client, url = desk.signed_in(), f"/desk/issues/{number}/texts"
    sent = {"field": f"{story} focus", "seen_text": "50,50", "is_own": "0"}
    assert client.post(url, data=sent | {"text": "100,0"}).status_code == 200
    room = desk.press.newsroom
    acts = history.listing(room.database, room.settings, number)
    assert "moved the crop of “A new bridge”'s picture to the top right" in str(acts)
    assert client.post(url, data=sent | {"text": "0,0"}).status_code == 409
    answer = client.post(url, data=sent | {"text": "200,0", "seen_text": "100,0", "is_own": "1"})
    assert answer.status_code == 422
    client.post(url, data=sent | {"text": "50,50", "seen_text": "100,0", "is_own": "1"})
    assert Field.FOCUS not in own_words(desk, number)  # the centre is what it would be anyway
