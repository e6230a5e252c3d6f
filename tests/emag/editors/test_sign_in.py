"""Editors sign in with a code by mail: once, in time, in the browser that requested it."""

import pytest
from sqlalchemy import select

from emag.audit import record
from emag.editors import code, people, sessions, sign_in
from emag.editors.code import CodeAnswer
from emag.editors.limit import is_worth_an_entry
from emag.editors.session import OpenedBy
from emag.editors.sign_in import Caller, CodeRequest
from emag.editors.tables import CODES
from emag.errors import WrongMove
from subscribers import membership
from subscribers.tables import LETTERS
from subscribers.tokens import Keys
from tests.conftest import SECRET

HERE = Caller("203.0.113.5", "Firefox on Linux", "the-hash-of-a-cookie")
ELSEWHERE = Caller("198.51.100.9", "Chrome on Windows", "another-cookie")


@pytest.fixture
def keys():
    return Keys(SECRET)


@pytest.fixture
def ann(database, settings, clock):
    people.invite(database, settings, "Ann <ann@example.org>", ["operator"], now=clock(), by="Olga")
    with database.transaction() as conn:
        membership.claim_letters(conn, limit=9, now=clock())
    return "ann@example.org"


@pytest.fixture
def request_code(database, settings, keys, clock):
    def _request(address="ann@example.org", caller=HERE):
        return sign_in.request_code(database, settings, keys, address, caller=caller, now=clock())

    return _request


@pytest.fixture
def mailed(database, clock):
    """The code of the newest mail, which is then sent."""

    def _mailed():
        with database.transaction() as conn:
            [letter] = membership.claim_letters(conn, limit=9, now=clock())
            membership.record_letter_sent(conn, letter.id, message_id="<1@x>", now=clock())
        return letter.text.split("\n")[0].removeprefix("Your code: ")

    return _mailed


@pytest.fixture
def enter(database, keys, clock):
    def _enter(text, caller=HERE):
        return sign_in.with_code(database, keys, text, caller=caller, now=clock())

    return _enter


def test_a_code_signs_in_once(database, clock, ann, request_code, mailed, enter):
    assert request_code("  ANN@example.org ") is CodeRequest.ACCEPTED
    secret = mailed()
    assert len(secret) == 8
    result = enter(f" {secret[:4].lower()}-{secret[4:]} ")
    assert (result.answer, result.is_first) == (CodeAnswer.RIGHT, True)
    signed_in = sessions.find(database, result.token, now=clock())
    assert (signed_in.name, signed_in.session.opened_by) == ("Ann", "code")
    assert signed_in.session.network == "203.0.113.0/24"
    assert enter(secret).answer is CodeAnswer.USED_UP
    assert people.listing(database)[0].last_seen == clock()
    request_code()
    assert enter(mailed()).is_first is False


def test_a_code_is_worth_nothing_elsewhere(ann, request_code, mailed, enter):
    request_code()
    secret = mailed()
    assert enter(secret, ELSEWHERE).answer is CodeAnswer.NONE
    request_code(caller=ELSEWHERE)
    assert enter(secret, ELSEWHERE).answer is CodeAnswer.WRONG
    assert enter(secret).answer is CodeAnswer.RIGHT


def test_a_code_lives_ten_minutes(clock, ann, request_code, mailed, enter):
    request_code()
    secret = mailed()
    clock.forward(minutes=10)
    assert enter(secret).answer is CodeAnswer.LATE


@pytest.mark.sqlite
def test_ten_thousand_tries(database, ann, request_code, mailed, enter):
    request_code()
    secret = mailed()
    answers = {enter(code.new()).answer for _ in range(5)}
    assert answers == {CodeAnswer.WRONG}
    assert {enter(code.new()).answer for _ in range(200)} == {CodeAnswer.USED_UP}
    assert enter(secret).answer is CodeAnswer.USED_UP
    with database.reading() as conn:
        failures = [e for e in record.listing(conn) if e.kind == "sign-in-failed"]
    assert [f.detail for f in failures] == [
        "code used-up; 100 failures in 10 minutes",
        "code used-up; 10 failures in 10 minutes",
        "code wrong",
    ]
    answers = [enter(code.new()).answer for _ in range(10_000 - 206)]
    assert answers.count(CodeAnswer.USED_UP) == 1_000 - 206
    assert answers[-1] is CodeAnswer.LIMIT
    assert [n for n in range(20_000) if is_worth_an_entry(n)] == [1, 10, 100, 1_000, 10_000]


def test_tries_from_many_networks_fill_no_record(database, ann, request_code, mailed, enter):
    request_code()
    for number in range(300):
        enter(code.new(), Caller(f"2001:db8:0:{number:x}::1", "", HERE.cookie))
    with database.reading() as conn:
        failures = [e for e in record.listing(conn) if e.kind == "sign-in-failed"]
    assert len(failures) == 51  # one of each network, until there are many
    assert failures[0].detail == "code used-up; 100 failures in 10 minutes"


