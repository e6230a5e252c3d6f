"""Writing in an issue over HTTP: fields that save themselves, forms without script, conflicts."""

import html
import re

import pytest

from emag.content.gather import gather
from emag.desk import history, records, words
from emag.issues.words import Field
from tests.emag.web.desk.arranging.conftest import POSTS

SCRIPT = {"X-Emag-Script": "1", "Accept": "application/json"}


@pytest.fixture
def ben(desk, number):
    return desk.signed_in("Ben <ben@example.org>", "editor")


def save(client, page, field, text, before="", *, is_own=False, typing=""):
    """Sends one field as the page's script does."""
    values = {"field": field, "text": text, "seen_text": before, "is_own": "1" if is_own else "0"}
    return client.post(f"{page}/texts", data=values | {"typing": typing}, headers=SCRIPT)


def fields(page_text):
    """The fields of a page as its form would send them: name, text, and what it was based on."""
    rows = re.findall(
        r'name="field" value="([^"]*)"><input type="hidden" name="is_own" value="(\d)">\s*'
        r'<input type="hidden" name="seen_text" value="([^"]*)">',
        page_text,
    )
    return {name: (html.unescape(text), is_own) for name, is_own, text in rows}


def submit(client, page, form, **texts):
    """Sends a form without script, with some texts changed. Spaces in names are written “__”."""
    changed = {name.lstrip("_").replace("__", " "): text for name, text in texts.items()}
    data = {"field": [], "is_own": [], "seen_text": [], "text": []}
    for name, (before, is_own) in fields(form.text).items():
        for key, value in zip(data, (name, is_own, before, changed.get(name, before)), strict=True):
            data[key].append(value)
    return client.post(f"{page}/texts", data=data)


def issue(press, number):
    return records.issue(press.newsroom.database, number)


def test_a_field_is_saved_by_itself(ann, press, number, page):
    answer = save(ann, page, "subject", "Spring  in town ", POSTS[0])
    assert answer.status_code == 200
    assert answer.json() == {
        "saved_at": "09:00",
        "text": "Spring in town",
        "is_own": True,
        "revision": history.revision(press.newsroom.database, number),
    }
    assert issue(press, number).subject == "Spring in town"
    assert issue(press, number).preheader_is_written is False


def test_a_field_that_is_the_same_is_no_act(ann, press, number, page):
    assert save(ann, page, "subject", POSTS[0], POSTS[0]).json()["is_own"] is False
    assert history.revision(press.newsroom.database, number) == 0


def test_an_empty_line_is_automatic_again(ann, press, number, page):
    save(ann, page, "subject", "Spring", POSTS[0])
    answer = save(ann, page, "subject", "", "Spring", is_own=True)
    assert answer.json()["text"] == POSTS[0]
    assert issue(press, number).subject_is_written is False


def test_own_words_are_saved_field_by_field_and_go_back_to_the_source(
    ann, press, number, page, story
):
    bins = story(POSTS[0])
    answer = save(ann, page, f"{bins} title", "Bins first", POSTS[0])
    assert answer.json()["text"] == "Bins first"
    answer = save(ann, page, f"{bins} picture", "https://crier.example.org/a.png")
    assert answer.status_code == 200
    panel = ann.get(page, params={"words": bins}).text
    assert f'<p dir="auto">{html.escape(POSTS[0])}</p>' in panel
    save(ann, page, f"{bins} title", POSTS[0], "Bins first", is_own=True)
    [pick] = [pick for pick in issue(press, number).picks if pick.candidate == bins]
    assert pick.words.keys() == {Field.PICTURE}
    ann.post(f"{page}/stories/{bins}/source")
    [pick] = [pick for pick in issue(press, number).picks if pick.candidate == bins]
    assert not pick.words


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [("title", "x" * 301, "at most 300"), ("picture", "a bridge", "not the address of a picture")],
)
def test_a_text_that_is_not_allowed_is_refused_with_the_reason(
    ann, page, story, name, text, sentence
):
    answer = save(ann, page, f"{story(POSTS[0])} {name}", text)
    assert answer.status_code == 422
    assert sentence in answer.json()["problem"]


