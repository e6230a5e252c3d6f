"""Measures an issue's report and the list's growth, beside plain SQL for the same figures.

    .venv/bin/python benchmarks/report.py [--readers N]

An issue was sent to N readers at 2,000 domains. Some messages bounced or were refused, and some
readers unsubscribed. The plain SQL runs in the same process on the same database and gives the
same counts.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from emag import migrate
from emag.database import Database
from emag.desk import report
from emag.issues.tables import ISSUES
from emag.mailing.tables import DELIVERIES, MAILINGS
from subscribers import growth
from subscribers.consent import ConsentAct, Evidence
from subscribers.exchange import import_file
from subscribers.membership import ledger
from subscribers.membership.ledger import NewEntry
from subscribers.tokens import Keys

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
KEYS = Keys("a-secret-for-benchmarks-only-0123456789")
ROUNDS = 5
STATUSES = ["accepted"] * 95 + ["refused"] * 2 + ["skipped"] * 2 + ["deferred"]
BARE = {
    "counts": "SELECT status, report, count(*) FROM deliveries WHERE issue = 1 GROUP BY 1, 2",
    "domains": (
        "SELECT lower(substr(address, instr(address, '@') + 1)), d.status, report, count(*) "
        "FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber "
        "WHERE d.issue = 1 GROUP BY 1, 2, 3"
    ),
    "bounces": (
        "SELECT reason, count(*) FROM deliveries WHERE issue = 1 AND report = 'bounced' GROUP BY 1"
    ),
    "refusals": (
        "SELECT reason, count(*) FROM deliveries WHERE issue = 1 AND status = 'refused' GROUP BY 1"
    ),
    "left": (
        "SELECT c.sequence, c.at, d.settled_at FROM consents c "
        "JOIN deliveries d ON d.subscriber = c.subscriber "
        "WHERE d.issue = 1 AND c.act IN ('left', 'erased', 'returned') AND c.at >= '2026-03-06'"
    ),
}
GROWTH = (
    "SELECT act, first, after, before, count(*) FROM (SELECT act, "
    "act IN ('confirmed', 'imported', 'returned') AS after, first_value(how) OVER w AS first, "
    "lag(act) OVER w IN ('confirmed', 'imported', 'returned') AS before FROM consents "
    "WHERE subscriber != 0 WINDOW w AS (PARTITION BY subscriber ORDER BY sequence)) "
    "GROUP BY 1, 2, 3, 4"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=100_000)
    count = parser.parse_args().readers
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/report.db")
        migrate.declared().create_all(database.engine)
        fill(database, Path(folder), count)
        for line in compare(database):
            print(line)
        database.close()


def fill(database: Database, folder: Path, count: int) -> None:
    """Imports readers, adds a delivery for each, and unsubscribes one in fifty afterwards."""
    chance = random.Random(1)
    file = folder / "readers.csv"
    domains = [f"council{number}.example.org" for number in range(2_000)]
    addresses = (f"reader{n}@{chance.choice(domains)}" for n in range(count))
    file.write_text("email\n" + "\n".join(addresses), encoding="utf-8")
    long_ago = NOW - timedelta(weeks=6)
    import_file(database.transaction, KEYS, file, basis="agreed", by="Ann", now=long_ago)
    with database.transaction() as conn:
        issue = {"number": 1, "status": "sent", "until": NOW, "local_date": "2026-03-06"}
        issue |= {"headings": [], "mentions": [], "note": ""}
        conn.execute(insert(ISSUES).values(issue))
        mailing = {"issue": 1, "addressed_at": NOW, "planned": count}
        conn.execute(insert(MAILINGS).values(mailing))
        ids = list(conn.exec_driver_sql("SELECT id FROM subscribers").scalars())
        conn.execute(insert(DELIVERIES), [_copy(chance, number) for number in ids])
        evidence = Evidence("one-click")
        left = chance.sample(ids, count // 50)
        entries = [NewEntry(ConsentAct.LEFT, number, evidence) for number in left]
        ledger.append(conn, KEYS, entries, now=NOW + timedelta(days=1))


def _copy(chance: random.Random, reader: int) -> dict[str, object]:
    status = chance.choice(STATUSES)
    bounced = status == "accepted" and chance.random() < 0.02
    reason = f"550 5.1.1 reason {chance.randrange(40)}" if bounced or status == "refused" else ""
    copy = {"issue": 1, "subscriber": reader, "status": status, "reason": reason}
    copy |= {"report": "bounced" if bounced else "", "attempts": 1}
    return copy | {"not_before": NOW, "settled_at": NOW, "worker": "", "reference": ""}


def compare(database: Database) -> Iterator[str]:
    """Yields a line for the report and one for the growth, each beside the plain SQL."""
    whole = timed(lambda: report.report(database, 1))
    bare = timed(lambda: _run(database, BARE.values()))
    yield f"issue report: {whole:.0f} ms, plain SQL {bare:.0f} ms, {whole / bare:.2f} times"
    with database.reading() as conn:
        now = NOW + timedelta(days=2)
        grown = timed(lambda: growth.growth(conn, weeks=12, now=now, zone=ZONE))
    bare = timed(lambda: _run(database, [GROWTH]))
    yield f"stats: {grown:.0f} ms, plain SQL {bare:.0f} ms, {grown / bare:.2f} times"


def _run(database: Database, statements: Iterable[str]) -> None:
    with database.reading() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement).all()


def timed(work: Callable[[], object]) -> float:
    """Returns the median time of the rounds, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1_000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
