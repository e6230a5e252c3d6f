"""One document with marks: everybody is sent what they chose, whole, sound and nothing else."""

import re
from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from emag.issues.issue import Pick, Section
from emag.press import topics
from emag.press import words as catalogue
from emag.press.compose import compose
from emag.press.document import SLOT, Document, fill, public
from emag.press.mjml import mistake
from emag.settings import load
from tests.conftest import SECRET, TOML
from tests.emag.press.conftest import Make

NAMES = ("posts", "jobs", "events")
CHOICES = [frozenset(c) for n in range(4) for c in combinations(NAMES, n)]
ARCHIVE = "https://mail.crier.example.org/archive/12"
MARK = re.compile(r"\[\[/?(?:when|only)")

words = st.text(st.sampled_from("abc []/\n"), max_size=12)
names = st.sampled_from([*NAMES, topics.EVERYONE])
parts = st.lists(
    st.one_of(
        st.tuples(st.just(""), st.just(""), words),
        st.tuples(st.just("when"), names, words),
        st.tuples(st.just("only"), st.frozensets(st.sampled_from(NAMES)), words),
    ),
    max_size=8,
)


def spelt(kind, of, text):
    if not kind:
        return text
    mark = topics.when(of) if kind == "when" else topics.only(of)
    return f"{mark.open}{text}{mark.close}"


def meant(kind, of, visible):
    if kind == "when":
        return of == topics.EVERYONE or of in visible
    return kind != "only" or of == visible


@given(parts, st.frozensets(st.sampled_from(NAMES)))
def test_cut_removes_what_the_marks_exclude(pieces, visible):
    marked = "".join(spelt(*part) for part in pieces)
    assert topics.cut(marked, visible) == "".join(t for k, of, t in pieces if meant(k, of, visible))
    assert topics.marked_topics(marked) == {of for kind, of, _ in pieces if kind == "when"}
    assert topics.unmatched_marks(marked) == []


@pytest.mark.parametrize(
    ("text", "stray"),
    [
        ("[[when posts]]a", "[[when posts]]"),
        ("a[[/only]]", "[[/only]]"),
        ("[[when posts]][[when jobs]]a[[/when]]", "[[when jobs]]"),
    ],
)
def test_a_mark_without_a_counterpart_is_found(text, stray):
    assert topics.unmatched_marks(text) == [stray]


@given(
    chosen=st.lists(st.text(max_size=3) | st.sampled_from([*NAMES, "gone"])),
    offered=st.frozensets(st.sampled_from([*NAMES, "new"])),
    there=st.frozensets(st.sampled_from(NAMES)),
)
def test_a_choice_never_shows_more_than_was_chosen_nor_locks_a_reader_out(chosen, offered, there):
    visible = topics.visible(chosen, offered=offered, printed=there)
    assert visible <= there
    counts = set(chosen) & (offered | there)
    assert visible == (there & counts if counts else there)


def test_a_topic_that_is_not_offered_any_more_is_ignored():
    there, offered = frozenset({"posts", "jobs"}), ("posts", "jobs")
    assert topics.visible(["news"], offered=offered, printed=there) == there
    assert topics.visible(["news", "jobs"], offered=offered, printed=there) == {"jobs"}
    assert topics.visible(["posts"], offered=["jobs"], printed=there) == {"posts"}, (
        "as was approved"
    )
    assert topics.visible(["events"], offered=NAMES, printed=there) == frozenset(), (
        "offered, not there"
    )


def test_all_combinations_have_a_variant_up_to_a_limit():
    assert topics.choices(NAMES, everyone=False)[0] == frozenset(NAMES)
    assert set(topics.choices(NAMES, everyone=True)) == set(CHOICES)
    assert frozenset() not in topics.choices(NAMES, everyone=False)
    many = [f"t{n}" for n in range(40)]
    assert len(topics.choices(many[: topics.MAX_COMBINED], everyone=True)) == 2**topics.MAX_COMBINED
    assert len(topics.choices(many, everyone=True)) == 42


