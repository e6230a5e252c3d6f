"""What SQLite and PostgreSQL do differently, in one place."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from subscribers import dialect
from subscribers.dialect import UpdateMany, binder
from subscribers.tables import REPLAYS, SUPPRESSIONS

ROOT = Path(__file__).parents[2]
ROWS = SUPPRESSIONS


@pytest.fixture
def rows(database, clock):
    """Three rows of a table, and a function that reads them."""
    with database.transaction() as conn:
        for name in "abc":
            values = {"fingerprint": name, "reason": "old", "at": clock()}
            conn.execute(dialect.insert(conn, ROWS).values(values))

    def rows():
        with database.reading() as conn:
            query = select(ROWS.c.fingerprint, ROWS.c.reason, ROWS.c.at, ROWS.c.import_id)
            return {row[0]: tuple(row[1:]) for row in conn.execute(query)}

    return rows


def test_each_row_gets_its_own_values(database, rows, clock):
    update = UpdateMany(ROWS, ("reason", "at", "import_id"), keys=("fingerprint",))
    first = clock()
    clock.forward(days=1)
    with database.transaction() as conn:
        stamp = binder(conn.dialect, ROWS.c.at.type)
        update.run(conn, [("x", stamp(clock()), 7, "a"), ("y'; --", stamp(first), None, "c")])
    assert rows() == {
        "a": ("x", clock(), 7),
        "b": ("old", first, None),
        "c": ("y'; --", first, None),
    }


def test_constants_are_set_only_where_the_condition_holds(database, rows):
    update = UpdateMany(
        ROWS,
        ("import_id",),
        keys=("fingerprint",),
        constants=["reason = 'new'"],
        where="fingerprint IN ('a', 'b')",
    )
    with database.transaction() as conn:
        update.run(conn, [(1, "a"), (2, "c")])
        update.run(conn, [])
    assert {name: row[0] for name, row in rows().items()} == {"a": "new", "b": "old", "c": "old"}


def test_a_conflict_may_be_ignored(database, clock):
    with database.transaction() as conn:
        entered = dialect.insert(conn, REPLAYS).values(digest="x", at=clock())
        ignoring = entered.on_conflict_do_nothing().returning(REPLAYS.c.digest)
        assert [len(conn.execute(ignoring).all()) for _ in range(2)] == [1, 0]


def test_the_one_that_fits_is_chosen(database):
    with database.transaction() as conn:
        version = dialect.choose(
            conn, sqlite="SELECT sqlite_version()", postgresql="SHOW server_version"
        )
        assert conn.execute(text(version)).scalar()
        assert dialect.is_postgresql(conn) is not database.is_sqlite


@pytest.mark.sqlite
def test_no_other_module_asks_for_the_dialect():
    """`Database` opens both kinds, and a migration may differ."""
    asks = re.compile(r"dialect\.name|dialects import")
    allowed = {"dialect.py"}
    places = {
        path.name
        for package in ("emag", "subscribers")
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and asks.search(path.read_text())
    }
    assert places <= allowed
