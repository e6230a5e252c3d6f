"""Acts on a real issue: recorded, told, taken back, done again."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete

from emag.content import store as pool
from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import approve, arrange, edit, history, words
from emag.desk.look import look
from emag.errors import EmagError, NotFound, TextConflict, WrongMove
from emag.issues import acts, store, verdicts
from emag.issues.draft import draft
from emag.issues.issue import Status
from emag.issues.lines import Line
from emag.issues.recipe import Because
from emag.issues.tables import ACTS
from emag.issues.words import Field, apply, of_source, tidy


@pytest.fixture
def by(database, settings, clock):
    """Calls a verb of the desk as one editor: `by("Ann", arrange.drop, 1, [3])`."""

    def call(name, verb, which, *arguments, **more):
        clock.forward(minutes=1)
        return verb(database, settings, which, *arguments, now=clock(), by=name, **more)

    return call


def placed(issue):
    return {s.name: [p.candidate for p in s.picks] for s in issue.sections if s.picks}


def sentences(database, settings, number=1):
    return [entry.sentence for entry in history.listing(database, settings, number)[1]]


def test_acts_are_told_as_sentences(database, settings, issue, ids, by):
    one, two, three = ids
    by("Ann", arrange.move, 1, three, place=1)
    by("Ben", arrange.hold, 1, [two])
    by("Ann", words.write, 1, one, {Field.TITLE: "Lanterns, all night"})
    by("Ben", edit.write, 1, subject="Lanterns", note="Dear all")
    by("Ann", history.undo, 1)
    by("Ann", approve.approve, 1)
    by("Ben", arrange.drop, 1, [one])
    assert sentences(database, settings) == [
        "Ann moved “The ferry timetable” to place 1 of New on the blog",
        "Ben held “A bench for two” for the next issue",
        "Ann wrote the title of “Lanterns in the fog”: “Lanterns, all night”",
        "Ben wrote the subject “Lanterns”",
        "Ben wrote the note",
        "Ann took back Ben's change: wrote the note",
        "Ann approved the issue",
        "Ben opened the issue again: it needs a new approval",
        "Ben dropped “Lanterns in the fog”",
    ]


def test_what_changes_nothing_is_no_act(database, settings, clock, issue, ids, by):
    by("Ann", approve.approve, 1)
    before = sentences(database, settings)
    by("Ann", arrange.move, 1, ids[0], place=1)
    by("Ann", arrange.order, 1, ids)
    by("Ann", edit.reset, 1, [Line.SUBJECT])
    assert sentences(database, settings) == before
    assert by("Ann", edit.write, 1, note="").status is Status.APPROVED


def test_undo_goes_back_one_further_each_time(database, settings, issue, ids, by):
    start = placed(issue)
    by("Ann", arrange.drop, 1, [ids[0]])
    by("Ben", arrange.move, 1, ids[2], place=1)
    by("Ann", edit.write, 1, subject="Ferries")
    by("Ben", history.undo, 1)
    by("Ben", history.undo, 1)
    after = by("Ben", history.undo, 1)
    assert placed(after) == start
    assert after.subject == issue.subject
    assert (
        sentences(database, settings)[-1]
        == "Ben took back Ann's change: dropped “Lanterns in the fog”"
    )
    with pytest.raises(WrongMove, match="nothing to take back"):
        by("Ben", history.undo, 1)
    after = by("Ann", history.redo, 1)
    assert ids[0] not in placed(after)["posts"]


def test_an_act_that_somebody_built_upon_stands(database, settings, issue, by):
    by("Ann", edit.write, 1, subject="One")
    by("Ben", edit.write, 1, subject="Two")
    with database.reading() as conn:
        first = acts.listing(conn, 1)[0].id
    with pytest.raises(WrongMove, match="Ben has changed the same thing since"):
        by("Ann", history.undo, 1, first)


def test_a_story_that_went_into_another_issue_does_not_come_back(
    database, settings, clock, issue, ids, by
):
    by("Ann", arrange.hold, 1, [ids[1]])
    following = draft(database, settings, now=clock.forward(days=7), by="ann")
    by("Ann", approve.approve, following.number)
    with pytest.raises(WrongMove, match="is in issue 2 now"):
        by("Ann", history.undo, 1)


def test_a_held_story_comes_back_once_and_says_why(database, settings, clock, issue, ids, by):
    by("Ann", arrange.hold, 1, [ids[1]])
    by("Ann", approve.approve, 1)
    second = draft(database, settings, now=clock.forward(days=7), by="ann")
    assert placed(second) == {"posts": [ids[1]]}
    with database.reading() as conn:
        reasons = {v.candidate: v.reason for v, _ in verdicts.listing(conn, 2)}
        assert {v.candidate: v.because for v, _ in verdicts.listing(conn, 1)}[
            ids[1]
        ] is Because.HELD
    assert reasons[ids[1]] == "in: held in issue 1, back now"


def test_a_held_story_comes_back_though_newer_ones_fill_the_section(
    database, settings, clock, issue, ids, by, admit
):
    by("Ann", arrange.hold, 1, [ids[2]])
    clock.forward(days=1)
    limit = next(section.limit for section in settings.sections if section.name == "posts")
    for number in range(limit + 2):
        admit("posts", f"News {number}", published=clock())
    second = draft(database, settings, now=clock.forward(days=6), by="ann")
    assert placed(second)["posts"][0] == ids[2]
    assert len(placed(second)["posts"]) == limit


def test_a_story_of_the_tray_can_be_held_or_dropped_before_it_is_in_an_issue(
    database, settings, clock, issue, ids, by, admit
):
    clock.forward(hours=1)
    later, never = admit("posts", "Later"), admit("posts", "Never")
    by("Ann", arrange.hold, 1, [later])
    by("Ann", arrange.drop, 1, [never])
    assert sentences(database, settings) == [
        "Ann held “Later” for the next issue",
        "Ann dropped “Never”",
    ]
    by("Ann", approve.approve, 1)
    second = draft(database, settings, now=clock.forward(days=7), by="ann")
    assert placed(second) == {"posts": [later]}
    with pytest.raises(NotFound, match="not in issue 2"):
        by("Ann", arrange.drop, 2, [ids[0]])


@pytest.mark.parametrize("marked", [True, False])
def test_exactly_one_job_has_the_label(database, settings, clock, admit, by, marked):
    jobs = [
        admit("jobs", f"Officer {n}", vacancy=Vacancy(f"Officer {n}", job_of_the_week=marked))
        for n in range(3)
    ]
    post = admit("posts", "A post")
    draft(database, settings, now=clock(), by="ann")

    def labelled(issue):
        picks = [pick for section in issue.sections for pick in section.picks]
        return [p.candidate for p in picks if p.story.vacancy and p.story.vacancy.job_of_the_week]

    with database.reading() as conn:
        assert len(labelled(store.get(conn, 1))) == (1 if marked else 0)
    assert labelled(by("Ann", arrange.feature, 1, jobs[1])) == [jobs[1]]
    assert labelled(by("Ann", arrange.feature, 1, jobs[2])) == [jobs[2]]
    html = look(database, settings, 1, now=clock()).document.html
    assert html.count("Job of the week") == 1
    assert labelled(by("Ann", history.undo, 1)) == [jobs[1]]
    with pytest.raises(WrongMove, match="only a job"):
        by("Ann", arrange.feature, 1, post)
    with pytest.raises(NotFound):
        by("Ann", arrange.feature, 1, 999)


def test_own_words_are_printed_and_the_source_s_are_kept(database, settings, clock, issue, ids, by):
    changed = by(
        "Ann",
        words.write,
        1,
        ids[0],
        {
            Field.TITLE: "  Lanterns,\n all night ",
            Field.SUMMARY: "A *long* night.",
            Field.BY: "Zoe",
        },
    )
    pick = changed.sections[0].picks[0]
    assert pick.words[Field.TITLE] == "Lanterns, all night"
    assert pick.source.title == "Lanterns in the fog"
    assert changed.subject == "Lanterns, all night"  # the automatic line follows
    document = look(database, settings, 1, now=clock()).document
    assert "Lanterns, all night" in document.html
    assert "Lanterns in the fog" not in document.html + document.text
    assert "<em>long</em>" in document.html
    assert "*long*" not in document.html
    assert "Zoe" in document.text
    back = by("Ann", words.reset, 1, ids[0])
    assert back.sections[0].picks[0].story.title == "Lanterns in the fog"
    assert back.sections[0].picks[0].words == {}


def test_an_editor_is_told_that_the_source_changed_a_text_they_had_written(
    database, settings, clock, issue, ids, by
):
    by("Ann", words.write, 1, ids[0], {Field.TITLE: "Lanterns, all night"})
    assert "source-changed" not in {f.rule for f in look(database, settings, 1, now=clock()).faults}
    with database.transaction() as conn:
        story = pool.by_ids(conn, [ids[0]])[ids[0]].story
        edited = replace(story, title="Lanterns in the rain", summary="Wet.")
        pool.refresh(conn, edited, id=ids[0], section="posts", now=clock())
    inspection = look(database, settings, 1, now=clock())
    [fault] = [fault for fault in inspection.faults if fault.rule == "source-changed"]
    assert fault.severity == "warn"
    assert "title" in fault.message
    assert "“Lanterns in the rain”" in fault.message
    assert inspection.issue.picks[0].story.title == "Lanterns, all night"
    assert inspection.issue.picks[0].story.summary == "Wet."


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({Field.TITLE: " "}, "A story needs a title"),
        ({Field.TITLE: "x" * 301}, "at most 300"),
        ({Field.PICTURE: "javascript:alert(1)"}, "not the address of a picture"),
        ({Field.FOCUS: "the face"}, "no place in a picture: write one of top left, top"),
        ({Field.FOCUS: "101,0"}, "no place in a picture"),
        ({Field.FOCUS: ""}, "no place in a picture"),
    ],
)
def test_words_that_cannot_stand_there_are_refused(issue, ids, by, texts, sentence):
    with pytest.raises(WrongMove, match=sentence):
        by("Ann", words.write, 1, ids[0], texts)


@pytest.mark.parametrize(
    ("written", "place"),
    [("Top-left", "0,0"), ("center", "50,50"), ("bottom  right", "100,100"), ("30, 20", "30,20")],
)
def test_a_place_in_a_picture_has_a_name_or_percents(written, place):
    story = Story(
        *("feed", Kind.POST, "https://a.example/1", "A"),
        picture=Picture("https://a.example/a.jpg#top", "A"),
        other_pictures=(Picture("https://a.example/b.jpg"),),
    )
    printed = apply(story, {Field.FOCUS: tidy(Field.FOCUS, written)})
    assert printed.picture == Picture(f"https://a.example/a.jpg#focus={place}", "A")
    assert printed.other_pictures[0].url == f"https://a.example/b.jpg#focus={place}"
    assert of_source(printed, Field.FOCUS) == place
    assert of_source(printed, Field.PICTURE) == "https://a.example/a.jpg"
    of_editor = {Field.FOCUS: place, Field.PICTURE: "https://a.example/c.jpg#focus=1,1"}
    assert apply(story, of_editor).picture.url == f"https://a.example/c.jpg#focus={place}"
    assert apply(story, of_editor | {Field.PICTURE: "none"}).picture is None


def test_words_belong_to_stories_of_the_issue(issue, by, admit):
    late = admit("posts", "Late news")
    with pytest.raises(NotFound, match="not in issue 1"):
        by("Ann", words.write, 1, late, {Field.TITLE: "Later news"})


def test_two_editors_and_one_text(database, issue, ids, by):
    """Each writes on what they saw; the second is told, and nothing is lost."""
    by("Ann", edit.write, 1, subject="Ann's", based_on={"subject": None})
    with pytest.raises(TextConflict, match="Ann has written another text") as conflict:
        by("Ben", edit.write, 1, subject="Ben's", based_on={"subject": None})
    assert (conflict.value.current, conflict.value.wanted) == ("Ann's", "Ben's")
    by("Ben", edit.write, 1, subject="Ben's", based_on={"subject": "Ann's"})
    by("Ann", words.write, 1, ids[0], {Field.BY: "Zoe"}, based_on={Field.BY: None})
    with pytest.raises(TextConflict):
        by("Ben", words.write, 1, ids[0], {Field.BY: "Yan"}, based_on={Field.BY: None})


def test_sections_of_the_settings_keep_their_order_in_an_open_issue(
    database, settings, clock, issue, ids
):
    backwards = settings.model_copy(update={"sections": settings.sections[::-1]})
    changed = arrange.drop(database, backwards, 1, [ids[0]], now=clock(), by="Ann")
    assert [s.name for s in changed.sections] == [s.name for s in backwards.sections]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["Ann", "Ben"]),
        st.sampled_from(
            ["pick", "drop", "hold", "move", "words", "subject", "note", "feature", "undo", "redo"]
        ),
        st.integers(0, 5),
        st.integers(1, 4),
    ),
    max_size=14,
)


def _step(by, stories, step):
    """Does a step; gives the sentence of a refusal, or nothing."""
    editor, kind, which, number = step
    story = stories[which]
    calls = {
        "pick": (arrange.pick, 1, story),
        "drop": (arrange.drop, 1, [story]),
        "hold": (arrange.hold, 1, [story]),
        "words": (words.write, 1, story, {Field.TITLE: f"Title {number}"}),
        "feature": (arrange.feature, 1, story),
        "undo": (history.undo, 1),
        "redo": (history.redo, 1),
    }
    try:
        if kind == "move":
            section = "jobs" if number == 4 else None
            by(editor, arrange.move, 1, story, place=number, section=section)
        elif kind in {"subject", "note"}:
            by(editor, edit.write, 1, **{kind: f"Text {number}"})
        else:
            by(editor, *calls[kind])
    except EmagError as error:
        return str(error)
    return ""


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_two_editors_can_do_nothing_that_cannot_be_taken_back(
    steps, seed, database, settings, clock, issue, ids, admit, by
):
    """No story twice, none lost, one reason each; undoing all gives the draft, byte for byte."""
    random = Random(seed)
    late = getattr(admit, "late", None) or [admit("posts", f"Late {n}") for n in range(2)]
    admit.late = late
    now = clock()
    with database.reading() as conn:
        start = store.get(conn, 1)
    document = look(database, settings, 1, now=now).document
    for step in steps:
        refusal = _step(by, [*ids, *late, 999], step)
        assert not refusal or refusal.endswith((".", "shows it.", "lists them.")), refusal
        with database.reading() as conn:
            changed = store.get(conn, 1)
            judged = verdicts.listing(conn, 1)
        inside = [pick.candidate for pick in changed.picks]
        assert len(inside) == len(set(inside))
        assert sorted(v.candidate for v, _ in judged if v.chosen) == sorted(inside)
        assert {v.candidate for v, _ in judged} >= set(ids)
    while True:
        entries = history.listing(database, settings, 1)[1]
        open_acts = [entry.act.id for entry in entries if entry.can_be_undone]
        if not open_acts:
            break
        try:
            by("Ann", history.undo, 1, random.choice(open_acts))
        except WrongMove:
            by("Ann", history.undo, 1)
    with database.reading() as conn:
        assert store.get(conn, 1) == start
    again = look(database, settings, 1, now=now).document
    assert (again.html, again.text, again.hash) == (document.html, document.text, document.hash)
    with database.transaction() as conn:
        conn.execute(delete(ACTS))
