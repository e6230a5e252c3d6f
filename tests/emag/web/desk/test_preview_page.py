"""The preview beside the work: the mail in its own frame, and each fault a link to its field."""

import pytest

from emag.checks import Fault
from emag.web.desk.fault_links import fault_link


@pytest.fixture
def number(desk):
    return desk.press.issue("Bins & boats", "A quiet week")


class Reader:
    """A user of the desk, as far as links ask who it is."""

    def __init__(self, *permissions):
        self.permissions = permissions

    def may(self, permission):
        return permission in self.permissions


@pytest.mark.parametrize(
    ("target", "rule", "link"),
    [
        ("subject", "subject", "/desk/issues/3#subject"),
        ("preheader", "subject", "/desk/issues/3#preheader"),
        ("note", "stories", "/desk/issues/3#note"),
        ("story 12", "closed-job", "/desk/issues/3#story-12"),
        ("words 12 alt", "alt", "/desk/issues/3?words=12#story-12-alt"),
        ("words 12 link_text", "source-changed", "/desk/issues/3#story-12"),
        ("promo 4", "promo", "/desk/issues/3#promo-4"),
        ("time", "past", "/desk/issues/3/review#leave_at"),
        ("", "changes", "/desk/issues/3/review#requests"),
        ("", "four-eyes", "/desk/issues/3/review#approve"),
        ("", "size", "/desk/issues/3"),
        ("", "postal-address", ""),
    ],
)
def test_each_fault_leads_to_its_field(target, rule, link):
    fault = Fault(rule, "warn", "Something.", "somewhere", target)
    assert fault_link(3, fault, Reader()) == link


def test_who_may_change_settings_is_led_there():
    fault = Fault("postal-address", "warn", "Something.")
    assert fault_link(3, fault, Reader("settings")) == "/desk/settings"


def test_the_mail_has_a_policy_of_its_own(desk, number):
    ann = desk.signed_in("Ann <ann@example.org>", "viewer")
    answer = ann.get(f"/desk/issues/{number}/preview/view")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-same-origin; default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert "img-src https: http: data: 'self'" in policy
    assert "Bins &amp; boats" in answer.text
    assert "[[" not in answer.text


def test_each_view_shows_the_same_mail_in_its_own_way(desk, number):
    ann = desk.signed_in("Ann <ann@example.org>", "viewer")
    base = f"/desk/issues/{number}/preview/view"
    dark = ann.get(base, params={"view": "dark"})
    assert "color-scheme: only dark" in dark.text
    off = ann.get(base, params={"view": "no-pictures"})
    assert "img-src" not in off.headers["content-security-policy"]
    text = ann.get(base, params={"view": "text"})
    assert "<pre>" in text.text
    assert "BOATS" in text.text.upper()
    assert ann.get(base, params={"view": "sepia"}).status_code == 422


def test_the_page_switches_by_links(desk, number):
    ann = desk.signed_in("Ann <ann@example.org>", "viewer")
    page = ann.get(f"/desk/issues/{number}/preview", params={"view": "dark", "topics": "posts"})
    assert 'name="Preview"' in page.text
    assert f"/desk/issues/{number}/preview/view?view=dark&amp;topics=posts&amp;stamp=" in page.text
    assert f'href="/desk/issues/{number}/preview?view=text&amp;topics=posts"' in page.text
    nobody = ann.get(f"/desk/issues/{number}/preview", params={"topics": "events"})
    assert "get no mail" in nobody.text
    assert "<iframe" not in nobody.text


def test_who_is_signed_out_sees_no_mail(desk, number):
    answer = desk.client().get(f"/desk/issues/{number}/preview/view", follow_redirects=False)
    assert answer.status_code == 303
    assert "Bins" not in answer.text


def test_a_change_is_drawn_again_in_the_frame(desk, number, browser):
    desk.invite("Ann <ann@example.org>")
    context = desk.context(browser, desk.token("ann@example.org"))
    page = context.new_page()
    page.goto(f"/desk/issues/{number}/preview")
    frame = page.frame_locator("iframe[name=Preview]")
    frame.get_by_text("A quiet week").first.wait_for()
    page.get_by_role("link", name="Text").click()
    frame.locator("pre").wait_for()
    context.close()
