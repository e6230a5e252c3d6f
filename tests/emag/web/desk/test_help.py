"""The page “Help” explains every rule of the pre-flight, in every language of the desk."""

import pytest

from emag import checks
from emag.editors.role import Role
from emag.press.words import words
from emag.web.desk.help import rules


@pytest.mark.parametrize("language", ["en-GB", "cy"])
def test_every_rule_is_explained_in_the_words_files(settings, language):
    publication = settings.publication.model_copy(update={"language": language})
    texts = words(settings.model_copy(update={"publication": publication}), desk=True)
    assert [rule.name for rule in rules(texts)] == list(checks.RULE_NAMES)
    for name in checks.RULE_NAMES:
        assert f"help.rule.{name}" in texts


@pytest.mark.parametrize("role", Role)
def test_everybody_at_the_desk_reads_it(desk, role):
    page = desk.signed_in("Vic <vic@example.org>", role).get("/desk/help").text
    for part in ("A week at the desk", "<kbd>Alt</kbd> <kbd>↑</kbd>", "Doubtful", "closed-job"):
        assert part in page


def test_nobody_else_reads_it(desk):
    assert desk.client().get("/desk/help", follow_redirects=False).status_code == 303


def test_each_key_is_listed_once(desk):
    page = desk.signed_in().get("/desk/help").text
    assert page.count("take back the newest change") == 1


def test_single_keys_can_be_switched_off_and_on(desk, browser):
    number = desk.press.issue("A new bridge")
    context = desk.context(browser, desk.token(desk.invite()))
    page = context.new_page()
    for is_on in (False, True):
        page.goto("/desk/help")
        page.get_by_label("Use the keys").set_checked(is_on)
        page.goto(f"/desk/issues/{number}")
        page.get_by_role("listitem", name="A new bridge").get_by_role("button", name="Out").click()
        page.get_by_text("is out for good").first.wait_for()
        page.locator("body").press("z")
        expected = "took back their own change" if is_on else "is out for good"
        page.get_by_text(expected).first.wait_for()
        if not is_on:
            page.get_by_role("button", name="Undo").click()
            page.get_by_text("took back their own change").first.wait_for()
        page.locator("body").press("?")
        if is_on:
            page.wait_for_url("**/desk/help#keys")
        else:
            assert page.url.endswith(f"/issues/{number}")
    context.close()
