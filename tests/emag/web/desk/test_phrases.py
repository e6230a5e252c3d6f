"""The desk says what verbs say in each of its languages: acts, reasons, errors and faults."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import emag
import subscribers
from emag.press.words import english, words
from emag.settings import shipped_templates
from emag.web.desk.phrases import Phrasebook

ROOT = Path(emag.__file__).parent.parent
assert Path(subscribers.__file__).parent.parent == ROOT

# The modules that say something to a person at the desk.
SPEAKERS = {
    "emag/issues": (
        "acts approval_terms booking correction difference draft history issue promo recipe store "
        "tray words"
    ),
    "emag/desk": (
        "approve arrange change_request conflict dispatch expected export four_eyes look placing "
        "pool progress promo_dates promos proof settings_change sources words"
    ),
    "emag/editors": (
        "assertion openid passkeys passkey_sign_in people role sessions signatures work_sign_in"
    ),
    "emag/dates": "calendar",
    "emag/content": "closing trouble",
    "emag/content/sources": "fetch formats pages parser syndication",
    "emag/checks": "inbox_line",
    "emag/checks/rules": "*",
    "subscribers": "address adding reader_search",
}

WAITING = 10  # so many new sentences may wait for their translation

# Parts of sentences, of which COMPOSED has the whole, and what no person reads.
PARTS = {
    "7 7",
    "7 7 7",
    "7 7: 7",
    "7 7 (HTTP 7)",
    "7 7 7 place 7 of 7",
    "7 KB",
    "7 passkeys, 7 sessions",
    "7 → 7",
    "7 7 for a reading age of 7: shorter sentences and commoner words help.",
    "7: 7. Give another address, or read the sources again.",
    "7: correct it where your domain's DNS is kept",
    "7, which is not in the issue: 7.",
    "7, which is “7” now: 7.",
    "7 changed issue 7 last, so somebody else",
    "7 changed the issue last: somebody else 7 approve it.",
    "7 must approve it: four_eyes is “required” in [approval].",
    "7 should have approved it.",
    "The 7 names “7”",
    "The 7 “7” 7",
    "The link “7” 7",
    (
        "The HTML part has 7 bytes and mail programs cut it off at 7, so readers do not see the "
        "unsubscribe link7: drop stories or lower a section's limit."
    ),
    "There is no act 7 of issue 7 to 7.",
    "There is no place “7”: 7",
    "There is nothing to 7 in issue 7.",
    "This promo is printed without its picture",
    "choose top, after-lead, after:SECTION or end.",
    "emag approval 1",
    "has trouble of its own; it will be tried again later",
    "in the text is not a full https address: write https://…",
    "is not a full https address: write it like https://…",
    "it is 7",
    "no mapping",
    "no text",
    "over: it took place on",
    "promo 7",
    "session 7",
    "story 7",
    "text/html, application/xhtml+xml, */*;q=0.5",
    "the address",
    "waits for an editor to pick it",
    "waits in the tray",
    "words 7 7",
}
COMPOSED = (
    "moved “A bridge” to place 2 of Posts",
    "put “A bridge” in at place 1 of Posts",
    "took back Ben's change: moved “A bridge” to place 2 of Posts",
    "did again their own change: removed the note",
    "held the issue: “A bridge” is closed: its page is gone (HTTP 410)",
    "dropped “A bridge”: it is closed on 8 March at 12:00",
    "approved the issue: after the approval by Ann, without “A bridge”",
    "set the sending to Friday 6 March at 07:30",
    "There is no act 7 of issue 7 to take back.",
    "There is nothing to do again in issue 7.",
    "There is no place “left”: choose top, after-lead, after:SECTION or end.",
    "The link “x” is not a full https address: write it like https://…",
    "The link “x” in the text is not a full https address: write https://…",
    "Ann changed the issue last: somebody else must approve it.",
    (
        "Ann changed issue 7 last, so somebody else must approve it: four_eyes is “required” in "
        "[approval]."
    ),
    "added by Ann after the draft, waits in the tray",
    "in the pool, waits for an editor to pick it",
    (
        "The subject names “A bridge”, which is not in the issue: write it again, or make it "
        "automatic again."
    ),
    "A summary asks for a reading age of 17: shorter sentences and commoner words help.",
    (
        "This promo is printed without its picture: it is too heavy. Give another address, or read "
        "the sources again."
    ),
    (
        "The HTML part has 7 bytes and mail programs cut it off at 7, so readers do not see the "
        "unsubscribe link: drop stories or lower a section's limit."
    ),
    "https://example.org/feed is not there; check the address (HTTP 404)",
    "moved from Friday 3 April: Good Friday",
)


def book(language: str = "cy") -> Phrasebook:
    settings = SimpleNamespace(
        publication=SimpleNamespace(language=language), template_folders=(shipped_templates(),)
    )
    return Phrasebook(english(settings, desk=True), words(settings, desk=True))


def modules() -> Iterator[Path]:
    for folder, names in SPEAKERS.items():
        for name in names.split():
            yield from sorted((ROOT / folder).glob(f"{name}.py"))


def written(node: ast.AST) -> str:
    """The text of a string, with 7 for every value; "" for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part) or "7" for part in node.values)
    return ""


