"""Other systems send stories to /hooks/stories: signed or with a token, by keys of their own."""

import contextlib
import hmac
import json
import shutil

import httpx
import pytest

from emag import bootstrap
from emag.content import store
from emag.content.story import Kind
from emag.demo import hosting
from emag.web import app as web

URL = "https://crier.example.org/lamps"
POST = {"title": "The lamps are lit again", "url": URL, "section": "posts"}
KEYS = {
    "EMAG_SECRET_KEY": "a-secret-for-tests-only-0123456789abcdef",
    "EMAG_SIGNUP_SECRET": "the-secret-of-the-sign-up",
    "EMAG_SIGNUP_TOKEN": "the-token-of-the-sign-up",
    "EMAG_STORIES_SECRET": "the-secret-of-the-stories",
    "EMAG_STORIES_TOKEN": "the-token-of-the-stories",
}
BEARER = {"Authorization": f"Bearer {KEYS['EMAG_STORIES_TOKEN']}"}


@pytest.fixture
def opened(migrated, tmp_path, clock):
    """Opens a publication with these keys, and serves it over a real socket."""
    with contextlib.ExitStack() as stack:

        def _open(environ):
            folder = tmp_path / "publication"
            shutil.copytree(migrated, folder)
            room = bootstrap.open_newsroom(folder, now=clock, environ=environ)
            stack.callback(room.database.close)
            stack.callback(room.transport.close)
            listener = stack.enter_context(hosting.listen(0))
            url = stack.enter_context(hosting.serving(web.create(room), listener))
            return room, stack.enter_context(httpx.Client(base_url=url))

        yield _open


@pytest.fixture
def served(opened):
    return opened(KEYS)


@pytest.fixture
def hook(served):
    """Posts to the hook; gives its status and its answer."""

    def _post(body, headers=BEARER) -> tuple[int, dict[str, str]]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = served[1].post("/hooks/stories", content=raw, headers=headers)
        return answer.status_code, answer.json()

    return _post


@pytest.fixture
def pool(served):
    def _pool():
        with served[0].database.reading() as conn:
            return store.candidates(conn)

    return _pool


def signed(body, clock, *, secret=KEYS["EMAG_STORIES_SECRET"], late=0):
    stamp = str(int(clock().timestamp()) - late)
    raw = json.dumps(body).encode()
    mac = hmac.digest(secret.encode(), f"{stamp}.".encode() + raw, "sha256").hex()
    return {"X-Emag-Timestamp": stamp, "X-Emag-Signature": f"v1={mac}"}


def test_a_story_is_new_and_then_refreshed(hook, pool, clock):
    assert hook(POST, signed(POST, clock)) == (202, {"status": "new"})
    assert hook(POST) == (202, {"status": "refreshed"})
    changed = POST | {"title": "The lamps are out", "by": "Ann Example", "summary": "A dark night."}
    assert hook(changed) == (202, {"status": "refreshed"})
    (candidate,) = pool()
    story = candidate.story
    assert (story.title, story.author, story.link) == ("The lamps are out", "Ann Example", URL)
    assert (candidate.section, story.source, candidate.from_archive) == ("posts", "sent in", False)


def test_a_job_has_its_own_fields(hook, pool):
    job = {"title": "Press Officer", "url": URL, "kind": "job", "employer": "Exampleton Council"}
    assert hook(job | {"closes": "2026-04-01T17:00", "place": "Exampleton"})[0] == 202
    (candidate,) = pool()
    vacancy = candidate.story.vacancy
    assert (candidate.section, candidate.story.kind) == ("posts", Kind.JOB)
    assert (vacancy.role, vacancy.employer, vacancy.place) == (
        "Press Officer",
        "Exampleton Council",
        "Exampleton",
    )
    assert vacancy.closing.isoformat() == "2026-04-01T16:00:00+00:00"


def test_an_event_has_a_time_and_a_place(hook, pool):
    event = {"title": "Fog day", "url": URL, "section": "posts", "starts": "2026-04-01 10:00"}
    assert hook(event | {"place": "Town hall"})[0] == 202
    story = pool()[0].story
    assert (story.kind, story.place) == (Kind.EVENT, "Town hall")
    assert story.starts.isoformat() == "2026-04-01T09:00:00+00:00"


