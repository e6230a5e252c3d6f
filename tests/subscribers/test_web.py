"""The pages through a real server: what they change, and what they never do."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from subscribers import roll
from subscribers.tokens import TEST_COPY

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def status(database):
    def status(address):
        with database.reading() as conn:
            member = roll.find(conn, address)
        return member.status if member else None

    return status


@pytest.fixture
def tokens(people, keys):
    """A link of every kind: of a pending reader, and of an active one."""
    people.ask("pending@example.org")
    (letter,) = people.letters()
    ref = people.reader("active@example.org")
    return {
        "/confirm/": people.token(letter),
        "/not-me/": people.token(letter, "not_me"),
        "/unsubscribe/": keys.sign("unsubscribe", ref),
        "/preferences/": keys.sign("preferences", ref),
        "/undo/": keys.sign("undo", f"{ref} 0", expires=people.now() + timedelta(minutes=9)),
    }


def routes(tokens):
    yield "/signup"
    yield "/signup?topics=posts"
    yield "/u/old-token"
    for path, token in tokens.items():
        yield path + token
        yield f"{path}{token[:-1]}"
    yield f"/preferences/{tokens['/preferences/']}/data"
    yield f"/preferences/{tokens['/preferences/'][:-1]}/data"


def test_no_get_or_head_changes_anything(web, tokens, dump):
    before = dump()
    for path in routes(tokens):
        for method in ("GET", "HEAD"):
            for headers in ({}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}):
                answer = web.request(method, path, headers=headers)
                assert answer.status_code in {200, 404}, path
                assert "set-cookie" not in answer.headers
                if method == "HEAD":
                    assert answer.content == b""
        assert dump() == before, path


def test_personal_pages_are_not_cached_not_indexed_and_send_no_referrer(web, tokens):
    for path in routes(tokens):
        headers = web.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        if "signup" not in path:
            assert headers["x-robots-tag"].startswith("noindex")
        if "html" in headers["content-type"]:
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy


def test_a_reader_signs_up_confirms_and_unsubscribes(web, people, status, stamp, clock, nudges):
    form = {"shown": stamp(web.get("/signup").text), "email": "Ann@example.org", "name": "Ann"}
    clock.forward(seconds=5)
    answer = web.post("/signup", data={**form, "topics": ["posts", "jobs"], "website": ""})
    assert answer.status_code == 200
    assert "inbox" in answer.text
    assert nudges == [1]
    (letter,) = people.letters()
    page = web.get(f"/confirm/{people.token(letter)}")
    assert "<button" in page.text
    assert status("ann@example.org") == "pending"
    confirmed = web.post(f"/confirm/{people.token(letter)}")
    assert confirmed.status_code == 200
    assert status("ann@example.org") == "active"
    assert nudges == [1, 1]
    assert "Welcome" in web.get(f"/confirm/{people.token(letter)}").text
    (welcome,) = people.letters("welcome")
    left = web.post(f"/unsubscribe/{people.token(welcome, 'unsubscribe')}", data=ONE_CLICK)
    assert left.status_code == 200
    assert status("ann@example.org") == "unsubscribed"
    assert web.post(f"/confirm/{people.token(letter)}").status_code == 410


@pytest.mark.parametrize("kind", ["data", "files"])
def test_one_click_as_providers_send_it(web, people, keys, status, dump, kind):
    ref = people.reader("ann@example.org")
    path = f"/unsubscribe/{keys.sign('unsubscribe', ref)}"
    body = ONE_CLICK if kind == "data" else {k: (None, v) for k, v in ONE_CLICK.items()}
    first = web.post(path, **{kind: body})
    assert first.status_code == 200
    assert "set-cookie" not in first.headers
    assert status("ann@example.org") == "unsubscribed"
    before = dump()
    again = web.post(path, **{kind: body})
    assert (again.status_code, again.text) == (200, first.text)
    assert dump() == before
    people.erase("ann@example.org")
    answer = web.post(path, **{kind: body})
    assert (answer.status_code, answer.text) == (200, first.text)


def test_one_click_works_with_any_body_and_without_one(web, people, keys, status):
    for number, content in enumerate([b"", b"\xff" * 10, b"x" * 100_000]):
        ref = people.reader(f"r{number}@example.org")
        answer = web.post(f"/unsubscribe/{keys.sign('unsubscribe', ref)}", content=content)
        assert answer.status_code == 200
        assert status(f"r{number}@example.org") == "unsubscribed"


def test_a_changed_token_unsubscribes_nobody(web, people, keys, dump):
    token = keys.sign("unsubscribe", people.reader("ann@example.org"))
    before = dump()
    for at in range(0, len(token), 3):
        flipped = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert web.post(f"/unsubscribe/{flipped}", data=ONE_CLICK).status_code == 404
    assert web.post(f"/confirm/{token}").status_code == 404
    assert web.post(f"/preferences/{token}", data={"name": "x"}).status_code == 404
    assert web.post(f"/not-me/{token}").status_code == 404
    assert dump() == before


def everyone(people):
    """An address in each state, and some that are no addresses but look like it."""
    for name in ("active", "left", "bounced", "complained", "erased"):
        people.reader(f"{name}@example.org")
    people.leave("left@example.org")
    people.report("bounced@example.org", "bounced")
    people.report("complained@example.org", "complained")
    people.erase("erased@example.org")
    people.ask("pending@example.org")
    names = ("new", "pending", "active", "left", "bounced", "complained", "erased", "a..b", ".x")
    return [f"{name}@example.org" for name in names]


def test_every_state_of_an_address_gets_the_same_answer(web, people, signed):
    form, hook, times = set(), set(), []
    for address in everyone(people):
        answer = web.post("/signup", data={"email": address, "name": "X"})
        form.add((answer.status_code, answer.text, str(answer.headers.get("content-length"))))
        times.append(answer.elapsed)
        body = json.dumps({"email": address}).encode()
        answer = web.post("/hooks/signup", content=body, headers=signed(body))
        hook.add((answer.status_code, answer.text))
    assert len(form) == 1
    assert hook == {(202, '{"status":"accepted"}')}
    assert min(times) >= timedelta(milliseconds=55)


def test_many_posts_for_few_victims_are_few_mails(web, people, signed):
    victims = [f"victim{n}@example.org" for n in range(5)] + ["vic.tim@gmail.com"]
    for turn in range(4):
        for victim in victims:
            address = victim.replace("vic.tim", f"vi.ctim+{turn}")
            web.post("/signup", data={"email": address})
            body = json.dumps({"email": address, "source": str(turn)}).encode()
            web.post("/hooks/signup", content=body, headers=signed(body))
    assert len(people.letters()) == len(victims)


def test_the_form_takes_multipart_too(web, people):
    fields = {"email": (None, "ann@example.org"), "topics": (None, "jobs")}
    assert web.post("/signup", files=fields).status_code == 200
    assert [letter.address for letter in people.letters()] == ["ann@example.org"]


@pytest.mark.parametrize(
    ("more", "seconds"),
    [({"website": "https://spam.example"}, 9), ({"shown": "x.y"}, 9)],
)
def test_programs_get_the_same_answer_and_nothing_else(
    web, people, stamp, clock, dump, more, seconds
):
    form = {"shown": stamp(web.get("/signup").text), "email": "ann@example.org"}
    clock.forward(seconds=seconds)
    before = dump()
    answer = web.post("/signup", data={**form, **more})
    assert "inbox" in answer.text
    assert dump() == before


@pytest.mark.parametrize("seconds", [0.1, 2 * 86_400], ids=["at once", "days later"])
def test_a_page_sent_back_at_an_odd_time_asks_once_more(web, people, stamp, clock, dump, seconds):
    form = {"shown": stamp(web.get("/signup").text), "email": "ann@example.org"}
    clock.forward(seconds=seconds)
    before = dump()
    again = web.post("/signup", data=form)
    assert dump() == before
    assert "once more" in again.text
    assert 'value="ann@example.org"' in again.text
    clock.forward(seconds=5)
    assert "inbox" in web.post("/signup", data={**form, "shown": stamp(again.text)}).text


@pytest.mark.parametrize("email", ["", "ann", "žofie@example.org", "ann@example.org\r\n"])
def test_a_wrong_address_is_explained_on_the_form(web, email, dump):
    before = dump()
    answer = web.post("/signup", data={"email": email})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert dump() == before


def test_what_a_visitor_types_is_never_markup(web):
    answer = web.post("/signup", data={"email": '"><script>alert(1)</script>', "name": "<b>x"})
    assert "<script>" not in answer.text
    assert "<b>x" not in answer.text


def test_a_body_too_large_is_refused_before_it_is_read(web, signed, dump):
    before = dump()
    big = {"email": "ann@example.org", "name": "x" * 70_000}
    assert web.post("/signup", data=big).status_code == 413
    body = json.dumps(big).encode()
    assert web.post("/hooks/signup", content=body, headers=signed(body)).status_code == 413

    def pieces():
        for _ in range(40):
            yield b"x" * 4_000

    assert web.post("/hooks/signup", content=pieces()).status_code == 413
    assert dump() == before


def test_this_was_not_me(web, people, tokens, status):
    path = f"/not-me/{tokens['/not-me/']}"
    assert "<button" in web.get(path).text
    assert status("pending@example.org") == "pending"
    assert web.post(path).status_code == 200
    assert status("pending@example.org") is None
    assert web.post(path).status_code == 200


def test_evidence_holds_the_words_the_time_and_the_place(web, people, database):
    web.post("/signup", data={"email": "ann@example.org"}, headers={"User-Agent": "Test/1"})
    with database.reading() as conn:
        member = roll.find(conn, "ann@example.org")
        (event,) = roll.history(conn, member.id)
    assert event.wording == "Yes, send me The Town Crier every Friday. I can leave with one click."
    assert (event.version, event.language) == ("2026-03", "en-GB")
    assert event.evidence["user_agent"] == "Test/1"
    assert event.evidence["ip"] == "127.0.0.1"
    assert event.evidence["source"] == "http://127.0.0.1/signup"
    assert event.at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def test_the_links_of_a_test_copy_say_so_and_change_nothing(web, people, keys, dump):
    people.reader("ann@example.org")
    before = dump()
    link = f"/unsubscribe/{keys.sign('unsubscribe', TEST_COPY)}"
    preferences = f"/preferences/{keys.sign('preferences', TEST_COPY)}"
    answers = [web.get(link), web.post(link, data=ONE_CLICK), web.get(preferences)]
    for answer in answers:
        assert answer.status_code == 200
        assert "This is a link of a test copy" in answer.text
    assert dump() == before
