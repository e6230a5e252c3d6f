"""The settings at the desk: changed with a preview, checked, written with comments, taken back."""

import re
from html import unescape

import httpx
import pytest
from lxml import html

from emag import bootstrap
from emag.demo import hosting
from emag.desk import settings_change
from emag.editors.session import OpenedBy
from emag.press.words import words
from emag.settings import load
from emag.web import app as web
from emag.web.desk import examination
from emag.web.desk.text_samples import SAMPLES
from tests import chromium

FORM = "settings-form"
PAGES = ("", "/look", "/texts", "/texts/signup", "/rules", "/all", "/history")


def folder(desk):
    return desk.press.newsroom.settings.folder


def form(client, path: str) -> dict[str, str]:
    """The fields of the page's form, as a browser would send them unchanged."""
    page = html.fromstring(client.get(path).text)
    return {
        name: (value or "").removeprefix("\n")
        for name, value in page.get_element_by_id(FORM).form_values()
    }


@pytest.mark.parametrize("path", ["/desk/settings/look", "/desk/settings/rules"])
def test_a_form_that_nobody_changed_saves_nothing(desk, path):
    client = desk.signed_in()
    before = (folder(desk) / "emag.toml").read_text()
    answer = client.post(path, data=form(client, path))
    assert "Nothing was different" in answer.text
    assert (folder(desk) / "emag.toml").read_text() == before


def test_a_colour_is_saved_and_the_rest_of_the_file_stays(desk):
    client, toml = desk.signed_in(), folder(desk) / "emag.toml"
    toml.write_text(toml.read_text() + '[theme]\naccent = "#111111"   # ours\n')
    answer = client.post(
        "/desk/settings/look",
        data=form(client, "/desk/settings/look") | {"theme.accent": "#7a1f5c"},
    )
    assert answer.status_code == 200
    assert "Saved. It is in use within a few seconds." in answer.text
    assert 'accent = "#7a1f5c"   # ours' in toml.read_text()
    [change] = settings_change.history(desk.press.newsroom.database)
    assert change.by == "Ann"


def test_rules_are_saved_as_emag_toml_writes_them(desk):
    client = desk.signed_in()
    sent = form(client, "/desk/settings/rules") | {
        "schedule.send": "fri 07:30, tue 07:30",
        "schedule.skip": "2026-12-25\r\n2027-01-01\r\n",
        "approval.four_eyes": "warn",
        "jobs.repeat": "2",
        "sections.posts.limit": "7",
        "publication.reply_to": "Editors <editors@example.org>",
    }
    client.post("/desk/settings/rules", data=sent)
    settings = load(folder(desk), {})
    assert [str(slot) for slot in settings.schedule.send] == ["fri 07:30", "tue 07:30"]
    assert [day.isoformat() for day in settings.schedule.skip] == ["2026-12-25", "2027-01-01"]
    assert settings.approval.four_eyes == "warn"
    assert settings.jobs.repeat == 2
    assert settings.sections[0].limit == 7
    assert settings.publication.reply_to == "Editors <editors@example.org>"
    cleared = form(client, "/desk/settings/rules") | {"publication.reply_to": ""}
    client.post("/desk/settings/rules", data=cleared)
    assert load(folder(desk), {}).publication.reply_to is None


def test_a_wrong_value_is_named_at_its_field_and_nothing_is_written(desk):
    client, toml = desk.signed_in(), folder(desk) / "emag.toml"
    before = toml.read_text()
    sent = form(client, "/desk/settings/rules") | {
        "schedule.send": "someday",
        "sections.posts.limit": "many",
        "publication.title": "The Other Crier",
    }
    answer = client.post("/desk/settings/rules", data=sent)
    assert answer.status_code == 422
    assert "<title>Problem: Rules" in answer.text
    assert '<a href="#schedule.send">Sent: “someday” is not a time that repeats' in answer.text
    assert '<a href="#sections.posts.limit">Most stories: ' in answer.text
    assert 'value="The Other Crier"' in answer.text
    assert toml.read_text() == before


