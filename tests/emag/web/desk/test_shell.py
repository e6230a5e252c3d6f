"""What every page of the desk shares: sign-in first, no forged forms, its policy, its files."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from emag.editors.session import OpenedBy
from emag.web.desk.shell import own_path

VENDORED = Path(__file__).parents[4] / "templates" / "desk" / "static" / "vendor"


def test_a_page_leads_to_the_sign_in_and_keeps_its_path(desk):
    answer = desk.client().get("/desk?a=b", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/sign-in?next=%2Fdesk%3Fa%3Db"


def test_this_week_shows_the_next_issue(desk):
    number = desk.press.issue("A new bridge")
    page = desk.signed_in().get("/desk")
    assert page.status_code == 200
    assert "This week" in page.text
    assert f'href="/desk/issues/{number}"' in page.text


def test_pages_have_a_strict_policy(desk):
    headers = desk.signed_in().get("/desk").headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_page_that_has_not_changed_is_not_sent_again(desk):
    client = desk.signed_in()
    tag = client.get("/desk").headers["etag"]
    assert client.get("/desk", headers={"If-None-Match": tag}).status_code == 304


def test_a_poll_keeps_no_session_alive(desk, clock):
    client = desk.signed_in(opened_by=OpenedBy.CODE)
    for _ in range(4):
        clock.forward(minutes=20)
        client.get("/desk", headers={"X-Emag-Poll": "1"})
    assert client.get("/desk", follow_redirects=False).status_code == 303


def test_using_the_desk_keeps_a_session_alive_until_its_longest_time(desk, clock):
    client = desk.signed_in(opened_by=OpenedBy.CODE)
    for _ in range(15):
        clock.forward(minutes=30)
        assert client.get("/desk", follow_redirects=False).status_code == 200
    clock.forward(minutes=30)
    assert client.get("/desk", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_a_forged_form_is_refused(desk, headers):
    client = desk.client(desk.token(desk.invite()))
    del client.headers["Sec-Fetch-Site"]
    assert client.post("/desk/sign-out", headers=headers).status_code == 403


def test_static_files_are_kept_by_the_browser(desk):
    client = desk.client()
    page = desk.signed_in().get("/desk").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert client.get("/desk/static/0123456789abcdef/desk.css").status_code == 404
    assert client.get("/desk/static/0123456789abcdef/../../../emag.toml").status_code == 404


def test_scripts_of_others_are_what_their_list_says():
    listing = tomllib.loads((VENDORED / "vendored.toml").read_text())
    files = {script["file"] for script in listing["scripts"]}
    assert files == {path.name for path in VENDORED.glob("*.js")}
    for script in listing["scripts"]:
        content = (VENDORED / script["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == script["sha256"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/desk/pool?x=1", "/desk/pool?x=1"),
        ("//evil.example/desk", "/desk"),
        ("https://evil.example/desk", "/desk"),
        ("/desk\\@evil.example", "/desk"),
        ("/desktop", "/desk"),
        ("/desk/../archive", "/desk"),
        (None, "/desk"),
    ],
)
def test_only_own_paths_are_led_to(path, expected):
    assert own_path(path) == expected


@pytest.mark.browser
def test_a_breach_of_the_policy_is_noticed(desk, browser):
    context = desk.context(browser, desk.token(desk.invite()))
    page = context.new_page()
    page.goto("/desk")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img onerror=1 src=x:>')")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: 1}))"
    )
    context.close()
    assert len(browser.breaches) > 0
    browser.breaches.clear()
