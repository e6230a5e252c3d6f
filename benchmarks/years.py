"""Measures how large the database grows in years of weekly issues, with and without condensing.

    .venv/bin/python benchmarks/years.py [--years 10] [--readers 2000]

Each week an issue is addressed and every copy gets its outcome, and every hundredth a bounce. This
runs twice: with everything kept, and with `privacy.deliveries = "365d"`.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text

from emag import migrate
from emag.database import Database
from emag.issues.tables import ISSUES
from emag.mailing.sending import ledger, results
from emag.mailing.sending.condense import condense
from emag.mailing.tables import DELIVERIES, MAILINGS

START = datetime(2026, 3, 6, 7, 30, tzinfo=UTC)
WEEK = timedelta(weeks=1)
WEEKS, KEPT_DAYS, MEGABYTE = 52, 365, 1_000_000
READERS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
INSERT INTO subscribers
    (ref, address, key, name, status, topics, since, joined_at, ask, open, soft)
SELECT 'reference-' || i, 'reader' || i || '@example.net', 'reader' || i || '@example.net',
    'Reader ' || i, 'active', '[]', :now, :now, 0, 0, 0 FROM n
"""
COPIES = """
INSERT INTO deliveries
    (issue, subscriber, status, report, attempts, not_before, worker, reason, reference, settled_at)
SELECT :issue, id, 'accepted', CASE WHEN id % 100 = 0 THEN 'bounced' ELSE '' END, 1, :now, '',
    CASE WHEN id % 100 = 0 THEN '550 5.1.1 No such user' ELSE '' END, '', :now FROM subscribers
"""


@dataclass(frozen=True, slots=True)
class YearFigures:
    """At the end of a year: the file in MB, the deliveries in it, and a report in milliseconds."""

    megabytes: float
    rows: int
    condense_ms: float
    report_ms: float


def now_text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


def send(database: Database, number: int, at: datetime) -> None:
    """Does what sending an issue leaves in the database."""
    issue = {
        "number": number,
        "status": "sent",
        "local_date": at.date().isoformat(),
        "until": at,
        "began_at": at,
        "headings": [],
        "mentions": [],
    }
    texts = dict.fromkeys(
        ("title", "subject", "preheader", "note", "document_hash", "approved_by", "drafted_by"), ""
    )
    flags = dict.fromkeys(("is_special", "subject_is_written", "preheader_is_written"), False)
    with database.transaction() as conn:
        conn.execute(insert(ISSUES).values(**issue, **texts, **flags))
        conn.execute(text(COPIES), {"issue": number, "now": now_text(at)})
        planned = ledger.counts(conn, number)["planned"]
        conn.execute(insert(MAILINGS).values(issue=number, addressed_at=at, planned=planned))


def years(file: Path, count: int, readers: int, *, condensing: bool) -> Iterator[YearFigures]:
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    with database.transaction() as conn:
        conn.execute(text(READERS), {"many": readers, "now": now_text(START)})
    for year in range(count):
        condensed = 0.0
        for week in range(year * WEEKS, (year + 1) * WEEKS):
            at = START + timedelta(weeks=week)
            send(database, week + 1, at)
            begun = time.perf_counter()
            if condensing:
                list(condense(database, before=at - timedelta(days=KEPT_DAYS), now=at))
            condensed += time.perf_counter() - begun
        yield figures(database, condensed)
    database.close()


def figures(database: Database, condensed: float) -> YearFigures:
    begun = time.perf_counter()
    with database.reading() as conn:
        results.by_domain(conn, 1), results.count_left(conn, 1), ledger.counts(conn, 1)
        took = time.perf_counter() - begun
        rows = conn.execute(select(func.count()).select_from(DELIVERIES)).scalar_one()
    megabytes = database.size() / MEGABYTE
    return YearFigures(megabytes, rows, condensed / WEEKS * 1000, took * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--readers", type=int, default=2_000)
    options = parser.parse_args()
    print("| after | all, MB | deliveries | condensed, MB | deliveries | ms a week | report, ms |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            years(Path(folder) / name, options.years, options.readers, condensing=condensing)
            for name, condensing in (("all.db", False), ("few.db", True))
        ]
        for year, (whole, few) in enumerate(zip(*runs, strict=True), 1):
            print(
                f"| year {year} | {whole.megabytes:,.0f} | {whole.rows:,} | {few.megabytes:,.0f} "
                f"| {few.rows:,} | {few.condense_ms:.0f} | {few.report_ms:.1f} |"
            )


if __name__ == "__main__":
    main()
