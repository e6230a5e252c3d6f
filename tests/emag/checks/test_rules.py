"""Each rule of the pre-flight finds its fault in one printed issue, which passes as it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emag import checks
from emag.checks import CheckRecord
from emag.checks.record import folded
from emag.checks.rules.size import html_bytes
from emag.content.links.link import LinkAnswer, LinkState
from emag.content.pictures.picture import StoredPicture, Use
from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.domain import DomainFinding
from emag.issues.issue import Issue, NamedStory, Pick, Section, Status
from emag.issues.promo import Promo, PromoKind
from emag.issues.words import Field
from emag.press.compose import compose
from emag.press.document import Document
from emag.settings import ChecksSettings, Publication, Settings, Theme
from emag.settings.checks import RULE_IDS

NOW = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
SITE = "https://crier.example.org"
FIRST, SECOND, JOB = f"{SITE}/lanterns", f"{SITE}/bench", f"{SITE}/jobs/clerk"
PICTURE = f"{SITE}/lantern.jpg"
PICTURE_IN_MAIL = f"http://localhost:8400/pictures/{'a' * 32}/lead@2x.jpg"
HARD = (
    "Notwithstanding the aforementioned considerations, organisational stakeholders should "
    "nevertheless endeavour to operationalise multidisciplinary collaboration methodologies, "
    "facilitating comprehensive strategic alignment across heterogeneous institutional "
    "environments and interdependent administrative responsibilities."
)


def post(link: str, title: str, **more: Any) -> Story:
    summary = "The town put them up last week. People walk home without fear."
    return Story("posts", Kind.POST, link, title, summary=summary, published=NOW, **more)


LEAD = post(FIRST, "Lanterns in the fog", picture=Picture(PICTURE, "A lit lantern", 1200, 800))
PICKS = (Pick(1, LEAD, source=LEAD), Pick(2, post(SECOND, "A bench for two")))
VACANCY = Vacancy("Town clerk", "Exampleton Council", closes=date(2026, 4, 1))
CLERK = Pick(3, Story("jobs", Kind.JOB, JOB, "Town clerk", vacancy=VACANCY))
ISSUE = Issue(
    number=2,
    status=Status.DRAFT,
    subject="Lanterns in the fog",
    preheader="A bench for two · Town clerk, Exampleton Council",
    since=None,
    until=NOW,
    send_at=NOW + timedelta(hours=14),
    local_date="2026-03-06",
    sections=(Section("posts", "New", PICKS), Section("jobs", "Jobs", (CLERK,))),
    note=f"Read [the plan]({SITE}/plan) of the town.",
    promos=(
        Promo(
            PromoKind.ANNOUNCEMENT, "Market day", "end", "Come early.", link=f"{SITE}/market", id=7
        ),
    ),
    pictures=(StoredPicture(PICTURE, Use.STORY, "a" * 32, 1200, 800, "jpg"),),
)


@dataclass(frozen=True)
class Case:
    """A printed issue with what is known of it, of which a test changes one thing."""

    issue: Issue
    document: Document
    settings: Settings
    record: CheckRecord = field(default_factory=CheckRecord)

    def html(self, old: str, new: str) -> "Case":
        assert old in self.document.html, old
        html = self.document.html.replace(old, new, 1)
        return replace(self, document=replace(self.document, html=html))

    def long(self, size: int) -> "Case":
        return self.html(
            MARK, " " * (size - html_bytes(self.document, self.settings.base_url)) + MARK
        )

    def text(self, text: str) -> "Case":
        return replace(self, document=replace(self.document, text=text))

    def line(self, **lines: str) -> "Case":
        return replace(self, document=replace(self.document, **lines))

    def of(self, **changes: Any) -> "Case":
        return replace(self, issue=replace(self.issue, **changes))

    def lead(self, words: dict[Field, str] | None = None, **changes: Any) -> "Case":
        """Changes the first story."""
        first, *rest = self.issue.sections
        pick = replace(PICKS[0], story=replace(LEAD, **changes), words=words or {})
        return self.of(sections=(replace(first, picks=(pick, PICKS[1])), *rest))

    def job(self, **changes: Any) -> "Case":
        posts, jobs = self.issue.sections
        return self.of(sections=(posts, replace(jobs, picks=(replace(CLERK, **changes),))))

    def promo(self, **changes: Any) -> "Case":
        return self.of(promos=(replace(self.issue.promos[0], **changes),))

    def checked(self, **settings: Any) -> "Case":
        return self._set(checks=ChecksSettings(**settings))

    def publication(self, **settings: Any) -> "Case":
        return self._set(publication=self.settings.publication.model_copy(update=settings))

    def theme(self, **settings: Any) -> "Case":
        return self._set(theme=Theme(**settings))

    def answered(self, state: LinkState, moved_to: str = "") -> "Case":
        answer = LinkAnswer(FIRST, state, "the page is not there (HTTP 404)", moved_to)
        return self.recorded(links={FIRST: answer})

    def weighing(self, size: int) -> "Case":
        return self.recorded(weights={PICTURE_IN_MAIL: size})

    def recorded(self, **facts: Any) -> "Case":
        return replace(self, record=replace(self.record, **facts))

    def faults(self) -> list[checks.Fault]:
        facts = {"now": NOW, "settings": self.settings, "record": self.record}
        return checks.preflight(self.issue, self.document, **facts)

    def _set(self, **tables: Any) -> "Case":
        return replace(self, settings=self.settings.model_copy(update=tables))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder: Path = tmp_path_factory.mktemp("rules")
    publication = Publication(
        title="The Town Crier",
        sender="The Town Crier <crier@example.org>",
        url=SITE,
        postal_address="1 Market Square, Exampleton",
    )
    settings = Settings(folder=folder, publication=publication)
    return Case(ISSUE, compose(ISSUE, settings, now=NOW), settings)


def test_a_clean_issue_passes(clean):
    assert clean.faults() == []


MARK = "</h1>"  # the mail holds one, whatever its theme

# The rule, its severity, where, what an editor changes, and the issue that it must stop.
FAULTS: list[tuple[str, str, str, str, Callable[[Case], Case]]] = [
    ("link-dead", "block", FIRST, "story 1", lambda c: c.answered(LinkState.DEAD)),
    ("link-dead", "warn", FIRST, "story 1", lambda c: c.answered(LinkState.SILENT)),
    ("link-redirected", "warn", FIRST, "story 1", lambda c: c.answered(LinkState.ALIVE, SECOND)),
    (
        "link-http",
        "warn",
        "http://crier.org/",
        "",
        lambda c: c.html(MARK, f'{MARK}<a href="http://crier.org/">x</a>'),
    ),
    ("link-empty", "block", "x", "", lambda c: c.html(MARK, f'{MARK}<a href="#">x</a>')),
    ("link-used", "warn", SECOND, "story 2", lambda c: c.recorded(used={SECOND: 1})),
    (
        "picture-missing",
        "warn",
        "Lanterns in the fog",
        "words 1 picture",
        lambda c: c.of(pictures=()),
    ),
    ("picture-heavy", "warn", PICTURE_IN_MAIL, "words 1 picture", lambda c: c.weighing(120_001)),
    ("picture-heavy", "warn", "pictures", "", lambda c: c.weighing(800_001)),
    (
        "picture-heavy",
        "warn",
        f"data:image/png;base64,{'A' * 138}…",
        "",
        lambda c: c.html(MARK, f'{MARK}<img alt="" src="data:image/png;base64,{"A" * 120_000}">'),
    ),
    (
        "alt",
        "warn",
        "Lanterns in the fog",
        "words 1 alt",
        lambda c: c.lead(picture=Picture(PICTURE)),
    ),
    (
        "alt",
        "warn",
        "Lanterns in the fog",
        "words 1 alt",
        lambda c: c.lead(picture=Picture(PICTURE, "IMG_2041.jpg")),
    ),
    ("alt", "warn", "x.png", "", lambda c: c.html(MARK, f'{MARK}<img src="x.png">')),
    (
        "contrast",
        "warn",
        "Faint",
        "",
        lambda c: c.html(MARK, f'{MARK}<p style="color:#999;background:#fff">Faint</p>'),
    ),
    ("contrast", "warn", "theme.ink", "", lambda c: c.theme(ink="#cccccc")),
    ("headings", "warn", "Far down", "", lambda c: c.html(MARK, f"{MARK}<h4>Far down</h4>")),
    ("headings", "warn", "Twice", "", lambda c: c.html(MARK, f"{MARK}<h1>Twice</h1>")),
    ("size", "warn", "HTML part", "", lambda c: c.long(90_000)),
    ("size", "block", "HTML part", "", lambda c: c.long(102_001)),
    (
        "subject",
        "block",
        "subject",
        "subject",
        lambda c: c.of(
            subject="Dragons of old at last",
            subject_is_written=True,
            mentions=(NamedStory("subject", 9, "Dragons of old at last"),),
        ),
    ),
    ("subject", "warn", "subject", "subject", lambda c: c.line(subject="READ THIS LETTER TODAY")),
    (
        "subject",
        "warn",
        "subject",
        "subject",
        lambda c: c.line(subject="A party \U0001f389 for all"),
    ),
    ("subject", "warn", "subject", "subject", lambda c: c.line(subject="word " * 30)),
    (
        "subject",
        "warn",
        "subject",
        "subject",
        lambda c: c.recorded(lines={folded(ISSUE.subject): 1}),
    ),
    ("preheader", "warn", "preheader", "preheader", lambda c: c.line(preheader=ISSUE.subject)),
    ("preheader", "warn", "preheader", "preheader", lambda c: c.line(preheader="")),
    ("preheader", "warn", "preheader", "preheader", lambda c: c.line(preheader="What?! Now!!")),
    ("slots", "block", "HTML part", "", lambda c: c.html(MARK, f"[[city]]{MARK}")),
    ("text-part", "warn", "text part", "", lambda c: c.text("")),
    (
        "text-part",
        "warn",
        "A bench for two",
        "story 2",
        lambda c: c.text(
            c.document.text.replace("bench for two", "chair")
            .replace("BENCH FOR TWO", "CHAIR")
            .replace(SECOND, "")
        ),
    ),
    ("spam", "warn", "subject", "subject", lambda c: c.line(subject="Act now and see the town")),
    (
        "spam",
        "warn",
        "https://bit.ly/x",
        "",
        lambda c: c.html(MARK, f'{MARK}<a href="https://bit.ly/x">x</a>'),
    ),
    (
        "spam",
        "warn",
        "https://evil.net/",
        "",
        lambda c: c.html(MARK, f'{MARK}<a href="https://evil.net/">www.bank.com</a>'),
    ),
    (
        "domain",
        "warn",
        "example.org",
        "",
        lambda c: c.recorded(domain=(DomainFinding("example.org has no DMARC record", "warn"),)),
    ),
    ("closed-job", "block", "Town clerk", "story 3", lambda c: c.job(closed="gone (HTTP 404)")),
    ("past", "warn", "send time", "time", lambda c: c.of(send_at=NOW - timedelta(hours=1))),
    ("stories", "warn", "issue", "", lambda c: c.of(sections=())),
    (
        "stories",
        "block",
        "issue",
        "note",
        lambda c: c.of(sections=(), note="", is_special=True),
    ),
    ("topics", "warn", "template", "", lambda c: c.html("[[/when]]", "")),
    (
        "unsubscribe",
        "block",
        "text part",
        "",
        lambda c: c.text(c.document.text.replace("[[unsubscribe_url]]", "")),
    ),
    ("postal-address", "block", "footer", "", lambda c: c.publication(postal_address="")),
    ("promo", "block", "promo 7: Market days", "promo 7", lambda c: c.promo(title="Market days")),
    (
        "banned",
        "warn",
        "Lanterns in the fog",
        "words 1 title",
        lambda c: c.checked(banned=("FOG", "og")),
    ),
    ("banned", "warn", "note", "note", lambda c: c.checked(banned=("of the  town",))),
    ("reading-age", "warn", "note", "note", lambda c: c.of(note=HARD)),
    (
        "client-css",
        "warn",
        "<p>",
        "",
        lambda c: c.html(MARK, f'{MARK}<p style="padding:0 0 8px">x</p>'),
    ),
    (
        "client-css",
        "warn",
        "<p>",
        "",
        lambda c: c.html(MARK, f'{MARK}<p style="display:flex">x</p>'),
    ),
    ("client-css", "warn", "<svg>", "", lambda c: c.html(MARK, f"{MARK}<svg></svg>")),
    (
        "page-gone",
        "warn",
        "Lanterns in the fog",
        "story 1",
        lambda c: c.of(sections=(Section("posts", "New", (replace(PICKS[0], closed="gone"),)),)),
    ),
    (
        "source-changed",
        "warn",
        "Lanterns in the fog",
        "words 1 title",
        lambda c: c.of(
            sections=(Section("posts", "New", (replace(PICKS[0], changed=(Field.TITLE,)),)),)
        ),
    ),
]


@pytest.mark.parametrize(("rule", "severity", "where", "target", "broken"), FAULTS)
def test_each_rule_stops_its_fault(clean, rule, severity, where, target, broken):
    faults = [fault for fault in broken(clean).faults() if fault.rule == rule]
    assert (severity, where, target) in [(f.severity, f.where, f.target) for f in faults]
    for fault in faults:
        assert not fault.message[0].islower()
        assert re.search(r"[:.] \S.*\.$", fault.message), "what is wrong, then what to do"


def test_every_rule_has_a_fault_here_and_an_id_in_the_settings():
    ids = {rule for rule, *_ in FAULTS}
    assert ids == {*checks.RULE_NAMES} - {"story-twice"}
    assert {*checks.RULE_NAMES} <= {*RULE_IDS}


def test_what_is_no_fault(clean):
    """Each of these is close to a fault, and none."""
    near = [
        clean.answered(LinkState.ALIVE, f"{FIRST}/"),
        clean.answered(LinkState.UNCLEAR),
        clean.answered(LinkState.PRIVATE),  # while everything is tried out on one machine
        clean.lead(words={Field.ALT: ""}, picture=Picture(PICTURE)),
        clean.html(
            MARK, f'{MARK}<a href="{SITE}/market" aria-hidden="true"><img src="x" alt=""></a>'
        ),
        clean.line(subject="What UNESCO says of the BBC"),
        clean.checked(banned=("og", "lan"), block=("banned",)),
        clean.html(MARK, f'{MARK}<p style="display:none">[[greeting]]</p>'),
        clean.html(MARK, f'{MARK}<a style="color:#fff" href="{SITE}/x">crier.example.org</a>'),
        clean.of(note="Long. " * 40),
        clean.of(note="The list:\n" + f"\n- [Bins]({SITE}/administrative/responsibilities)" * 30),
        clean.html(MARK, f'{MARK}<p style="margin:8px;padding:0">x</p>'),
    ]
    assert [case.faults() for case in near] == [[]] * len(near)


def test_the_settings_make_rules_graver_or_milder(clean):
    dead = clean.answered(LinkState.DEAD)
    severities = {
        name: [(f.rule, f.severity) for f in dead.checked(**{name: ("link-dead",)}).faults()]
        for name in ("block", "warn", "off")
    }
    both = [("link-dead", "block")]
    assert severities == {"block": both, "warn": [("link-dead", "warn")], "off": []}
    faint = clean.theme(ink="#cccccc").checked(block=("contrast",))
    assert {f.severity for f in faint.faults()} == {"block"}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"off": ["link-ded"]}, "did you mean link-dead?"),
        ({"off": ["alt"], "warn": ["alt"]}, "alt is named twice"),
        ({"off": ["unsubscribe"]}, "unsubscribe always blocks"),
        ({"banned": [""]}, "at least 1 character"),
    ],
)
def test_wrong_settings_are_named(table, sentence):
    with pytest.raises(ValueError, match=sentence.replace("?", r"\?")):
        ChecksSettings(**table)