@pytest.fixture
def printed(settings, make):
    """The full issue with its marks."""
    return compose(make.issue(), settings, now=make.at)


def titles(issue, visible):
    for section in issue.sections:
        for pick in section.picks:
            role = pick.story.vacancy.role if pick.story.vacancy else ""
            yield (role or pick.story.title), section.name in visible


def test_readers_of_all_topics_get_no_marks(settings, make, printed):
    without = make.settings(settings, signup={"topics": ()})
    plain = compose(make.issue(), without, now=make.at)
    assert not MARK.search(plain.html + plain.text + plain.preheader)
    assert printed.topics == frozenset(NAMES)
    assert (printed.whole.html, printed.whole.text) == (plain.html, plain.text)
    assert printed.whole.preheader == plain.preheader
    assert printed.html_bytes == plain.html_bytes
    assert plain.whole is plain
    assert plain.topics == frozenset()
    assert all(plain.has_stories(choice) for choice in CHOICES)


@pytest.mark.parametrize(
    "visible", CHOICES, ids=lambda visible: "-".join(sorted(visible)) or "none"
)
def test_a_reader_gets_the_stories_of_their_topics_and_no_others(printed, issue, make, visible):
    variant = printed.for_topics(visible)
    markup = make.visible(variant.html)
    text = " ".join(variant.text.split())
    for title, is_theirs in titles(issue, visible):
        assert (title in markup) is is_theirs, title
        assert (title in text) is is_theirs, title
    assert ("Job of the week" in markup) is ("jobs" in visible)
    assert ("Read the story" in markup) is ("posts" in visible)
    for part in ("Spring is the season", "Write for The Town Crier", "Unsubscribe", "[[edition]]"):
        assert part in markup
    assert not MARK.search(variant.html + variant.text + variant.preheader + variant.subject)
    assert variant.slots == {"edition", "greeting", "unsubscribe_url", "preferences_url"}
    assert printed.has_stories(visible) is bool(visible)


def as_outlook_reads(html):
    """What stands in comments for Outlook is markup to it."""
    return re.sub(r"<!--\[if (?:mso|mso \| IE|!mso)[^]]*\]>(?:<!-->)?|<!\[endif\]-->", "", html)


def inspect(html):
    """Every element is closed where it belongs, and every comment for Outlook is."""
    opened = re.findall(r"<!--\[if [^]]*\]>", html)
    assert opened
    assert len(opened) == html.count("<![endif]")
    body = html[html.index("<body") : html.index("</html>")]
    for markup in (body, as_outlook_reads(body)):
        problem = mistake(markup)
        assert problem is None, (problem, markup[max(0, problem[0] - 200) : problem[0] + 200])
    assert "<!--[if" not in as_outlook_reads(body)


@pytest.mark.parametrize(
    "visible", CHOICES, ids=lambda visible: "-".join(sorted(visible)) or "none"
)
def test_every_variant_is_sound_for_outlook_and_for_all_others(printed, visible):
    inspect(printed.for_topics(visible).html)


def test_a_broken_variant_is_detected(printed):
    html = printed.for_topics(frozenset({"jobs"})).html
    with pytest.raises(AssertionError):
        inspect(html.replace("<!--[if mso | IE]></td></tr></table>", "<!--[if mso | IE]>", 1))
    with pytest.raises(AssertionError):
        inspect(html.replace("<![endif]-->", "", 1))


def test_the_summary_and_the_reason_name_the_visible_topics(printed, make):
    jobs, two = (printed.for_topics(frozenset(c)) for c in (["jobs"], ["posts", "events"]))
    assert "8 jobs Featured jobs" in make.visible(jobs.html)
    assert "In this issue: 8 jobs.\n" in jobs.text
    assert "15 stories · 3 events" in make.visible(two.html)
    assert "In this issue: 15 stories and 3 events.\n" in two.text
    for part in (make.visible(jobs.html), jobs.text):
        assert "Of the topics in this issue you chose: Featured jobs." in part
    assert "you chose: New on the blog and Events." in two.text
    assert "topics you chose" not in printed.whole.text + printed.whole.html


