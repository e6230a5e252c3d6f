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
