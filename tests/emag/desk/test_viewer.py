"""The viewer shows what `look` shows, and prints only what changed."""

import threading

import pytest

from emag.desk import approve, arrange, edit
from emag.desk.look import look
from emag.desk.viewer import REMEMBERED, IssueViewer
from emag.errors import NotFound, PressError
from emag.issues.draft import draft_special

BODY = "issue/body.txt"


@pytest.fixture
def viewer(database, settings):
    return IssueViewer(database, settings)


def own_template(settings, text):
    path = settings.template_folders[0] / BODY
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def shipped(settings):
    return (settings.template_folders[-1] / BODY).read_text()


def test_it_shows_what_look_shows_and_prints_once(viewer, database, settings, clock, issue):
    first = viewer.look(issue.number, now=clock())
    assert first == look(database, settings, issue.number, now=clock())
    assert viewer.look("next", now=clock()).document is first.document


def test_a_change_of_the_issue_is_printed_at_once(viewer, database, settings, clock, issue, ids):
    before = viewer.look(issue.number, now=clock())
    arrange.drop(database, settings, issue.number, [ids[0]], now=clock(), by="Ann")
    after = viewer.look(issue.number, now=clock())
    assert "Lanterns in the fog" in before.document.text
    assert "Lanterns in the fog" not in after.document.text
    assert after == look(database, settings, issue.number, now=clock())


def test_a_changed_template_is_printed_and_a_broken_one_named(viewer, settings, clock, issue):
    viewer.look(issue.number, now=clock())
    own_template(settings, "HEAR YE\n" + shipped(settings))
    assert viewer.look(issue.number, now=clock()).document.text.startswith("HEAR YE")
    own_template(settings, shipped(settings) + "{% if %}")
    for _ in range(2):
        with pytest.raises(PressError, match=r"body\.txt"):
            viewer.look(issue.number, now=clock())
    own_template(settings, "OYEZ\n" + shipped(settings))
    assert viewer.look(issue.number, now=clock()).document.text.startswith("OYEZ")


def test_the_clock_is_judged_anew_each_minute(viewer, clock, issue, database, settings):
    edit_time = clock().replace(second=0)
    assert not _rules(viewer.look(issue.number, now=edit_time)) & {"past"}
    approve.approve(
        database, settings, issue.number, now=clock(), by="Ann", send_at=clock.forward(hours=1)
    )
    assert not _rules(viewer.look(issue.number, now=clock())) & {"past"}
    assert "past" in _rules(viewer.look(issue.number, now=clock.forward(minutes=1)))


def test_an_approved_issue_shows_its_frozen_document(viewer, database, settings, clock, issue):
    approve.approve(database, settings, issue.number, now=clock(), by="Ann")
    own_template(settings, "HEAR YE\n" + shipped(settings))
    frozen = viewer.look(issue.number, now=clock())
    assert frozen.is_frozen
    assert not frozen.document.text.startswith("HEAR YE")
    anew = viewer.look_anew(viewer.issue(issue.number), now=clock())
    assert anew.document.text.startswith("HEAR YE")
    edit.write(database, settings, issue.number, subject="Another", now=clock(), by="Ann")
    assert viewer.look(issue.number, now=clock()).document.subject == "Another"


def test_a_missing_issue_is_not_found(viewer, clock):
    with pytest.raises(NotFound):
        viewer.look(7, now=clock())


def test_its_memory_is_bounded(viewer, database, settings, clock, issue):
    for _ in range(REMEMBERED + 4):
        special = draft_special(database, settings, now=clock(), by="Ann")
        viewer.look(special.number, now=clock())
    assert len(viewer._printings) == REMEMBERED


def test_threads_get_the_same_document(viewer, clock, issue):
    inspections = []
    threads = [
        threading.Thread(target=lambda: inspections.append(viewer.look(issue.number, now=clock())))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inspections) == len(threads)
    assert len({id(inspection.document) for inspection in inspections}) == 1


def test_a_warm_look_prints_nothing_again(viewer, clock, issue):
    first = viewer.look(issue.number, now=clock())
    assert viewer.look(issue.number, now=clock()).document is first.document


def _rules(inspection):
    return {fault.rule for fault in inspection.faults}
