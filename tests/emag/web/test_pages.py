"""All pages: nothing changes by looking, every answer is guarded, errors are said kindly."""

import re

import httpx
import pytest

from emag import __version__
from emag.demo import hosting
from emag.web import app as web
from emag.web.pages import Pages
from subscribers import roll


def addresses(press):
    """Every GET route of the app with something in its place for each parameter."""
    room = press.newsroom
    with room.database.reading() as conn:
        member = roll.find(conn, "ann@example.org")
    values = {"number": "1", "provider": "sendgrid", "hash_": "0" * 64, "name": "a.jpg"}
    paths = []
    app = web.create(room)
    assert app.openapi()["info"]["version"] == __version__
    for path, methods in app.openapi()["paths"].items():
        if "get" not in methods:
            continue
        for purpose in ("confirm", "unsubscribe", "preferences", "not_me", "change"):
            if "{token}" not in path:
                break
            token = room.keys.sign(purpose, member.ref)
            paths.append(re.sub(r"\{token\}", token, path))
        else:
            continue
        paths.append(re.sub(r"\{(\w+)\}", lambda m: values[m[1]], path))
    return [*paths, "/", "/robots.txt", "/openapi.json", "/nowhere"]


def test_no_get_changes_the_database(press, client):
    press.reader("ann@example.org")
    press.send(press.issue("Bins & boats"))
    paths = addresses(press)
    assert len(paths) > 15
    before = press.dump()
    for path in paths:
        for method in ("GET", "HEAD"):
            answer = client.request(method, path, headers={"Sec-Purpose": "prefetch"})
            assert answer.status_code < 500, path
            assert method == "GET" or answer.content == b""
    assert press.dump() == before
    assert press.nudges == []


@pytest.mark.parametrize("path", ["/", "/signup", "/archive", "/healthz", "/metrics", "/nowhere"])
def test_head_answers_as_get_does(press, client, path):
    got, headed = client.get(path), client.head(path)
    assert headed.status_code == got.status_code
    assert headed.headers["content-type"] == got.headers["content-type"]
    assert headed.content == b""


@pytest.mark.parametrize("path", ["/", "/signup", "/archive", "/healthz", "/nowhere"])
def test_every_answer_has_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers  # this one is on loopback


def test_the_front_page_links_to_the_sign_up_and_the_archive(press, client):
    press.reader("ann@example.org")
    assert "/archive" not in client.get("/").text.partition("<main")[2]
    press.send(press.issue("Bins & boats"))
    page = client.get("/").text
    assert "/signup" in page
    assert "Bins &amp; boats" in page
    assert 'href="http://127.0.0.1:8400/archive"' in page


def test_a_person_gets_a_page_and_a_program_json(client):
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "The Town Crier" in page.text
    answer = client.get("/hooks/nowhere")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])
    assert client.delete("/archive").status_code == 405
    assert client.get("/archive/not-a-number").status_code == 404


def test_robots_txt_excludes_readers_pages(client):
    text = client.get("/robots.txt").text
    assert "Disallow: /unsubscribe" in text
    assert "Disallow: /archive" not in text


def test_a_publication_can_have_its_own_templates(press):
    folder = press.newsroom.settings.folder / "templates" / "web"
    folder.mkdir(parents=True)
    (folder / "home.html").write_text("<p>{{ title }} & <b>{{ nothing }}</b></p>")
    assert Pages(press.newsroom.settings)("web/home.html") == "<p>The Town Crier & <b></b></p>"


def test_an_unexpected_error_is_a_page_and_its_text_is_not_logged(press, caplog):
    app = web.create(press.newsroom)

    @app.get("/trouble")
    def trouble():
        raise ValueError("ann@example.org")

    with (
        hosting.listen(0) as listener,
        hosting.serving(app, listener) as base,
        httpx.Client(base_url=base) as client,
    ):
        answer = client.get("/trouble")
    assert answer.status_code == 500
    assert "on our side" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "ann@example.org" not in answer.text + caplog.text
    assert "ValueError" in caplog.text
