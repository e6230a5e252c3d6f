"""A template whose marks of topics are wrong is found before a reader is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from emag.checks import UNBREAKABLE, preflight
from emag.checks.html_part import read
from emag.content.story import Kind, Story
from emag.issues.issue import Issue, Pick, Section, Status
from emag.press.document import Document

NOW = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
SITE = "https://crier.example.org"
HTML = """<!DOCTYPE html><html lang="en-GB"><body><h1>The Town Crier</h1><p>[[greeting]]</p>
[[when posts]]<a href="https://crier.example.org/1">Lanterns in the fog</a>[[/when]]
[[when jobs]]<a href="https://crier.example.org/2">A lamplighter</a>[[/when]]
<a href="[[preferences_url]]">Preferences</a> <a href="[[unsubscribe_url]]">Unsubscribe</a>
</body></html>"""
TEXT = """[[greeting]]

[[when posts]]

Lanterns in the fog

[[/when]]
[[when jobs]]

A lamplighter

[[/when]]

Unsubscribe: [[unsubscribe_url]]
"""
GOOD = Document("Lanterns in the fog", "And a lamplighter", HTML, TEXT)


def section(name: str, number: int, title: str) -> Section:
    return Section(name, name, (Pick(number, Story("x", Kind.POST, f"{SITE}/{number}", title)),))


ISSUE = Issue(
    number=1,
    status=Status.DRAFT,
    subject="Lanterns in the fog",
    since=None,
    until=NOW,
    send_at=None,
    local_date="2026-03-06",
    sections=(section("posts", 1, "Lanterns in the fog"), section("jobs", 2, "A lamplighter")),
)


@pytest.fixture
def faults(settings):
    def _faults(document=GOOD, issue=ISSUE):
        faults_found = preflight(issue, document, now=NOW, settings=settings)
        return [(fault.rule, fault.severity, fault.where) for fault in faults_found]

    return _faults


def changed(**parts):
    (part, (old, new)), *_ = parts.items()
    text = getattr(GOOD, part)
    assert old in text
    return replace(GOOD, **{part: text.replace(old, new)})


def test_good_marks_are_no_fault(faults):
    assert faults() == []


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (changed(html=("A lamplighter</a>[[/when]]", "</a>")), ("topics", "warn", "template")),
        (changed(text=("[[when jobs]]", "")), ("topics", "warn", "template")),
        (
            changed(text=("Unsubscribe: [[unsubscribe_url]]", "[[when posts]][[unsubscribe_url]]")),
            ("topics", "warn", "template"),
        ),
        (changed(html=("[[when jobs]]", "[[when posts]]")), ("topics", "warn", "template")),
        (
            changed(
                text=(
                    "A lamplighter\n\n[[/when]]",
                    "[[/when]]\n\n[[when posts]]A lamplighter[[/when]]",
                )
            ),
            ("topics", "warn", "A lamplighter"),
        ),
        (
            changed(
                html=('<a href="https://crier.example.org/2">', f'<a href="{SITE}/1">x</a><a>')
            ),
            ("topics", "warn", "Lanterns in the fog"),
        ),
    ],
)
def test_wrong_marks_are_named(faults, document, fault):
    assert fault in faults(document)


@pytest.mark.parametrize(
    ("part", "document"),
    [
        (
            "HTML part",
            changed(
                html=(
                    '<a href="[[unsubscribe_url]]">Unsubscribe</a>',
                    '[[when posts]]<a href="[[unsubscribe_url]]">Unsubscribe</a>[[/when]]',
                )
            ),
        ),
        (
            "text part",
            changed(text=("[[unsubscribe_url]]", "[[when jobs]][[unsubscribe_url]][[/when]]")),
        ),
    ],
)
def test_every_variant_needs_an_unsubscribe_link(faults, part, document):
    assert faults(document) == [("unsubscribe", "block", part)]
    assert "unsubscribe" in UNBREAKABLE


def unmarked(text: str) -> str:
    return text.replace("[[when posts]]", "").replace("[[when jobs]]", "").replace("[[/when]]", "")


def test_a_template_without_marks_is_a_warning(faults, settings):
    old = replace(GOOD, html=unmarked(HTML), text=unmarked(TEXT))
    assert faults(old) == [("topics", "warn", "template")]
    none = settings.signup.model_copy(update={"topics": ()})
    without = settings.model_copy(update={"signup": none})
    assert preflight(ISSUE, old, now=NOW, settings=without) == []


def test_a_section_without_marks_is_named(faults):
    forgot = replace(
        GOOD,
        html=HTML.replace("[[when jobs]]", "").replace("lighter</a>[[/when]]", "lighter</a>"),
        text=TEXT.replace("[[when jobs]]", "").replace("lighter\n\n[[/when]]", "lighter"),
    )
    assert faults(forgot) == [("topics", "warn", "template")]


def test_a_story_that_the_note_links_to_is_no_fault(faults):
    noted = changed(html=("[[greeting]]", f'[[greeting]] <a href="{SITE}/2">a lamplighter</a>'))
    assert faults(noted) == [("topics", "warn", "A lamplighter")]
    assert faults(noted, replace(ISSUE, note=f"See [this]({SITE}/2)")) == []


def test_the_other_rules_examine_the_whole_document(faults):
    assert [link.href for link in read(GOOD.whole.html).links][:2] == [f"{SITE}/1", f"{SITE}/2"]
    bare = changed(html=("A lamplighter</a>", '<img src="x.png"></a>'))
    assert ("alt", "warn", "x.png") in faults(bare)