def test_the_reason_is_told_in_the_publications_language(settings, make):
    german = make.settings(settings, publication={"language": "de"})
    jobs = compose(make.issue(), german, now=make.at).for_topics(frozenset({"jobs"}))
    for part in (make.visible(jobs.html), " ".join(jobs.text.split())):
        assert "Von den Themen dieser Ausgabe haben Sie gewählt: Featured jobs." in part


def hidden_words(html):
    return re.search(r'<div style="display:none[^>]*>([^<\u034f]*)', html)[1].strip()


def test_the_preheader_names_no_story_that_is_left_out(settings, make):
    titles = "Say it once: writing alerts that survive being forwarded · Summer gathering"
    printed = compose(make.issue(preheader=titles), settings, now=make.at)
    jobs = printed.for_topics(frozenset({"jobs"}))
    assert jobs.preheader.startswith("Senior Communications Officer, Exampleshire County Council")
    assert hidden_words(jobs.html) == jobs.preheader
    events = printed.for_topics(frozenset({"events"})).preheader
    assert events.startswith("Plain English in an afternoon · Crisis")
    assert printed.for_topics(frozenset({"posts", "events"})).preheader == titles
    assert hidden_words(printed.whole.html) == printed.whole.preheader == titles


def test_a_title_that_is_cut_off_counts_as_named(settings, make):
    cut = "Summer gathering · Say it once: writing al…"
    printed = compose(make.issue(preheader=cut), settings, now=make.at)
    assert "Say it once" not in printed.for_topics(frozenset({"events"})).preheader


def test_the_editors_own_words_are_for_all(settings, make):
    printed = compose(make.issue(preheader="Spring, and its budgets"), settings, now=make.at)
    assert printed.preheader == "Spring, and its budgets"
    for visible in CHOICES:
        assert hidden_words(printed.for_topics(visible).html) == "Spring, and its budgets"


def with_news(issue, story):
    news = Section("news", "News", (Pick(900, story),))
    return replace(issue, sections=(*issue.sections, news))


def test_a_section_that_is_no_topic_is_for_everybody(settings, make):
    issue = with_news(make.issue(2, 2, 2), make.post(9, title="For all of us"))
    printed = compose(issue, settings, now=make.at)
    assert printed.topics == frozenset(NAMES)
    for visible in CHOICES:
        assert "For all of us" in make.visible(printed.for_topics(visible).html)
        assert printed.has_stories(visible)
    nothing = printed.for_topics(frozenset())
    assert "In this issue: 1 story.\n" in nothing.text
    assert "topics you chose" not in nothing.text


def test_the_lead_belongs_to_its_section(settings, make):
    lead = make.post(8, title="Leads, and is for all")
    issue = with_news(make.issue(0, 2, 2), lead)
    printed = compose(issue, settings, now=make.at)
    jobs = make.visible(printed.for_topics(frozenset({"jobs"})).html)
    assert "Leads, and is for all" in jobs
    assert "Read the story" in jobs
    assert "News" not in make.tree(printed.html).xpath("//h2//text()"), "no heading of nothing"


def test_more_topics_than_can_be_combined_still_select_stories(settings, make):
    many = [f"topic-{n}" for n in range(topics.MAX_COMBINED + 1)]
    sections = tuple(
        Section(name, name, (Pick(n, make.post(n, title=f"Story of {name}")),))
        for n, name in enumerate(many, 1)
    )
    changed = make.settings(settings, signup={"topics": tuple(many)})
    printed = compose(make.issue(sections=sections), changed, now=make.at)
    variant = printed.for_topics(frozenset(many[2:4]))
    markup = make.visible(variant.html)
    assert [f"Story of {name}" in markup for name in many] == [name in many[2:4] for name in many]
    assert variant.preheader == ""
    assert "In this issue" not in variant.text
    assert "In this issue: 6 stories." in printed.whole.text
    inspect(variant.html)


