"""The page “Send”: what it asks before, what it shows while an issue leaves, and who may do it."""

import re
import shutil

import pytest
from sqlalchemy import update

from emag import bootstrap, instance
from emag.demo.catcher import Catcher
from emag.desk import approve, records
from emag.editors.session import OpenedBy
from emag.mailing.sending import address
from emag.mailing.tables import DELIVERIES
from emag.schedule.embedded import EmbeddedEngine
from tests.chromium import audit
from tests.emag.web.conftest import ENVIRON, Press
from tests.emag.web.desk.conftest import Desk, hosting, web

SLOWLY = 15  # messages a second, so that a page can be seen on the way


def approved(desk, *titles: str, readers: int = 2) -> int:
    for place in range(readers):
        desk.press.reader(f"reader{place}@council{place % 3}.example.org")
    number = desk.press.issue(*(titles or ("A new bridge",)))
    room = desk.press.newsroom
    approve.approve(room.database, room.settings, number, now=room.now(), by="Ben")
    return number


def fingerprint(page: str) -> str:
    return re.search(r'name="hash" value="(\w+)"', page)[1]


def test_an_issue_that_is_not_approved_says_what_is_missing(desk):
    number = desk.press.issue("A new bridge")
    page = desk.signed_in().get(f"/desk/issues/{number}/send")
    assert page.status_code == 200
    assert "It can be sent once somebody has approved it" in page.text
    assert f'href="/desk/issues/{number}/review"' in page.text


def test_an_unknown_issue_is_not_there(desk):
    assert desk.signed_in().get("/desk/issues/99/send").status_code == 404


def test_the_confirm_page_names_readers_sender_and_document(desk):
    number = approved(desk, readers=3)
    page = desk.signed_in().get(f"/desk/issues/{number}/send").text
    assert "Send to 3 readers now" in page
    assert "The Town Crier &lt;crier@example.org&gt;" in page
    assert fingerprint(page)[:16] in page


def test_a_restored_copy_offers_no_button_to_send(desk):
    number = approved(desk)
    client = desk.signed_in()
    assert "Send to 2 readers now" in client.get(f"/desk/issues/{number}/send").text
    instance.hold(desk.press.newsroom.database, "this database was restored from a backup")
    page = client.get(f"/desk/issues/{number}/send").text
    assert "This database was restored from a backup." in page
    assert "emag db release" in page
    assert "Send to 2 readers now" not in page


def test_without_an_engine_the_page_says_that_nothing_sends(desk):
    number = approved(desk)
    assert "No engine runs" in desk.signed_in().get(f"/desk/issues/{number}/send").text


def test_sending_gives_the_issue_the_time_of_now_and_nudges_the_engine(desk):
    number = approved(desk)
    client = desk.signed_in()
    page = client.get(f"/desk/issues/{number}/send").text
    after = client.post(f"/desk/issues/{number}/send", data={"hash": fingerprint(page)})
    assert after.status_code == 200
    assert "It leaves now" in after.text
    assert "It is on its way" in after.text
    room = desk.press.newsroom
    assert records.issue(room.database, number).send_at == room.now()
    assert desk.press.nudges == ["nudge"]


def test_another_document_than_the_one_shown_is_not_sent(desk):
    number = approved(desk)
    answer = desk.signed_in().post(f"/desk/issues/{number}/send", data={"hash": "0" * 64})
    assert answer.status_code == 409
    assert "approved anew" in answer.text
    room = desk.press.newsroom
    assert records.issue(room.database, number).send_at > room.now()


@pytest.mark.parametrize("roles", [("viewer",), ("editor",), ("operator",)])
def test_who_may_not_send_sees_no_button_and_is_refused(desk, roles):
    number = approved(desk)
    client = desk.signed_in("Vic <vic@example.org>", *roles)
    page = client.get(f"/desk/issues/{number}/send")
    assert page.status_code == 200
    assert "<button>" not in page.text.split("<main")[1]
    for act in ("", "/pause", "/resume", "/cancel"):
        answer = client.post(f"/desk/issues/{number}/send{act}", data={"hash": "0" * 64})
        assert answer.status_code == 403
    assert client.get(f"/desk/issues/{number}/send/cancel").status_code == 403


