"""Passkeys in a real browser, with Chromium's virtual authenticator."""

import re
import shutil

import httpx
import pytest

from emag import bootstrap, instance
from emag.demo import hosting
from emag.editors import passkey_sign_in, passkeys, people, sessions
from emag.editors.assertion import Assertion, verify_assertion
from emag.editors.challenges import ChallengePurpose
from emag.editors.passkey import relying_party
from emag.editors.session import OpenedBy
from emag.errors import PasskeyRefused
from emag.web import app as web
from subscribers import membership
from tests import chromium
from tests.emag.web.conftest import ENVIRON

pytestmark = pytest.mark.browser
# Fails a test where the page's policy stops something, or a script fails.
WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective}`))"""


@pytest.fixture
def site(migrated, tmp_path, clock):
    """A publication with a host name, and Ann, who has every role."""
    folder = shutil.copytree(migrated, tmp_path / "publication")
    with hosting.listen(0) as listener:
        port = listener.getsockname()[1]
        base = f"http://localhost:{port}"
        environ = ENVIRON | {"EMAG_BASE_URL": base}
        newsroom = bootstrap.open_newsroom(folder, now=clock, environ=environ)
        instance.release(newsroom.database)
        roles = ["editor", "approver", "operator"]
        people.invite(
            newsroom.database,
            newsroom.settings,
            "Ann <ann@example.org>",
            roles,
            now=clock(),
            by="O",
        )
        with hosting.serving(web.create(newsroom), listener):
            yield newsroom
        newsroom.transport.close()
        newsroom.database.close()


@pytest.fixture
def page(site, browser):
    """A page of a browser with a device that makes passkeys. It saw no fault at the end."""
    context = browser.new_context(base_url=site.settings.base_url)
    context.add_init_script(WATCH)
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.device = context.new_cdp_session(page)
    page.device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    page.authenticator = page.device.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"automaticPresenceSimulation": True}},
    )["authenticatorId"]
    yield page
    context.close()
    # Chromium also says that a form was answered with 422, which is meant.
    assert [text for text in faults if not text.startswith("Failed to load resource")] == []


def sign_in_with_code(site, page):
    page.goto("/desk/sign-in")
    page.get_by_label("Email").fill("ann@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").wait_for()
    with site.database.transaction() as conn:
        letter = membership.claim_letters(conn, limit=9, now=site.now())[-1]
    page.get_by_label("Code").fill(re.search(r"\b[A-Z0-9]{8}\b", letter.text)[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="This week").wait_for()


def add_passkey(page, name="My laptop"):
    page.goto("/desk/you")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey was added.").wait_for()


def test_a_passkey_is_added_and_signs_in_without_a_name(site, page, clock):
    sign_in_with_code(site, page)
    add_passkey(page)
    assert page.url.endswith("/desk/welcome")
    assert page.get_by_role("heading", name="Add a second passkey").is_visible()
    [passkey] = passkeys.listing(site.database, "ann@example.org")
    assert passkey.name == "My laptop"
    assert people.listing(site.database)[0].passkeys == 1
    page.goto("/desk/editors")  # the session has become strong and fresh
    assert page.get_by_role("button", name="Invite").is_visible()
    page.goto("/desk/you")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/desk/editors?a=b")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/desk/editors?a=b")
    clock.forward(minutes=11)
    page.goto("/desk/editors")
    page.get_by_role("link", name="Prove that it is you").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_role("button", name="Invite").wait_for()
    assert passkeys.listing(site.database, "ann@example.org")[0].used_at == clock()
    with site.database.transaction() as conn:
        letters = membership.claim_letters(conn, limit=9, now=clock())
    assert "A passkey was added" in [letter.subject for letter in letters][-1]


def test_a_removed_passkey_does_not_sign_in(site, page):
    sign_in_with_code(site, page)
    add_passkey(page)
    page.goto("/desk/you")
    page.get_by_role("button", name="Remove My laptop").click()
    page.get_by_text("“My laptop” was removed.").wait_for()
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("alert").get_by_text("not known here, or was removed").wait_for()


def test_a_device_that_does_not_check_the_person_is_of_no_use(site, page):
    sign_in_with_code(site, page)
    add_passkey(page)
    page.goto("/desk/you")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.device.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": page.authenticator, "isUserVerified": False},
    )
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The passkey was not used").wait_for()


@pytest.fixture
def signed(site, page):
    """Ann with a passkey, and a function that lets the browser sign a question of the desk."""
    sign_in_with_code(site, page)
    add_passkey(page)

    def _signed(address):
        return page.evaluate("(address) => emagPasskey.ask('get', address)", address)

    return _signed


def test_a_replayed_assertion_is_refused(site, page, signed):
    page.context.clear_cookies()
    page.goto("/desk/sign-in")
    credential = signed("/desk/sign-in/options")
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    headers = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=site.settings.base_url, headers=headers, cookies=cookies) as client:
        elsewhere = httpx.post(
            f"{site.settings.base_url}/desk/sign-in/passkey",
            data={"credential": credential},
            headers=headers,
        )
        assert elsewhere.status_code == 422  # another browser has not asked for it
        first = client.post("/desk/sign-in/passkey", data={"credential": credential})
        assert first.status_code == 303
        client.cookies.update(cookies)
        again = client.post("/desk/sign-in/passkey", data={"credential": credential})
        assert again.status_code == 422
    late = signed("/desk/sign-in/options")
    site.now.forward(minutes=6)
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    with httpx.Client(base_url=site.settings.base_url, headers=headers, cookies=cookies) as client:
        assert client.post("/desk/sign-in/passkey", data={"credential": late}).status_code == 422


def test_a_copy_of_a_passkey_is_noticed(site, page, signed):
    page.context.clear_cookies()
    page.goto("/desk/sign-in")
    [credential] = page.device.send(
        "WebAuthn.getCredentials", {"authenticatorId": page.authenticator}
    )["credentials"]
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="This week").wait_for()
    page.context.clear_cookies()
    page.device.send(
        "WebAuthn.removeCredential",
        {"authenticatorId": page.authenticator, "credentialId": credential["credentialId"]},
    )
    page.device.send(
        "WebAuthn.addCredential",
        {"authenticatorId": page.authenticator, "credential": credential | {"signCount": 0}},
    )
    page.goto("/desk/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("alert").get_by_text("A copy of this passkey was used").wait_for()


def test_what_a_passkey_has_signed_is_verified_without_the_database(site, page, signed, clock):
    """As an approval does it: the challenge is a hash, and the assertion is kept."""
    challenge = bytes(range(32))
    site_party = relying_party(site.settings.base_url, "x")
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "emag")
    signed_in = sessions.find(site.database, token, now=clock())
    options = passkey_sign_in.begin_assertion(
        site.database,
        site.settings,
        signed_in,
        ChallengePurpose.APPROVE,
        challenge=challenge,
        now=clock(),
    )
    page.route(
        "**/question",
        lambda route: route.fulfill(json=None, body=options, content_type="application/json"),
    )
    text = signed("/question")

    def finish(purpose, expected):
        return passkey_sign_in.finish_assertion(
            site.database,
            site.settings,
            signed_in,
            text,
            purpose=purpose,
            challenge=expected,
            now=clock(),
        )

    with pytest.raises(PasskeyRefused):
        finish(ChallengePurpose.CONFIRM, challenge)
    with pytest.raises(PasskeyRefused):
        finish(ChallengePurpose.APPROVE, bytes(32))
    assertion = finish(ChallengePurpose.APPROVE, challenge)
    with pytest.raises(PasskeyRefused):
        finish(ChallengePurpose.APPROVE, challenge)
    again = Assertion.read(assertion.written())
    where = {"rp_id": site_party.id, "origin": site_party.origin}
    verify_assertion(again, challenge, **where)
    for wrong in (
        (again, bytes(32), where),
        (again, challenge, where | {"rp_id": "elsewhere.example"}),
        (again, challenge, where | {"origin": "https://localhost"}),
        (Assertion.read(again.written() | {"signature": "AAAA"}), challenge, where),
        (Assertion.read(again.written() | {"public_key": "AAAA"}), challenge, where),
        (Assertion.read(again.written() | {"authenticator_data": "AAAA"}), challenge, where),
    ):
        with pytest.raises(PasskeyRefused):
            verify_assertion(wrong[0], wrong[1], **wrong[2])


def test_who_reads_the_mail_cannot_add_a_passkey_of_their_own(site, page, signed):
    token = sessions.open_session(site.database, "ann@example.org", OpenedBy.CODE, now=site.now())
    headers = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(
        base_url=site.settings.base_url, headers=headers, cookies={"emag": token}
    ) as client:
        assert client.post("/desk/you/passkeys/options").status_code == 403
        assert client.post("/desk/you/passkeys", data={"credential": "{}"}).status_code == 403
        assert client.post("/desk/you/passkeys/1/remove").status_code == 403
        assert "first prove with one" in client.get("/desk/you").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_are_accessible(site, page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/desk/sign-in")
    assert chromium.audit(page) == []
    page.get_by_label("Email").fill("ann")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("alert").wait_for()
    sign_in_with_code(site, page)
    add_passkey(page)
    for path in ("/desk/welcome", "/desk/you", "/desk/editors", "/desk/confirm"):
        page.goto(path)
        assert chromium.audit(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
