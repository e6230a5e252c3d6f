"""The report at the desk: figures with their meaning, doubtful copies, corrections."""

import pytest
from sqlalchemy import update

from emag.desk import history
from emag.mailing.tables import DELIVERIES
from tests.chromium import audit, faults


def sent(desk, readers: int = 6, **values) -> int:
    """A sent issue; `values` change the copy of the first reader."""
    for place in range(readers):
        desk.press.reader(f"reader{place}@council.example.org")
    number = desk.press.issue("A new bridge")
    desk.press.send(number)
    if values:
        with desk.press.newsroom.database.transaction() as conn:
            first = DELIVERIES.c.id == 1
            conn.execute(update(DELIVERIES).where(first).values(**values))
    return number


def test_an_issue_that_has_not_left_has_no_report_yet(desk):
    number = desk.press.issue("A new bridge")
    page = desk.signed_in().get(f"/desk/issues/{number}/report")
    assert page.status_code == 200
    assert "nothing to report yet" in page.text


def test_the_report_gives_each_figure_with_its_meaning(desk):
    number = sent(desk, report="bounced", reason="550 5.1.1 user unknown")
    page = desk.signed_in("Vic <vic@example.org>", "viewer").get(f"/desk/issues/{number}/report")
    assert "Accepted is not read" in page.text
    assert "550 5.1.1 user unknown" in page.text
    assert "council.example.org" in page.text
    assert "Of 6 copies, 6 were accepted. 1 bounced later" in page.text
    assert "<style" not in page.text
    assert " style=" not in page.text


def test_a_viewer_sees_no_reader_and_no_button(desk):
    number = sent(desk, status="doubtful")
    client = desk.signed_in("Vic <vic@example.org>", "viewer")
    page = client.get(f"/desk/issues/{number}/report").text
    assert "1 copy is doubtful" in page
    assert "reader0@" not in page
    assert "<button" not in page.split("<main")[1]
    for act in ("settle", "correct"):
        answer = client.post(f"/desk/issues/{number}/{act}", data={"decision": "resend"})
        assert answer.status_code == 403


@pytest.mark.parametrize(("decision", "status"), [("accepted", "accepted"), ("resend", "queued")])
def test_a_doubtful_copy_is_settled_by_name(desk, decision, status):
    number = sent(desk, status="doubtful")
    client = desk.signed_in("Ben <ben@example.org>", "approver")
    data = {"decision": decision, "address": "reader0@council.example.org"}
    after = client.post(f"/desk/issues/{number}/settle", data=data)
    assert after.status_code == 200
    assert "doubtful-title" not in after.text
    with desk.press.newsroom.database.reading() as conn:
        assert conn.execute(DELIVERIES.select()).first().status == status


def test_a_decision_that_does_not_exist_is_refused(desk):
    number = sent(desk, status="doubtful")
    answer = desk.signed_in().post(f"/desk/issues/{number}/settle", data={"decision": "lose"})
    assert answer.status_code == 409


LINK = "https://crier.example.org/a-new-bridge"


def test_a_link_is_corrected_in_the_archive_and_can_be_undone(desk):
    number = sent(desk)
    client = desk.signed_in()
    assert LINK in client.get(f"/desk/issues/{number}/report").text
    data = {"old": LINK, "new": f"{LINK}-2", "note": "The address had changed."}
    after = client.post(f"/desk/issues/{number}/correct", data=data)
    assert "The address had changed." in after.text
    archived = client.get(f"/archive/{number}").text
    assert f"{LINK}-2" in archived
    room = desk.press.newsroom
    _, entries = history.listing(room.database, room.settings, number)
    assert f'name="act" value="{entries[-1].act.id}"' in after.text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"old": LINK, "new": "https://crier.example.org/b"}, "note"),
        ({"old": LINK, "note": "Wrong."}, "new"),
        ({"new": LINK, "note": "Wrong."}, "old"),
        ({"old": "https://nowhere.example/", "new": LINK, "note": "Wrong."}, "old"),
    ],
)
def test_what_is_missing_is_named_beside_its_field(desk, data, field):
    number = sent(desk)
    answer = desk.signed_in().post(f"/desk/issues/{number}/correct", data=data)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert "<title>Problem:" in answer.text
    assert 'value="Wrong."' in answer.text or field == "note"


def test_the_report_is_accessible(desk, browser):
    number = sent(desk, report="bounced", reason="550 5.1.1 user unknown")
    context = desk.context(browser, desk.token(desk.invite()))
    page = context.new_page()
    page.goto(f"/desk/issues/{number}/report")
    assert not audit(page)
    assert not faults(page)
    context.close()
