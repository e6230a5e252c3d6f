"""Links that last: after a new secret, after another tool, and the undo that does not."""

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from subscribers import membership, roll
from subscribers.anchor import Anchor
from subscribers.errors import BadToken, WrongFile
from subscribers.membership import SignupResult
from subscribers.tokens import Keys
from subscribers.web import router

OLD, NEW = "a-secret-for-tests-only-0123456789abcdef", "another-secret-for-tests-0123456789abcd"
BOTH = Keys(f"{NEW}, {OLD}")


@pytest.fixture
def status(database):
    def status(address="ann@example.org"):
        with database.reading() as conn:
            return roll.find(conn, address).status

    return status


def test_the_first_secret_signs_and_all_are_good(clock):
    old, new = Keys(OLD), Keys(NEW)
    token = old.sign("unsubscribe", "someone")
    assert BOTH.read("unsubscribe", token, now=clock()) == "someone"
    with pytest.raises(BadToken):
        new.read("unsubscribe", token, now=clock())
    with pytest.raises(BadToken):
        BOTH.read("preferences", token, now=clock())
    assert new.read("confirm", BOTH.sign("confirm", "x"), now=clock()) == "x"
    assert BOTH.read_short("bounce", old.short("bounce", 7)) == 7
    assert new.read_short("bounce", BOTH.short("bounce", 7)) == 7
    assert new.read_short("bounce", old.short("bounce", 7)) is None
    assert Keys(f"{NEW},").sign("form", "x") == new.sign("form", "x")


def test_an_old_issue_s_link_works_after_the_secret_was_replaced(site, stage, people, keys, status):
    ref = people.reader("ann@example.org")
    link = f"/unsubscribe/{keys.sign('unsubscribe', ref)}"
    stage.pages = FastAPI()
    stage.pages.include_router(router(replace(site, keys=BOTH)))
    with httpx.Client(base_url=stage.address) as web:
        assert web.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert status() == "unsubscribed"


def test_an_address_erased_under_the_old_secret_stays_suppressed(desk, anchor, people):
    people.reader("ann@example.org")
    people.report("ann@example.org", "complained")
    people.erase("ann@example.org")
    assert replace(desk, keys=BOTH).find("ann@example.org").status == "suppressed"
    people.keys = BOTH
    assert people.ask("ann@example.org").outcome == "quiet"
    both = replace(desk, keys=BOTH, anchor=Anchor(anchor.path, BOTH))
    assert both.add("bob@example.org", by="Ann", basis="paper").reader.status == "active"
    assert both.verify().ok


def test_a_new_secret_starts_no_limit_anew(people, keys, clock):
    """One mail in 24 hours and three in all, whatever secret they were counted under."""
    people.ask("ann@example.org")
    people.keys = BOTH
    assert people.ask("a.n.n+x@gmail.com").outcome == "asked"
    assert people.ask("ann@example.org") == SignupResult("limited", "address")
    for _ in range(2):
        clock.forward(hours=24)
        assert people.ask("ann@example.org").outcome == "asked"
    clock.forward(hours=24)
    assert people.ask("ann@example.org") == SignupResult("limited", "address")
    people.keys = Keys(f"a-third-secret-for-tests-0123456789abcdef,{NEW},{OLD}")
    assert people.ask("ann@example.org") == SignupResult("limited", "address")


def test_a_network_s_limit_outlives_its_secret_too(people):
    for number in range(30):
        people.ask(f"r{number}@example.org")
    people.keys = BOTH
    assert people.ask("one-more@example.org") == SignupResult("limited", "network")


def test_who_confirms_under_a_new_secret_is_free_of_the_limit(people, clock):
    people.ask("ann@example.org")
    people.keys = BOTH
    assert people.press(people.token(people.letters()[-1])).outcome == "confirmed"
    people.leave("ann@example.org")
    assert people.ask("ann@example.org").outcome == "asked"


@pytest.fixture
def old_links(tmp_path, desk):
    def old_links(text):
        file = tmp_path / "links.csv"
        file.write_text(text)
        return desk.import_legacy_links(file, by="Ann")

    return old_links


