"""The archive: sent issues for everybody, and nobody's links."""

import re
import xml.etree.ElementTree as ET

import pytest

from emag.desk import approve as desk
from emag.mailing.sending import address

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def sent(press):
    press.reader("ann@example.org")
    press.reader("ben@example.org")
    number = press.issue("Bins & boats", "A quiet week")
    press.send(number)
    return number


def test_a_sent_issue_is_listed_and_readable(client, sent):
    shelf = client.get("/archive")
    assert shelf.status_code == 200
    assert f"/archive/{sent}" in shelf.text
    page = client.get(f"/archive/{sent}")
    assert page.status_code == 200
    assert "Bins &amp; boats" in page.text
    assert "All issues of The Town Crier" in page.text


def test_nobodys_links_are_in_it(client, sent):
    page = client.get(f"/archive/{sent}").text
    assert "[[" not in page
    assert not re.search(r"/(?:unsubscribe|preferences|confirm)/", page)
    assert "/signup" in page


def test_an_issue_that_did_not_leave_is_not_there(press, client):
    number = press.issue("Bins & boats")
    assert client.get(f"/archive/{number}").status_code == 404
    assert client.get("/archive/99").status_code == 404
    assert "still being written" in client.get("/archive").text


@pytest.mark.parametrize("number", ["abc", "0", "-1", "9" * 20, "1e3", "%00", "latest"])
def test_what_is_no_number_of_an_issue_is_not_there(client, sent, number):
    assert client.get(f"/archive/{number}").status_code == 404


def test_the_first_readers_find_it_while_the_others_have_it_not_yet(press, client):
    number = press.issue("Bins & boats")
    room = press.newsroom
    desk.approve(room.database, room.settings, number, now=room.now(), by="Ann")
    assert client.get(f"/archive/{number}").status_code == 404
    address.address(room.database, number, now=room.now(), by="ann")
    assert "Bins &amp; boats" in client.get(f"/archive/{number}").text
    assert "still being written" in client.get("/archive").text


def test_the_feed_is_atom_and_leads_to_the_pages(client, sent):
    answer = client.get("/archive/feed.xml")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"http://127.0.0.1:8400/archive/{sent}"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-05T09:00:00+00:00"
    assert "Bins &amp; boats" in entry.findtext(f"{ATOM}content")


def test_the_feed_of_an_empty_archive_is_valid_too(client):
    feed = ET.fromstring(client.get("/archive/feed.xml").content)
    assert feed.findtext(f"{ATOM}updated")
    assert feed.findall(f"{ATOM}entry") == []


@pytest.mark.parametrize("path", ["/archive", "/archive/1", "/archive/feed.xml"])
def test_who_has_it_already_gets_it_not_again(client, sent, path):
    first = client.get(path)
    assert first.headers["cache-control"].startswith("public, max-age=")
    by_tag = client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (by_tag.status_code, by_tag.content) == (304, b"")
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert client.get(path, headers=since).status_code == 304
    older = {"If-Modified-Since": "Sun, 01 Mar 2026 00:00:00 GMT"}
    assert client.get(path, headers=older).status_code == 200
    assert client.get(path, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    # The tag outranks the date: a changed page of the same second must come through.
    both = since | {"If-None-Match": '"other"'}
    assert client.get(path, headers=both).status_code == 200


def test_the_page_runs_no_script(client, sent):
    policy = client.get(f"/archive/{sent}").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