def test_a_session_opened_by_a_mailed_code_may_not_send(desk):
    number = approved(desk)
    client = desk.signed_in("Ben <ben@example.org>", "approver", opened_by=OpenedBy.CODE)
    answer = client.post(f"/desk/issues/{number}/send", data={"hash": "0" * 64})
    assert answer.status_code == 403


def test_a_passkey_that_was_used_long_ago_is_asked_for_again(desk, clock):
    number = approved(desk)
    client = desk.signed_in()
    clock.forward(minutes=11)
    assert "asked for your passkey" in client.get(f"/desk/issues/{number}/send").text
    answer = client.post(
        f"/desk/issues/{number}/send", data={"hash": "0" * 64}, follow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk/confirm?")


def test_a_sent_issue_shows_counts_that_add_up(desk):
    number = approved(desk, readers=4)
    desk.press.send(number)
    page = desk.signed_in().get(f"/desk/issues/{number}/send").text
    assert f"Issue {number} is sent" in page
    assert "4 of 4 done" in page
    assert "4 planned = 4 accepted" in page


def test_cancelling_has_a_page_of_its_own(desk):
    number = approved(desk)
    client = desk.signed_in()
    page = client.get(f"/desk/issues/{number}/send/cancel")
    assert "This cannot be undone" in page.text
    after = client.post(f"/desk/issues/{number}/send/cancel")
    assert f"Issue {number} was cancelled before it began to leave" in after.text
    assert client.get(f"/desk/issues/{number}/send/cancel").status_code == 409


def test_an_issue_that_waits_says_why_and_since_when(desk, clock):
    number = approved(desk, readers=4)
    database = desk.press.newsroom.database
    address.address(database, number, now=clock(), by="Ann")
    reason = "the relay cannot be reached: connection refused"
    with database.transaction() as conn:
        conn.execute(update(DELIVERIES).where(DELIVERIES.c.id > 1).values(reason=reason))
        first = update(DELIVERIES).where(DELIVERIES.c.id == 1)
        conn.execute(first.values(status="accepted", settled_at=clock()))
    clock.forward(minutes=4)
    page = desk.signed_in().get(f"/desk/issues/{number}/send").text
    assert "1 of 4 done" in page
    assert "4 planned = 1 accepted + 3 waiting" in page
    assert "The relay cannot be reached: connection refused. For 4 minutes now." in page


@pytest.fixture
def slow_desk(migrated, tmp_path, clock):
    """A desk whose engine sends over real SMTP, slowly enough to watch."""
    folder = tmp_path / "publication"
    shutil.copytree(migrated, folder)
    with Catcher(now=clock) as catcher:
        transport = (
            f'\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {catcher.port}\n'
            f'security = "none"\nconnections = 1\nrate = {SLOWLY}\n'
        )
        settings = folder / "emag.toml"
        settings.write_text(settings.read_text() + transport)
        room = bootstrap.open_newsroom(folder, now=clock, environ=ENVIRON)
        instance.release(room.database)
        engine = EmbeddedEngine(lambda: room, every=0.1)
        app = web.create(room, nudge=engine.nudge)
        with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
            yield Desk(Press(room, []), base), engine, catcher
            engine.stop()
        room.transport.close()
        room.database.close()


def test_a_send_is_watched_paused_and_resumed_in_a_browser(slow_desk, browser):
    desk, engine, catcher = slow_desk
    number = approved(desk, readers=60)
    token = desk.token(desk.invite())
    context = desk.context(browser, token)
    page = context.new_page()
    engine.start()
    page.wait_for_timeout(500)  # its first sign of life
    page.goto(f"/desk/issues/{number}/send")
    page.get_by_role("button", name="Send to 60 readers now").click()
    page.get_by_role("heading", name=f"Issue {number} is being sent").wait_for(timeout=60_000)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("heading", name=f"Issue {number} is paused").wait_for()
    assert "It was paused by Ann" in page.inner_text("main")
    assert not audit(page)
    assert 0 < len(catcher.caught()) < 60
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("heading", name=f"Issue {number} is sent").wait_for(timeout=60_000)
    assert "60 planned = 60 accepted" in page.inner_text("main")
    recipients = [mail.recipient for mail in catcher.caught() if "@council" in mail.recipient]
    assert len(recipients) == len(set(recipients)) == 60
    context.close()
