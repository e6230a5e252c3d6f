"""Acts: what can be taken back, and by whom it was changed since."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from emag.issues.act import (
    TYPING,
    Act,
    ActKind,
    Refusal,
    is_same_typing,
    standing,
    to_redo,
    to_undo,
    undone,
)

START = datetime(2026, 3, 5, 9, tzinfo=UTC)


class Ledger:
    """Acts in memory, over things that have a value each."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.values: dict[str, str | None] = {}

    def write(self, by: str, target: str, value: str | None) -> Act:
        before = self.values.get(target)
        return self._add(by, ActKind.SUBJECT, target, before, value)

    def undo(self, by: str, number: int | None = None) -> Act | Refusal:
        act = to_undo(self.acts, number)
        if isinstance(act, Act):
            self._add(by, ActKind.UNDO, act.target, act.after, act.before, act.id)
        return act

    def redo(self, by: str, number: int | None = None) -> Act | Refusal:
        act = to_redo(self.acts, number)
        if isinstance(act, Act):
            self._add(by, ActKind.REDO, act.target, act.before, act.after, act.id)
        return act

    def _add(self, by, kind, target, before, after, reverses=None) -> Act:
        assert self.values.get(target) == before, "an act was applied to another value"
        number = len(self.acts) + 1
        at = START + timedelta(minutes=number)
        act = Act(number, at, by, kind, target, before, after, reverses)
        self.acts.append(act)
        self.values[target] = after
        return act


def test_undo_goes_back_one_further_each_time_and_redo_the_other_way():
    ledger = Ledger()
    for value in ("a", "b", "c"):
        ledger.write("Ann", "subject", value)
    ledger.undo("Ben")
    ledger.undo("Ann")
    assert ledger.values["subject"] == "a"
    ledger.redo("Ann")
    ledger.redo("Ann")
    assert ledger.values["subject"] == "c"
    assert ledger.redo("Ann") == Refusal()


def test_an_act_that_somebody_built_upon_is_refused_with_their_act():
    ledger = Ledger()
    first = ledger.write("Ann", "subject", "a")
    second = ledger.write("Ben", "subject", "b")
    assert ledger.undo("Ann", first.id) == Refusal(first, second)
    ledger.undo("Ann", second.id)
    assert ledger.undo("Ann", first.id) == first


def test_a_new_change_ends_the_redo_of_an_older_one():
    ledger = Ledger()
    first = ledger.write("Ann", "subject", "a")
    ledger.undo("Ann")
    second = ledger.write("Ben", "subject", "b")
    assert ledger.redo("Ann") == Refusal(first, second)


def test_a_change_is_done_again_only_after_the_one_it_was_built_upon():
    ledger = Ledger()
    first = ledger.write("Ann", "subject", "a")
    second = ledger.write("Ann", "subject", "b")
    ledger.undo("Ann")
    ledger.undo("Ann")
    assert isinstance(ledger.redo("Ben", second.id), Refusal)
    assert ledger.redo("Ben", first.id) == first
    assert ledger.redo("Ben", second.id) == second


def test_steps_of_an_issue_s_life_are_not_taken_back():
    ledger = Ledger()
    act = ledger.write("Ann", "subject", "a")
    ledger.acts.append(Act(2, START, "Ann", ActKind.STATUS, "status", "draft", "approved"))
    assert to_undo(ledger.acts) == act
    assert to_undo(ledger.acts, 2) == Refusal()


def test_what_something_else_keeps_is_passed_over():
    ledger = Ledger()
    first = ledger.write("Ann", "p", "a")
    second = ledger.write("Ben", "q", "b")
    assert to_undo(ledger.acts, besides={second.id}) == first
    assert to_undo(ledger.acts, besides={first.id, second.id}) == Refusal()


def test_what_was_written_in_one_go_belongs_together():
    def typed(number, by, mark, target="note"):
        return Act(number, START, by, ActKind.NOTE, target, None, "a", detail=mark)

    act = typed(1, "Ann", TYPING + "x")
    assert is_same_typing(act, typed(2, "Ann", TYPING + "x"))
    assert not is_same_typing(act, typed(2, "Ann", TYPING + "y"))
    assert not is_same_typing(act, typed(2, "Ben", TYPING + "x"))
    assert not is_same_typing(act, typed(2, "Ann", TYPING + "x", "subject"))
    assert not is_same_typing(typed(1, "Ann", ""), typed(2, "Ann", ""))
    assert not is_same_typing(act, Refusal())


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("write"), st.sampled_from("pqr"), st.sampled_from(["a", "b", None]) | st.text()
        ),
        st.tuples(st.sampled_from(["undo", "redo"]), st.none() | st.integers(1, 30)),
    ),
    max_size=40,
)


@given(STEPS, st.randoms(use_true_random=False))
def test_whatever_two_editors_do_taking_all_back_gives_the_start(steps, random):
    ledger = Ledger()
    for step in steps:
        by = random.choice(["Ann", "Ben"])
        if step[0] == "write":
            ledger.write(by, step[1], step[2])
        else:
            getattr(ledger, step[0])(by, step[1])  # asserts that it fits the value of now
    while left := standing(ledger.acts):
        allowed = [a.id for a in left if isinstance(to_undo(ledger.acts, a.id), Act)]
        assert allowed, "nothing can be taken back, and something stands"
        ledger.undo("Ann", random.choice(allowed))
    assert set(ledger.values.values()) <= {None}
    changes = {a.id for a in ledger.acts if a.kind is ActKind.SUBJECT}
    assert undone(ledger.acts) == changes
