"""The recipe: every candidate has one verdict, nothing comes twice, nothing is lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.pool import Candidate
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.recipe import Because, Choice, Earlier, SectionRule, choose

NOW = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
TODAY = date(2026, 3, 6)
POSTS = SectionRule("posts", "New on the blog", limit=3)
JOBS = SectionRule("jobs", "Jobs", limit=3, order="featured")
EVENTS = SectionRule("events", "Events", limit=3)
PARTS = (POSTS, JOBS, EVENTS)


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


def post(number: int, *, gathered_at=None, published=None, section="posts", **more) -> Candidate:
    gathered_at = gathered_at or ago(hours=1)
    story = Story(
        source=more.pop("source", "blog"),
        kind=more.pop("kind", Kind.POST),
        link=f"https://example.org/{number}",
        title=f"Story {number}",
        published=published,
        **more,
    )
    return Candidate(number, story, gathered_at, section)


def job(number: int, *, closes=None, of_the_week=False, **more) -> Candidate:
    vacancy = Vacancy(role="Clerk", closes=closes, job_of_the_week=of_the_week)
    return post(number, section="jobs", kind=Kind.JOB, vacancy=vacancy, source="board", **more)


def event(number: int, starts: datetime | None, **more) -> Candidate:
    return post(number, section="events", kind=Kind.EVENT, starts=starts, source="diary", **more)


def run(candidates, rules=PARTS, *, used=None, since=None, earlier=None, until=NOW) -> Choice:
    return choose(
        _marked(candidates),
        rules,
        since=since,
        until=until,
        today=TODAY,
        used=used or {},
        earlier=earlier,
    )


def _marked(candidates) -> list[Candidate]:
    """Marks what each source had when it was read for the first time."""
    first: dict[str, datetime] = {}
    for candidate in candidates:
        source, at = candidate.story.source, candidate.gathered_at
        first[source] = min(at, first.get(source, at))
    return [replace(c, from_archive=c.gathered_at == first[c.story.source]) for c in candidates]


def picked(choice: Choice, name: str) -> list[int]:
    return [pick.candidate for s in choice.sections if s.name == name for pick in s.picks]


def reason(choice: Choice, candidate: int) -> str:
    return next(v.reason for v in choice.verdicts if v.candidate == candidate)


def test_newest_first_and_the_rest_has_no_room():
    pool = [post(n, published=ago(days=n)) for n in (4, 1, 3, 2)]
    choice = run(pool)
    assert picked(choice, "posts") == [1, 2, 3]
    assert reason(choice, 1) == "in: newest"
    assert reason(choice, 4) == "out: section is full (limit 3)"


def test_sections_keep_the_settings_order_even_when_empty():
    assert [(s.name, s.title) for s in run([]).sections] == [
        ("posts", "New on the blog"),
        ("jobs", "Jobs"),
        ("events", "Events"),
    ]


def test_job_of_the_week_comes_first_then_featured_then_newest():
    pool = [
        job(1, published=ago(days=1)),
        job(2, published=ago(days=3), featured=True),
        job(3, published=ago(days=5), of_the_week=True),
        job(4, published=ago(days=2)),
    ]
    choice = run(pool, (SectionRule("jobs", limit=4, order="featured"),))
    assert picked(choice, "jobs") == [3, 2, 1, 4]
    assert [reason(choice, n) for n in (3, 2, 1)] == [
        "in: job of the week",
        "in: featured",
        "in: newest",
    ]


def test_a_section_ordered_by_date_alone_ignores_what_is_featured():
    pool = [post(1, published=ago(days=2), featured=True), post(2, published=ago(days=1))]
    assert picked(run(pool), "posts") == [2, 1]


def test_a_closed_job_is_out_and_one_that_closes_on_the_day_is_in():
    choice = run([job(1, closes=date(2026, 3, 5)), job(2, closes=TODAY)])
    assert picked(choice, "jobs") == [2]
    assert reason(choice, 1) == "out: closed on 5 March"


def test_what_an_issue_has_claimed_is_out():
    choice = run([post(1), post(2)], used={1: 3})
    assert picked(choice, "posts") == [2]
    assert reason(choice, 1) == "out: in issue 3 already"


def test_a_section_that_does_not_exist_is_named():
    assert reason(run([post(1, section="poems")]), 1) == "out: no section named “poems”"


def test_events_come_soonest_first_and_past_ones_are_out():
    pool = [
        event(1, NOW + timedelta(days=9)),
        event(2, NOW + timedelta(days=2)),
        event(3, NOW - timedelta(days=1)),
        event(4, NOW.replace(day=6, hour=5)),  # on the day of the send
    ]
    choice = run(pool)
    assert picked(choice, "events") == [4, 2, 1]
    assert reason(choice, 3) == "out: took place on 4 March"


def test_an_event_to_come_is_news_however_long_ago_it_was_announced():
    assert picked(run([event(1, NOW + timedelta(days=5), published=ago(days=300))]), "events")


def test_the_first_issue_takes_the_newest_of_the_archive_and_the_second_only_two_weeks_of_it():
    pool = [post(n, published=ago(days=n)) for n in (1, 12, 13, 15, 400)]
    rules = (SectionRule("posts", limit=2),)
    first = run(pool, rules)
    assert picked(first, "posts") == [1, 12]
    assert reason(first, 400) == "out: section is full (limit 2)"
    earlier = {v.candidate: Earlier(1, v.because) for v in first.verdicts}
    second = run(pool, rules, since=NOW, used={1: 1, 12: 1}, earlier=earlier)
    assert picked(second, "posts") == [13]
    assert reason(second, 15) == "out: published before this issue's window"


def test_a_quiet_blog_has_a_first_issue():
    assert picked(run([post(n, published=ago(days=n)) for n in (200, 900)]), "posts") == [200, 900]


def test_a_story_without_a_date_counts_from_the_day_it_was_gathered():
    assert picked(run([post(1, gathered_at=ago(days=3))]), "posts") == [1]


def test_a_post_published_late_under_an_old_date_is_not_lost():
    pool = [
        post(1, gathered_at=ago(days=30), published=ago(days=31)),
        post(2, gathered_at=ago(days=2), published=ago(days=60)),
    ]
    assert picked(run(pool, since=ago(days=7), used={1: 1}), "posts") == [2]


def test_a_source_added_later_does_not_bring_years_either():
    pool = [
        post(1, gathered_at=ago(days=100)),
        post(2, gathered_at=ago(days=1), published=ago(days=200), source="new"),
        post(3, gathered_at=ago(days=1), published=ago(days=4), source="new"),
    ]
    choice = run(pool, since=ago(days=7), used={1: 1})
    assert picked(choice, "posts") == [3]


def test_what_had_no_room_waits_for_the_next_issue():
    pool = [post(n, published=ago(days=n)) for n in range(1, 6)]
    first = run(pool)
    claimed = dict.fromkeys(picked(first, "posts"), 1)
    later = {v.candidate: Earlier(1, v.because) for v in first.verdicts}
    second = run(pool, used=claimed, earlier=later, since=NOW, until=NOW + timedelta(days=60))
    assert picked(second, "posts") == [4, 5]
    assert reason(second, 4) == "in: has waited since an earlier issue"


def test_what_was_once_too_old_stays_out():
    """The window moves on with the clock; the verdict does not."""
    pool = [post(1, published=ago(days=20)), post(2)]
    first = run(pool)
    later = {v.candidate: Earlier(1, v.because) for v in first.verdicts}
    assert picked(run(pool, used={2: 1}, earlier=later, since=NOW), "posts") == []


def test_what_the_editor_dropped_stays_out():
    choice = run([post(1)], earlier={1: Earlier(4, Because.DROPPED)})
    assert reason(choice, 1) == "out: dropped by the editor from issue 4"


def test_a_section_with_a_window_of_its_own_forgets_what_is_older():
    rule = SectionRule("posts", limit=5, window=timedelta(days=10))
    pool = [
        post(1, gathered_at=ago(days=9), published=ago(days=9)),
        post(2, gathered_at=ago(days=9), published=ago(days=11)),
        post(3, gathered_at=ago(days=8), published=ago(days=90)),  # gathered late
    ]
    choice = run(pool, (rule,))
    assert picked(choice, "posts") == [1, 3]
    assert reason(choice, 2) == "out: published before this issue's window"


def test_a_story_dated_after_the_cut_off_waits():
    choice = run([post(1, published=NOW + timedelta(days=3))])
    assert reason(choice, 1) == "out: dated 8 March, after this issue's cut-off"
    again = run(
        [post(1, published=NOW + timedelta(days=3))],
        earlier={1: Earlier(1, Because.AHEAD)},
        until=NOW + timedelta(days=7),
    )
    assert picked(again, "posts") == [1]


def test_a_draft_as_of_an_earlier_day_takes_what_was_news_then():
    """Gathered today, drafted as of two weeks ago."""
    past = ago(days=14)
    pool = [post(n, published=ago(days=n)) for n in (1, 15, 20, 40)]
    assert picked(run(pool, until=past, since=ago(days=60)), "posts") == [15, 20]


@pytest.mark.parametrize("order", ["newest", "featured"])
def test_ties_keep_the_order_of_the_source(order):
    pool = [post(n, published=ago(days=1)) for n in (3, 1, 2)]
    choice = run(pool, (SectionRule("posts", limit=9, order=order),))
    assert picked(choice, "posts") == [1, 2, 3]


moments = st.one_of(
    st.none(), st.integers(-30, 500).map(lambda days: NOW - timedelta(days=days, hours=3))
)


@st.composite
def candidates(draw, number: int) -> Candidate:
    kind = draw(st.sampled_from(Kind))
    closes = draw(st.one_of(st.none(), st.dates(date(2026, 2, 1), date(2026, 5, 1))))
    vacancy = Vacancy("Clerk", closes=closes, job_of_the_week=draw(st.booleans()))
    return post(
        number,
        kind=kind,
        source=draw(st.sampled_from(["a", "b"])),
        section=draw(st.sampled_from(["posts", "jobs", "events", "gone"])),
        gathered_at=NOW - timedelta(days=draw(st.integers(0, 60))),
        published=draw(moments),
        featured=draw(st.booleans()),
        starts=draw(moments) if kind is Kind.EVENT else None,
        vacancy=vacancy if kind is Kind.JOB else None,
    )


pools = st.integers(0, 25).flatmap(
    lambda size: st.tuples(*(candidates(number) for number in range(1, size + 1)))
)
rules = st.tuples(
    *(
        st.builds(
            SectionRule,
            name=st.just(name),
            limit=st.integers(1, 5),
            order=st.sampled_from(["newest", "featured"]),
            window=st.sampled_from([None, timedelta(days=14), timedelta(days=90)]),
        )
        for name in ("posts", "jobs", "events")
    )
)
claims = st.dictionaries(st.integers(1, 25), st.integers(1, 9), max_size=10)
memories = st.dictionaries(
    st.integers(1, 25), st.builds(Earlier, st.integers(1, 9), st.sampled_from(Because)), max_size=10
)


@given(pool=pools, rules=rules, used=claims, earlier=memories)
def test_promises(pool, rules, used, earlier):
    choice = run(pool, rules, used=used, earlier=earlier)
    ids = [candidate.id for candidate in pool]
    assert [verdict.candidate for verdict in choice.verdicts] == ids  # exactly one each
    chosen = [pick.candidate for section in choice.sections for pick in section.picks]
    assert len(chosen) == len(set(chosen))
    assert set(chosen) == {v.candidate for v in choice.verdicts if v.chosen}
    assert not set(chosen) & set(used)
    limits = {rule.name: rule.limit for rule in rules}
    by_id = {candidate.id: candidate for candidate in pool}
    for section in choice.sections:
        assert len(section.picks) <= limits[section.name]
        assert all(by_id[pick.candidate].section == section.name for pick in section.picks)
    for verdict in choice.verdicts:
        assert verdict.reason.startswith("in: " if verdict.chosen else "out: ")
        story = by_id[verdict.candidate].story
        closes = story.vacancy.closes if story.vacancy else None
        assert not (verdict.chosen and closes and closes < TODAY)


@given(pool=pools, rules=rules)
def test_every_section_is_in_its_order(pool, rules):
    choice = run(pool, rules)
    by_id = {candidate.id: candidate for candidate in pool}
    orders = {rule.name: rule.order for rule in rules}
    for section in choice.sections:
        printed = [by_id[pick.candidate] for pick in section.picks]
        dated = [c for c in printed if c.story.starts]
        assert [c.story.starts for c in dated] == sorted(c.story.starts for c in dated)
        others = [c for c in printed if not c.story.starts]
        if orders[section.name] == "newest":
            times = [c.story.published or c.gathered_at for c in others]
            assert times == sorted(times, reverse=True)
        else:
            ranks = [_rank(c) for c in others]
            assert ranks == sorted(ranks)


def _rank(candidate: Candidate) -> int:
    story = candidate.story
    if story.vacancy and story.vacancy.job_of_the_week:
        return 0
    return 1 if story.featured else 2


@given(pool=pools, limit=st.integers(1, 4))
def test_issue_after_issue_everything_eligible_comes_exactly_once(pool, limit):
    """Nothing but the window, the closing date and the missing section keeps a story out."""
    rules = tuple(SectionRule(name, limit=limit) for name in ("posts", "jobs", "events"))
    used: dict[int, int] = {}
    earlier: dict[int, Earlier] = {}
    for number in range(1, len(pool) + 2):
        choice = run(pool, rules, used=used, earlier=earlier, since=NOW if number > 1 else None)
        for verdict in choice.verdicts:
            if verdict.chosen:
                assert verdict.candidate not in used
                used[verdict.candidate] = number
            earlier[verdict.candidate] = Earlier(number, verdict.because)
    kept_out = {Because.WINDOW, Because.NO_SECTION, Because.CLOSED, Because.PAST, Because.AHEAD}
    eligible = {number for number, last in earlier.items() if last.because not in kept_out}
    assert set(used) == eligible
