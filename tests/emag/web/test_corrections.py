"""The archive's copy of a sent issue is corrected; what was sent stays as it is."""

import re
import xml.etree.ElementTree as ET

import pytest
from sqlalchemy import select

from emag.desk import correct, history
from emag.errors import WrongMove
from emag.issues.tables import CORRECTIONS, DOCUMENTS

OLD, NEW = "https://crier.example.org/bins-and-boats", "https://crier.example.org/boats?a=1&b=2"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def sent(press):
    press.reader("ann@example.org")
    number = press.issue("Bins and boats", "Bins and boats again")
    press.send(number)
    return number


@pytest.fixture
def mend(press, clock):
    """Corrects an issue a day later."""

    def mend(number, note, *links, by="Ann"):
        clock.forward(days=1)
        room = press.newsroom
        return correct.correct(
            room.database, room.settings, number, note=note, links=links, now=clock(), by=by
        )

    return mend


def document(press, number):
    with press.newsroom.database.reading() as conn:
        query = select(DOCUMENTS).where(DOCUMENTS.c.issue == number)
        return tuple(conn.execute(query).one())


def test_a_link_is_corrected_with_a_dated_note_and_the_sent_bytes_stay(press, client, sent, mend):
    before, page_before = document(press, sent), client.get(f"/archive/{sent}")
    assert f'href="{OLD}"' in page_before.text
    mend(sent, "The first link led to the <wrong> page.", (OLD, NEW))
    page = client.get(f"/archive/{sent}", headers={"If-None-Match": page_before.headers["etag"]})
    assert page.status_code == 200
    assert f'href="{OLD}"' not in page.text
    assert 'href="https://crier.example.org/boats?a=1&amp;b=2"' in page.text
    assert f'href="{OLD}-again"' in page.text, "an address that begins alike is another one"
    assert "6 March 2026" in page.text
    assert "The first link led to the &lt;wrong&gt; page." in page.text
    assert page.headers["last-modified"] == "Fri, 06 Mar 2026 09:00:00 GMT"
    assert document(press, sent) == before


def test_the_feed_has_the_corrected_link_the_note_and_the_new_date(client, sent, mend):
    mend(sent, "The first link was wrong.", (OLD, NEW))
    answer = client.get("/archive/feed.xml")
    (entry,) = ET.fromstring(answer.content).findall(f"{ATOM}entry")
    content = entry.findtext(f"{ATOM}content")
    assert f'"{OLD}"' not in content
    assert "boats?a=1&amp;b=2" in content
    assert "The first link was wrong." in content
    assert entry.findtext(f"{ATOM}published") == "2026-03-05T09:00:00+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-06T09:00:00+00:00"


def test_every_note_is_shown_with_its_date_and_a_second_one_sees_the_first(client, sent, mend):
    mend(sent, "One.", (OLD, NEW))
    mend(sent, "Two.", (NEW, "https://crier.example.org/third"))
    mend(sent, "Three, without a link.")
    page = client.get(f"/archive/{sent}").text
    assert [*re.findall(r"(\d+ March 2026)</time>: <span[^>]*>([^<]+)<", page)] == [
        ("6 March 2026", "One."),
        ("7 March 2026", "Two."),
        ("8 March 2026", "Three, without a link."),
    ]
    assert 'href="https://crier.example.org/third"' in page


def test_a_correction_is_an_act_that_is_taken_back_and_done_again(press, client, sent, mend):
    room = press.newsroom
    before = client.get(f"/archive/{sent}").text
    mend(sent, "The link was wrong.", (OLD, NEW))
    after = client.get(f"/archive/{sent}").text
    again = {"now": room.now(), "by": "Ben"}
    history.undo(room.database, room.settings, sent, **again)
    assert client.get(f"/archive/{sent}").text == before
    history.redo(room.database, room.settings, sent, **again)
    assert client.get(f"/archive/{sent}").text == after
    history.undo(room.database, room.settings, sent, **again)
    with room.database.reading() as conn:
        assert conn.execute(select(CORRECTIONS)).all() == []
    sentences = [entry.sentence for entry in history.listing(room.database, room.settings, sent)[1]]
    assert sentences[-4] == "Ann corrected the archive's copy: “The link was wrong.”"
    assert sentences[-1].startswith("Ben took back Ann's change: corrected")
    mend(sent, "Another.")
    assert "Another." in client.get(f"/archive/{sent}").text
    history.undo(room.database, room.settings, sent, **again)
    with pytest.raises(WrongMove, match="nothing to take back"):
        history.undo(room.database, room.settings, sent, **again)


@pytest.mark.parametrize(
    ("note", "links", "sentence"),
    [
        ("Wrong.", [("https://nowhere.example.org/", NEW)], "No link of the issue leads to"),
        ("Wrong.", [(OLD, "boats.html")], "is not a web address"),
        ("Wrong.", [(OLD, "javascript:alert(1)")], "is not a web address"),
        ("Wrong.", [(OLD, "https://a.example/[[unsubscribe]]")], "is not a web address"),
        (" ", [(OLD, NEW)], "Write a note"),
        ("x" * 2000, [], "at most 1000"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_one_sentence(mend, sent, note, links, sentence):
    with pytest.raises(WrongMove, match=sentence):
        mend(sent, note, *links)


def test_an_issue_that_has_not_begun_to_leave_is_changed_instead(press, mend):
    press.reader("ann@example.org")
    number = press.issue("Bins and boats")
    with pytest.raises(WrongMove, match="change the issue instead"):
        mend(number, "Wrong.", (OLD, NEW))
