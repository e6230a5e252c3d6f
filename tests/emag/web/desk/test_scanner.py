"""A mail scanner opens every link of mails to editors and sends every form: nothing changes."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from emag.desk import edit
from emag.editors.session import OpenedBy
from emag.schedule.tick import tick
from tests.emag.web.conftest import ENVIRON

LINK = re.compile(r"https?://[^\s<>\"]+")
FORMS = "document.forms.length"


def mails(folder: Path) -> list[str]:
    """The text of every mail that has left."""
    files = sorted(folder.rglob("*.eml"))
    messages = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [
        part.get_content()
        for message in messages
        for part in message.walk()
        if part.get_content_maintype() == "text"
    ]


def everything_that_mails(desk, clock) -> list[str]:
    """Invites, drafts, reminds, sends, and asks for a code; returns the links of all mails."""
    room = desk.press.newsroom
    desk.press.reader("one@example.com")
    desk.invite("Ann <ann@example.org>")
    desk.invite("Ben <ben@example.org>", "approver")
    desk.press.issue("A new bridge", "A new road")
    edit.write(room.database, room.settings, "next", note="A note", now=room.now(), by="Ann")
    desk.client().post("/desk/sign-in", data={"email": "ann@example.org"})
    for hours in (1, 7, 8, 8, 24, 24, 24, 72):
        clock.forward(hours=hours)
        tick(room)
        tick(room)
    texts = mails(room.settings.folder)
    assert len(texts) > 4
    return sorted({link.rstrip(".,)") for text in texts for link in LINK.findall(text)})


@pytest.mark.browser
def test_no_mail_to_an_editor_holds_a_link_that_changes_anything(desk, browser, clock):
    base = ENVIRON["EMAG_BASE_URL"]
    links = [link for link in everything_that_mails(desk, clock) if link.startswith(base)]
    links = [link for link in links if "/desk" in link or "/archive" in link]
    assert any("/review" in link for link in links)
    before = desk.press.dump()
    context = desk.context(browser)
    page = context.new_page()
    for link in links:
        page.goto(desk.base + link.removeprefix(base))
        for form in range(page.evaluate(FORMS)):
            page.goto(desk.base + link.removeprefix(base))
            with page.expect_navigation():
                page.evaluate(f"document.forms[{form}].submit()")
    assert desk.press.dump() == before
    assert [cookie["name"] for cookie in context.cookies() if cookie["name"] == "emag"] == []
    context.close()


def test_a_code_alone_signs_nobody_in_from_another_browser(desk):
    asking, stranger = desk.client(), desk.client()
    desk.invite("Ann <ann@example.org>")
    asking.post("/desk/sign-in", data={"email": "ann@example.org"})
    tick(desk.press.newsroom)
    [code] = {
        match[0]
        for text in mails(desk.press.newsroom.settings.folder)
        for match in re.finditer(r"\b[A-Z0-9]{4}[ -]?[A-Z0-9]{4}\b", text)
    }
    stranger.post("/desk/sign-in/code", data={"code": code})
    assert stranger.get("/desk", follow_redirects=False).status_code == 303
    asking.post("/desk/sign-in/code", data={"code": code})
    assert asking.get("/desk", follow_redirects=False).status_code == 200
    assert desk.token("ann@example.org", OpenedBy.CODE)
