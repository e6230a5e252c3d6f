"""The review: what changed since one looked, who gets the issue, and the decision."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import approve, arrange, edit
from emag.editors.session import OpenedBy
from emag.issues.tables import CHANGE_REQUESTS, LOOKS
from emag.settings import ChecksSettings
from subscribers.tables import LETTERS

ANN, BOB = "Ann <ann@example.org>", "Bob <bob@example.org>"


@pytest.fixture
def number(desk):
    return desk.press.issue("Bins & boats", "A quiet week")


def page(client, number, **params):
    return client.get(f"/desk/issues/{number}/review", params=params)


def letters(desk):
    with desk.press.newsroom.database.reading() as conn:
        rows = conn.execute(
            select(LETTERS.c.address, LETTERS.c.subject, LETTERS.c.text).order_by(LETTERS.c.id)
        )
        return [row for row in rows if "invited" not in row.subject]


def write(desk, number, by="Bob", **fields):
    room = desk.press.newsroom
    edit.write(room.database, room.settings, number, now=room.now(), by=by, **fields)


def test_the_page_holds_what_an_approver_has_to_know(desk, number):
    desk.press.reader("reader@example.net")
    text = page(desk.signed_in(ANN), number).text
    for phrase in (
        "Changes since your last look",
        "Pre-flight",
        "1 reader",
        "In the inbox",
        "Who did what",
        f"Approve issue {number}",
        "Ask for changes",
        f"Hold issue {number}",
        "Send me a test",
        "What should change",
        'name="Preview"',
    ):
        assert phrase in text, phrase


def test_a_role_sees_only_its_own_buttons(desk, number):
    viewer = page(desk.signed_in("Vic <vic@example.org>", "viewer"), number).text
    assert f"Approve issue {number}" not in viewer
    assert "Send me a test" not in viewer
    editor = page(desk.signed_in(BOB, "editor"), number).text
    assert "Send me a test" in editor
    assert "Ask for changes" in editor
    assert f"Hold issue {number}" not in editor
    assert f">Approve issue {number}<" not in editor


def test_changes_since_the_last_look_are_those_of_others(desk, number, clock):
    ann = desk.signed_in(ANN)
    assert "You have not looked at this issue before" in page(ann, number).text
    ann.post(f"/desk/issues/{number}/review/look", data={"revision": 0})
    clock.forward(minutes=5)
    write(desk, number, subject="Bins again")
    write(desk, number, by="Ann", note="Mine.")
    write(desk, number, preheader="Read this")
    text = page(ann, number).text
    changes = text[text.index('id="changes"') : text.index('id="inbox-title"')]
    assert "Read this" in changes
    assert "Bins again" not in changes  # before Ann's own act
    assert "Mine" not in changes


def test_a_look_is_recorded_by_post_only_and_the_page_can_compare_with_an_earlier_one(
    desk, number, clock
):
    ann = desk.signed_in(ANN)
    before = desk.press.dump()
    page(ann, number)
    assert desk.press.dump() == before
    answer = ann.post(f"/desk/issues/{number}/review/look", data={"revision": 0})
    assert answer.status_code == 204
    clock.forward(minutes=5)
    write(desk, number, subject="Bins again")
    first = page(ann, number).text
    assert "Bins again" in first
    ann.post(f"/desk/issues/{number}/review/look", data={"revision": 1})
    assert "Nobody else has changed anything" in page(ann, number).text
    with desk.press.newsroom.database.reading() as conn:
        [look, _] = conn.execute(select(LOOKS.c.id).order_by(LOOKS.c.id)).scalars()
    assert "Bins again” " not in page(ann, number, look=look).text.replace("\n", " ")
    assert "wrote the subject" in page(ann, number, look=look).text


def test_faults_that_came_and_went_are_named(desk, number, clock):
    ann = desk.signed_in(ANN)
    ann.post(f"/desk/issues/{number}/review/look", data={"revision": 0})
    write(desk, number, subject="x" * 130)
    assert "New faults" in page(ann, number).text
    ann.post(f"/desk/issues/{number}/review/look", data={"revision": 1})
    write(desk, number, subject="Short")
    text = page(ann, number).text
    assert "Faults that are gone" in text
    assert "130 characters" in text


def test_asking_for_changes_tells_the_others_and_stays_until_it_is_settled(desk, number):
    ann = desk.signed_in(ANN)
    desk.invite(BOB, "editor")
    desk.invite("Vic <vic@example.org>", "viewer")
    empty = ann.post(f"/desk/issues/{number}/review/changes", data={"text": "  "})
    assert empty.status_code == 422
    assert "Problem:" in empty.text
    text = "The lead is too long.\n<b>Shorten</b> it."
    answer = ann.post(f"/desk/issues/{number}/review/changes", data={"text": text})
    assert answer.status_code == 200
    assert "told by mail" in answer.text
    assert "&lt;b&gt;Shorten" in answer.text
    [letter] = letters(desk)
    assert letter.address == "bob@example.org"
    assert f"/desk/issues/{number}/review" in letter.text
    with desk.press.newsroom.database.reading() as conn:
        request = conn.execute(select(CHANGE_REQUESTS.c.id)).scalar_one()
    settled = ann.post(f"/desk/issues/{number}/review/settle", data={"request": request})
    assert "The request is settled" in settled.text
    assert "Shorten" not in settled.text


def test_a_held_issue_has_a_way_back(desk, number):
    ann = desk.signed_in(ANN)
    held = ann.post(f"/desk/issues/{number}/review/hold")
    assert f"Issue {number} is held" in held.text
    assert f"Open issue {number} again" in held.text
    reopened = ann.post(f"/desk/issues/{number}/review/reopen")
    assert "is a draft again" in reopened.text


def test_a_test_copy_goes_to_oneself(desk, number):
    answer = desk.signed_in(BOB, "editor").post(f"/desk/issues/{number}/review/test")
    assert "A test copy is on its way to bob@example.org" in answer.text


@pytest.fixture
def code(press):
    """Approving with a mailed code is enough."""
    press.newsroom.settings.__dict__["desk"] = press.newsroom.settings.desk.model_copy(
        update={"approve_with": "code"}
    )


def form(client, number, leave_at="", **changes):
    """The fields of the approval as the page has them."""
    text = page(client, number, leave_at=leave_at).text
    names = ("hash", "send_at", "leave_at", "audience", "nonce")
    fields = {n: re.search(rf'name="{n}" value="([^"]*)"', text)[1] for n in names}
    return fields | changes


def approve_it(client, number, fields):
    return client.post(f"/desk/issues/{number}/review/approve", data=fields)


def test_without_script_approval_says_why_and_names_the_command(desk, number):
    ann = desk.signed_in(ANN)
    answer = approve_it(ann, number, form(ann, number))
    assert answer.status_code == 422
    assert f"emag issue approve {number}" in answer.text
    assert "passkey" in answer.text


def test_a_mailed_code_is_enough_where_the_settings_say_so(code, desk, number, clock):
    desk.invite(BOB, "editor")
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    answer = approve_it(ann, number, form(ann, number))
    assert answer.url.path == f"/desk/issues/{number}/review/approved"
    assert "Stop the presses" in answer.text
    [letter] = letters(desk)
    assert letter.address == "bob@example.org"
    assert letter.subject.startswith(f"Issue {number} is approved")
    stopped = ann.post(f"/desk/issues/{number}/review/reopen")
    assert "is a draft again" in stopped.text
    assert letters(desk)[-1].subject == f"Issue {number} is stopped"


def test_a_mailed_code_is_not_enough_otherwise(desk, number):
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    text = page(ann, number).text
    assert "Confirm with your passkey" in text
    assert f"emag issue approve {number}" in text
    assert approve_it(ann, number, {}).status_code == 403


def test_another_state_is_refused_with_the_difference(code, desk, number, clock):
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    fields = form(ann, number)
    write(desk, number, subject="Something else")
    answer = approve_it(ann, number, fields)
    assert answer.status_code == 409
    assert "the subject is “Something else” now" in answer.text
    assert "What is different now" in answer.text
    assert form(ann, number)["hash"] != fields["hash"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"send_at": "2026-03-09T07:30:00+00:00"}, "it leaves"),
        ({"audience": "issue:7"}, "it goes to everyone now"),
    ],
)
def test_another_time_or_audience_is_refused(code, desk, number, changes, sentence):
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    answer = approve_it(ann, number, form(ann, number, **changes))
    assert answer.status_code == 409
    assert sentence in answer.text


def test_a_fault_is_let_pass_with_a_reason(code, desk, number, press):
    press.newsroom.settings.__dict__["checks"] = ChecksSettings(block=("subject",))
    write(desk, number, subject="\x07")
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    text = page(ann, number).text
    assert 'id="override-subject"' in text
    refused = approve_it(ann, number, form(ann, number) | {"rule": "subject", "reason": " "})
    assert refused.status_code == 422
    fields = form(ann, number) | {"rule": "subject", "reason": "It rings the bell"}
    assert approve_it(ann, number, fields).url.path.endswith("/approved")
    assert "It rings the bell" in page(ann, number).text


def test_editors_ask_the_links_and_see_when_they_were_asked(code, desk, number):
    write(desk, number, note="[The plan](http://nowhere.invalid/plan)")
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    assert "The links have not been checked yet." in page(ann, number).text
    ann.post(f"/desk/issues/{number}/links")
    text = page(ann, number).text
    assert "The links were last checked on" in text
    assert f'<a href="/desk/issues/{number}#note">A link is dead' in text
    refused = approve_it(ann, number, form(ann, number))
    assert "link-dead: http://nowhere.invalid/plan" in refused.text


def test_four_eyes_are_honoured_with_their_sentence(code, desk, number, press):
    press.newsroom.settings.__dict__["approval"] = press.newsroom.settings.approval.model_copy(
        update={"four_eyes": "required"}
    )
    write(desk, number, by="Ann", subject="Mine")
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    text = page(ann, number).text
    assert "You changed this issue last, so somebody else must approve it." in text
    assert f">Approve issue {number}<" not in text
    issue = approve_it(ann, number, {"hash": "0" * 64, "audience": "everyone"})
    assert issue.status_code == 409
    assert "somebody else must approve it" in issue.text


def test_an_approval_settles_what_was_asked_for(code, desk, number):
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    ann.post(f"/desk/issues/{number}/review/changes", data={"text": "Shorten it."})
    assert "Shorten it." in page(ann, number).text
    approve_it(ann, number, form(ann, number))
    assert "Shorten it." not in page(ann, number).text


def test_jobs_that_close_soon_are_named(desk, number, clock, press):
    room = press.newsroom
    closes = clock().date() + timedelta(days=1)
    vacancy = Vacancy("Lamplighter", closes=closes)
    link = "https://crier.example.org/lamp"
    story = Story("jobs", Kind.JOB, link, "Lamplighter", vacancy=vacancy)
    with room.database.transaction() as conn:
        pool.admit(conn, story, section="posts", now=clock())
        identifier = next(c.id for c in pool.candidates(conn) if c.story.link == link)
    arrange.pick(room.database, room.settings, number, identifier, now=clock(), by="Ann")
    text = page(desk.signed_in(BOB, "editor"), number).text
    assert "Jobs that close soon" in text
    assert "Friday 6 March 2026" in text


def test_a_sent_issue_has_nothing_to_decide(desk, number):
    desk.press.reader("reader@example.net")
    desk.press.send(number)
    text = page(desk.signed_in(ANN), number).text
    assert "There is nothing left to decide" in text
    assert f"Hold issue {number}" not in text


def test_the_approval_of_the_command_shows_on_the_page(desk, number):
    room = desk.press.newsroom
    approve.approve(room.database, room.settings, number, now=room.now(), by="Olga")
    text = page(desk.signed_in(ANN), number).text
    assert "Approved by Olga" in text
    assert "Stop the presses" in text


def test_another_time_is_looked_at_before_it_is_approved(code, desk, number):
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    time = {"leave_at": "2026-03-10T07:30"}
    text = page(ann, number, **time).text
    assert "Leaves on Tuesday 10 March 2026, 07:30 GMT" in text
    frame = re.search(r'<iframe[^>]* src="([^"]*)"', text)[1].replace("&amp;", "&")
    assert "10 March 2026" in ann.get(frame).text
    answer = approve_it(ann, number, form(ann, number, **time))
    assert answer.url.path.endswith("/approved"), answer.text
    assert "Leaves on Tuesday 10 March 2026, 07:30 GMT" in answer.text
    ann.post(f"/desk/issues/{number}/review/reopen")
    for wrong in ("2026-03-01T07:30", "tomorrow"):
        refused = page(ann, number, leave_at=wrong)
        assert refused.status_code == 422
        assert 'href="#leave_at"' in refused.text
        assert f'value="{wrong}"' in refused.text


def test_an_issue_whose_time_has_passed_is_approved_without_one(code, desk, number, clock):
    clock.forward(days=3)
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    assert "It has no time" in page(ann, number).text
    answer = approve_it(ann, number, form(ann, number))
    assert answer.url.path.endswith("/approved"), answer.text
    assert "It leaves when somebody sends it." in answer.text


@pytest.fixture
def welsh(press):
    settings = press.newsroom.settings
    settings.__dict__["publication"] = settings.publication.model_copy(update={"language": "cy"})


def test_the_page_speaks_welsh(welsh, code, desk, number):
    ann = desk.signed_in(ANN, opened_by=OpenedBy.CODE)
    ann.post(f"/desk/issues/{number}/review/changes", data={"text": "Byrrach."})
    text = page(ann, number).text
    for phrase in ("Newidiadau ers ichi edrych", "Gofynnodd rhywun am", "Cymeradwyo rhifyn 1"):
        assert phrase in text
    assert "Changes since" not in text
    assert "wedi’i gymeradwyo" in approve_it(ann, number, form(ann, number)).text
    assert "Bwrdd gwaith" in ann.get(f"/desk/issues/{number}/preview").text
