"""An approval on a phone, signed with Chromium's virtual passkey, and checked later anywhere."""

import json
import shutil

import pytest

from emag import bootstrap, instance
from emag.bundle import manifest
from emag.bundle.verify import verify
from emag.content.gather import gather
from emag.demo import hosting
from emag.desk import change_request, edit, export
from emag.editors import people, sessions
from emag.editors.session import OpenedBy
from emag.issues import approved
from emag.issues.draft import draft
from emag.settings import ChecksSettings
from emag.web import app as web
from tests import chromium
from tests.emag.web.conftest import ENVIRON, STORY

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True}
WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective}`))"""


@pytest.fixture
def site(migrated, tmp_path, clock):
    """A publication with a host name, an issue, and Ann, who has every role."""
    folder = shutil.copytree(migrated, tmp_path / "publication")
    (folder / "stories").mkdir()
    for slug in ("bins", "boats"):
        (folder / "stories" / f"{slug}.md").write_text(STORY.format(title=f"On {slug}", slug=slug))
    with hosting.listen(0) as listener:
        base = f"http://localhost:{listener.getsockname()[1]}"
        room = bootstrap.open_newsroom(folder, now=clock, environ=ENVIRON | {"EMAG_BASE_URL": base})
        instance.release(room.database)
        roles = ["editor", "approver", "operator"]
        people.invite(
            room.database, room.settings, "Ann <ann@example.org>", roles, now=clock(), by="Olga"
        )
        gather(room.database, room.sources, now=clock())
        draft(room.database, room.settings, now=clock(), by="Olga")
        with hosting.serving(web.create(room), listener):
            yield room
        room.transport.close()
        room.database.close()


@pytest.fixture
def page(site, browser, clock):
    """Ann's phone, with a passkey that she has just added. It saw no breach of the policy."""
    context = browser.new_context(base_url=site.settings.base_url, **PHONE)
    context.add_init_script(WATCH)
    token = sessions.open_session(site.database, "ann@example.org", OpenedBy.PASSKEY, now=clock())
    context.add_cookies([{"name": "emag", "value": token, "url": site.settings.base_url}])
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    options |= {"automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/desk/you")
    page.get_by_label("Name").fill("Phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey was added.").wait_for()
    yield page
    context.close()
    assert [text for text in faults if not text.startswith("Failed to load resource")] == []


def approve(page):
    page.get_by_role("button", name="Approve issue 1").click()
    page.get_by_role("heading", name="Issue 1 is approved").wait_for()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def bundle(site, tmp_path, clock):
    return export.export(site.database, site.settings, 1, tmp_path / "bundle", now=clock())


def test_the_passkey_signs_what_was_on_the_screen(site, page, tmp_path, clock):
    page.goto("/desk/issues/1/review")
    assert fits(page)
    approve(page)
    assert fits(page)
    with site.database.reading() as conn:
        signature = approved.latest(conn, 1).signature
    assert signature.site == "localhost"
    assert signature.terms.audience == "everyone"
    result = bundle(site, tmp_path, clock)
    assert result.verification.is_whole, result.verification
    sealed = result.verification.sealed.manifest.approval
    assert sealed.by == "Ann"
    assert sealed.signature.terms.hash == result.verification.sealed.manifest.document.hash


@pytest.mark.parametrize(
    ("field", "value"), [("send_at", "2026-03-20T07:30:00Z"), ("audience", "issue:9")]
)
def test_a_bundle_with_other_terms_than_those_signed_is_found_out(
    site, page, tmp_path, clock, field, value
):
    page.goto("/desk/issues/1/review")
    approve(page)
    folder = bundle(site, tmp_path, clock).folder
    path = folder / manifest.NAME
    values = json.loads(path.read_bytes())
    del values["seal"]
    values["approval"]["signature"]["terms"][field] = value
    path.write_bytes(manifest._written(values | {"seal": manifest._seal(values)}))
    result = verify(folder)
    assert not result.is_whole
    assert "wrong signature" in " ".join(fault.message for fault in result.faults)


def test_a_signature_is_worth_nothing_a_second_time(site, page):
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.post_data)))
    page.goto("/desk/issues/1/review")
    approve(page)
    page.get_by_role("button", name="Stop the presses").click()
    page.get_by_text("Issue 1 is a draft again").wait_for()
    body = next(body for url, body in sent if url.endswith("/review/approve"))
    answer = page.request.post(
        "/desk/issues/1/review/approve",
        data=body,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        },
    )
    assert answer.status == 422
    assert "was used before" in answer.text()
    assert "is a draft again" not in answer.text()


def test_stop_the_presses_is_one_press(site, page):
    page.goto("/desk/issues/1/review")
    approve(page)
    page.get_by_role("button", name="Stop the presses").click()
    page.get_by_text("Issue 1 is a draft again").wait_for()
    approve(page)  # the same terms are signed anew


def test_a_change_while_one_reads_is_said_and_the_old_approval_refused(site, page, clock):
    page.goto("/desk/issues/1/review")
    edit.write(site.database, site.settings, 1, subject="Other", now=clock(), by="Bob")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("This issue has changed while you were reading.").wait_for()
    assert page.locator("#changes").get_by_text("Other").count() == 1
    page.get_by_role("button", name="Approve issue 1").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert page.get_by_text("the subject is “Other” now").count()
    assert page.title().startswith("Problem:")
    approve(page)


def test_a_look_is_recorded_and_loading_again_still_shows_what_changed(site, page, clock):
    edit.write(site.database, site.settings, 1, subject="Other", now=clock(), by="Bob")
    page.goto("/desk/issues/1/review")
    page.wait_for_url("**/review?look=0")
    page.reload()
    assert page.locator("#changes").get_by_text("Other").count() == 1
    page.goto("/desk/issues/1/review")
    page.get_by_text("Nobody else has changed anything.").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_axe_finds_nothing(site, page, clock, width, scheme):
    site.settings.__dict__["checks"] = ChecksSettings(block=("subject",))
    edit.write(site.database, site.settings, 1, subject="\x07", now=clock(), by="Bob")
    change_request.ask_for_changes(
        site.database, site.settings, 1, "Shorten it.", now=clock(), by="Bob"
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    faults = []
    for path in ("review", "review?leave_at=2026-03-01T07:30", "preview", "preview?topics=events"):
        page.goto(f"/desk/issues/1/{path}")
        faults += chromium.audit(page) + chromium.faults(page)
    edit.write(site.database, site.settings, 1, subject="Fine", now=clock(), by="Bob")
    page.goto("/desk/issues/1/review")
    approve(page)
    faults += chromium.audit(page) + chromium.faults(page)
    assert faults == []


def test_the_views_are_switched_in_the_frame(site, page):
    page.goto("/desk/issues/1/review")
    frame = page.frame_locator("iframe[name=Preview]")
    frame.get_by_text("On bins").first.wait_for()
    page.get_by_role("link", name="Text", exact=True).click()
    frame.locator("pre").wait_for()
    assert page.get_by_role("link", name="Text", exact=True).get_attribute("aria-current")


def test_without_script_approval_says_why(site, browser, clock):
    token = sessions.open_session(site.database, "ann@example.org", OpenedBy.PASSKEY, now=clock())
    base = site.settings.base_url
    context = browser.new_context(base_url=base, java_script_enabled=False, **PHONE)
    context.add_cookies([{"name": "emag", "value": token, "url": base}])
    page = context.new_page()
    page.goto("/desk/issues/1/review")
    assert page.get_by_text("emag issue approve 1").is_visible()
    page.get_by_role("link", name="Text", exact=True).click()
    page.frame_locator("iframe[name=Preview]").locator("pre").wait_for()
    page.get_by_role("button", name="Approve issue 1").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    page.get_by_label("What should change").fill("Shorten it.")
    page.get_by_role("button", name="Ask for changes").click()
    assert page.get_by_role("heading", name="Somebody asked for changes").is_visible()
    page.get_by_role("button", name="Hold issue 1").click()
    assert page.get_by_text("Issue 1 is held").is_visible()
    context.close()
