"""Readers at the desk: finding one, what they get and why, adding, changing, taking off."""

import re

import pytest

from emag import bootstrap
from emag.editors.session import OpenedBy
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.firewall import SignupLimits

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def list_of_three(desk):
    readers = desk.press.newsroom.readers
    for name in ("Ann", "Bob", HOSTILE):
        address = f"{name.lower()[:3].strip('<')}@example.org"
        readers.add(address, by="Eve", name=name, basis="They phoned.")
    return readers


def titles(page: str) -> str:
    return re.search(r"<title>(.*?)</title>", page, re.DOTALL).group(1)


def test_a_reader_is_found_by_part_of_the_address_or_name(desk, list_of_three):
    client = desk.signed_in()
    page = client.get("/desk/readers", params={"find": "BOB"}).text
    assert "1 reader found" in page
    assert 'href="/desk/readers/2"' in page
    assert "bob@example.org" in page
    assert "ann@example.org" not in page
    assert "bob" not in titles(page).lower()
    assert "Nobody on the list" in client.get("/desk/readers?find=zzz").text


def test_before_a_search_the_newest_and_the_growth_are_shown(desk, list_of_three):
    page = desk.signed_in().get("/desk/readers").text
    assert "The newest" in page
    assert "From 0 to 3 active readers in 12 weeks" in page
    assert '<title id="growth-title">Active readers by week</title>' in page
    assert "<style" not in page


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", f"before={10**30}", "status=%00", "find=%00'"]
)
def test_an_odd_address_is_no_fault(desk, list_of_three, query):
    assert desk.signed_in().get(f"/desk/readers?{query}").status_code == 200


def test_pages_of_25_lead_to_each_other(desk):
    readers = desk.press.newsroom.readers
    for number in range(30):
        readers.add(f"reader{number}@example.org", by="Eve", basis="They phoned.")
    client = desk.signed_in()
    page = client.get("/desk/readers?find=reader").text
    assert "30 readers found" in page
    assert page.count('<a href="/desk/readers/') - page.count('<a href="/desk/readers/a') >= 25
    older = re.search(r'href="(/desk/readers\?find=[^"]*)">Show older', page).group(1)
    assert "reader0@example.org" in client.get(older.replace("&amp;", "&")).text


def test_a_reader_s_page_says_what_they_get_and_why(desk, list_of_three):
    page = desk.signed_in().get("/desk/readers/1").text
    assert "Reader 1" in titles(page)
    assert "ann@" not in titles(page)
    for text in ("Every issue, on all topics.", "Eve added them on", "They phoned.", "None yet."):
        assert text in page
    assert "Erase" in page


def test_the_issues_that_somebody_had_are_listed_with_the_server_s_words(desk):
    desk.press.reader("ann@example.org")
    number = desk.press.issue("A new bridge")
    desk.press.send(number)
    readers = desk.press.newsroom.readers
    with desk.press.newsroom.database.transaction() as conn:
        membership.record_report(
            conn,
            desk.press.newsroom.keys,
            readers.find("ann@example.org").number,
            "bounced",
            detail="550 5.1.1 <no such user>",
            now=desk.press.newsroom.now(),
        )
    page = desk.signed_in().get("/desk/readers/1").text
    assert f'href="/desk/issues/{number}/report"' in page
    assert "Accepted" in page
    assert "550 5.1.1 &lt;no such user&gt;" in page
    assert "mail to them has come back" in page


@pytest.mark.parametrize("number", ["7", str(10**12)])
def test_nobody_has_that_number(desk, number):
    client = desk.signed_in()
    for path in ("", "/edit", "/receipt", "/receipt.json", "/unsubscribe", "/erase"):
        assert client.get(f"/desk/readers/{number}{path}").status_code == 404, path


def test_hostile_names_are_text(desk, list_of_three):
    client = desk.signed_in()
    for path in ("", "/3", "/3/edit", "/3/receipt", "/3/unsubscribe", "/3/erase"):
        page = client.get(f"/desk/readers{path}").text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
    page = client.get("/desk/readers", params={"find": HOSTILE}).text
    assert "<script>alert" not in page
    page = client.post("/desk/readers/add", data={"address": HOSTILE, "basis": HOSTILE}).text
    assert "<script>alert" not in page


def test_adding_needs_an_address_and_who_agreed_when_and_how(desk):
    client = desk.signed_in()
    answer = client.post("/desk/readers/add", data={"address": "nobody", "name": "Nobody"})
    assert answer.status_code == 422
    assert titles(answer.text).startswith("Problem:")
    assert '<a href="#basis">Say who agreed, when and how</a>' in answer.text
    assert 'value="nobody"' in answer.text
    answer = client.post("/desk/readers/add", data={"address": "nobody", "basis": "By phone"})
    assert answer.status_code == 422
    assert '<a href="#address">' in answer.text
    assert desk.press.newsroom.readers.counts()["active"] == 0