@pytest.mark.parametrize(
    "field", ["subject ", "1", "1 body", "x title", "", "1 title 2", "٣ title"]
)
def test_a_field_that_there_is_not_is_refused(ann, page, field):
    assert save(ann, page, field, "text").status_code in {404, 422}


@pytest.mark.parametrize("field", ["subject", "preheader", "note", "title", "summary", "alt"])
def test_a_stale_field_answers_with_both_texts(ann, ben, press, number, page, story, field):
    target = field if field in {"subject", "preheader", "note"} else f"{story(POSTS[0])} {field}"
    seen_text, is_own = fields(ann.get(page, params={"words": story(POSTS[0])}).text)[target]
    assert save(ben, page, target, "Ben’s text", seen_text, is_own=is_own == "1").status_code == 200
    answer = save(ann, page, target, "Ann’s text", seen_text, is_own=is_own == "1")
    assert answer.status_code == 409
    both = answer.json()
    assert (both["theirs"], both["yours"], both["by"]) == ("Ben’s text", "Ann’s text", "Ben")
    # “Keep mine” sends the text again, based on the other one.
    answer = save(ann, page, target, "Ann’s text", both["theirs"], is_own=both["is_own"])
    assert answer.json()["text"] == "Ann’s text"


def test_a_field_conflicts_with_no_other(ann, ben, page):
    save(ben, page, "note", "Ben’s note")
    assert save(ann, page, "subject", "Ann’s subject", POSTS[0]).status_code == 200


def test_emptying_a_field_that_somebody_wrote_meanwhile_is_a_conflict(ann, ben, page):
    save(ann, page, "subject", "First", POSTS[0])
    save(ben, page, "subject", "Second", "First", is_own=True)
    answer = save(ann, page, "subject", "", "First", is_own=True)
    assert answer.status_code == 409
    assert answer.json()["theirs"] == "Second"


def test_who_is_signed_out_is_told_so(desk, page):
    assert save(desk.client(), page, "subject", "Spring").status_code == 401


def test_who_may_not_write_is_refused(desk, page, story):
    vic = desk.signed_in("Vic <vic@example.org>", "viewer")
    assert save(vic, page, "subject", "Spring").status_code == 403
    assert vic.post(f"{page}/automatic", data={"line": "subject"}).status_code == 403
    assert vic.post(f"{page}/stories/{story(POSTS[0])}/source").status_code == 403


def test_what_saved_itself_in_one_go_is_taken_back_in_one_go(ann, press, number, page):
    save(ann, page, "note", "First")
    save(ann, page, "note", "Sec", "First", is_own=True, typing="one")
    save(ann, page, "note", "Second", "Sec", is_own=True, typing="one")
    save(ann, page, "note", "Second one", "Second", is_own=True, typing="one")
    ann.post(f"{page}/undo")
    assert issue(press, number).note == "First"
    ann.post(f"{page}/redo")
    assert issue(press, number).note == "Second one"
    _, entries = history.listing(press.newsroom.database, press.newsroom.settings, number)
    assert [entry.sentence for entry in entries] == [
        "Ann wrote the note",
        "Ann changed the note",
        "Ann took back their own change: changed the note",
        "Ann did again their own change: changed the note",
    ]
    ann.post(f"{page}/undo")
    ann.post(f"{page}/undo")
    assert issue(press, number).note == ""


def test_a_form_without_script_saves_what_was_changed(ann, press, number, page):
    form = ann.get(page)
    assert fields(form.text).keys() == {"subject", "preheader", "note"}
    answer = submit(ann, page, form, note="Spring\r\nis here", subject="Spring")
    assert "Saved" in answer.text
    assert issue(press, number).note == "Spring\nis here"
    assert issue(press, number).subject == "Spring"
    assert issue(press, number).preheader_is_written is False
    answer = ann.post(f"{page}/automatic", data={"line": "subject"})
    assert "automatic again" in answer.text
    assert issue(press, number).subject == POSTS[0]


def test_a_form_without_script_saves_own_words(ann, press, number, page, story):
    bins = story(POSTS[0])
    form = ann.get(f"{page}/stories/{bins}/words")
    labels = re.findall(r"<label for=\"[^\"]+\">([^<]+)</label>", form.text)
    assert labels == ["Title", "Summary", "By-line", "Picture", "Alt text"]
    assert len(re.findall(r"<button>Save</button>", form.text)) == 1
    submit(ann, page, form, **{f"_{bins}__title": "Bins", f"_{bins}__by": "Bo and Bea"})
    [pick] = [pick for pick in issue(press, number).picks if pick.candidate == bins]
    assert pick.words == {Field.TITLE: "Bins", Field.BY: "Bo and Bea"}


