"""One function changes an issue's status, and it obeys the table of an issue's life."""

import ast
from pathlib import Path

import pytest

import emag
from emag.errors import WrongMove
from emag.issues import life, store
from emag.issues.draft import draft
from emag.issues.issue import GIVEN_UP, MOVES, Move, Status, after
from emag.rows.issues import IssueRow

ROOT = Path(emag.__file__).parent
# The shortest way from a draft to each status.
WAYS = {
    Status.DRAFT: (),
    Status.IN_REVIEW: (Move.SUBMIT,),
    Status.APPROVED: (Move.APPROVE,),
    Status.SENDING: (Move.APPROVE, Move.SEND),
    Status.PAUSED: (Move.APPROVE, Move.SEND, Move.PAUSE),
    Status.SENT: (Move.APPROVE, Move.SEND, Move.FINISH),
    Status.HELD: (Move.HOLD,),
    Status.SKIPPED: (Move.SKIP,),
    Status.CANCELLED: (Move.CANCEL,),
}


@pytest.fixture
def move(database, settings, clock, admit):
    admit("posts", "One")
    draft(database, settings, now=clock(), by="ann")

    def move(*steps):
        with database.transaction() as conn:
            for step in steps:
                issue = life.move(conn, 1, step, now=clock(), by="ann")
        return issue

    return move


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", Move)
def test_the_database_follows_the_table(database, move, status, step):
    if WAYS[status]:
        assert move(*WAYS[status]).status is status
    then = after(status, step)
    if then is None:
        with pytest.raises(WrongMove):
            move(step)
        with database.reading() as conn:
            assert store.get(conn, 1).status is status
    else:
        assert move(step).status is then


def test_one_module_writes_an_issues_status():
    """`store.add` writes the first status, `life.move` every later one."""
    writers = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"insert", "update", "delete"}
        and any(isinstance(arg, ast.Name) and arg.id == "ISSUES" for arg in node.args)
    }
    assert writers == {"issues/store.py", "issues/life.py"}
    assert "status" not in store.Columns.__annotations__


def test_the_rule_of_one_issue_a_period_is_made_from_the_table():
    index = next(i for i in IssueRow.__table__.indexes if i.name == "ix_issues_one_per_period")
    condition = str(index.dialect_options["sqlite"]["where"])
    named = {status for status in Status if f"'{status}'" in condition}
    assert named == GIVEN_UP
    assert all(MOVES[status] == {} for status in GIVEN_UP)
