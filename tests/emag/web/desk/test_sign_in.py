"""Editors sign in at the desk: with a mailed code, without script, and only where they asked."""

import re

import pytest

from emag.editors import passkeys, people, sessions
from emag.editors.session import OpenedBy
from subscribers import membership

NEXT = "/desk/issues/1/review"


@pytest.fixture
def mailed(desk):
    """The newest mail to somebody, which is then sent."""

    def _mailed(address="ann@example.org"):
        room = desk.press.newsroom
        with room.database.transaction() as conn:
            letters = membership.claim_letters(conn, limit=99, now=room.now())
            for letter in letters:
                membership.record_letter_sent(conn, letter.id, message_id="<1@x>", now=room.now())
        return [letter for letter in letters if letter.address == address][-1]

    return _mailed


def code_in(letter):
    [code] = re.findall(r"\b[A-Z0-9]{8}\b", letter.text)
    return code


@pytest.fixture
def request_code(desk, mailed):
    def _request(client, address="ann@example.org", to=NEXT):
        answer = client.post("/desk/sign-in", data={"email": address, "next": to})
        assert answer.status_code == 200
        assert 'name="code"' in answer.text
        return code_in(mailed())

    return _request


def test_a_code_signs_in_and_the_path_is_kept(desk, request_code):
    desk.invite()
    client = desk.client()
    page = client.get("/desk?x=1")
    assert page.url.path == "/desk/sign-in"
    assert "Send me a code" in page.text
    code = request_code(client)
    assert desk.press.nudges
    answer = client.post(
        "/desk/sign-in/code", data={"code": code, "next": NEXT}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, NEXT)
    assert "This week" in client.get("/desk").text
    assert client.get("/desk/sign-in", follow_redirects=False).headers["location"] == "/desk"


def test_the_mail_holds_a_code_and_no_link_that_signs_in(desk, mailed):
    desk.invite()
    mailed()
    desk.client().post("/desk/sign-in", data={"email": "ann@example.org"})
    letter = mailed()
    assert "http" not in letter.text
    assert code_in(letter) not in letter.subject


def test_known_and_unknown_addresses_get_the_same_answer(desk):
    desk.invite()
    texts = set()
    for address in ("ann@example.org", "eve@example.org"):
        client = desk.client()
        answer = client.post("/desk/sign-in", data={"email": address})
        texts.add((answer.status_code, answer.url.path, answer.text))
        wrong = client.post("/desk/sign-in/code", data={"code": "CCCCDDDD"})
        texts.add((wrong.status_code, wrong.url.path, wrong.text))
    assert len(texts) == 2


def test_what_is_no_address_is_a_problem_of_the_field(desk):
    answer = desk.client().post("/desk/sign-in", data={"email": "ann"})
    assert answer.status_code == 422
    assert "<title>Problem:" in answer.text
    assert '<a href="#email">' in answer.text


def test_a_stolen_code_is_worth_nothing_in_another_browser(desk, request_code):
    desk.invite()
    code = request_code(desk.client())
    thief = desk.client()
    answer = thief.post("/desk/sign-in/code", data={"code": code})
    assert answer.status_code == 422
    thief.post("/desk/sign-in", data={"email": "ann@example.org"})
    assert thief.post("/desk/sign-in/code", data={"code": code}).status_code == 422
    assert thief.get("/desk", follow_redirects=False).status_code == 303


def test_a_session_that_was_planted_is_worth_nothing(desk, request_code):
    desk.invite()
    client = desk.client("planted-by-somebody")
    code = request_code(client)
    client.post("/desk/sign-in/code", data={"code": code, "next": "/desk"})
    token = client.cookies.get("emag", domain="127.0.0.1")
    assert token not in (None, "planted-by-somebody")
    assert (
        desk.client("planted-by-somebody").get("/desk", follow_redirects=False).status_code == 303
    )


def test_signing_in_again_ends_the_session_before(desk, request_code):
    before = desk.token(desk.invite())
    client = desk.client(before)
    client.cookies.delete("emag")
    code = request_code(client)
    client.cookies.set("emag", before)
    client.post("/desk/sign-in/code", data={"code": code}, follow_redirects=False)
    assert desk.client(before).get("/desk", follow_redirects=False).status_code == 303


