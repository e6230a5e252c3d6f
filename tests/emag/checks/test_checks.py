"""Every rule finds its fault, names where it is, and is silent when all is well."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from emag.checks import RULE_NAMES, RULES, UNBREAKABLE, preflight
from emag.checks.html_part import read
from emag.checks.rules.size import html_bytes
from emag.content.closing import WITHDRAWN
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section, Status
from emag.press.document import Document

NOW = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
HTML = """<!DOCTYPE html><html lang="en-GB"><head><title>The Town Crier</title></head><body>
<img src="https://crier.example.org/logo.png" alt="The Town Crier">
<h1>Lanterns in the fog</h1>
<p>[[greeting]]</p>
[[when posts]]<a href="https://crier.example.org/lanterns">Read <b>on</b></a>
<a href="https://crier.example.org/picture"><img src="x.png" alt="A lantern"></a>[[/when]]
<a href="mailto:crier@example.org">Write to us</a>
<a href="[[preferences_url]]">Preferences</a> <a href="[[unsubscribe_url]]">Unsubscribe</a>
</body></html>"""
TEXT = (
    "[[greeting]]\n\n[[when posts]]\n\nLANTERNS IN THE FOG\n\n[[/when]]\n\n"
    "Unsubscribe: [[unsubscribe_url]]\n"
)


def story(title="Lanterns in the fog", **more) -> Story:
    kind = Kind.JOB if "vacancy" in more else Kind.POST
    return Story("blog", kind, "https://crier.example.org/lanterns", title, **more)


def issue(*stories: Story, send_at: datetime | None = NOW + timedelta(hours=14)) -> Issue:
    picks = tuple(Pick(n, entry) for n, entry in enumerate(stories or (story(),), 1))
    return Issue(
        number=1,
        status=Status.DRAFT,
        subject="Lanterns in the fog",
        since=None,
        until=NOW,
        send_at=send_at,
        local_date="2026-03-06",
        sections=(Section("posts", "New", picks),),
    )


GOOD = Document("Lanterns in the fog", "And a bench", HTML, TEXT)


@pytest.fixture
def faults(settings):
    def _faults(document=GOOD, of=None, *, settings=settings):
        faults_found = preflight(of or issue(), document, now=NOW, settings=settings)
        return [(fault.rule, fault.severity, fault.where) for fault in faults_found]

    return _faults


def with_html(old: str, new: str) -> Document:
    assert old in HTML
    return replace(GOOD, html=HTML.replace(old, new))


def test_a_good_issue_has_no_fault(faults):
    assert faults() == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        (
            '<a href="[[unsubscribe_url]]">Unsubscribe</a>',
            "",
            "unsubscribe",
            "HTML part",
        ),
        ("[[unsubscribe_url]]", "https://example.org/u", "unsubscribe", "HTML part"),
        ("https://crier.example.org/lanterns", "", "link-empty", "Read on"),
        ("https://crier.example.org/lanterns", "#", "link-empty", "Read on"),
        ("https://crier.example.org/lanterns", "/lanterns", "link-empty", "Read on"),
        ("https://crier.example.org/lanterns", "javascript:alert(1)", "link-empty", "Read on"),
        ("https://crier.example.org/lanterns", "https://[bad", "link-empty", "Read on"),
        ("mailto:crier@example.org", "mailto:", "link-empty", "Write to us"),
        ("Read <b>on</b>", " ", "link-empty", "https://crier.example.org/lanterns"),
        ("Lanterns in the fog</h1>", "[[name]]</h1>", "slots", "HTML part"),
    ],
)
def test_html_faults(faults, old, new, rule, where):
    assert (rule, "block", where) in faults(with_html(old, new))


def test_a_picture_may_be_a_decoration(faults):
    assert faults(with_html('alt="The Town Crier"', 'alt=""')) == []
    assert faults(with_html('alt="The Town Crier"', "alt")) == []


def test_a_linked_picture_needs_words(faults):
    assert faults(with_html('alt="A lantern"', 'alt=""')) == [
        ("link-empty", "block", "https://crier.example.org/picture")
    ]


def test_comments_for_outlook_are_ignored(faults):
    ghost = '<!--[if mso]><v:rect href=""><img src="y.png"></v:rect><![endif]-->'
    assert faults(with_html("<h1>", f"{ghost}<h1>")) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"subject": " "}, ("subject", "warn", "subject")),
        ({"subject": "One\r\nBcc: all"}, ("subject", "warn", "subject")),
        ({"subject": "x" * 121}, ("subject", "warn", "subject")),
        ({"subject": "Hello [[first_name]]"}, ("slots", "block", "subject")),
        ({"text": " \n"}, ("text-part", "warn", "text part")),
        (
            {"text": "Unsubscribe: [[unsubscribe_url]]"},
            ("text-part", "warn", "Lanterns in the fog"),
        ),
        ({"text": "Lanterns in the fog"}, ("unsubscribe", "block", "text part")),
        ({"text": TEXT + "[[city]]"}, ("slots", "block", "text part")),
    ],
)
def test_faults_of_the_other_parts(faults, change, expected):
    assert expected in faults(replace(GOOD, **change))


@pytest.mark.parametrize(
    ("size", "expected"),
    [(89_000, []), (90_000, ["warn"]), (102_000, ["warn"]), (102_001, ["block"])],
)
def test_size_is_measured_in_bytes_after_filling_the_slots(faults, settings, size, expected):
    free = size - html_bytes(GOOD, settings.base_url)
    document = with_html("<h1>", "é" * (free // 2) + " " * (free % 2) + "<h1>")
    assert html_bytes(document, settings.base_url) == size
    assert [severity for _, severity, _ in faults(document)] == expected


def test_long_links_of_a_reader_count(settings):
    document = replace(GOOD, html="[[unsubscribe_url]]")
    assert html_bytes(document, settings.base_url) > len(settings.base_url) + 100


@pytest.mark.parametrize(
    ("closes", "blocked"),
    [(date(2026, 3, 5), True), (date(2026, 3, 6), False), (None, False)],
)
def test_a_job_must_be_open_on_the_day_of_the_send(faults, closes, blocked):
    clerk = story("Clerk", vacancy=Vacancy("Clerk", closes=closes))
    document = replace(GOOD, text=TEXT + "Clerk")
    faults_found = faults(document, issue(clerk))
    assert (("closed-job", "block", "Clerk") in faults_found) is blocked


@pytest.mark.parametrize(("hour", "blocked"), [(6, True), (7, True), (8, False)])
def test_a_job_must_be_open_at_the_time_of_the_send(faults, hour, blocked):
    at = datetime(2026, 3, 6, hour, tzinfo=UTC)
    clerk = story("Clerk", vacancy=Vacancy("Clerk", closes=at.date(), closes_at=at))
    document = replace(GOOD, text=TEXT + "Clerk")
    assert (("closed-job", "block", "Clerk") in faults(document, issue(clerk))) is blocked


def test_an_issue_that_is_late_counts_from_now(faults):
    clerk = story("Clerk", vacancy=Vacancy("Clerk", closes=date(2026, 3, 4)))
    late = issue(clerk, send_at=NOW - timedelta(days=2))
    faults_found = faults(replace(GOOD, text=TEXT + "Clerk"), late)
    assert faults_found == [("closed-job", "block", "Clerk"), ("past", "warn", "send time")]


def test_an_issue_without_a_story_is_named(faults):
    empty = replace(issue(), sections=(Section("posts", "New"),))
    assert faults(of=empty) == [("stories", "warn", "issue")]


def test_the_text_part_may_name_a_job_by_its_role(faults):
    clerk = story("Clerk, Exampleton Council (2 posts)", vacancy=Vacancy("Clerk"))
    assert faults(replace(GOOD, text=TEXT + "CLERK\nExampleton Council"), issue(clerk)) == []
    assert faults(of=issue(clerk)) == [("text-part", "warn", "Clerk, Exampleton Council (2 posts)")]


def test_a_missing_postal_address_blocks(faults, settings):
    publication = settings.publication.model_copy(update={"postal_address": " "})
    without = settings.model_copy(update={"publication": publication})
    assert faults(settings=without) == [("postal-address", "block", "footer")]


def test_every_message_is_a_sentence_that_says_what_to_do(settings):
    broken = Document("", "", '<a href="">x</a><img src="y"> [[z]]', "")
    faults_found = preflight(replace(issue(), sections=()), broken, now=NOW, settings=settings)
    assert len({fault.rule for fault in faults_found}) >= 7
    for fault in faults_found:
        assert fault.message[0].isupper()
        assert fault.message.endswith(".")
        assert ":" in fault.message
        assert fault.where


def test_names_are_unique_and_known():
    assert len(set(RULE_NAMES)) == len(RULE_NAMES) == len(RULES) + 1
    assert set(RULE_NAMES) > UNBREAKABLE


@pytest.mark.parametrize(
    ("more", "closed", "message"),
    [
        ({"starts": NOW + timedelta(days=2)}, "", None),
        ({"starts": NOW + timedelta(hours=9)}, "", "before the issue is sent"),
        ({"starts": NOW - timedelta(days=9), "ends": NOW + timedelta(days=2)}, "", None),
        ({"starts": NOW + timedelta(days=2), "cancelled": True}, "", "cancelled"),
        ({"starts": NOW + timedelta(days=2)}, WITHDRAWN, "no longer in its calendar"),
    ],
)
def test_an_event_that_is_over_at_the_send_blocks(settings, more, closed, message):
    walk = replace(story("A walk", **more), kind=Kind.EVENT)
    section = Section("events", "Events", (Pick(1, walk, closed=closed),))
    document = replace(GOOD, text=TEXT + "A walk")
    of = replace(issue(), sections=(section,))
    of_rules = preflight(of, document, now=NOW, settings=settings)
    messages = [fault.message for fault in of_rules if fault.rule == "closed-job"]
    assert [message in text for text in messages] == [True] if message else messages == []


def test_links_that_are_never_closed_end_where_the_next_begins():
    page = read('<a href="one">One <a href="two">Two')
    assert [(link.href, link.words) for link in page.links] == [("one", "One"), ("two", "Two")]


def test_a_style_element_is_no_link_text():
    page = read('<a href="x"><style>p{}</style></a>')
    assert page.links[0].words == ""
