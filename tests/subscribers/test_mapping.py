"""Bodies as services send them, read by the mapping in emag.toml."""

import base64
import hmac
import json
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from subscribers import roll
from subscribers.web import router
from subscribers.web.mapping import at, mapped

SECRET = "hook-secret-for-tests"
BEARER = {"Authorization": "Bearer hook-token-for-tests"}
TYPEFORM = {
    "event_id": "01",
    "event_type": "form_response",
    "form_response": {
        "submitted_at": "2026-03-05T08:59:30Z",
        "answers": [
            {"type": "text", "text": "Ann", "field": {"id": "q1", "ref": "name"}},
            {"type": "email", "email": "ann@example.org", "field": {"id": "q2", "ref": "mail"}},
        ],
    },
}
TYPEFORM_FIELDS = {
    "email": "form_response.answers.*.email",
    "name": "form_response.answers.ref=name.text",
    "at": "form_response.submitted_at",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("list.1.x", 3),
        ("list.*.y", 4),
        ("list.k=two.x", 3),
        ("a.b.c", None),
        ("list.9.x", None),
        ("list.z", None),
        ("dotted.name", 5),
        ("Email Address", 6),
        ("form_fields[email]", 7),
        ("nothing", None),
    ],
)
def test_the_value_at_a_path(path, value):
    body = {
        "a": {"b": 1},
        "list": [{"x": 2}, {"x": 3, "k": "two"}, {"y": 4}],
        "dotted.name": 5,
        "Email Address": 6,
        "form_fields[email]": 7,
    }
    assert at(body, path) == value


def test_a_path_wins_and_without_it_our_own_name_counts():
    body = {"email": "a", "mail": "b", "name": "c"}
    assert mapped(body, {"email": "mail"}, ["email", "name"]) == {"email": "b", "name": "c"}
    assert mapped(body, {"email": "gone"}, ["email", "name"]) == {"email": "a", "name": "c"}


@pytest.fixture
def post(site, stage, database, people):
    """Posts a body to a site that maps fields, and gives the answer and what came of it."""

    def post(fields, content, kind="application/json", headers=BEARER):
        stage.pages = FastAPI()
        stage.pages.include_router(router(replace(site, fields=fields)))
        content = json.dumps(content).encode() if isinstance(content, dict) else content
        with httpx.Client(base_url=stage.address) as web:
            answer = web.post(
                "/hooks/signup", content=content, headers={**headers, "Content-Type": kind}
            )
        with database.reading() as conn:
            return answer, [(m.address, m.name, m.topics) for m in roll.listing(conn)]

    return post


@pytest.mark.parametrize(
    ("fields", "content", "kind"),
    [
        (TYPEFORM_FIELDS, TYPEFORM, "application/json"),
        (
            {"email": "Email Address", "name": "Full Name"},
            {"Email Address": "ann@example.org", "Full Name": "Ann", "Zap": {"id": 3}},
            "application/json",
        ),
        (
            {"email": "data.email", "name": "data.fullName"},
            {"websiteId": "5", "data": {"email": "ann@example.org", "fullName": "Ann"}},
            "application/json",
        ),
        (
            {"email": "EMAIL", "name": "form_fields[name]"},
            b"EMAIL=ann%40example.org&form_fields%5Bname%5D=Ann&x=1",
            "application/x-www-form-urlencoded",
        ),
    ],
    ids=["typeform", "zapier", "squarespace", "html"],
)
def test_bodies_of_other_services(post, fields, content, kind):
    answer, sign_ups = post(fields, content, kind)
    assert answer.status_code == 202
    assert sign_ups == [("ann@example.org", "Ann", ())]


def typeform(body, secret=SECRET):
    mac = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return {"Typeform-Signature": f"sha256={mac}"}


def test_typeform_s_own_signature_is_taken_once(post, people, clock):
    body = json.dumps(TYPEFORM).encode()
    answer, sign_ups = post(TYPEFORM_FIELDS, body, headers=typeform(body))
    assert (answer.status_code, len(sign_ups)) == (202, 1)
    people.press(people.token(people.letters()[0]))
    people.leave("ann@example.org")
    clock.forward(hours=23)
    assert post(TYPEFORM_FIELDS, body, headers=typeform(body))[0].status_code == 202
    assert people.letters() == []
    clock.forward(hours=2)
    assert post(TYPEFORM_FIELDS, body, headers=typeform(body))[0].status_code == 401


def test_a_signature_without_any_time_or_of_another_is_refused(post):
    body = json.dumps(TYPEFORM).encode()
    no_time = {k: v for k, v in TYPEFORM_FIELDS.items() if k != "at"}
    for fields, headers in (
        (no_time, typeform(body)),
        (TYPEFORM_FIELDS, typeform(body, "another")),
        (TYPEFORM_FIELDS, {"Typeform-Signature": "sha256=ä".encode()}),
        (TYPEFORM_FIELDS, {"Typeform-Signature": b"sha256="}),
    ):
        answer, sign_ups = post(fields, body, headers=headers)
        assert (answer.status_code, sign_ups) == (401, [])


def test_the_same_post_by_bearer_again_changes_nothing(post, people, dump, clock):
    for _ in range(3):
        post({}, {"email": "ann@example.org"})
        clock.forward(minutes=5)
    before = dump()
    post({}, {"email": "ann@example.org"})
    after = dump()
    assert before.pop("signup_hits") != after.pop("signup_hits")  # that it was tried is counted
    assert after == before
    assert len(people.letters()) == 1
