"""Measures ten simulated years of weekly issues: the time and the rows of each issue, by year.

    .venv/bin/python benchmarks/decade.py [--years N] [--stories A_WEEK]

Every week a source has more new posts and vacancies than an issue takes. An issue is drafted,
explained and sent. The figures of one issue should not grow with the years.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from emag import migrate
from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.database import Database
from emag.desk import records
from emag.issues import life
from emag.issues.draft import draft
from emag.issues.issue import Move
from emag.issues.tables import VERDICTS
from emag.settings import Settings, load

START = datetime(2026, 3, 5, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
WEEKS = 52
TOML = """
[publication]
title = "A decade"
sender = "A decade <decade@example.org>"
[[sections]]
name = "posts"
limit = 8
[[sections]]
name = "jobs"
limit = 8
"""
BY = "the benchmark"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one issue: milliseconds, verdict rows written, and stories considered."""

    draft_ms: float
    explain_ms: float
    verdicts: int
    considered: int


def stories(week: int, count: int, now: datetime) -> Iterator[tuple[str, Story]]:
    """Yields one week's stories: two thirds posts, one third vacancies open for three weeks."""
    for number in range(count):
        link = f"https://example.org/{week}/{number}"
        if number % 3:
            published = now - timedelta(hours=number)
            yield "posts", Story("posts", Kind.POST, link, f"Post {link}", published=published)
        else:
            job = Vacancy("Press officer", "A council", closes=(now + 3 * WEEK).date())
            yield "jobs", Story("jobs", Kind.JOB, link, f"Job {link}", vacancy=job)


def one_week(database: Database, settings: Settings, week: int, count: int) -> Figures:
    """Gathers, drafts, explains and sends one issue."""
    now = START + week * WEEK
    with database.transaction() as conn:
        for section, story in stories(week, count, now):
            pool.admit(conn, story, section=section, now=now - timedelta(hours=1))
    began = time.perf_counter()
    issue = draft(database, settings, now=now, by=BY)
    drafted = time.perf_counter()
    records.explain(database, settings, issue.number, now=now)
    explained = time.perf_counter()
    with database.transaction() as conn:
        considered = len(pool.open_candidates(conn))
        for step in (Move.APPROVE, Move.SEND, Move.FINISH):
            life.move(conn, issue.number, step, now=now, by=BY)
        query = select(func.count()).where(VERDICTS.c.issue == issue.number)
        verdicts = conn.execute(query).scalar() or 0
    return Figures(1000 * (drafted - began), 1000 * (explained - drafted), verdicts, considered)


def run(folder: Path, *, years: int, count: int) -> Iterator[tuple[int, list[Figures]]]:
    """Yields the figures of each year's issues."""
    (folder / "emag.toml").write_text(TOML)
    environ = {"EMAG_SECRET_KEY": "x" * 40, "EMAG_BASE_URL": "https://mail.example.org"}
    settings = load(folder, environ)
    database = Database(f"sqlite:///{folder / 'decade.db'}")
    migrate.declared().create_all(database.engine)
    try:
        for year in range(years):
            weeks = range(year * WEEKS, (year + 1) * WEEKS)
            yield year, [one_week(database, settings, week, count) for week in weeks]
    finally:
        database.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--years", type=int, default=10)
    arguments.add_argument("--stories", type=int, default=25)
    options = arguments.parse_args()
    print("year  draft ms  explain ms  verdicts an issue  stories considered  verdicts in all")
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for year, figures in run(Path(folder), years=options.years, count=options.stories):
            total += sum(figure.verdicts for figure in figures)
            print(
                f"{year + 1:4}"
                f"  {statistics.median(figure.draft_ms for figure in figures):8.1f}"
                f"  {statistics.median(figure.explain_ms for figure in figures):10.1f}"
                f"  {statistics.median(figure.verdicts for figure in figures):17.0f}"
                f"  {statistics.median(figure.considered for figure in figures):18.0f}"
                f"  {total:15,}"
            )


if __name__ == "__main__":
    main()
