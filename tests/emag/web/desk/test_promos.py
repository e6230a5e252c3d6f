"""Promos at the desk: added, changed, booked on dates, shown as printed, removed, proved."""

import re

import pytest

from emag.desk import promos
from tests.chromium import audit, faults

SPONSOR = {
    "kind": "sponsor",
    "title": "Signs that last",
    "text": "Outdoor signs, **made to last**.",
    "link": "https://signs.example.org/",
    "button": "See the signs",
    "advertiser": "Signs & Sons",
    "place": "after-lead",
    "when": "runs",
    "runs": "2",
}


def listing(desk):
    room = desk.press.newsroom
    return promos.listing(room.database, room.settings, now=room.now())


def dates(listed) -> list[str]:
    return [run.date for run in listed.runs]


def test_no_promo_yet_and_all_places_free(desk):
    page = desk.signed_in("Vic <vic@example.org>", "viewer").get("/desk/promos").text
    assert "There is no promo yet" in page
    assert page.count(">Free<") == 12 * 4  # top, after the lead, after the posts, end
    assert "Add a promo" not in page


def test_a_promo_is_added_and_runs_on_the_next_free_dates(desk):
    client = desk.signed_in()
    after = client.post("/desk/promos/new", data=SPONSOR)
    assert after.status_code == 200
    assert "The promo is added." in after.text
    [listed] = listing(desk)
    assert listed.promo.advertiser == "Signs & Sons"
    assert dates(listed) == ["2026-03-06", "2026-03-13"]
    page = client.get("/desk/promos").text
    assert page.count(">Booked<") == 4  # twice in the list, twice in the calendar


def test_a_promo_is_booked_on_dates_and_booked_anew(desk):
    client = desk.signed_in()
    form = SPONSOR | {"when": "dates", "on": ["2026-03-13", "2026-03-20"]}
    client.post("/desk/promos/new", data=form)
    [listed] = listing(desk)
    assert dates(listed) == ["2026-03-13", "2026-03-20"]
    page = client.get(f"/desk/promos/{listed.promo.id}").text
    assert re.search(r'value="keep" checked', page)
    assert re.search(r'value="2026-03-20" checked', page)
    client.post(f"/desk/promos/{listed.promo.id}", data=form | {"on": ["2026-04-03"]})
    assert dates(listing(desk)[0]) == ["2026-04-03"]
    form = SPONSOR | {"when": "keep", "title": "Signs for ever"}
    client.post(f"/desk/promos/{listed.promo.id}", data=form)
    [listed] = listing(desk)
    assert (listed.promo.title, dates(listed)) == ("Signs for ever", ["2026-04-03"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"text": "[here](http://signs.example.org)"}, "link-in-text"),
        ({"picture": "https://signs.example.org/a.png"}, "alt"),
        ({"link": ""}, "link"),
        ({"place": "top"}, "place"),
        ({"kind": "announcement"}, "advertiser"),
        ({"runs": "none"}, "runs"),
        ({"when": "dates", "on": ["2026-02-06"]}, "when-dates"),
        ({"when": "dates", "on": ["tomorrow"]}, "when-dates"),
    ],
)
def test_what_cannot_be_kept_is_named_beside_its_field(desk, change, field):
    # The publication is tried out on this machine, where http links are fine.
    if field == "link-in-text":
        change, field = {"text": "[here](ftp://signs.example.org)"}, "text"
    answer = desk.signed_in().post("/desk/promos/new", data=SPONSOR | change)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}"' in answer.text
    assert "<title>Problem:" in answer.text
    assert not listing(desk)


def test_a_place_that_is_taken_is_refused_with_its_holder(desk):
    client = desk.signed_in()
    client.post("/desk/promos/new", data=SPONSOR)
    form = SPONSOR | {"title": "Other signs", "when": "dates", "on": ["2026-03-06"]}
    answer = client.post("/desk/promos/new", data=form)
    assert answer.status_code == 422
    assert "belongs to promo 1, “Signs that last”" in answer.text
    assert 'value="Other signs"' in answer.text


def test_a_removed_promo_leaves_its_dates_and_comes_back(desk):
    client = desk.signed_in()
    client.post("/desk/promos/new", data=SPONSOR)
    after = client.post("/desk/promos/1/remove")
    assert "This promo was removed" in after.text
    assert not listing(desk)
    client.post("/desk/promos/1", data=SPONSOR)
    assert len(dates(listing(desk)[0])) == 2


def test_the_preview_is_the_printed_mail_with_its_label(desk):
    client = desk.signed_in()
    client.post("/desk/promos/new", data=SPONSOR)
    answer = client.get("/desk/promos/1/preview")
    assert "Signs that last" in answer.text
    assert "Signs &amp; Sons" in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "frame-ancestors 'self'" in policy


def test_an_advertiser_gets_a_proof_once_it_ran(desk):
    client = desk.signed_in()
    assert client.get("/desk/promos/1/proof").status_code == 404
    desk.press.reader("reader@example.org")
    number = desk.press.issue("A new bridge")
    client.post("/desk/promos/new", data=SPONSOR | {"runs": "1"})
    assert client.get("/desk/promos/1/proof").status_code == 404
    desk.press.send(number)
    assert "/desk/promos/1/proof" in client.get("/desk/promos/1").text
    answer = client.get("/desk/promos/1/proof")
    assert "Copies accepted" in answer.text
    assert "reader@" not in answer.text


def test_who_may_not_arrange_reads_only(desk):
    desk.signed_in().post("/desk/promos/new", data=SPONSOR)
    client = desk.signed_in("Vic <vic@example.org>", "viewer")
    assert "<form" not in client.get("/desk/promos/1").text.split("<main")[1]
    assert client.get("/desk/promos/new").status_code == 403
    for path in ("/desk/promos/new", "/desk/promos/1", "/desk/promos/1/remove"):
        assert client.post(path, data=SPONSOR).status_code == 403


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_are_accessible(desk, browser, width):
    desk.signed_in().post("/desk/promos/new", data=SPONSOR)
    token = desk.token("ann@example.org")
    context = desk.context(browser, token, viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in ("/desk/promos", "/desk/promos/1", "/desk/promos/new"):
        page.goto(path)
        assert not audit(page)
        assert not faults(page)
    context.close()
