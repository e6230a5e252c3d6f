"""An issue's life is a total table."""

import pytest

from emag.issues.issue import CLAIMS_STORIES, CLOSED, MOVES, Move, Status, after, refusal


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_line_and_leads_to_known_ones(status):
    assert set(MOVES) == set(Status)
    assert all(isinstance(step, Move) for step in MOVES[status])
    assert all(isinstance(then, Status) for then in MOVES[status].values())


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", Move)
def test_every_move_from_every_status_is_answered(status, move):
    then = after(status, move)
    if then is None:
        sentence = refusal(7, status, move)
        assert sentence.startswith("Issue 7 is ")
        assert move.value in sentence
        assert "_" not in sentence.split(":")[0]
    else:
        assert then in Status


def test_what_is_closed_never_moves_again():
    assert all(MOVES[status] == {} for status in CLOSED)


def test_nothing_is_sent_that_was_not_approved():
    starts = {status for status in Status if after(status, Move.SEND)}
    assert starts == {Status.APPROVED, Status.SENDING}


def test_only_an_approval_claims_stories():
    """Every way from outside into the claiming statuses is an approval."""
    ways = {
        move
        for status, moves in MOVES.items()
        for move, then in moves.items()
        if status not in CLAIMS_STORIES and then in CLAIMS_STORIES
    }
    assert ways == {Move.APPROVE}


def test_every_status_can_be_reached_from_a_draft():
    reached, new = {Status.DRAFT}, {Status.DRAFT}
    while new:
        new = {then for status in new for then in MOVES[status].values()} - reached
        reached |= new
    assert reached == set(Status)
