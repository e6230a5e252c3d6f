"""The archive: sent issues for everybody, and nobody's links."""

import re
import socket
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, event, insert, select

from emag.desk import approve as desk
from emag.issues.tables import ISSUES, PICKS, VERDICTS
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


def test_an_archived_issue_holds_no_reader_s_links(client, sent):
    page = client.get(f"/archive/{sent}").text
    assert "[[" not in page
    assert not re.search(r"/(?:unsubscribe|preferences|confirm)/", page)
    assert "/signup" in page


def test_an_issue_that_was_not_sent_has_no_page(press, client):
    number = press.issue("Bins & boats")
    assert client.get(f"/archive/{number}").status_code == 404
    assert client.get("/archive/99").status_code == 404
    assert "The first issue is not out yet" in client.get("/archive").text


@pytest.mark.parametrize("number", ["abc", "0", "-1", "9" * 20, "1e3", "%00", "latest"])
def test_an_address_without_a_valid_number_is_answered_with_404(client, sent, number):
    assert client.get(f"/archive/{number}").status_code == 404


def test_an_issue_has_a_page_as_soon_as_it_begins_to_leave(press, client):
    number = press.issue("Bins & boats")
    room = press.newsroom
    desk.approve(room.database, room.settings, number, now=room.now(), by="Ann")
    assert client.get(f"/archive/{number}").status_code == 404
    address.address(room.database, number, now=room.now(), by="ann")
    assert "Bins &amp; boats" in client.get(f"/archive/{number}").text
    assert "The first issue is not out yet" in client.get("/archive").text


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
def test_a_client_with_a_current_copy_gets_304(client, sent, path):
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


@pytest.fixture
def shelf(press):
    """Writes sent issues straight into the database, a week apart, with three stories each."""

    def shelf(count):
        start = datetime(2020, 1, 3, 7, 30, tzinfo=UTC)
        number = press.issue("Bins & boats")
        with press.newsroom.database.transaction() as conn:
            template = dict(conn.execute(select(ISSUES)).mappings().one())
            picked = [dict(row) for row in conn.execute(select(PICKS)).mappings()]
            conn.execute(delete(PICKS))
            conn.execute(delete(VERDICTS))
            conn.execute(delete(ISSUES))
            for n in range(1, count + 1):
                at = start + timedelta(weeks=n)
                dates = {"until": at, "first_accepted_at": at, "closed_at": at}
                changes = {
                    "number": n,
                    "status": "sent",
                    "subject": f"Week {n}",
                    "local_date": str(n),
                }
                conn.execute(insert(ISSUES).values(template | changes | dates))
                for pick in picked:
                    row = {k: v for k, v in pick.items() if k != "id"} | {"issue": n}
                    conn.execute(insert(PICKS).values(row))
        return number

    return shelf


@pytest.fixture
def queries(press):
    """The statements that the database got."""
    statements = []

    def note(conn, cursor, statement, *rest):
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(press.newsroom.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(press.newsroom.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/archive", "/archive?page=3", "/archive/feed.xml", "/"])
def test_a_page_costs_one_query_however_many_issues_there_are(client, shelf, queries, path):
    shelf(60)
    queries.clear()
    assert client.get(path).status_code == 200
    assert len(queries) == 1


def test_the_list_has_pages_of_24_with_links_to_the_next_and_the_previous(client, shelf):
    shelf(60)
    pages = [client.get(f"/archive?page={page}").text for page in (1, 2, 3)]
    numbers = [re.findall(r"Week (\d+)</a>", page) for page in pages]
    assert [len(page) for page in numbers] == [24, 24, 12]
    assert [int(n) for page in numbers for n in page] == [*range(60, 0, -1)]
    base = "http://127.0.0.1:8400/archive"
    assert f'<a rel="next" href="{base}?page=2">Older issues</a>' in pages[0]
    assert 'rel="prev"' not in pages[0]
    assert f'<a rel="prev" href="{base}">Newer issues</a>' in pages[1]
    assert f'<a rel="next" href="{base}?page=3">Older issues</a>' in pages[1]
    assert 'rel="next"' not in pages[2]
    assert client.get("/archive?page=4").status_code == 404
    for odd in ("0", "-1", "x", "9" * 30, ""):
        assert client.get(f"/archive?page={odd}").status_code in {404, 422}


def test_a_full_page_has_no_next_one(client, shelf):
    shelf(24)
    assert 'rel="next"' not in client.get("/archive").text


def test_the_feed_has_pages_too(client, shelf):
    shelf(30)
    first = ET.fromstring(client.get("/archive/feed.xml").content)
    assert len(first.findall(f"{ATOM}entry")) == 24
    links = {link.get("rel"): link.get("href") for link in first.findall(f"{ATOM}link")}
    assert links["next"] == "http://127.0.0.1:8400/archive/feed.xml?page=2"
    assert "previous" not in links
    second = ET.fromstring(client.get("/archive/feed.xml?page=2").content)
    assert len(second.findall(f"{ATOM}entry")) == 6
    assert "Bins &amp; boats" in second.findall(f"{ATOM}entry")[-1].findtext(f"{ATOM}content")


@pytest.mark.parametrize("path", ["/archive/", "/archive/feed.xml/", "/signup/", "/archive//"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1"])
def test_a_redirect_leads_to_the_public_address_whatever_the_host(client, sent, path, host):
    answer = client.get(path + "?page=1", headers={"Host": host})
    assert answer.status_code in {307, 308, 404}
    assert "evil" not in answer.text + str(answer.headers)
    if answer.is_redirect:
        where = f"http://127.0.0.1:8400{path.rstrip('/')}?page=1"
        assert answer.headers["location"] == where


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "//evil.example/archive/"])
def test_no_path_makes_a_redirect_to_somewhere_else(client, path):
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read().decode()
    assert "\nlocation: //" not in answer.lower()
    assert "location: http://evil" not in answer.lower()


PATHS = ["/", "/archive", "/archive/1", "/archive/feed.xml", "/signup", "/robots.txt", "/nowhere"]


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/openapi.json", "/confirm/x"])
def test_no_answer_repeats_the_host_that_was_asked_for(client, sent, path):
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    answer = client.get(path, headers=headers)
    assert "evil" not in answer.text + str(answer.headers)
