"""An editor changes an issue, which voids its approval."""

import pytest

from emag.desk import approve, arrange, edit
from emag.errors import NotFound, WrongMove
from emag.issues import approval, life, store, verdicts
from emag.issues.draft import draft
from emag.issues.issue import Move, Status
from emag.issues.recipe import Because
from emag.settings import SectionSettings


def placed(issue, name="posts"):
    return [p.candidate for s in issue.sections if s.name == name for p in s.picks]


def verdict(database, number, candidate):
    with database.reading() as conn:
        return next(v for v, _ in verdicts.listing(conn, number) if v.candidate == candidate)


def test_drop_and_pick_again(database, settings, clock, issue, ids):
    one, two, three = ids
    issue = arrange.drop(database, settings, 1, [two], now=clock(), by="ann")
    assert placed(issue) == [one, three]
    assert verdict(database, 1, two).reason == "out: dropped by ann"
    issue = arrange.pick(database, settings, 1, two, place=1, now=clock(), by="ann")
    assert placed(issue) == [two, one, three]
    assert verdict(database, 1, two).because is Because.PICKED


def test_a_dropped_story_stays_out_of_the_next_issue(database, settings, clock, issue, ids):
    arrange.drop(database, settings, 1, [ids[1]], now=clock(), by="ann")
    following = draft(database, settings, now=clock.forward(days=7), by="ann")
    assert ids[1] not in placed(following)
    assert verdict(database, 2, ids[1]).reason == "out: dropped by the editor from issue 1"
    picked = arrange.pick(database, settings, 2, ids[1], now=clock(), by="ann")
    assert ids[1] in placed(picked)


def test_a_story_is_picked_into_another_section_or_a_new_one(
    database, settings, clock, issue, admit
):
    late, other = admit("posts", "Late news"), admit("posts", "Later news")
    sections = (*settings.sections, SectionSettings(name="extra", title="Stop press"))
    settings = settings.model_copy(update={"sections": sections})
    issue = arrange.pick(database, settings, 1, late, section="extra", now=clock(), by="ann")
    assert placed(issue, "extra") == [late]
    assert issue.sections[-1].title == "Stop press"
    with pytest.raises(NotFound, match="no section “poems”; it has posts, jobs, events, extra"):
        arrange.pick(database, settings, 1, other, section="poems", now=clock(), by="ann")


def test_a_story_is_not_picked_twice(database, settings, clock, issue, ids):
    with pytest.raises(WrongMove, match="is in issue 1 already"):
        arrange.pick(database, settings, 1, ids[0], now=clock(), by="ann")


def test_a_story_that_another_issue_has_claimed_is_not_picked(
    database, settings, clock, issue, ids, admit
):
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    admit("posts", "News")
    draft(database, settings, now=clock.forward(days=7), by="ann")
    with pytest.raises(WrongMove, match="is in issue 1 already"):
        arrange.pick(database, settings, 2, ids[0], now=clock(), by="ann")


def test_order_puts_the_named_stories_first(database, settings, clock, issue, ids):
    one, two, three = ids
    issue = arrange.order(database, settings, 1, [three, two], now=clock(), by="ann")
    assert placed(issue) == [three, two, one]
    with pytest.raises(NotFound, match="Story 999"):
        arrange.order(database, settings, 1, [999], now=clock(), by="ann")


def test_edit_changes_only_the_given_fields(database, settings, clock, issue):
    edited = edit.write(database, settings, 1, subject="A\nnew  one", now=clock(), by="ann")
    assert (edited.subject, edited.preheader) == ("A new one", issue.preheader)
    edited = edit.write(
        database, settings, 1, note="Dear all,\n\nhello", preheader="", now=clock(), by="ann"
    )
    assert (edited.subject, edited.preheader, edited.note) == (
        "A new one",
        "",
        "Dear all,\n\nhello",
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda *a, ids, **k: arrange.drop(*a, [ids[0]], **k),
        lambda *a, ids, **k: arrange.order(*a, [ids[2]], **k),
        lambda *a, ids, **k: edit.write(*a, subject="Other", **k),
    ],
    ids=["drop", "order", "edit"],
)
def test_every_change_voids_the_approval(database, settings, clock, issue, ids, change):
    approved = approve.approve(database, settings, 1, now=clock(), by="Ann").issue
    assert approved.document_hash
    changed = change(database, settings, 1, ids=ids, now=clock(), by="Bob")
    assert (changed.status, changed.document_hash, changed.approved_by) == (Status.DRAFT, "", "")
    with database.reading() as conn:
        assert approval.frozen(conn, 1) is None
        assert approval.used(conn) == {}
        assert [s.by for s in life.history(conn, 1)] == ["Ann", "Bob"]


def test_a_failed_change_leaves_the_approval(database, settings, clock, issue):
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    with pytest.raises(NotFound):
        arrange.drop(database, settings, 1, [999], now=clock(), by="ann")
    with database.reading() as conn:
        assert store.get(conn, 1).status is Status.APPROVED


@pytest.mark.parametrize("last", [(Move.SEND,), (Move.SEND, Move.FINISH), (Move.CANCEL,)])
def test_an_issue_that_has_begun_to_leave_cannot_be_changed(
    database, settings, clock, issue, ids, last
):
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    with database.transaction() as conn:
        for move in last:
            life.move(conn, 1, move, now=clock(), by="ann")
    with pytest.raises(WrongMove, match="can no longer be changed"):
        arrange.drop(database, settings, 1, [ids[0]], now=clock(), by="ann")
