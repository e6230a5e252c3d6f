"""The form and the hook against strangers: many posts, few mails, and never a different answer."""

import asyncio
import base64
import hashlib
import json
import re
import statistics
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from subscribers import domains, membership, roll, work
from subscribers.firewall import SignupLimits
from subscribers.web import DirectSignUp, router

FORM = "application/x-www-form-urlencoded"
TOKEN = "hook-token-for-tests"
NO_LIMITS = SignupLimits(network=None, domain=None, everything=None, spike=None)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def serve(site, stage):
    """The server with other settings of the site."""

    def serve(**changed):
        changed_site = replace(site, **changed)
        stage.pages = FastAPI()
        stage.pages.add_middleware(DirectSignUp, site=changed_site)
        stage.pages.include_router(router(changed_site))
        return httpx.Client(base_url=stage.address, timeout=60)

    return serve


def count(database, table):
    with database.reading() as conn:
        return conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def in_a_thread(work):
    """What asynchronous work returns. It has a thread of its own: a browser may be in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def flood(base, posts, at_once=60):
    """Posts all bodies to their paths, some at once; gives the different answers of each path."""
    host, _, port = base.removeprefix("http://").partition(":")
    results, waiting = set(), list(posts)

    async def caller():
        reader, writer = await asyncio.open_connection(host, int(port))
        while waiting:
            path, body = waiting.pop()
            kind = "application/json" if body.startswith("{") else FORM
            head = (
                f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\n"
            )
            raw = body.encode()
            head += f"Content-Type: {kind}\r\nContent-Length: {len(raw)}\r\n\r\n"
            writer.write(head.encode() + raw)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", answer)[1])
            same = re.sub(rb"\r\ndate: [^\r]+", b"", answer)
            results.add((path, answer.split()[1], same, await reader.readexactly(length)))
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(caller() for _ in range(at_once)))
    return results


def test_ten_thousand_posts_for_fifty_victims_are_at_most_fifty_mails(
    serve, stage, database, people
):
    """Spellings of a mailbox that only Gmail, a plus, or an alphabet makes differ count as one."""
    for name in ("victim1", "victim2", "victim3", "victim4", "victim5"):
        people.reader(f"{name}@example.org")
    people.erase("victim5@example.org")
    people.leave("victim2@example.org")
    people.report("victim3@example.org", "bounced")
    people.report("victim4@example.org", "complained")
    before = count(database, "letters")
    victims = [f"victim{n}@example.org" for n in range(35)]
    alphabets = (
        "bücher.example",
        "BÜCHER.example",
        "xn--bcher-kva.example",
        "bu\u0308cher.Example",
    )
    posts = []
    for turn in range(100):
        shouts = [v.replace("@", f"+{turn}@") if turn % 2 else v.upper() for v in victims]
        mail = ("gmail.com", "googlemail.com", "GMail.com")[turn % 3]
        shouts += [f"v{'.' * (turn % 2)}ictim.{n}+{turn}@{mail}" for n in range(10)]
        shouts += [f"Victim{n}+{turn}@{alphabets[turn % 4]}" for n in range(5)]
        posts += [("/signup", urlencode({"email": address})) for address in shouts]
        posts += [("/hooks/signup", json.dumps({"email": address})) for address in shouts]
    assert len(posts) == 10_000
    with serve():
        answers = in_a_thread(flood(stage.address, posts))
    assert {(path, status) for path, status, *_ in answers} == {
        ("/signup", b"200"),
        ("/hooks/signup", b"202"),
    }
    assert len(answers) == 2
    assert count(database, "letters") - before <= 50
    assert len(people.letters()) <= 50


STATES = ("new", "pending", "active", "left", "bounced", "complained", "erased")


@pytest.fixture
def in_every_state(people):
    def in_every_state(number=0):
        """An address of each state; they are all as long."""
        addresses = {state: f"{state:x<10}{number:03}@example.org" for state in STATES}
        for state in ("active", "left", "bounced", "complained", "erased"):
            people.reader(addresses[state], limits=NO_LIMITS)
        people.leave(addresses["left"])
        people.erase(addresses["erased"])
        for state in ("bounced", "complained"):
            people.report(addresses[state], state)
        people.ask(addresses["pending"], limits=NO_LIMITS)
        return addresses

    return in_every_state


@pytest.mark.parametrize("way", ["form", "hook"])
def test_direct_sign_ups_get_the_same_answers(serve, in_every_state, way):
    """Down to its headers and their order."""
    answers = set()
    with serve() as web:
        for address in in_every_state().values():
            answer = sign_up(web, way, address)
            headers = [(k, v) for k, v in answer.headers.raw if k.lower() != b"date"]
            answers.add((answer.status_code, answer.content, tuple(headers)))
    assert len(answers) == 1


def sign_up(web, way, address):
    if way == "form":
        return web.post("/signup", data={"email": address})
    return web.post("/hooks/signup", json={"email": address}, headers=BEARER)


@pytest.mark.parametrize("way", ["form", "hook"])
def test_the_time_of_an_answer_reveals_no_status(serve, in_every_state, way):
    """Medians of many, in turn. A generous bound: three quarters of what an answer takes at all."""
    times = {state: [] for state in STATES}
    addresses = [in_every_state(number) for number in range(15)]
    with serve(limits=NO_LIMITS) as web:
        sign_up(web, way, "warm@example.org")
        for number, by_state in enumerate(addresses):
            for turn in range(len(STATES)):
                state = STATES[(turn + number) % len(STATES)]
                times[state].append(sign_up(web, way, by_state[state]).elapsed.total_seconds())
    medians = {state: statistics.median(values) for state, values in times.items()}
    least = 0.055 if way == "form" else 0.009
    assert min(min(values) for values in times.values()) >= least
    assert max(medians.values()) - min(medians.values()) < 0.75 * min(medians.values()), medians


def test_a_sign_up_without_effect_waits_for_the_disk_too(serve, in_every_state, database):
    """What is written waits for the disk. So something is always written."""
    addresses = in_every_state()
    with serve(limits=NO_LIMITS) as web:
        for address in addresses.values():
            with database.reading() as conn:
                before = conn.execute(text("SELECT sum(count) FROM signup_hits")).scalar_one()
            sign_up(web, "hook", address)
            with database.reading() as conn:
                after = conn.execute(text("SELECT sum(count) FROM signup_hits")).scalar_one()
            assert after > before


def test_sign_ups_of_one_moment_share_a_commit_and_each_is_written(serve, stage, database, people):
    posts = [("/signup", f"email=r{n}%40example.org") for n in range(60)]
    with serve(limits=SignupLimits(network=None, domain=None)):
        in_a_thread(flood(stage.address, posts, at_once=60))
    assert count(database, "subscribers") == count(database, "consents") == 60
    assert {letter.address for letter in people.letters()} == {
        f"r{n}@example.org" for n in range(60)
    }


def test_a_flood_holds_confirmations_until_an_editor_decides(desk, serve, database, people, clock):
    limits = SignupLimits(network=None, spike=5)
    with serve(limits=limits) as web:
        for number in range(9):
            answer = web.post("/signup", data={"email": f"r{number}@example.org"})
            assert "inbox" in answer.text
        assert len(people.letters()) == 5
        with database.reading() as conn:
            flood = membership.find_flood(conn)
        assert (flood.since, flood.held) == (clock(), 4)
        # It is still a flood while it goes on, though ten minutes have passed.
        clock.forward(minutes=50)
        web.post("/signup", data={"email": "later@example.org"})
        assert people.letters() == []
        assert desk.release_signups(by="Ann").held == 5
        assert len(people.letters()) == 5
        web.post("/signup", data={"email": "ann@example.org"})
        assert [letter.address for letter in people.letters()] == ["ann@example.org"]
    assert desk.held_signups().held == 0


def test_a_flood_that_was_an_attack_is_forgotten(desk, serve, database, keys, people, clock):
    with serve(limits=SignupLimits(network=None, spike=2)) as web:
        for number in range(6):
            web.post("/signup", data={"email": f"r{number}@example.org"})
    assert desk.drop_signups(by="Ann").held == 4
    assert len(people.letters()) == 2
    assert count(database, "subscribers") == 2
    assert desk.verify().ok


def test_after_a_calm_hour_sign_ups_are_answered_again(serve, people, clock):
    with serve(limits=SignupLimits(network=None, spike=1)) as web:
        for name in ("one", "two"):
            web.post("/signup", data={"email": f"{name}@example.org"})
        clock.forward(hours=1)
        web.post("/signup", data={"email": "three@example.org"})
    addresses = [letter.address for letter in people.letters()]
    assert addresses == ["one@example.org", "three@example.org"]


@pytest.mark.parametrize("way", ["/signup", "/hooks/signup"])
def test_throw_away_domains_are_flagged_and_never_lost(serve, database, people, way):
    email = {"email": "ann@deep.throwaway.example"}
    body = {"data": email} if way == "/signup" else {"json": email, "headers": BEARER}
    with serve(disposable=domains.read_domains("# bad\nThrowaway.example\n\n")) as web:
        web.post(way, **body)
    (letter,) = people.letters()
    with database.reading() as conn:
        (event,) = roll.history(conn, letter.subscriber)
    assert event.evidence["disposable"] is True


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ann@gmial.com", "ann@gmail.com"),
        ("ann@gmai.com", "ann@gmail.com"),
        ("ann@gnail.com", "ann@gmail.com"),
        ("ann@gmail.co", "ann@gmail.com"),
        ("ann@gmail.comm", "ann@gmail.com"),
        ("ann@gmail.con", "ann@gmail.com"),
        ("ann@hotmial.co.uk", "ann@hotmail.co.uk"),
        ("ann@Outlok.com", "ann@outlook.com"),
        ("ann@council.con", "ann@council.com"),
        ("ann@gmail.com", ""),
        ("ann@email.com", ""),
        ("ann@ymail.com", ""),
        ("ann@council.gov.uk", ""),
        ("ann@example.org", ""),
    ],
)
def test_a_misspelled_domain_gets_a_suggestion(typed, meant):
    assert domains.suggestion(typed) == meant


def test_a_misspelled_domain_is_asked_about_once(serve, people):
    with serve() as web:
        question = web.post("/signup", data={"email": "ann@gmial.com", "topics": "jobs"})
        assert 'Did you mean <strong dir="ltr">ann@gmail.com</strong>?' in question.text
        assert people.letters() == []
        web.post("/signup", data={"email": "ann@gmial.com", "instead": "ann@gmail.com"})
        web.post("/signup", data={"email": "bob@gmial.com", "sure": "bob@gmial.com"})
        web.post("/signup", data={"email": "cat@example.org", "instead": "dan@gmail.com"})
    addresses = {letter.address for letter in people.letters()}
    assert addresses == {"ann@gmail.com", "bob@gmial.com", "cat@example.org"}


def solve(puzzle):
    for number in range(puzzle["maxnumber"] + 1):
        if hashlib.sha256(f"{puzzle['salt']}{number}".encode()).hexdigest() == puzzle["challenge"]:
            fields = {k: puzzle[k] for k in ("algorithm", "challenge", "salt", "signature")}
            return fields | {"number": number}
    raise AssertionError


def packed(solution):
    return base64.b64encode(json.dumps(solution).encode()).decode()


def test_a_proof_of_work_is_required_where_it_is_switched_on(serve, people, clock):
    with serve(work=500) as web:
        page = web.get("/signup")
        assert 'data-challenge="/signup/challenge"' in page.text
        policy = page.headers["content-security-policy"]
        assert "script-src 'sha256-" in policy
        assert "connect-src 'self'" in policy
        email = {"email": "ann@example.org"}
        assert "once more" in web.post("/signup", data=email).text
        solution = packed(solve(web.get("/signup/challenge").json()))
        assert "inbox" in web.post("/signup", data={**email, "altcha": solution}).text
        # The same sum does not count for another.
        other = {"email": "bob@example.org", "altcha": solution}
        assert "inbox" in web.post("/signup", data=other).text
    assert [letter.address for letter in people.letters()] == ["ann@example.org"]


def test_without_proof_of_work_there_is_no_trace_of_it(web):
    page = web.get("/signup")
    assert "altcha" not in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]
    assert web.get("/signup/challenge").status_code == 404


def test_a_wrong_old_or_stretched_proof_of_work_is_none(keys, clock):
    right = solve(work.challenge(keys, most=200, now=clock()))
    while right["number"] < 10:  # of one digit none can be moved into the salt
        right = solve(work.challenge(keys, most=200, now=clock()))
    assert work.solution(keys, packed(right), now=clock()) == right["challenge"]
    salt, number = right["salt"], right["number"]
    for wrong in (
        right | {"number": number + 1},
        right | {"number": str(number)},
        right | {"number": True},
        right | {"signature": "0" * 64},
        right | {"algorithm": "SHA-1"},
        right | {"challenge": hashlib.sha256(b"x1").hexdigest(), "salt": "x", "number": 1},
        right | {"salt": f"{salt}{number}"[:-1], "number": number % 10},
        right | {"salt": None},
        {},
    ):
        assert work.solution(keys, packed(wrong), now=clock()) == "", wrong
    for nonsense in ("", "%%%", "bm90IGpzb24=", packed([1])):
        assert work.solution(keys, nonsense, now=clock()) == ""
    clock.forward(minutes=31)
    assert work.solution(keys, packed(right), now=clock()) == ""
