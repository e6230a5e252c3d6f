"""Who may approve an issue, what the approval records, and what was looked at before it."""

import pytest

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.desk import approve, arrange, edit, history, words
from emag.desk.look import look
from emag.errors import DocumentChanged, NotFound, WrongMove
from emag.issues import acts, approved
from emag.issues.words import Field


@pytest.fixture
def eyes(settings):
    """The settings with another `four_eyes`."""
    return lambda value: settings.model_copy(
        update={"approval": settings.approval.model_copy(update={"four_eyes": value})}
    )


@pytest.fixture
def edited(database, settings, clock, issue, ids):
    """An issue that Ben changed first and Ann last."""
    edit.write(database, settings, 1, note="Dear all", now=clock(), by="Ben")
    arrange.move(database, settings, 1, ids[2], place=1, now=clock(), by="Ann")
    return issue


def test_the_last_editor_may_not_approve_where_four_eyes_are_required(
    database, eyes, clock, edited
):
    sentence = "Ann changed issue 1 last, so somebody else must approve it"
    for name in ("Ann", "ann", "Ann <ann@example.org>"):
        with pytest.raises(WrongMove, match=sentence):
            approve.approve(database, eyes("required"), 1, now=clock(), by=name)
    faults = look(database, eyes("required"), 1, now=clock()).faults
    assert [(f.rule, f.severity) for f in faults if f.rule == "four-eyes"] == [
        ("four-eyes", "warn")
    ]
    approved_issue = approve.approve(database, eyes("required"), 1, now=clock(), by="Ben")
    assert approved_issue.warnings == ()
    assert "four-eyes" not in {
        f.rule for f in look(database, eyes("required"), 1, now=clock()).faults
    }


def test_a_warning_lets_the_last_editor_approve(database, eyes, clock, edited):
    [fault] = approve.approve(database, eyes("warn"), 1, now=clock(), by="Ann").warnings
    assert (fault.rule, fault.severity) == ("four-eyes", "warn")
    assert fault.message.startswith("Ann changed issue 1 last")
    assert "four-eyes" in {f.rule for f in look(database, eyes("warn"), 1, now=clock()).faults}


def test_what_was_taken_back_does_not_count(database, eyes, clock, edited):
    history.undo(database, eyes("required"), 1, now=clock(), by="Ben")
    approve.approve(database, eyes("required"), 1, now=clock(), by="Ann")


def test_an_issue_that_nobody_changed_may_be_approved_by_anybody(database, eyes, clock, issue):
    assert approve.approve(database, eyes("required"), 1, now=clock(), by="Ann").warnings == ()


def test_an_approval_records_revision_hash_and_stories(database, settings, clock, edited, ids):
    with database.reading() as conn:
        revision = acts.revision(conn, 1)
    answer = approve.approve(database, settings, 1, now=clock(), by="Ben")
    assert answer.revision == revision
    edit.write(database, settings, 1, subject="Later", now=clock(), by="Ann")
    approve.approve(database, settings, 1, now=clock(), by="Ben")
    with database.reading() as conn:
        first, second = approved.listing(conn, 1)
        assert approved.latest(conn, 1) == second
    assert (first.by, first.revision, first.hash) == ("Ben", revision, answer.issue.document_hash)
    assert second.revision > first.revision
    assert second.hash != first.hash
    assert set(first.stories) == set(ids)
    assert first.stories[ids[0]].title == "Lanterns in the fog"


def test_the_document_that_was_looked_at_is_approved(database, settings, clock, edited):
    seen_hash = look(database, settings, 1, now=clock()).hash
    answer = approve.approve(database, settings, 1, now=clock(), by="Ben", expected=seen_hash)
    assert answer.issue.document_hash == seen_hash


def test_another_document_is_refused_with_the_difference(database, settings, clock, edited, ids):
    seen_hash = look(database, settings, 1, now=clock()).hash
    arrange.drop(database, settings, 1, [ids[1]], now=clock(), by="Ann")
    words.write(database, settings, 1, ids[0], {Field.SUMMARY: "Light."}, now=clock(), by="Ann")
    edit.write(database, settings, 1, subject="Ferries", now=clock(), by="Ann")
    before = history.listing(database, settings, 1)
    with pytest.raises(DocumentChanged) as refusal:
        approve.approve(database, settings, 1, now=clock(), by="Ben", expected=seen_hash)
    assert refusal.value.differences[:1] == ("“A bench for two” is out",)
    assert "the summary of “Lanterns in the fog” is another one" in refusal.value.differences
    assert "the subject is “Ferries” now" in str(refusal.value)
    assert refusal.value.hash == look(database, settings, 1, now=clock()).hash
    assert history.listing(database, settings, 1) == before, "looking back has changed something"


@pytest.mark.parametrize("text", ["", " ", "latest", "3f9c", "g" * 64])
def test_what_is_no_hash_is_refused(database, settings, clock, edited, text):
    with pytest.raises(NotFound, match="is no hash of a document"):
        approve.approve(database, settings, 1, now=clock(), by="Ben", expected=text or " ")


def test_a_source_that_changed_since_is_named(database, settings, clock, edited, ids):
    seen_hash = look(database, settings, 1, now=clock()).hash
    link = "https://crier.example.org/lanterns-in-the-fog"
    with database.transaction() as conn:
        story = Story("posts", Kind.POST, link, "Lanterns, corrected")
        pool.refresh(conn, story, id=ids[0], section="posts", now=clock())
    with pytest.raises(DocumentChanged, match="a source, a template or a setting has changed"):
        approve.approve(database, settings, 1, now=clock(), by="Ben", expected=seen_hash)