def sentences(path: Path) -> Iterator[str]:
    """What a module raises, reports as a fault or returns: every text of more than one word."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            yield written(node.exc.args[0])
        if isinstance(node, (ast.Return, ast.Assign, ast.Yield)) and node.value:
            yield written(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Fault"):
            yield from map(written, node.args)


@pytest.fixture(scope="module")
def welsh() -> Phrasebook:
    return book()


def test_every_sentence_of_a_verb_can_be_said_in_welsh(welsh):
    silent = {
        f"{path.relative_to(ROOT)}: {sentence}"
        for path in modules()
        for sentence in sentences(path)
        if not is_known(welsh, sentence)
    }
    advice = "give these a pattern in words/desk/en, and a text in the others"
    assert len(silent) <= WAITING, f"{advice}: {sorted(silent)}"


def is_known(welsh: Phrasebook, sentence: str) -> bool:
    is_text = " " in sentence.strip() and "(?:" not in sentence
    plain = sentence.removeprefix("in: ").removeprefix("out: ")
    return not is_text or sentence in PARTS or welsh.knows(plain)


def test_every_area_of_an_examination_has_a_name():
    modules = (ROOT / "emag/doctor").glob("*.py")
    areas = {
        area for path in modules for area in re.findall(r'Problem\(\s*"(\w+)"', path.read_text())
    }
    settings = tomllib.loads((shipped_templates() / "words/desk/en/settings.toml").read_text())
    assert areas
    assert areas <= set(settings["settings"]["area"])


@pytest.mark.parametrize("sentence", COMPOSED)
def test_a_sentence_of_several_parts_is_said_whole(welsh, sentence):
    assert welsh.knows(sentence)


def test_what_people_wrote_stays_as_it_is(welsh):
    title = "The note; <b>newest</b>. A {bridge}"
    assert welsh(f"wrote the title of “A”: “{title}”") == f"ysgrifennu teitl “A”: “{title}”"
    assert welsh(f"“{title}” is out; the note is another one") == (
        f"mae “{title}” allan; mae’r nodyn wedi newid"
    )
    assert welsh("Nobody knows this sentence") == "Nobody knows this sentence"


def test_days_and_nested_phrases_are_said_too(welsh):
    assert welsh.act("Ann", "set the sending to Friday 6 March at 07:30") == (
        "Mae Ann wedi gosod yr amser anfon: Dydd Gwener 6 Mawrth am 07:30"
    )


def test_an_english_desk_says_what_the_verb_says():
    english_book = book("en-GB")
    assert english_book("soonest") == "soonest"
    assert english_book.act("Ann", "removed the note") == "Ann removed the note"


def test_a_long_text_of_a_stranger_costs_little(welsh):
    text = "A; b. C " * 2000
    assert welsh(text) == text