def test_what_somebody_else_saved_meanwhile_is_shown_and_not_lost(desk):
    ann = desk.signed_in()
    ben = desk.signed_in("Ben <ben@example.org>", "operator")
    hers, his = (form(client, "/desk/settings/rules") for client in (ann, ben))
    ben.post("/desk/settings/rules", data=his | {"publication.tagline": "From Ben"})
    annes = hers | {"publication.tagline": "From Ann"}
    answer = ann.post("/desk/settings/rules", data=annes)
    assert answer.status_code == 409
    assert "emag.toml was changed after you opened this page" in answer.text
    assert "Somebody else has saved: From Ben" in answer.text
    assert 'value="From Ann"' in answer.text
    assert load(folder(desk), {}).publication.tagline == "From Ben"
    newer = re.search(r'name="based_on" value="(\w+)"', answer.text)[1]
    ann.post("/desk/settings/rules", data=annes | {"based_on": newer})
    assert load(folder(desk), {}).publication.tagline == "From Ann"


def test_a_change_is_undone_from_the_history(desk):
    client = desk.signed_in()
    path = "/desk/settings/look"
    client.post(path, data=form(client, path) | {"theme.accent": "#7a1f5c"})
    page = client.get("/desk/settings/history").text
    assert "Accent: from the default to “#7a1f5c”" in page
    undo = re.search(r'action="(/desk/settings/history/\d+/undo)"', page)[1]
    number = undo.split("/")[-2]
    former = client.get(f"/desk/settings/history/{number}/file")
    assert former.headers["content-type"] == "text/plain; charset=utf-8"
    assert "7a1f5c" not in former.text
    assert "Undone." in client.post(undo).text
    assert load(folder(desk), {}).theme.accent == "#0b5d4b"
    assert "Not undone. This change was undone already." in client.post(undo).text


def test_markup_in_a_setting_is_shown_and_never_run(desk):
    client = desk.signed_in()
    payload = '"><script>alert(1)</script>{{7*7}}{title}'
    for field in ("publication.tagline", "sections.posts.title", "approval.second"):
        sent = form(client, "/desk/settings/rules") | {field: payload}
        answer = client.post("/desk/settings/rules", data=sent)
        assert "<script>alert" not in answer.text
    for path in (*PAGES, "/look/frame"):
        page = client.get(f"/desk/settings{path}").text
        assert "<script>alert" not in page
        assert "49" not in re.findall(r"script&gt;(\d*)", page)


def test_texts_for_readers(desk):
    client, path = desk.signed_in(), "/desk/settings/texts/home"
    assert "Home page" in client.get("/desk/settings/texts").text
    sent = form(client, path)
    assert sent["home.heading"] == "The next issue, in your inbox"
    client.post(path, data=sent | {"home.heading": "Read <us>"})
    settings = load(folder(desk), {})
    assert words(settings).texts["home.heading"] == "Read <us>"
    assert "emag’s own text:" in client.get(path).text
    sent = form(client, path)
    wrong = client.post(path, data=sent | {"home.lead": "For {nobody}"})
    assert wrong.status_code == 422
    assert '<a href="#home.lead">home.lead holds {nobody}' in wrong.text
    client.post(path, data=sent | {"home.heading": ""})
    assert words(settings).texts["home.heading"] == "The next issue, in your inbox"
    assert client.get("/desk/settings/texts/nothing").status_code == 404


def test_the_trial_shows_an_issue_in_colours_that_are_not_saved(desk):
    desk.press.issue("A new bridge")
    client = desk.signed_in()
    frame = client.get("/desk/settings/look/frame", params={"theme.accent": "#7a1f5c"})
    assert "#7a1f5c" in frame.text.lower()
    assert "A new bridge" in frame.text
    assert "sandbox" in frame.headers["content-security-policy"]
    wrong = client.get("/desk/settings/look/frame", params={"theme.accent": "red; } body {"})
    assert "red; }" not in wrong.text
    dark = client.get("/desk/settings/look/frame", params={"scheme": "dark"})
    assert "only dark" in dark.text
    trial = client.get("/desk/settings/look/trial", params={"theme.ink": "#fefefe"}).text
    assert "Not saved yet" in trial
    assert "7a1f5c" not in (folder(desk) / "emag.toml").read_text()


