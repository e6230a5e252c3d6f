"""The subject and the preheader follow the picks until somebody writes them."""

from dataclasses import replace

import pytest

from emag.content import store as pool
from emag.desk import arrange
from emag.desk import edit as lines_desk
from emag.desk.look import look
from emag.issues import store
from emag.issues.lines import Line


@pytest.fixture
def correct(database, clock):
    """Gives a story another title, as a source does that corrects itself."""

    def correct(candidate, title):
        with database.transaction() as conn:
            story = replace(pool.by_ids(conn, [candidate])[candidate].story, title=title)
            pool.refresh(conn, story, id=candidate, section="posts", now=clock())

    return correct


@pytest.fixture
def blocking(database, settings, clock):
    """The sentences of the rule “subject” that block, with the line that they are about."""

    def blocking():
        faults = look(database, settings, 1, now=clock()).faults
        return [
            (f.where, f.message) for f in faults if (f.rule, f.severity) == ("subject", "block")
        ]

    return blocking


@pytest.fixture
def edit(database, settings, clock):
    def edit(**lines):
        return lines_desk.write(database, settings, 1, now=clock(), by="ann", **lines)

    return edit


def test_automatic_lines_follow_the_picks(database, settings, clock, issue, ids, blocking):
    assert issue.subject == "Lanterns in the fog"
    assert issue.preheader == "A bench for two · The ferry timetable"
    issue = arrange.drop(database, settings, 1, [ids[0]], now=clock(), by="ann")
    assert (issue.subject, issue.preheader) == ("A bench for two", "The ferry timetable")
    issue = arrange.order(database, settings, 1, [ids[2]], now=clock(), by="ann")
    assert issue.subject == "The ferry timetable"
    assert blocking() == []


def test_automatic_lines_follow_a_correction(database, issue, ids, correct, blocking):
    correct(ids[0], "Lanterns in the rain")
    with database.reading() as conn:
        assert store.get(conn, 1).subject == "Lanterns in the rain"
        assert store.listing(conn)[0].subject == "Lanterns in the rain"
    assert blocking() == []


def test_an_issue_without_a_story_has_the_publications_title(database, settings, clock, issue, ids):
    for number in ids:
        issue = arrange.drop(database, settings, 1, [number], now=clock(), by="ann")
    assert (issue.subject, issue.preheader) == (settings.publication.title, "")


def test_a_written_line_stays_as_it_is(database, settings, clock, issue, ids, edit, blocking):
    edit(subject="Good news", preheader="From all over")
    issue = arrange.drop(database, settings, 1, [ids[0]], now=clock(), by="ann")
    assert (issue.subject, issue.preheader) == ("Good news", "From all over")
    assert blocking() == []


@pytest.mark.parametrize("line", Line)
def test_a_written_line_that_names_a_dropped_story_blocks(
    database, settings, clock, issue, ids, edit, blocking, line
):
    edit(**{line.value: "Lanterns in the fog, and more"})
    assert blocking() == []
    arrange.drop(database, settings, 1, [ids[0]], now=clock(), by="ann")
    [(where, sentence)] = blocking()
    assert where == line.value
    assert "“Lanterns in the fog”, which is not in the issue" in sentence
    lines_desk.reset(database, settings, 1, [line], now=clock(), by="ann")
    assert blocking() == []


def test_a_written_line_that_names_a_corrected_story_blocks(issue, ids, edit, correct, blocking):
    edit(subject="Lanterns in the fog – this week")
    correct(ids[0], "Lanterns in the rain")
    [(_, sentence)] = blocking()
    assert "“Lanterns in the fog”, which is “Lanterns in the rain” now" in sentence
    edit(subject="Lanterns in the rain – this week")
    assert blocking() == []


def test_a_line_that_is_written_after_the_drop_blocks_too(
    database, settings, clock, issue, ids, edit, blocking
):
    arrange.drop(database, settings, 1, [ids[1]], now=clock(), by="ann")
    edit(subject="A bench for two")
    assert len(blocking()) == 1
    arrange.pick(database, settings, 1, ids[1], now=clock(), by="ann")
    assert blocking() == []


def test_a_reset_line_follows_the_picks_again(database, settings, clock, issue, edit):
    edit(subject="Good news", preheader="From all over")
    issue = lines_desk.reset(database, settings, 1, [Line.SUBJECT], now=clock(), by="ann")
    assert (issue.subject, issue.preheader) == ("Lanterns in the fog", "From all over")


def test_words_that_another_story_explains_do_not_block(
    database, settings, clock, admit, issue, ids, edit, blocking
):
    longer = admit("posts", "Lanterns in the fog and the rain")
    arrange.pick(database, settings, 1, longer, now=clock(), by="ann")
    edit(subject="Lanterns in the fog and the rain")
    arrange.drop(database, settings, 1, [ids[0]], now=clock(), by="ann")
    assert blocking() == []
