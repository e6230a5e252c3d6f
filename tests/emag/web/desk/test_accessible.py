"""Every page of the desk, audited: light and dark, 320 and 1280 pixels wide, with large text."""

import pytest

from emag.desk import edit, promos, records, words
from emag.desk.promo_booking import Wish
from emag.issues.promo import Promo, PromoKind
from emag.issues.words import Field
from tests import chromium
from tests.emag.web.desk.test_hostile import pages
from tests.emag.web.desk.weekly import WATCH

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SCHEMES, WIDTHS = ("light", "dark"), (320, 1280)


@pytest.fixture
def full(desk, clock) -> int:
    """A publication in which every page has something to show; returns the next issue."""
    for place in range(3):
        desk.press.reader(f"reader{place}@example.org")
    desk.press.send(desk.press.issue("The first bridge"))
    clock.forward(days=7)
    room = desk.press.newsroom
    database, settings, now = room.database, room.settings, room.now()
    number = desk.press.issue("A new bridge", "A new road", "What a council learned")
    story = first_story(desk, number)
    edit.write(database, settings, number, note="A **note**.", now=now, by="Ben")
    words.write(database, settings, number, story, {Field.TITLE: "Our title"}, now=now, by="Ben")
    promo = Promo(PromoKind.SPONSOR, "A sponsor's day", "end", "A text.", advertiser="Acme")
    promos.add(database, settings, promo, Wish(runs=1), now=now, by="Ben")
    return number


def first_story(desk, number: int) -> int:
    return records.issue(desk.press.newsroom.database, number).picks[0].candidate


def is_of_desk(answer) -> bool:
    """False for a mail in its sandbox, which is audited with the issues, and for pictures."""
    headers = answer.headers
    is_mail = "sandbox" in headers.get("content-security-policy", "") or "trial" in answer.url
    return "html" in headers.get("content-type", "") and not is_mail


def audited(page, path: str) -> dict[str, list[str]]:
    """The faults of a page, by path, scheme and width. None of what is no HTML."""
    if not is_of_desk(page.goto(path)):
        return {}
    faults = {}
    for scheme in SCHEMES:
        for width in WIDTHS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            if problems := chromium.audit(page):
                faults[f"{path} {scheme} {width}"] = problems
    return faults


def test_no_page_has_a_fault(desk, full, browser):
    context = desk.context(browser, desk.token(desk.invite()), reduced_motion="reduce")
    context.add_init_script(WATCH)
    breaches = []
    context.on("console", lambda line: breaches.append(line.text) if "policy" in line.text else 0)
    page = context.new_page()
    faults = {}
    for path in sorted({*pages(desk.press, full), *pages(desk.press, 1)}):
        faults |= audited(page, path)
    context.close()
    assert faults == {}
    assert breaches == []


def test_no_page_is_wider_than_a_small_phone_with_text_twice_as_large(desk, full, browser):
    context = desk.context(
        browser, desk.token(desk.invite()), viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    wide = []
    for path in pages(desk.press, full):
        if not is_of_desk(page.goto(path)):
            continue
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        excess = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if excess > 0:
            wide.append((path, excess))
    context.close()
    assert wide == [], "\n".join(map(str, wide))