def test_without_an_issue_the_trial_shows_a_sample(desk):
    assert "A post" in desk.signed_in().get("/desk/settings/look/frame").text


def test_another_theme_is_tried_with_its_own_colours_and_saved_by_its_name_alone(desk):
    client, path = desk.signed_in(), "/desk/settings/look"
    page = client.get(path).text
    fields = dict(re.findall(r'<input type="color" value="([^"]*)" id="([^"]*)"', page))
    form = {key: colour for colour, key in fields.items()} | {"theme.name": "broadsheet"}
    frame = client.get(f"{path}/frame", params=form).text
    assert "#8a1c1c" in frame
    assert "#0b5d4b" not in frame
    based_on = re.search(r'name="based_on" value="([^"]*)"', page)[1]
    client.post(path, data=form | {"based_on": based_on})
    assert load(folder(desk), {}).theme.model_fields_set == {"name"}
    assert 'value="#8a1c1c" id="theme.accent"' in client.get(path).text


@pytest.mark.parametrize("group", SAMPLES)
def test_the_trial_of_texts_shows_pages_and_letters(desk, group):
    client = desk.signed_in()
    page = client.get(f"/desk/settings/texts/{group}").text
    addresses = re.findall(r'<iframe[^>]* src="([^"]+)"', page)
    assert len(addresses) == len(SAMPLES[group])
    for address in addresses:
        frame = client.get(address)
        assert "sandbox" in frame.headers["content-security-policy"]
        assert "The Town Crier" in frame.text


def test_texts_that_are_not_saved_are_tried(desk):
    client, path = desk.signed_in(), "/desk/settings/texts/signup"
    trial = client.get(f"{path}/trial", params={"signup.heading": "Hello <b> {title}"}).text
    address = unescape(re.search(r'<iframe[^>]* src="([^"]+)"', trial)[1])
    assert "Hello &lt;b&gt; The Town Crier" in client.get(address).text
    wrong = client.get(f"{path}/frame/0", params={"signup.heading": "For {nobody}"}).text
    assert "Get The Town Crier by email" in wrong
    assert client.get(f"{path}/frame/9").status_code == 404
    letter = client.get("/desk/settings/texts/letter").text
    assert letter.count("<iframe") == 3
    assert not (folder(desk) / "templates").exists()


def test_the_doctor_answers_with_its_time(desk):
    client = desk.signed_in()
    assert "Nothing has been examined" in client.get("/desk/settings").text
    page = client.post("/desk/settings/examine").text
    assert "Examined on Thursday 5 March 2026, 09:00 GMT" in page
    assert "publication.sender is at example.org, which cannot send mail" in page


def test_a_doctor_who_takes_long_holds_up_no_page(desk, clock):
    examined = examination.Examination(folder(desk), clock)
    assert examined.run(patience=0) is False
    assert examined.began == clock()
    assert examined.run(patience=20) is True
    assert (examined.began, examined.answer.at) == (None, clock())


def test_a_faulty_file_and_what_waits_for_a_restart_are_named(desk):
    client, toml = desk.signed_in(), folder(desk) / "emag.toml"
    text = toml.read_text()
    toml.write_text(text + "[transport]\nport = 2525\n")
    assert "<code>transport.port</code>" in client.get("/desk/settings").text
    toml.write_text(text + "[transport]\nprot = 2525\n")
    page = client.get("/desk/settings").text
    assert "emag.toml has a fault" in page
    assert "transport.prot is not a setting" in page
    toml.write_text("[publication\n")
    for path in PAGES:
        answer = client.get(f"/desk/settings{path}")
        assert answer.status_code in {200, 422}, path


def test_what_a_variable_decides_cannot_be_changed(desk, monkeypatch):
    monkeypatch.setenv("EMAG_PUBLICATION__TAGLINE", "From outside")
    client = desk.signed_in()
    page = client.get("/desk/settings/rules").text
    assert "Set by EMAG_PUBLICATION__TAGLINE on the server" in page
    sent = form(client, "/desk/settings/rules")
    assert "publication.tagline" not in sent
    assert "Nothing was different" in client.post("/desk/settings/rules", data=sent).text


