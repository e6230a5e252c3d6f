import json

import pytest

from subscribers import roll

BODY = json.dumps({"email": "ann@example.org", "name": "Ann", "topics": ["posts", "cats"]}).encode()
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nann@example.org\r\n'
    b'--x\r\nContent-Disposition: form-data; name="topics"\r\n\r\nposts,jobs\r\n--x--\r\n'
)
BEARER = {"Authorization": "Bearer hook-token-for-tests"}


@pytest.fixture
def event(database):
    """The reader, and the first line of the ledger about them."""

    def event(address="ann@example.org"):
        with database.reading() as conn:
            member = roll.find(conn, address)
            return member, roll.history(conn, member.id)[0]

    return event


def test_a_signed_request_signs_somebody_up(web, signed, event, nudges):
    answer = web.post("/hooks/signup", content=BODY, headers=signed(BODY))
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    member, entry = event()
    assert (member.status, member.name, member.topics) == ("pending", "Ann", ("posts",))
    assert entry.how == "hook"
    assert nudges == [1]


def test_what_the_service_saw_is_kept_as_evidence(web, signed, event):
    body = json.dumps(
        {
            "email": "ann@example.org",
            "source": "shop",
            "wording": "Yes please",
            "ip": "203.0.113.9",
            "user_agent": "Browser/1",
            "at": "2026-03-05T08:59:00+01:00",
            "utm_source": "ignored",
        }
    ).encode()
    web.post("/hooks/signup", content=body, headers=signed(body))
    _, entry = event()
    assert entry.wording == "Yes please"
    assert entry.evidence == {
        "address": "ann@example.org",
        "source": "shop",
        "ip": "203.0.113.9",
        "user_agent": "Browser/1",
        "claimed_at": "2026-03-05T07:59:00+00:00",
    }


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"email=ann%40example.org&topics=posts&topics=jobs", "application/x-www-form-urlencoded"),
        (b"email=ann%40example.org&topics%5B%5D=posts,jobs", "application/x-www-form-urlencoded"),
        (b'{"email": "ann@example.org", "topics": "posts, jobs"}', "application/json"),
        (b'{"email": "ann@example.org", "topics": ["posts", "jobs"], "name": null}', ""),
        (
            MULTIPART,
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_bodies_as_services_send_them(web, event, content, kind):
    headers = {**BEARER, "Content-Type": kind}
    assert web.post("/hooks/signup", content=content, headers=headers).status_code == 202
    member, _ = event()
    assert member.topics == ("posts", "jobs")


def without(headers, name):
    return {key: value for key, value in headers.items() if key != name}


def test_a_request_without_a_good_signature_is_refused(web, signed, dump, clock):
    now = int(clock().timestamp())
    good = signed(BODY)
    before = dump()
    for headers in (
        {},
        without(good, "X-Emag-Signature"),
        without(good, "X-Emag-Timestamp"),
        signed(BODY, secret="another"),
        signed(BODY + b" "),
        signed(BODY, at=now - 301),
        signed(BODY, at=now + 301),
        {**good, "X-Emag-Timestamp": str(now - 1)},
        {**good, "X-Emag-Timestamp": "soon"},
        {**good, "X-Emag-Timestamp": "٣"},
        {**good, "X-Emag-Signature": good["X-Emag-Signature"].replace("v1=", "v0=")},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic hook-token-for-tests"},
    ):
        raw = {key: value.encode() for key, value in headers.items()}
        answer = web.post("/hooks/signup", content=BODY, headers=raw)
        assert answer.status_code == 401, headers
        assert answer.json()["error"]
    assert dump() == before


def test_signatures_are_good_up_to_the_edges_of_the_window(web, signed, clock):
    now = int(clock().timestamp())
    for at in (now - 300, now + 300):
        headers = signed(BODY, at=at)
        assert web.post("/hooks/signup", content=BODY, headers=headers).status_code == 202


def test_the_same_request_again_does_nothing(web, signed, dump, nudges, people, clock):
    headers = signed(BODY)
    web.post("/hooks/signup", content=BODY, headers=headers)
    letter = people.letters()[0]
    people.press(people.token(letter))
    people.leave("ann@example.org")
    before = dump()
    clock.forward(seconds=200)
    for _ in range(3):
        answer = web.post("/hooks/signup", content=BODY, headers=headers)
        assert answer.status_code == 202
    assert dump() == before
    assert nudges == [1]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[]", 400),
        (b'"ann@example.org"', 400),
        (b"{}", 422),
        (b'{"email": ""}', 422),
        (b'{"email": null}', 422),
        (b'{"email": "ann\\ud800@example.org"}', 422),
        (b'{"email": "ann\\u0000@example.org"}', 422),
        (b'{"email": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
        (b'{"email": ["a@example.org"]}', 422),
        (b'{"email": "ann"}', 422),
        ('{"email": "žofie@example.org"}'.encode(), 422),
        (b"\xff\xfe", 400),
    ],
)
def test_an_unreadable_body_is_answered_with_a_reason(web, dump, content, status):
    before = dump()
    answer = web.post("/hooks/signup", content=content, headers=BEARER)
    assert answer.status_code == status
    assert len(answer.json()["error"]) > 10
    assert dump() == before


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:00"])
def test_an_impossible_time_loses_no_reader(web, event, at):
    body = json.dumps({"email": "ann@example.org", "at": at})
    headers = {**BEARER, "Content-Type": "application/json"}
    assert web.post("/hooks/signup", content=body, headers=headers).status_code == 202
    _, entry = event()
    assert "claimed_at" not in entry.evidence


def test_odd_texts_are_stored_without_harm(web, event):
    body = {
        "email": "ann@example.org",
        "name": "Ann\r\nBcc: x@example.org\0",
        "source": "a\0b",
        "user_agent": "\ud800",
        "at": "yesterday",
        "ip": 7,
    }
    headers = {**BEARER, "Content-Type": "application/json"}
    raw = json.dumps(body).encode()
    assert web.post("/hooks/signup", content=raw, headers=headers).status_code == 202
    member, entry = event()
    assert member.name == "Ann Bcc: x@example.org"
    assert entry.evidence["source"] == "ab"
    assert "claimed_at" not in entry.evidence


def test_the_naughty_strings_do_no_harm(web, corpus, people):
    strings = json.loads((corpus / "hostile" / "naughty_strings.json").read_text())
    headers = {**BEARER, "Content-Type": "application/json"}
    for number, naughty in enumerate(strings):
        body = {"email": f"r{number}@example.org", "name": naughty, "source": naughty}
        raw = json.dumps(body).encode()
        assert web.post("/hooks/signup", content=raw, headers=headers).status_code == 202
        raw = json.dumps({"email": naughty}).encode()
        assert web.post("/hooks/signup", content=raw, headers=headers).status_code in {202, 422}
    letters = people.letters()
    assert len(letters) == len(strings)
    assert not any(set(letter.name) & set("\r\n\0") for letter in letters)
