"""Who else is at an issue, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from emag.editors import people, presence
from emag.editors.editor import Editor
from emag.editors.presence import HERE_FOR, Presence


@pytest.fixture
def two(database, settings, clock) -> tuple[Editor, Editor]:
    mailboxes = ("Ann <ann@example.org>", "Ben <ben@example.org>")
    ann, ben = (
        people.invite(database, settings, mailbox, ["editor"], now=clock(), by="Olga")
        for mailbox in mailboxes
    )
    return ann, ben


def test_each_sees_what_the_other_does_until_they_leave(database, clock, two):
    ann, ben = two
    for field in ("subject", "note"):
        presence.record(database, 1, ann, page="arrange", field=field, now=clock())
    presence.record(database, 2, ben, page="review", field="", now=clock())
    assert presence.others(database, 1, ben, now=clock()) == [Presence("Ann", "arrange", "note")]
    assert presence.others(database, 1, ann, now=clock()) == []
    assert presence.others(database, 1, ben, now=clock() + HERE_FOR) == []
    presence.leave(database, 1, ann)
    assert presence.others(database, 1, ben, now=clock()) == []


def test_many_signs_of_life_at_once_are_one_stay_each(database, clock, two):
    def sign(number: int) -> None:
        later = clock() + timedelta(seconds=number)
        presence.record(database, 1, two[number % 2], page="arrange", field="", now=later)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sign, range(12)))
    assert [person.name for person in presence.others(database, 1, two[0], now=clock())] == ["Ben"]
    assert [person.name for person in presence.others(database, 1, two[1], now=clock())] == ["Ann"]