def test_the_links_of_the_tool_that_was_left_lead_to_our_page(web, people, old_links, status, dump):
    for name in ("ann", "bob", "cat"):
        people.reader(f"{name}@example.org")
    receipt = old_links(
        "Email,Name,Link\n"
        "Ann@example.org,Ann,https://old.example/unsubscribe/ab-12\n"
        "bob@example.org,Bob,https://old.example/u?list=3&id=xyz%2F9\n"
        "cat@example.org,Cat,plain/token\n"
        "dan@example.org,Dan,t4\n"
        "nonsense,Eve,t5\n"
        "\n"
        "cat@example.org,Cat,\n"
    )
    assert receipt.stored == 3
    assert [line for line, _ in receipt.refused] == [5, 6, 8]
    before = dump()
    for method in ("GET", "HEAD"):
        answer = web.request(method, "/u/ab-12")
        assert answer.status_code == 200
    assert "Unsubscribe from The Town Crier?" in web.get("/u/ab-12").text
    assert web.get("/u/nobody").status_code == 404
    assert web.post("/u/nobody").status_code == 404
    assert dump() == before
    assert web.post("/u/ab-12", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert web.post("/u/xyz/9").status_code == 200
    assert web.post("/u/plain/token").status_code == 200
    assert [status(f"{name}@example.org") for name in ("ann", "bob", "cat")] == ["unsubscribed"] * 3
    # The file again is the same, and of who is erased no link stays.
    old_links("email,token\nann@example.org,ab-12\n")
    people.erase("ann@example.org")
    assert web.get("/u/ab-12").status_code == 404


def test_a_file_without_links_is_refused(old_links):
    with pytest.raises(WrongFile, match="token"):
        old_links("email,name\nann@example.org,Ann\n")


def undo_of(page):
    start = page.text.index('action="') + len('action="')
    return page.text[start : page.text.index('"', start)].removeprefix("http://127.0.0.1")


def test_an_unsubscribe_is_undone_within_ten_minutes(web, people, keys, status, clock, dump):
    ref = people.reader("ann@example.org")
    page = web.post(f"/unsubscribe/{keys.sign('unsubscribe', ref)}")
    undo = undo_of(page)
    before = dump()
    clock.forward(minutes=9)
    for method in ("GET", "HEAD"):  # a scanner's look changes nothing
        assert web.request(method, undo).status_code == 200
    assert dump() == before
    assert web.post(undo).status_code == 200
    assert status() == "active"
    once = dump()
    assert web.post(undo).status_code == 200
    assert dump() == once


def test_it_is_too_late_after_that_and_after_whatever_came_between(
    web, people, keys, status, clock, dump
):
    ref = people.reader("ann@example.org")
    link = f"/unsubscribe/{keys.sign('unsubscribe', ref)}"
    undo = undo_of(web.post(link))
    clock.forward(minutes=10, seconds=1)
    before = dump()
    assert web.post(undo).status_code == 410
    assert dump() == before
    people.ask("ann@example.org")
    people.press(people.token(people.letters()[-1]))
    undo = undo_of(web.post(link))
    people.report("ann@example.org", "complained")
    assert web.post(undo).status_code == 410
    assert status() == "complained"
    assert web.post(undo[:-1]).status_code == 404


def test_leaving_again_makes_the_first_undo_void(web, people, keys, status, clock):
    ref = people.reader("ann@example.org")
    link = f"/unsubscribe/{keys.sign('unsubscribe', ref)}"
    first = undo_of(web.post(link))
    web.post(first)
    clock.forward(minutes=1)
    web.post(link)
    assert web.post(first).status_code == 410
    assert status() == "unsubscribed"


def test_a_provider_s_one_click_and_a_reader_who_was_gone_get_no_undo(web, people, keys, database):
    ref = people.reader("ann@example.org")
    link = f"/unsubscribe/{keys.sign('unsubscribe', ref)}"
    page = web.post(link, data={"List-Unsubscribe": "One-Click"})
    assert "Undo" not in page.text
    assert "Undo" not in web.post(link).text
    with database.transaction() as conn:
        assert not membership.undo_unsubscribe(conn, keys, "nobody", left_at=0, now=people.now())


def test_the_page_says_why_it_comes(web, people, keys):
    ref = people.reader("ann@example.org")
    page = web.get(f"/preferences/{keys.sign('preferences', ref)}").text
    assert "Why you get this:" in page
    assert "You signed up on our page (5 March 2026). You confirmed it with the link" in page