def test_no_page_shows_a_secret(desk):
    client = desk.signed_in()
    environment = desk.press.newsroom.settings.environment
    for path in PAGES:
        page = client.get(f"/desk/settings{path}").text
        assert environment.secret_key not in page
        assert environment.signup_secret not in page


def test_only_operators_with_a_passkey_change_settings(desk):
    viewer = desk.signed_in("Vic <vic@example.org>", "editor", "approver")
    assert viewer.get("/desk/settings").status_code == 403
    assert "/desk/settings" not in viewer.get("/desk").text
    by_code = desk.signed_in("Cod <cod@example.org>", "operator", opened_by=OpenedBy.CODE)
    sent = form(by_code, "/desk/settings/look") | {"theme.accent": "#7a1f5c"}
    assert by_code.post("/desk/settings/look", data=sent).status_code == 403
    assert "7a1f5c" not in (folder(desk) / "emag.toml").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_accessible(desk, browser, width, scheme):
    desk.press.issue("A new bridge")
    token = desk.token(desk.invite())
    desk.client(token).post("/desk/settings/examine")
    context = desk.context(
        browser, token, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    for path in [*(f"/desk/settings{path}" for path in PAGES), "/desk/help"]:
        page.goto(path)
        assert chromium.faults(page) == [], path
        assert chromium.audit(page) == [], path
    assert [message for message in messages if "Content Security Policy" in message] == []
    context.close()


def test_the_preview_follows_the_colours_while_they_are_chosen(desk, browser):
    desk.press.issue("A new bridge")
    context = desk.context(browser, desk.token(desk.invite()))
    page = context.new_page()
    page.goto("/desk/settings/look")
    page.get_by_label("Accent").first.fill("#7a1f5c")
    page.get_by_text("Not saved yet").wait_for()
    frame = page.locator("iframe.trial")
    assert "%237a1f5c" in frame.get_attribute("src")
    page.get_by_label("Preview in dark mode").check()
    page.locator("iframe.trial[src*='scheme=dark']").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. It is in use within a few seconds.").wait_for()
    assert load(folder(desk), {}).theme.accent == "#7a1f5c"
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    assert load(folder(desk), {}).theme.accent == "#0b5d4b"
    context.close()


def test_without_script_the_preview_is_a_button(desk, browser):
    context = desk.context(browser, desk.token(desk.invite()), java_script_enabled=False)
    page = context.new_page()
    page.goto("/desk/settings/look?theme.accent=%237a1f5c&theme.logo_width=200")
    assert page.get_by_label("Accent").first.input_value() == "#7a1f5c"
    page.get_by_label("Width of the logo in pixels").fill("220")
    page.get_by_role("button", name="Show in the preview").click()
    assert "logo_width=220" in page.locator("iframe.trial").get_attribute("src")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. It is in use within a few seconds.").wait_for()
    assert load(folder(desk), {}).theme.logo_width == 220
    context.close()


def test_the_pages_are_in_welsh_too(desk):
    token = desk.token(desk.invite())
    desk.client(token).post(
        "/desk/settings/look",
        data=form(desk.client(token), "/desk/settings/look") | {"theme.accent": "#7a1f5c"},
    )
    room = desk.press.newsroom
    publication = room.settings.publication.model_copy(update={"language": "cy"})
    welsh = bootstrap.renewed(room, room.settings.model_copy(update={"publication": publication}))
    with (
        hosting.listen(0) as listener,
        hosting.serving(web.create(welsh), listener) as base,
        httpx.Client(base_url=base, cookies={"emag": token}) as client,
    ):
        for path in (*PAGES, "/look/trial", "/texts/letter"):
            page = client.get(f"/desk/settings{path}")
            assert page.status_code == 200, path
            assert "Preview" not in page.text, path
        assert 'lang="cy"' in client.get("/desk/help").text
        assert "Gosodiadau" in client.get("/desk/settings").text