def test_the_hash_covers_every_variant(settings, make, printed):
    fewer = compose(make.issue(15, 8, 2), settings, now=make.at)
    jobs = frozenset({"jobs"})
    assert fewer.for_topics(jobs) == printed.for_topics(jobs)
    assert fewer.hash != printed.hash
    otherwise = make.settings(settings, signup={"topics": ("posts",)})
    assert compose(make.issue(), otherwise, now=make.at).hash != printed.hash


def test_the_archive_and_a_filled_copy_show_everything(printed, issue, settings, make):
    values = dict.fromkeys(("edition", "greeting", "unsubscribe_url", "preferences_url"), "x")
    for visible in (
        public(printed, archive_url=ARCHIVE, texts=catalogue.words(settings)),
        fill(printed, values),
    ):
        markup = make.visible(visible.html)
        assert all(title in markup for title, _ in titles(issue, NAMES))
        assert not MARK.search(visible.html + visible.text + visible.preheader)


def test_text_from_outside_contains_no_marks(settings, make):
    trick = "[[/when]] a [[when jobs]] b [[only posts]] c"
    issue = make.issue([make.post(0), make.post(1, title=trick, summary=trick)], 2, note=trick)
    printed = compose(replace(issue, subject=trick, preheader=trick), settings, now=make.at)
    assert [topics.unmatched_marks(part) for part in (printed.html, printed.text)] == [[], []]
    jobs = printed.for_topics(frozenset({"jobs"}))
    assert make.post(0).title not in jobs.html
    inspect(jobs.html)


def test_a_document_without_marks_is_unchanged():
    old = Document("s", "p", "<p>a</p>\n\n\n\n<p>b</p>", "a\n\n\n\nb  ")
    for visible in CHOICES:
        assert old.for_topics(visible) is old
    assert old.html_bytes == len(old.html)


@hypothesis(max_examples=25)
@given(data=st.data())
def test_any_issue_for_any_choice(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    (folder / "emag.toml").write_text(TOML)
    changed = load(folder, {"EMAG_SECRET_KEY": SECRET})
    offered = data.draw(st.lists(st.sampled_from([*NAMES, "news"]), unique=True))
    changed = Make.settings(changed, signup={"topics": tuple(offered)})
    many = st.integers(0, 2)
    issue = Make.issue(data.draw(many), data.draw(many), data.draw(many))
    issue = with_news(issue, Make.post(7, title="Of no kind")) if data.draw(many) else issue
    printed = compose(issue, changed, now=Make.at)
    chosen = data.draw(st.lists(st.sampled_from([*NAMES, "news", "gone"]), unique=True))
    visible = topics.visible(chosen, offered=offered, printed=printed.topics)
    variant = printed.for_topics(visible)
    restricted = [name for name in chosen if name in offered]
    for section in issue.sections:
        is_included = not restricted or section.name in chosen or section.name not in offered
        for title, _ in titles(replace(issue, sections=(section,)), ()):
            assert (title in Make.visible(variant.html)) is is_included
            assert (title in " ".join(variant.text.split())) is is_included
    left = [
        section
        for section in issue.sections
        if section.picks
        and (not restricted or section.name in chosen or section.name not in offered)
    ]
    assert printed.has_stories(visible) is (bool(left) or not issue.picks or not printed.topics)
    everything = chain(variant.html.split("\n"), variant.text.split("\n"))
    assert not any(MARK.search(line) for line in everything)
    assert SLOT.findall(variant.text).count("unsubscribe_url") == 1
    assert "\n\n\n" not in variant.text
    inspect(variant.html)
