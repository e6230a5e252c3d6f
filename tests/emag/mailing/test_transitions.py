"""The tables of `delivery` and the statements that change a status cannot disagree."""

import re
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select, update

from emag.mailing import transitions
from emag.mailing.delivery import (
    AFTER_EVENT,
    AFTER_OUTCOME,
    AFTER_STEP,
    DeliveryStatus,
    DeliveryStep,
    Outcome,
    Receipt,
)
from emag.mailing.event import Event, EventKind
from emag.mailing.returns import reports
from emag.mailing.sending import claims
from emag.mailing.sending.address import address
from emag.mailing.sending.claims import Claim
from emag.mailing.tables import DELIVERIES
from subscribers.dialect import binder
from subscribers.roll import Reader

ROOT = Path(__file__).parents[3]
_D = DELIVERIES.c
# One row for each cell of a table: the row's number is its place in the list.
BY_OUTCOME = list(product(DeliveryStatus, Outcome))
BY_STEP = list(product(DeliveryStatus, DeliveryStep))
BY_EVENT = list(product(DeliveryStatus, EventKind))


@pytest.fixture
def begin(database, approved, readers, clock):
    """Makes one delivery for each cell, with the status that the cell starts from."""

    def begin(cells):
        readers(len(cells))
        address(database, approved(), now=clock(), by="ann")
        with database.transaction() as conn:
            for number, (status, _) in enumerate(cells, 1):
                values = {"status": status.value, "worker": "me", "attempts": 1}
                conn.execute(update(DELIVERIES).where(_D.id == number).values(values))

    return begin


@pytest.fixture
def statuses(database):
    """Reads the status of every delivery, in order."""

    def statuses():
        with database.reading() as conn:
            query = select(_D.status).order_by(_D.id)
            return [DeliveryStatus(status) for status in conn.execute(query).scalars()]

    return statuses


def test_steps(database, begin, statuses):
    begin(BY_STEP)
    with database.transaction() as conn:
        for number, (_, step) in enumerate(BY_STEP, 1):
            transitions.take(conn, step, _D.id == number, reason="test")
    assert statuses() == [AFTER_STEP[status][step] for status, step in BY_STEP]


@pytest.mark.parametrize(
    ("step", "statement"),
    [(DeliveryStep.CLAIM, transitions.CLAIM), (DeliveryStep.SKIP, transitions.SKIP)],
)
def test_steps_that_are_taken_without_sqlalchemy(database, begin, statuses, clock, step, statement):
    cells = [(status, step) for status in DeliveryStatus]
    begin(cells)
    with database.transaction() as conn:
        until = binder(conn.dialect, _D.lease_until.type)(clock())
        statement.run(conn, [("text", until, number) for number in range(1, len(cells) + 1)])
    assert statuses() == [AFTER_STEP[status][step] for status, _ in cells]


def test_outcomes(database, begin, statuses, clock):
    begin(BY_OUTCOME)
    reader = Reader(1, "ref", "ann@example.org", "")
    receipts = [
        (Claim(number, 1, reader), Receipt(outcome, "why"))
        for number, (_, outcome) in enumerate(BY_OUTCOME, 1)
    ]
    with database.transaction() as conn:
        claims.record(conn, receipts, worker="me", now=clock())
    assert statuses() == [AFTER_OUTCOME[status][outcome] for status, outcome in BY_OUTCOME]


def test_an_outcome_counts_only_for_the_worker_that_claimed_the_delivery(
    database, begin, statuses, clock
):
    begin(BY_OUTCOME)
    reader = Reader(1, "ref", "ann@example.org", "")
    receipts = [
        (Claim(number, 1, reader), Receipt(outcome, "why"))
        for number, (_, outcome) in enumerate(BY_OUTCOME, 1)
    ]
    with database.transaction() as conn:
        claims.record(conn, receipts, worker="somebody else", now=clock())
    assert statuses() == [status for status, _ in BY_OUTCOME]


def test_events(database, begin, statuses, clock, keys):
    begin(BY_EVENT)
    with database.transaction() as conn:
        reports.record(
            conn,
            (
                Event(str(number), "test", kind, clock(), mark=keys.short("bounce", number))
                for number, (_, kind) in enumerate(BY_EVENT, 1)
            ),
        )
    reports.apply(database, keys=keys, now=clock())
    assert statuses() == [AFTER_EVENT[status][kind] for status, kind in BY_EVENT]


@pytest.mark.sqlite
def test_no_other_module_writes_a_status():
    """`reports` writes what `apply_event` says: the test above covers it."""
    writes = re.compile(r"UPDATE\s+deliveries|update\(DELIVERIES\)(?:(?!\n\n).)*status", re.DOTALL)
    allowed = {"transitions.py", "reports.py"}
    writers = {
        path.name for path in (ROOT / "emag").rglob("*.py") if writes.search(path.read_text())
    }
    assert writers <= allowed
