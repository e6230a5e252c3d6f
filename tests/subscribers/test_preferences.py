import json
from datetime import UTC, datetime

import pytest

from subscribers import membership, roll


@pytest.fixture
def page(people, keys):
    ref = people.reader("ann@example.org", name="Ann", topics=["posts"])
    return f"/preferences/{keys.sign('preferences', ref)}"


@pytest.fixture
def ann(database):
    def ann():
        with database.reading() as conn:
            return next(roll.listing(conn), None)

    return ann


def test_the_page_shows_the_current_choices(web, page):
    html = web.get(page).text
    assert "ann@example.org" in html
    assert 'value="Ann"' in html
    assert html.count("checked") - html.count(":checked") == 1
    assert "every Friday" in html


def test_the_form_changes_only_the_fields_it_holds(web, page, ann):
    assert "saved" in web.post(page, data={"name": "Ann Lee"}).text
    assert (ann().name, ann().topics) == ("Ann Lee", ("posts",))
    web.post(page, data={"topics": ["jobs", "cats"], "topics_shown": "1"})
    assert ann().topics == ("jobs",)
    web.post(page, data={"topics": ["jobs", "posts", "events"]})
    assert ann().topics == ()  # everything
    web.post(page, data={"pause_until": "2026-04-01"})
    assert ann().paused_until == datetime(2026, 4, 1, tzinfo=UTC)
    assert "1 April 2026" in web.get(page).text
    web.post(page, data={"pause_until": ""})
    assert ann().paused_until is None
    assert ann().name == "Ann Lee"


def test_the_page_explains_a_choice_of_topics(web, page):
    html = web.get(page).text
    assert "You do not get an issue that has none of them." in html
    assert 'aria-describedby="topics-hint"' in html


@pytest.mark.parametrize("topics", [[], ["gone"], ["gone", "long gone"]])
def test_a_choice_of_removed_topics_is_shown_as_all_topics(web, people, keys, topics):
    ref = people.reader("bob@example.org", topics=topics)
    html = web.get(f"/preferences/{keys.sign('preferences', ref)}").text
    for topic in ("posts", "jobs", "events"):
        assert f'value="{topic}" checked' in html


@pytest.mark.parametrize(
    "fields",
    [
        {"topics_shown": "1"},
        {"pause_until": "soon"},
        {"address": "not an address"},
        {"topics": "x"},
    ],
)
def test_wrong_input_is_explained_and_changes_nothing(web, page, dump, fields):
    before = dump()
    answer = web.post(page, data=fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert dump() == before


def test_an_address_changes_after_its_new_mailbox_agrees(web, page, ann, people):
    answer = web.post(page, data={"address": "new@example.org"})
    assert "new address" in answer.text
    assert ann().address == "ann@example.org"
    (letter,) = people.letters("change")
    link = f"/confirm/{people.token(letter, 'change')}"
    assert "this address" in web.get(link).text
    assert ann().address == "ann@example.org"
    assert "new address is set" in web.post(link).text
    assert ann().address == "new@example.org"
    assert "new@example.org" in web.get(page).text


def test_the_answer_reveals_nothing_about_other_readers(web, page, people):
    people.reader("bob@example.org")
    people.report("bob@example.org", "complained")
    one = web.post(page, data={"address": "bob@example.org"})
    other = web.post(page, data={"address": "nobody@example.org"})
    assert one.text == other.text


def test_my_data_is_a_file(web, page, dump):
    before = dump()
    answer = web.get(f"{page}/data")
    assert "attachment" in answer.headers["content-disposition"]
    held = json.loads(answer.text)
    assert held["address"] == "ann@example.org"
    assert [event["act"] for event in held["history"]] == ["asked", "confirmed"]
    assert dump() == before


def test_erasing_takes_two_steps(web, page, ann, database, keys, dump):
    before = dump()
    question = web.post(page, data={"action": "erase"})
    assert "Erase everything" in question.text
    assert dump() == before
    answer = web.post(page, data={"action": "erase-now"})
    assert answer.status_code == 200
    assert ann() is None
    assert "ann@" not in repr(dump())
    with database.reading() as conn:
        assert membership.verify(conn, keys).ok
    for answer in (web.get(page), web.post(page, data={"name": "x"}), web.get(f"{page}/data")):
        assert "Your data is erased" in answer.text


def test_an_unsubscribed_reader_can_still_see_and_erase(web, page, people, ann):
    people.leave("ann@example.org")
    html = web.get(page).text
    assert "You get no mail" in html
    assert "Erase me" in html
    assert "Unsubscribe</a>" not in html
