"""How many readers an issue would reach, and who is left out for which reason."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from emag.desk import approve
from emag.desk.look import look
from emag.desk.reach import Exclusion, reach
from emag.issues.draft import draft_special
from emag.mailing.sending import address
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tables import SUBSCRIBERS
from subscribers.tokens import Keys
from tests.conftest import SECRET


@pytest.fixture
def readers(database, clock):
    """Five readers on a stated basis."""

    def _add(*names: str) -> None:
        with database.transaction() as conn:
            for name in names:
                membership.add_on_basis(
                    conn,
                    Keys(SECRET),
                    address=f"{name}@example.org",
                    name="",
                    evidence=Evidence("import", wording="They agreed on paper."),
                    now=clock(),
                )

    _add("ann", "ben", "cat", "dan", "eve")
    return _add


def change(database, name, **values):
    with database.transaction() as conn:
        conn.execute(
            update(SUBSCRIBERS)
            .where(SUBSCRIBERS.c.address == f"{name}@example.org")
            .values(**values)
        )


def test_everybody_who_may_be_written_to_is_reached(database, settings, issue, readers, clock):
    result = reach(database, settings, issue.number, now=clock())
    assert (result.readers, result.excluded) == (5, [])


def test_those_left_out_are_counted_by_reason(database, settings, issue, readers, clock):
    change(database, "ann", paused_until=clock() + timedelta(days=3))
    change(database, "ben", status="unsubscribed")
    change(database, "cat", status="pending")
    result = reach(database, settings, issue.number, now=clock())
    assert result.readers == 2
    assert {entry.reason: entry.count for entry in result.excluded} == {
        Exclusion.PENDING: 1,
        Exclusion.PAUSED: 1,
        Exclusion.UNSUBSCRIBED: 1,
    }


def test_who_did_not_get_the_earlier_issue_is_left_out(database, settings, issue, readers, clock):
    approve.approve(database, settings, issue.number, now=clock(), by="Ann")
    address.address(database, issue.number, now=clock(), by="Ann")
    special = draft_special(
        database, settings, now=clock(), by="Ann", title="Sorry", audience=issue.number
    )
    result = reach(database, settings, special.number, now=clock())
    assert result.readers == 0
    assert [(entry.reason, entry.count) for entry in result.excluded] == [(Exclusion.AUDIENCE, 5)]


def test_a_document_without_topics_has_a_story_for_everybody(
    database, settings, issue, readers, clock
):
    document = look(database, settings, issue.number, now=clock()).document
    assert reach(database, settings, issue.number, document, now=clock()).readers == 5