def test_a_form_without_script_comes_back_with_its_problem_and_its_texts(ann, page, story):
    bins = story(POSTS[0])
    form = ann.get(f"{page}/stories/{bins}/words")
    texts = {f"_{bins}__picture": "a bridge", f"_{bins}__alt": "A bridge"}
    answer = submit(ann, page, form, **texts)
    assert answer.status_code == 422
    assert "<title>Problem:" in answer.text
    assert f'<a href="#story-{bins}-picture">' in answer.text
    assert 'value="a bridge"' in answer.text


def test_a_form_without_script_offers_both_texts_of_a_conflict(ann, ben, press, number, page):
    form = ann.get(page)
    save(ben, page, "subject", "Ben’s <b>subject</b>", POSTS[0])
    answer = submit(ann, page, form, subject="Ann’s subject", note="Ann’s note")
    assert answer.status_code == 409
    assert "Ben has written another text" in answer.text
    assert "Ben’s &lt;b&gt;subject&lt;/b&gt;" in answer.text
    assert "Ann’s subject" in answer.text
    assert re.findall(r"<button[^>]*>(Keep [^<]+)</button>", answer.text) == [
        "Keep mine",
        "Keep theirs",
    ]
    assert issue(press, number).note == "Ann’s note"  # it conflicts with nothing
    assert issue(press, number).subject == "Ben’s <b>subject</b>"
    again = submit(ann, page, answer, subject="Ann’s subject")
    assert again.status_code == 200
    assert issue(press, number).subject == "Ann’s subject"


def test_a_source_that_changed_is_marked(ann, press, number, page, story):
    bins = story(POSTS[0])
    room = press.newsroom
    texts = {Field.SUMMARY: "Mine"}
    words.write(room.database, room.settings, number, bins, texts, now=room.now(), by="Ann")
    file = next((room.settings.folder / "stories").glob("bins*"))
    file.write_text(file.read_text().replace("A few words on", "Other words on"))
    gather(room.database, room.sources, now=room.now())
    panel = ann.get(page, params={"words": bins}).text
    assert "Source has changed" in panel
    assert "Other words on" in panel


def test_a_form_that_is_not_whole_is_refused(ann, page):
    data = {"field": ["subject", "note"], "text": ["a"], "seen_text": ["", ""], "is_own": "0"}
    assert ann.post(f"{page}/texts", data=data).status_code == 404


def test_who_is_here_is_said_to_the_others(desk, ann, ben, press, number, page, story, clock):
    bins = story(POSTS[0])
    here = {"page": "arrange", "field": "note"}
    assert ben.post(f"{page}/presence", data=here).json() == {"here": []}
    answer = ann.post(f"{page}/presence", data={"page": "arrange", "field": ""})
    assert answer.json() == {"here": ["Ben is here, writing the note"]}
    assert "Ben is here, writing the note" in ann.get(page).text
    ben.post(f"{page}/presence", data=here | {"field": f"story-{bins}-title"})
    text = html.unescape(ann.get(page).text)
    assert f"Ben is here, writing own words for “{POSTS[0]}”" in text
    ben.post(f"{page}/presence", data=here | {"field": "<b>", "page": "?"})
    assert "Ben is here</p>" in ann.get(page).text
    ben.post(f"{page}/presence", data={"leave": "1"})
    assert "Ben is here" not in ann.get(page).text
    ben.post(f"{page}/presence", data=here)
    clock.forward(minutes=1)
    assert "Ben is here" not in ann.get(page).text
    assert desk.client().post(f"{page}/presence", data=here).status_code == 401


def test_a_sign_of_life_keeps_no_session_alive(desk, page, clock):
    ben = desk.signed_in("Ben <ben@example.org>", "viewer")
    for _ in range(4):
        clock.forward(minutes=20)
        ben.post(f"{page}/presence", data={"page": "arrange"}, headers={"X-Emag-Poll": "1"})
    assert ben.get(page, follow_redirects=False).status_code == 303