def test_somebody_who_phoned_is_added_by_the_editor_s_name(desk):
    client = desk.signed_in()
    basis = "She phoned on 3 March."
    fields = {"address": "new@example.org", "name": "New", "basis": basis}
    page = client.post("/desk/readers/add", data=fields)
    assert page.url.path == "/desk/readers/1"
    assert "They are a reader now." in page.text
    [event] = desk.press.newsroom.readers.receipt("new@example.org").events
    assert (event.by, event.wording, event.evidence["source"]) == ("Ann", basis, "desk")
    again = client.post("/desk/readers/add", data=fields)
    assert "They were a reader already" in again.text
    client.post("/desk/readers/1/unsubscribe")
    refused = client.post("/desk/readers/add", data=fields)
    assert "Not added" in refused.text
    assert desk.press.newsroom.readers.find("new@example.org").status == "unsubscribed"


def test_a_name_is_changed_with_a_reason(desk, list_of_three):
    client = desk.signed_in()
    answer = client.post("/desk/readers/2/edit", data={"name": "Robert"})
    assert answer.status_code == 422
    assert '<a href="#reason">' in answer.text
    client.post("/desk/readers/2/edit", data={"name": "Robert", "reason": "He wrote to us."})
    receipt = list_of_three.receipt("bob@example.org")
    assert receipt.reader.name == "Robert"
    assert receipt.events[-1].evidence["reason"] == "He wrote to us."
    assert receipt.events[-1].by == "Ann"


def test_unsubscribing_has_a_page_of_its_own(desk, list_of_three):
    client = desk.signed_in()
    page = client.get("/desk/readers/2/unsubscribe").text
    assert "Only they can, by the sign-up form." in page
    assert list_of_three.find("bob@example.org").status == "active"
    page = client.post("/desk/readers/2/unsubscribe", data={"reason": "By letter"}).text
    assert "They are unsubscribed." in page
    receipt = list_of_three.receipt("bob@example.org")
    assert receipt.reader.status == "unsubscribed"
    assert (receipt.events[-1].by, receipt.events[-1].evidence["reason"]) == ("Ann", "By letter")


def test_erasing_needs_the_address_typed(desk, list_of_three):
    client = desk.signed_in()
    assert "Two hashes" in client.get("/desk/readers/2/erase").text
    answer = client.post("/desk/readers/2/erase", data={"address": "ann@example.org"})
    assert answer.status_code == 422
    assert list_of_three.find("bob@example.org").status == "active"
    page = client.post("/desk/readers/2/erase", data={"address": " BOB@example.org "})
    assert "Reader 2 is erased." in page.text
    assert client.get("/desk/readers/2").status_code == 404
    page = client.get("/desk/readers", params={"find": "bob@example.org"}).text
    assert "emag keeps only a code of it" in page


def test_erasing_asks_for_the_passkey_again_before_the_form(desk, list_of_three, clock):
    client = desk.signed_in()
    clock.forward(minutes=11)
    page = client.get("/desk/readers/2/erase").text
    assert 'href="/desk/confirm?next=/desk/readers/2/erase"' in page
    assert "Type the reader" not in page
    coded = desk.client(desk.token("ann@example.org", OpenedBy.CODE))
    assert "needs a passkey" in coded.get("/desk/readers/2/erase").text


def test_an_editor_sees_no_button_for_what_only_operators_may(desk, list_of_three):
    client = desk.signed_in("Ed <ed@example.org>", "editor")
    for path in ("/desk/readers", "/desk/readers/1"):
        page = client.get(path).text
        for word in ("/import", "/export", "/erase"):
            assert word not in page
    for path in ("import", "export", "1/erase"):
        assert client.get(f"/desk/readers/{path}").status_code == 403
        assert client.post(f"/desk/readers/{path}").status_code == 403
    assert desk.signed_in("Vi <vi@example.org>", "viewer").get("/desk/readers").status_code == 403


def test_the_receipt_proves_what_was_agreed(desk, list_of_three):
    room = desk.press.newsroom
    bootstrap.anchor(room.settings).create(room.database.reading)
    client = desk.signed_in()
    page = client.get("/desk/readers/1/receipt").text
    assert "They phoned." in page
    assert "The whole record was checked" not in page
    whole = client.get("/desk/readers/1/receipt?whole=yes").text
    assert "The whole record was checked: 3 entries" in whole
    answer = client.get("/desk/readers/1/receipt.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="receipt-1.json"'
    assert answer.json()["events"][0]["wording"] == "They phoned."


def flood(desk) -> None:
    """Nine sign-ups, of which the last four are a flood."""
    room = desk.press.newsroom
    with room.database.transaction() as conn:
        for number in range(9):
            membership.sign_up(
                conn,
                room.keys,
                address=f"r{number}@example.org",
                evidence=Evidence("form"),
                now=room.now(),
                limits=SignupLimits(network=None, spike=5),
            )


@pytest.mark.parametrize(("act", "left"), [("release", True), ("drop", False)])
def test_held_sign_ups_are_released_or_dropped(desk, act, left):
    flood(desk)
    held = desk.press.newsroom.readers.held_signups().held
    assert held == 4
    client = desk.signed_in()
    assert "Sign-ups are held back" in client.get("/desk/readers").text
    pending = desk.press.newsroom.readers.counts()["pending"]
    page = client.post(f"/desk/readers/held/{act}").text
    assert str(held) in page
    assert desk.press.newsroom.readers.held_signups().held == 0
    assert desk.press.newsroom.readers.counts()["pending"] == pending - (0 if left else held)
    assert "No sign-up is held back." in client.get("/desk/readers/held").text
