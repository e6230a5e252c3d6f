"""Promos: booked once a place, acts of the issues that have them, undone like every other act."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from emag.desk import approve, history, promos
from emag.desk.look import look
from emag.desk.promo_booking import Wish
from emag.errors import NotFound, WrongMove
from emag.issues import booking, life, store
from emag.issues.draft import draft, draft_special
from emag.issues.issue import Move, Status
from emag.issues.promo import Promo, PromoKind, RunStatus
from emag.issues.tables import ACTS, PROMO_RUNS, PROMOS
from tests.conftest import START

FRIDAY, NEXT, THIRD = date(2026, 3, 6), date(2026, 3, 13), date(2026, 3, 20)


def sponsor(title="Good boots", **more):
    values = {"place": "after-lead", "text": "They **last**."} | more
    return Promo(PromoKind.SPONSOR, title, **values)


@pytest.fixture
def by(database, settings, clock):
    """Calls a verb as one editor: `by("Ann", promos.add, promo, wish)`."""

    def call(name, verb, *arguments, **more):
        clock.forward(minutes=1)
        return verb(database, settings, *arguments, now=clock(), by=name, **more)

    return call


@pytest.fixture
def add(by):
    def call(promo, *on, runs=None, name="Ann"):
        return by(name, promos.add, promo, Wish(tuple(on), runs))

    return call


def runs_of(listed):
    return [(run.date, run.issue, run.status.value) for run in listed.runs]


def promos_in(database, number):
    with database.reading() as conn:
        return [promo.title for promo in store.get(conn, number).promos]


def test_a_date_is_drafted_with_its_promo(database, settings, clock, ids, add):
    listed = add(sponsor(), FRIDAY, NEXT)
    assert runs_of(listed) == [("2026-03-06", None, "booked"), ("2026-03-13", None, "booked")]
    issue = draft(database, settings, now=clock(), by="ann")
    assert [promo.title for promo in issue.promos] == ["Good boots"]
    assert promos_in(database, 1) == ["Good boots"]
    assert runs_of(promos.show(database, settings, 1, now=clock()))[0] == (
        "2026-03-06",
        1,
        "booked",
    )


def test_an_open_issue_gets_the_promo_of_its_date_as_an_act(
    database, settings, clock, issue, by, add
):
    by("Ann", approve.approve, 1)
    listed = add(sponsor(), FRIDAY, name="Ben")
    assert listed.voided == (1,)
    with database.reading() as conn:
        assert store.get(conn, 1).status is Status.DRAFT
    assert promos_in(database, 1) == ["Good boots"]
    acts = history.listing(database, settings, 1)[1]
    assert acts[-1].sentence == "Ben booked the promo “Good boots” after the lead story"
    by("Ann", history.undo, 1)
    assert promos_in(database, 1) == []
    assert promos.show(database, settings, 1, now=clock()).runs == ()
    by("Ann", history.redo, 1)
    assert promos_in(database, 1) == ["Good boots"]


def test_a_taken_place_is_refused_with_its_promo(database, settings, add):
    add(sponsor("Good boots"), FRIDAY)
    with pytest.raises(WrongMove, match="on 2026-03-06 belongs to promo 1, “Good boots”"):
        add(sponsor("Better boots"), NEXT, FRIDAY)
    assert [p.promo.title for p in promos.listing(database, settings, now=START)] == ["Good boots"]
    add(sponsor("Better boots", place="end"), FRIDAY)


def test_runs_take_the_next_free_dates(database, settings, clock, add):
    add(sponsor("Good boots"), NEXT)
    listed = add(sponsor("Better boots"), runs=2)
    assert [run.date for run in listed.runs] == ["2026-03-06", "2026-03-20"]
    assert [run.date for run in add(sponsor("Third boots")).runs] == ["2026-03-27"]


def test_two_bookings_at_the_same_moment_are_one(database, settings, clock):
    def book(title):
        try:
            promos.add(database, settings, sponsor(title), Wish((FRIDAY,)), now=clock(), by=title)
        except WrongMove as error:
            return str(error)
        return ""

    for round_ in range(5):
        names = [f"{round_}-{n}" for n in range(2)]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(book, names))
        refused = [answer for answer in answers if answer]
        winner = promos.listing(database, settings, now=clock())[-1]
        assert len(refused) == 1
        assert f"“{winner.promo.title}”" in refused[0]
        promos.remove(database, settings, winner.promo.id, now=clock(), by="ann")


def test_the_tables_keys_allow_no_second_booking(database, settings, clock, add):
    add(sponsor(), FRIDAY)
    other = add(sponsor("Other"), NEXT).promo
    row = {"promo": other.id, "place": "after-lead", "local_date": "2026-03-06", "content": ""}
    with pytest.raises(IntegrityError), database.transaction() as conn:
        conn.execute(insert(PROMO_RUNS).values(row))


def test_edit_changes_what_has_not_left_and_undo_brings_it_back(database, settings, issue, by, add):
    add(sponsor(), FRIDAY, NEXT)
    by("Ben", promos.edit, 1, {"title": "Fine boots", "place": "end"}, Wish())
    with database.reading() as conn:
        [printed] = store.get(conn, 1).promos
    assert (printed.title, printed.place) == ("Fine boots", "end")
    by("Ann", history.undo, 1)
    with database.reading() as conn:
        [printed] = store.get(conn, 1).promos
    assert (printed.title, printed.place) == ("Good boots", "after-lead")
    assert promos.show(database, settings, 1, now=START).promo == printed
    add(sponsor("Better boots", place="end"), NEXT)  # the later date went back, too


def test_edit_moves_a_promo_to_other_dates(database, settings, issue, by, add):
    add(sponsor(), FRIDAY, NEXT)
    listed = by("Ben", promos.edit, 1, {}, Wish((NEXT, THIRD)))
    assert [run.date for run in listed.runs] == ["2026-03-13", "2026-03-20"]
    assert promos_in(database, 1) == []
    listed = by("Ben", promos.edit, 1, {}, Wish(runs=3))
    assert [run.date for run in listed.runs] == ["2026-03-06", "2026-03-13", "2026-03-20"]
    assert promos_in(database, 1) == ["Good boots"]
    listed = by("Ben", promos.edit, 1, {}, Wish(runs=1))
    assert [run.date for run in listed.runs] == ["2026-03-06"]


def test_a_move_to_a_taken_place_changes_nothing(database, settings, issue, by, add):
    add(sponsor("Good boots"), FRIDAY)
    add(sponsor("Better boots", place="end"), FRIDAY, NEXT)
    with pytest.raises(WrongMove, match="belongs to promo 1, “Good boots”"):
        by("Ann", promos.edit, 2, {"place": "after-lead"}, Wish())
    assert promos.show(database, settings, 2, now=START).promo.place == "end"


def test_a_place_that_was_booked_meanwhile_is_not_taken_back(database, settings, issue, by, add):
    add(sponsor("Good boots"), FRIDAY)
    by("Ann", promos.remove, 1)
    add(sponsor("Better boots"), FRIDAY)
    with pytest.raises(WrongMove, match="belongs to promo 2, “Better boots”"):
        by("Ann", history.undo, 1, _act(database, settings, "took the promo “Good boots” out"))
    by("Ann", promos.remove, 2)
    by("Ann", history.undo, 1, _act(database, settings, "took the promo “Good boots” out"))
    assert promos_in(database, 1) == ["Good boots"]
    assert not promos.show(database, settings, 1, now=START).is_removed


def _act(database, settings, words):
    acts = history.listing(database, settings, 1)[1]
    return next(entry.act.id for entry in acts if words in entry.sentence)


def test_runs_become_ran_or_missed(database, settings, clock, issue, by, add):
    add(sponsor(), FRIDAY, NEXT)
    by("Ann", approve.approve, 1)
    with database.transaction() as conn:
        life.move(conn, 1, Move.SEND, now=clock(), by="ann")
    with pytest.raises(WrongMove, match="Issue 1 is sending"):
        add(sponsor("Late boots", place="end"), FRIDAY)
    by("Ann", promos.edit, 1, {"title": "New boots"}, Wish())
    assert promos_in(database, 1) == ["Good boots"]
    clock.forward(days=9)
    by("Ann", promos.remove, 1)
    [listed] = promos.listing(database, settings, now=clock())
    assert runs_of(listed) == [("2026-03-06", 1, "ran"), ("2026-03-13", None, "missed")]
    with pytest.raises(WrongMove, match="was removed: book it again"):
        by("Ann", promos.edit, 1, {"title": "New"}, Wish())
    listed = by("Ann", promos.edit, 1, {}, Wish((THIRD,)))
    assert runs_of(listed)[-1] == ("2026-03-20", None, "booked")
    assert not listed.is_removed
    with pytest.raises(NotFound, match="no promo 9"):
        by("Ann", promos.edit, 9, {"title": "New"}, Wish())


def test_a_skipped_issue_is_missed_and_a_new_one_of_its_date_has_the_promo(
    database, settings, clock, issue, by, add
):
    add(sponsor(), FRIDAY)
    with database.transaction() as conn:
        life.move(conn, 1, Move.SKIP, now=clock(), by="ann")
    assert promos.show(database, settings, 1, now=clock()).runs[0].status is RunStatus.MISSED
    again = draft(database, settings, now=clock(), by="ann")
    assert [promo.title for promo in again.promos] == ["Good boots"]


def test_a_promo_that_was_moved_or_removed_does_not_come_back_with_its_date(
    database, settings, clock, issue, by, add
):
    add(sponsor("Good boots"), FRIDAY)
    add(sponsor("Better boots", place="end"), FRIDAY)
    with database.transaction() as conn:
        life.move(conn, 1, Move.SKIP, now=clock(), by="ann")
    by("Ann", promos.edit, 1, {}, Wish((NEXT,)))
    by("Ann", promos.remove, 2)
    assert draft(database, settings, now=clock(), by="ann").promos == ()


def test_a_special_edition_has_only_promos_booked_for_it(database, settings, clock, ids, by, add):
    special = draft_special(database, settings, now=clock(), by="ann", title="Floods")
    add(sponsor("Good boots"), FRIDAY)
    assert runs_of(add(sponsor("Late boots"), runs=1)) == [("2026-03-13", None, "booked")]
    assert promos_in(database, special.number) == []
    weekly = draft(database, settings, now=clock(), by="ann")
    assert promos_in(database, weekly.number) == ["Good boots"]
    listed = by("Ann", promos.edit, 2, {}, Wish((special.number, NEXT)))
    assert runs_of(listed) == [("2026-03-13", None, "booked"), (None, 1, "booked")]
    assert promos_in(database, special.number) == ["Late boots"]
    with pytest.raises(WrongMove, match="of issue 1 belongs to promo 2, “Late boots”"):
        add(sponsor("Third boots"), special.number)
    by("Ann", history.undo, special.number)
    assert promos_in(database, special.number) == []


def test_without_a_schedule_a_promo_waits_for_the_next_issue(database, settings, clock, ids):
    schedule = settings.schedule.model_copy(update={"send": ()})
    settings = settings.model_copy(update={"schedule": schedule})

    def add(title, runs):
        return promos.add(
            database, settings, sponsor(title), Wish(runs=runs), now=clock(), by="ann"
        )

    add("Good boots", 2)
    add("Better boots", 1)
    draft(database, settings, now=clock(), by="ann")
    assert promos_in(database, 1) == ["Good boots"]
    with database.transaction() as conn:
        life.move(conn, 1, Move.SKIP, now=clock(), by="ann")
    draft(database, settings, now=clock.forward(days=3), by="ann")
    assert promos_in(database, 2) == ["Good boots"]


def test_a_promo_that_cannot_stand_is_refused(database, settings, add):
    with pytest.raises(WrongMove, match="neither text nor picture"):
        add(sponsor(text=""), FRIDAY)
    with pytest.raises(WrongMove, match="cannot stand at the top"):
        add(sponsor(place="top"), FRIDAY)
    with pytest.raises(WrongMove, match="no section “news”"):
        add(sponsor(place="after:news"), FRIDAY)
    with pytest.raises(WrongMove, match="has passed"):
        add(sponsor(), date(2026, 3, 4))
    assert promos.listing(database, settings, now=START) == []


def test_a_date_without_an_issue_is_named(add):
    listed = add(sponsor(), FRIDAY, date(2026, 3, 10))
    assert [run.is_planned for run in listed.runs] == [True, False]


def test_a_promo_edited_to_nothing_keeps_its_place(database, settings, issue, by, add):
    add(sponsor(), FRIDAY)
    by("Ann", promos.edit, 1, {"text": ""}, Wish())
    with database.reading() as conn:
        assert booking.in_issue(conn, 1)[0].is_complete is False


PLACES = ("top", "after-lead", "after:posts", "end")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["Ann", "Ben"]),
        st.sampled_from(["add", "edit", "move", "remove", "undo", "redo"]),
        st.integers(0, 3),
        st.sampled_from(PLACES),
    ),
    max_size=14,
)


def _step(by, step, numbers):
    """Takes one step. Returns the sentence of a refusal, which changes nothing."""
    name, verb, index, place = step
    number = numbers[index % len(numbers)] if numbers else 999
    try:
        if verb == "add":
            promo = Promo(PromoKind.ANNOUNCEMENT, f"Title {len(numbers)}", place, text="Text.")
            numbers.append(by(name, promos.add, promo, Wish(("next",))).promo.id)
        elif verb == "edit":
            by(name, promos.edit, number, {"text": f"Text of {name} {index}"}, Wish())
        elif verb == "move":
            by(name, promos.edit, number, {"place": place}, Wish())
        elif verb == "remove":
            by(name, promos.remove, number)
        else:
            by(name, history.undo if verb == "undo" else history.redo, 1)
    except (WrongMove, NotFound) as error:
        return str(error)
    return ""


def _undo_one(database, settings, by):
    """Takes back the newest act that nothing stands in the way of; False when none is left."""
    entries = history.listing(database, settings, 1)[1]
    for entry in reversed([entry for entry in entries if entry.can_be_undone]):
        try:
            by("Ann", history.undo, 1, entry.act.id)
        except WrongMove:
            continue
        return True
    return False


@pytest.mark.sqlite
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_place_has_one_promo_and_undoing_all_gives_the_draft(
    steps, database, settings, clock, issue, by
):
    now = clock()
    document = look(database, settings, 1, now=now).document
    numbers = []
    for step in steps:
        refusal = _step(by, step, numbers)
        assert not refusal or refusal.endswith((".", "shows it.")), refusal
        with database.reading() as conn:
            printed = store.get(conn, 1).promos
        places = [promo.place for promo in printed]
        assert len(places) == len(set(places))
        text = look(database, settings, 1, now=now).document.text
        assert all(promo.title in text for promo in printed)
    while _undo_one(database, settings, by):
        pass
    with database.reading() as conn:
        assert store.get(conn, 1).promos == ()
    assert look(database, settings, 1, now=now).document.hash == document.hash
    with database.transaction() as conn:
        for table in (ACTS, PROMO_RUNS, PROMOS):
            conn.execute(delete(table))