def test_a_new_code_ends_the_one_before(ann, request_code, mailed, enter):
    request_code()
    first = mailed()
    request_code()
    assert enter(first).answer is CodeAnswer.WRONG
    assert enter(mailed()).answer is CodeAnswer.RIGHT


def test_an_unknown_address_gets_the_same_answers_and_no_mail(database, clock, ann, request_code):
    assert request_code("eve@example.org") is CodeRequest.ACCEPTED
    with database.transaction() as conn:
        assert membership.claim_letters(conn, limit=9, now=clock()) == []
        rows = conn.execute(select(CODES.c.address)).scalars().all()
        letters = conn.execute(select(LETTERS.c.address, LETTERS.c.text)).all()
    assert rows == [""]
    assert tuple(letters[-1]) == ("", "")


def test_an_unknown_address_never_signs_in(ann, request_code, enter):
    request_code("eve@example.org")
    answers = [enter(code.new()).answer for _ in range(6)]
    assert answers == [CodeAnswer.WRONG] * 5 + [CodeAnswer.USED_UP]


def test_what_is_no_address_is_refused(ann, request_code):
    assert request_code("ann") is CodeRequest.NO_ADDRESS


def test_a_person_gets_twenty_codes_an_hour(clock, ann, request_code):
    for number in range(20):
        caller = Caller(f"203.0.{number}.5", "", f"cookie-{number}")
        assert request_code(caller=caller) is CodeRequest.ACCEPTED
    assert request_code() is CodeRequest.PERSON_LIMIT
    clock.forward(hours=1)
    assert request_code() is CodeRequest.ACCEPTED


def test_a_network_gets_thirty_codes_in_ten_minutes(clock, ann, request_code):
    for number in range(30):
        caller = Caller(f"127.0.0.{number}", "", f"cookie-{number}")
        assert request_code(f"e{number}@example.org", caller) is CodeRequest.ACCEPTED
    assert request_code(caller=Caller("127.0.0.99")) is CodeRequest.NETWORK_LIMIT
    assert request_code() is CodeRequest.ACCEPTED
    clock.forward(minutes=10)
    assert request_code(caller=Caller("127.0.0.99")) is CodeRequest.ACCEPTED


@pytest.mark.sqlite
def test_neither_database_nor_queue_keeps_a_code(database, ann, request_code, mailed):
    request_code()
    secret = mailed()
    with database.engine.connect() as conn:
        dump = "\n".join(conn.connection.driver_connection.iterdump())
    assert secret not in dump
    assert secret.lower() not in dump.lower()


def test_a_code_that_could_not_be_sent_in_time_is_not_sent(database, clock, ann, request_code):
    request_code()
    clock.forward(minutes=11)
    with database.transaction() as conn:
        assert membership.claim_letters(conn, limit=9, now=clock()) == []
    request_code()
    with database.reading() as conn:
        texts = conn.execute(select(LETTERS.c.text).where(LETTERS.c.kind == "code")).scalars().all()
    assert [bool(text) for text in texts] == [False, True]


def test_changes_of_a_person_end_their_sessions(database, settings, clock, ann):
    people.invite(database, settings, "Ben <ben@example.org>", ["editor"], now=clock(), by="Ann")

    def token():
        return sessions.open_session(database, "ben@example.org", OpenedBy.PASSKEY, now=clock())

    for change in (
        lambda: people.change_roles(database, "Ben", ["viewer"], now=clock(), by="Ann"),
        lambda: people.reset(database, "Ben", now=clock(), by="Ann"),
        lambda: people.end_sessions(database, "Ben", now=clock(), by="Ann"),
        lambda: people.remove(database, "Ben", now=clock(), by="Ann"),
    ):
        before = token()
        assert sessions.find(database, before, now=clock()) is not None
        change()
        assert sessions.find(database, before, now=clock()) is None


def test_the_last_operator_stays(database, settings, clock, ann):
    with pytest.raises(WrongMove, match="only operator"):
        people.remove(database, "Ann", now=clock(), by="Ann")
    with pytest.raises(WrongMove, match="only operator"):
        people.change_roles(database, "Ann", ["editor"], now=clock(), by="Ann")
    assert people.only_operator(database).address == ann
    people.invite(database, settings, "Ben <ben@example.org>", ["operator"], now=clock(), by="Ann")
    assert people.only_operator(database) is None
    people.remove(database, "Ann", now=clock(), by="Ben")


def test_signing_out_ends_this_session_alone(database, clock, ann):
    tokens = [sessions.open_session(database, ann, OpenedBy.PASSKEY, now=clock()) for _ in range(3)]
    first = sessions.find(database, tokens[0], now=clock())
    assert sessions.end(database, first.session, now=clock(), by="Ann")
    assert not sessions.end(database, first.session, now=clock(), by="Ann")
    second = sessions.find(database, tokens[1], now=clock())
    assert sessions.end_others(database, second.session, now=clock(), by="Ann") == 1
    assert sessions.find(database, tokens[2], now=clock()) is None
    new = sessions.confirm(database, second, OpenedBy.PASSKEY, now=clock())
    assert sessions.find(database, tokens[1], now=clock()) is None
    assert sessions.find(database, new, now=clock()).session.id == second.session.id
