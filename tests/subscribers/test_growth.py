"""How the list grew, from the consent record: by week and by source."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from subscribers.errors import UnknownReader, UnknownTopic
from tests.subscribers.conftest import TOKEN

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def growth(desk):
    """The growth in so many weeks; the week of the clock is the last."""
    return lambda weeks=2: desk.growth(weeks=weeks, zone=LONDON)


def figures(counts, *names):
    return tuple(getattr(counts, name) for name in names)


def test_an_empty_list_has_empty_weeks(growth):
    weeks = growth().weeks
    assert list(weeks) == [date(2026, 2, 23), date(2026, 3, 2)]
    assert {figures(week, "joined", "net", "active") for week in weeks.values()} == {(0, 0, 0)}


def test_weeks_count_sign_ups_confirmations_and_departures(desk, growth, people, clock):
    people.reader("ann@example.org")
    people.reader("ben@example.org")
    people.ask("pending@example.org")
    desk.add("cat@example.org", by="Eve", basis="asked on the phone")
    clock.forward(days=7)
    people.leave("ann@example.org")
    people.report("ben@example.org", "bounced")
    people.reader("dan@example.org")
    before, after = growth().weeks.values()
    assert figures(before, "joined", "confirmed", "imported", "net", "active") == (3, 2, 1, 3, 3)
    assert figures(after, "joined", "confirmed", "left", "bounced", "net", "active") == (
        *(1, 1, 1, 1),
        *(-1, 2),
    )


def test_what_is_older_than_the_weeks_counts_in_the_active_readers(growth, people, clock):
    people.reader("ann@example.org")
    clock.forward(days=70)
    first, last = growth().weeks.values()
    assert figures(first, "joined", "net", "active") == (0, 0, 1)
    assert last.active == 1


def test_an_erased_reader_left_and_their_weeks_stay_as_they_were(growth, people, clock):
    people.reader("ann@example.org")
    clock.forward(days=7)
    people.erase("ann@example.org")
    before, after = growth().weeks.values()
    assert figures(before, "confirmed", "active") == (1, 1)
    assert figures(after, "left", "net", "active") == (1, -1, 0)


def test_sources_say_what_readers_first_came_by(desk, growth, people, web):
    body = {"email": "ann@example.org", "source": "footer of the website"}
    answer = web.post("/hooks/signup", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 202
    people.reader("ben@example.org")
    desk.add("cat@example.org", by="Eve", basis="asked on the phone")
    sources = growth().by_source
    assert figures(sources["footer of the website"], "joined", "confirmed", "active") == (1, 0, 0)
    assert figures(sources["editor"], "imported", "active") == (1, 1)
    assert sum(source.joined for source in sources.values()) == 2


def test_an_editor_changes_name_and_topics_on_record(desk, people):
    people.reader("ann@example.org", name="Ann", topics=["jobs"])
    reader = desk.edit("ANN@example.org", by="Eve", name="Ann B.", topics=["posts", "events"])
    assert (reader.name, reader.topics, reader.status) == ("Ann B.", ("posts", "events"), "active")
    event = desk.receipt("ann@example.org").events[-1]
    assert (event.act, event.how, event.by) == ("changed", "editor", "Eve")
    assert event.evidence["topics"] == ["posts", "events"]
    assert desk.edit("ann@example.org", by="Eve", topics=[]).topics == ()
    assert desk.verify().ok


def test_an_edit_that_changes_nothing_adds_no_entry(desk, people):
    people.reader("ann@example.org", name="Ann", topics=["jobs"])
    before = desk.verify().rows
    desk.edit("ann@example.org", by="Eve", name="Ann", topics=["jobs"])
    assert desk.verify().rows == before


def test_an_edit_of_nobody_or_with_an_unknown_topic_is_refused(desk, people, dump):
    people.reader("ann@example.org")
    people.reader("erased@example.org")
    people.erase("erased@example.org")
    before = dump()
    with pytest.raises(UnknownTopic, match="cats"):
        desk.edit("ann@example.org", by="Eve", topics=["cats"])
    for address in ("nobody@example.org", "erased@example.org"):
        with pytest.raises(UnknownReader, match="is not on the list"):
            desk.edit(address, by="Eve", name="X")
    assert dump() == before


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("EXAMPLE.org", ["ann", "per_cent", "percent"]),
        ("élodie", ["ann"]),
        ("ÉLODIE", ["ann"]),
        ("r_c", ["per_cent"]),
        ("%", ["percent"]),
        ("nobody", []),
    ],
)
def test_readers_are_found_by_a_part_of_address_or_name(desk, people, text, names):
    people.reader("ann@example.org", name="Élodie")
    people.reader("per_cent@example.org", name="Per")
    people.reader("percent@example.org", name="100 %")
    addresses = [r.address.partition("@")[0] for r in desk.list(search=text).readers]
    assert sorted(addresses) == names