def test_an_event_without_a_time_has_the_day_of_its_text_or_is_a_post(hook, pool):
    event = {"title": "Fog day", "url": URL, "kind": "event", "published": "2026-03-01"}
    assert hook(event | {"html": "<p>When: Thursday 2 April 2026, 10am</p>"})[0] == 202
    assert pool()[0].story.starts.isoformat() == "2026-04-02T09:00:00+00:00"
    assert hook(event | {"html": "<p>One day.</p>"})[0] == 202
    assert (pool()[0].story.kind, pool()[0].story.starts) == (Kind.POST, None)


def test_a_title_is_printed_as_it_is_meant(hook, pool):
    for title, printed in (
        ("Ferry &#8211; quay &amp; lamps", "Ferry – quay & lamps"),
        ("The <em>lamps</em> are lit", "The lamps are lit"),
        ("R&D: use <b> less", "R&D: use <b> less"),
        ("&amp;amp; is an entity", "&amp; is an entity"),
    ):
        assert hook(POST | {"title": title})[0] == 202
        assert pool()[0].story.title == printed


def test_markup_is_cleaned(hook, pool):
    body = "<p>A long first sentence about lamps and fog.</p><script>alert(1)</script>"
    assert hook(POST | {"html": body, "picture": "https://a.example/p.jpg", "alt": "A lamp"})[0]
    story = pool()[0].story
    assert "script" not in story.body
    assert (story.picture.url, story.picture.alt) == ("https://a.example/p.jpg", "A lamp")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"section": "sport"}, "section: there is no “sport”"),
        ({"published": "yesterday"}, "published: “yesterday” is no date"),
        ({"closes": "2026-02-30"}, "closes: “2026-02-30” is no date"),
        ({"starts": "soon"}, "starts: “soon” is no date"),
        ({"url": "crier"}, "url: “crier” is no web address"),
        ({"url": "javascript:alert(1)"}, "url: “javascript:alert(1)” is no web address"),
        ({"picture": "lamps.jpg"}, "picture: “lamps.jpg” is no address"),
        ({"kind": "poem"}, "kind: there is no “poem”"),
        ({"title": " "}, "title: it is missing"),
        ({"title": 3}, "title: it is no text"),
        ({"summary": "x" * 30_000}, "summary: it has more than 20,000 characters"),
    ],
)
def test_a_fault_is_named(hook, pool, change, fault):
    status, answer = hook(POST | change)
    assert status == 422
    assert answer["error"].startswith(fault)
    assert pool() == []


def test_what_is_missing_is_named(hook):
    assert hook({"title": "One"}) == (422, {"error": "url: it is missing"})


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_object_is_refused(hook, body):
    assert hook(body)[0] == 400


def test_a_body_that_is_too_large_is_refused(hook):
    assert hook(b"{" + b" " * 1_000_000 + b"}")[0] == 413


@pytest.mark.parametrize("token", ["x", "wrong", KEYS["EMAG_SIGNUP_TOKEN"]])
def test_another_token_is_refused(hook, pool, token):
    assert hook(POST, {"Authorization": f"Bearer {token}"})[0] == 401
    assert pool() == []


def test_another_signature_is_refused(hook, clock, pool):
    assert hook(POST, signed(POST, clock, secret=KEYS["EMAG_SIGNUP_SECRET"]))[0] == 401
    assert hook(POST, signed(POST, clock, late=400))[0] == 401
    assert hook(POST | {"title": "Two"}, signed(POST, clock))[0] == 401
    assert hook(POST, {})[0] == 401
    assert pool() == []


def test_keys_that_are_those_of_the_sign_up_open_nothing(opened, clock):
    same = KEYS | {
        "EMAG_STORIES_SECRET": KEYS["EMAG_SIGNUP_SECRET"],
        "EMAG_STORIES_TOKEN": KEYS["EMAG_SIGNUP_TOKEN"],
    }
    _, client = opened(same)
    raw = json.dumps(POST).encode()
    bearer = {"Authorization": f"Bearer {same['EMAG_STORIES_TOKEN']}"}
    for headers in (bearer, signed(POST, clock, secret=same["EMAG_STORIES_SECRET"])):
        assert client.post("/hooks/stories", content=raw, headers=headers).status_code == 401