def test_the_cookie_of_a_session_is_closed_to_scripts_and_other_sites(desk, request_code):
    desk.invite()
    client = desk.client()
    code = request_code(client)
    answer = client.post("/desk/sign-in/code", data={"code": code}, follow_redirects=False)
    [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith("emag=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_only_own_paths_are_led_to(desk, request_code):
    desk.invite()
    client = desk.client()
    code = request_code(client)
    answer = client.post(
        "/desk/sign-in/code",
        data={"code": code, "next": "https://evil.example/desk"},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/desk"


def test_the_thirty_first_request_of_a_network_is_refused(desk):
    client = desk.client()
    codes = [
        client.post("/desk/sign-in", data={"email": f"e{n}@example.org"}).status_code
        for n in range(31)
    ]
    assert codes == [200] * 30 + [429]


def test_signing_out_ends_the_session(desk):
    token = desk.token(desk.invite())
    client = desk.client(token)
    page = client.post("/desk/sign-out")
    assert "You are signed out." in page.text
    assert desk.client(token).get("/desk", follow_redirects=False).status_code == 303
    assert desk.client(token).get("/desk/sign-out").status_code in {404, 405}


def test_you_shows_where_one_is_signed_in(desk):
    address = desk.invite()
    here, there = desk.token(address), desk.token(address, OpenedBy.CODE)
    client, other = desk.client(here), desk.client(there)
    page = client.get("/desk/you").text
    assert page.count("with a passkey") == 1
    assert page.count("by a mailed code") == 1
    assert "You are signed in only here now." in client.post("/desk/you/sessions/end-others").text
    assert other.get("/desk", follow_redirects=False).status_code == 303
    assert client.get("/desk", follow_redirects=False).status_code == 200


def test_nobody_ends_the_session_of_another(desk):
    ann = desk.client(desk.token(desk.invite()))
    token = desk.token(desk.invite("Ben <ben@example.org>", "operator"))
    room = desk.press.newsroom
    number = sessions.find(room.database, token, now=room.now()).session.id
    ann.post(f"/desk/you/sessions/{number}/end")
    assert desk.client(token).get("/desk", follow_redirects=False).status_code == 200


def test_an_operator_invites_changes_and_removes_people(desk, mailed):
    client = desk.signed_in("Olga <olga@example.org>", "operator")
    data = {"name": 'Ben "B" Brown', "email": "Ben@example.org", "role": ["editor", "approver"]}
    assert "Ben B Brown is invited" in client.post("/desk/editors/invite", data=data).text
    assert mailed("ben@example.org").name == "Ben B Brown"
    room = desk.press.newsroom
    token = desk.token("ben@example.org")
    ben = {"address": "ben@example.org"}
    client.post("/desk/editors/roles", data=ben | {"role": "viewer"})
    assert people.listing(room.database)[0].roles == ("viewer",)
    assert desk.client(token).get("/desk", follow_redirects=False).status_code == 303
    again = client.post("/desk/editors/invite", data=data)
    assert (again.status_code, "is an editor already" in again.text) == (422, True)
    none = client.post("/desk/editors/invite", data={"email": "c@example.org"})
    assert (none.status_code, '<a href="#roles">' in none.text) == (422, True)
    token = desk.token("ben@example.org")
    client.post("/desk/editors/end-sessions", data=ben)
    assert desk.client(token).get("/desk", follow_redirects=False).status_code == 303
    assert "Reset the sign-in of Ben" in client.get("/desk/editors/reset", params=ben).text
    assert "has no passkey now" in client.post("/desk/editors/reset", data=ben).text
    assert "Remove Ben" in client.get("/desk/editors/remove", params=ben).text
    assert "is no editor any more" in client.post("/desk/editors/remove", data=ben).text
    olga = client.post("/desk/editors/remove", data={"address": "olga@example.org"})
    assert (olga.status_code, "only operator" in olga.text) == (409, True)
    record = client.get("/desk/editors").text
    for words in ("invited somebody", "changed roles", "reset a sign-in", "removed somebody"):
        assert words in record


def test_people_need_a_fresh_proof(desk, clock):
    client = desk.signed_in()
    assert ">Invite</button>" in client.get("/desk/editors").text
    clock.forward(minutes=11)
    page = client.get("/desk/editors").text
    assert ">Invite</button>" not in page
    assert "/desk/confirm?next=/desk/editors" in page
    answer = client.post("/desk/editors/invite", data={"email": "b@example.org", "role": "editor"})
    assert answer.url.path == "/desk/confirm"


def test_a_mailed_code_proves_it_only_where_the_settings_say_so(desk, clock, mailed):
    client = desk.signed_in()
    mailed()
    client.post("/desk/confirm/request", data={"next": "/desk/editors"})
    code = code_in(mailed())
    answer = client.post("/desk/confirm/code", data={"code": code})
    assert answer.status_code == 403
    assert "Send me a code" not in client.get("/desk/confirm").text


def test_passkeys_say_that_they_need_a_host_name(desk):
    assert "Use a passkey" not in desk.client().get("/desk/sign-in").text
    assert "Passkeys need a host name" in desk.signed_in().get("/desk/you").text
    assert passkeys.listing(desk.press.newsroom.database, "ann@example.org") == []
