"""Measures the desk's pages with a large list, a long archive and a full pool, beside a bare page.

    .venv/bin/python benchmarks/desk.py [--readers N] [--issues N] [--stories N]

Each page is asked for over one open connection, first once to warm it and then 15 times. The limit
is 50 ms for a warm page, and 60 KB compressed for a page with its style and scripts. The bare page
is FastAPI's smallest: one route that returns a fixed text of 20 KB.
"""

import argparse
import gzip
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from sqlalchemy import insert

from emag import bootstrap
from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.demo import hosting
from emag.desk.opening import open_issue
from emag.editors import people, sessions
from emag.editors.session import OpenedBy
from emag.issues.tables import ISSUES
from emag.mailing.tables import DELIVERIES, MAILINGS
from emag.newsroom import Newsroom
from emag.settings import load
from emag.web import app as web
from subscribers.exchange import import_file

NOW = datetime(2026, 3, 5, 16, tzinfo=UTC)
ROUNDS = 15
LIMIT_MS, LIMIT_KB = 50, 60
SECRET = "a-secret-for-benchmarks-only-0123456789"
ENVIRON = {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": "http://127.0.0.1:8400"}
TOML = """
[publication]
title = "The Bench"
sender = "The Bench <bench@example.org>"
postal_address = "1 Bench Lane"
[schedule]
draft = "thu 16:00"
send = "fri 07:30"
[[sections]]
name = "posts"
title = "On the blog"
limit = 15
[[sections]]
name = "jobs"
title = "Jobs"
limit = 15
"""
PAGES = (
    "/desk",
    "/desk/pool",
    "/desk/issues/next",
    "/desk/issues/next/review",
    "/desk/issues/next/preview",
    "/desk/issues/next/history",
    "/desk/issues/next/send",
    "/desk/issues/1/report",
    "/desk/issues",
    "/desk/jobs",
    "/desk/promos",
    "/desk/readers",
    "/desk/readers?q=reader99",
    "/desk/readers/1",
    "/desk/sources",
    "/desk/editors",
    "/desk/settings",
    "/desk/help",
    "/desk/you",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--issues", type=int, default=500)
    parser.add_argument("--stories", type=int, default=400)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        newsroom = publication(Path(folder))
        fill(newsroom, readers=sizes.readers, issues=sizes.issues, stories=sizes.stories)
        print(
            f"{sizes.readers:,} readers, {sizes.issues:,} issues, {sizes.stories:,} stories; "
            f"limits {LIMIT_MS} ms warm, {LIMIT_KB} KB compressed"
        )
        for line in measure(newsroom):
            print(line)
        newsroom.database.close()


def publication(folder: Path) -> Newsroom:
    (folder / "emag.toml").write_text(TOML, encoding="utf-8")
    database = bootstrap.connect(load(folder, ENVIRON))
    bootstrap.upgrade(database)
    database.close()
    newsroom = bootstrap.open_newsroom(folder, now=lambda: NOW, environ=ENVIRON)
    people.invite(
        newsroom.database,
        newsroom.settings,
        "Ann <ann@example.org>",
        ["editor", "approver", "operator"],
        now=NOW,
        by="the benchmark",
    )
    return newsroom


def fill(newsroom: Newsroom, *, readers: int, issues: int, stories: int) -> None:
    """Adds readers, sent issues with a copy for each reader of the first, and a pool."""
    database, folder = newsroom.database, newsroom.settings.folder
    file = folder / "readers.csv"
    lines = (f"reader{n}@council{n % 2_000}.example.org" for n in range(readers))
    file.write_text("email\n" + "\n".join(lines), encoding="utf-8")
    long_ago = NOW - timedelta(weeks=6)
    import_file(database.transaction, newsroom.keys, file, basis="agreed", by="Ann", now=long_ago)
    with database.transaction() as conn:
        conn.execute(insert(ISSUES), [_issue(number, issues) for number in range(1, issues + 1)])
        mailing = {"issue": 1, "addressed_at": NOW, "planned": readers}
        conn.execute(insert(MAILINGS).values(mailing))
        ids = list(conn.exec_driver_sql("SELECT id FROM subscribers").scalars())
        conn.execute(insert(DELIVERIES), [_copy(reader) for reader in ids])
        for number in range(stories):
            kind = "jobs" if number % 3 == 0 else "posts"
            at = NOW - timedelta(minutes=number)
            pool.admit(conn, _story(number), section=kind, now=at, from_archive=False)
    open_issue(database, newsroom.settings, newsroom.pages, now=NOW, by="the benchmark")


def _issue(number: int, issues: int) -> dict[str, object]:
    at = NOW - timedelta(weeks=issues + 1 - number)
    issue = {"number": number, "status": "sent", "until": at, "local_date": f"{at.date()}"}
    issue |= {"headings": [], "mentions": [], "note": "", "subject": f"News of week {number}"}
    return issue | {"began_at": at, "closed_at": at, "first_accepted_at": at, "edition": number}


def _copy(reader: int) -> dict[str, object]:
    is_bounced = reader % 50 == 0
    copy = {"issue": 1, "subscriber": reader, "status": "accepted", "attempts": 1}
    copy |= {"report": "bounced" if is_bounced else "", "reason": "550" if is_bounced else ""}
    return copy | {"not_before": NOW, "settled_at": NOW, "worker": "", "reference": ""}


def _story(number: int) -> Story:
    is_job = number % 3 == 0
    vacancy = Vacancy("Officer", f"Council {number}", closes=(NOW + timedelta(days=30)).date())
    return Story(
        source="bench",
        kind=Kind.JOB if is_job else Kind.POST,
        title=f"Story {number}: what a council learned about writing plainly",
        link=f"https://bench.example.org/{number}",
        summary="Two sentences about it, as a feed gives them. " * 3,
        published=NOW - timedelta(hours=number),
        vacancy=vacancy if is_job else None,
    )


def measure(newsroom: Newsroom) -> Iterator[str]:
    """Yields a line for each page, and one for the bare page."""
    app = web.create(newsroom)
    token = sessions.open_session(newsroom.database, "ann@example.org", OpenedBy.PASSKEY, now=NOW)
    with (
        hosting.listen(0) as listener,
        hosting.serving(app, listener) as base,
        httpx.Client(base_url=base, timeout=60, follow_redirects=True) as client,
    ):
        client.cookies.set("emag", token)
        for path in PAGES:
            yield _line(client, path)
    with (
        hosting.listen(0) as listener,
        hosting.serving(bare(), listener) as base,
        httpx.Client(base_url=base) as client,
    ):
        yield _line(client, "/bare")


def bare() -> FastAPI:
    app = FastAPI(openapi_url=None)
    text = "<!DOCTYPE html><title>Bare</title><p>" + "A fixed text. " * 1_450

    @app.get("/bare")
    def page() -> HTMLResponse:
        return HTMLResponse(text)

    return app


def _line(client: httpx.Client, path: str) -> str:
    cold, answer = _timed(client, path)
    if answer.status_code != httpx.codes.OK:
        return f"{path:32} answers {answer.status_code}"
    warm = statistics.median(_timed(client, path)[0] for _ in range(ROUNDS))
    weight = _weight(client, answer) / 1_000
    is_over = warm > LIMIT_MS or weight > LIMIT_KB
    return (
        f"{path:32} warm {warm:6.1f} ms, first {cold:6.0f} ms, {weight:5.1f} KB"
        f"{'   OVER' if is_over else ''}"
    )


def _timed(client: httpx.Client, path: str) -> tuple[float, httpx.Response]:
    start = time.perf_counter()
    answer = client.get(path)
    return (time.perf_counter() - start) * 1_000, answer


def _weight(client: httpx.Client, answer: httpx.Response) -> int:
    """The page with its style and scripts, each compressed."""
    files = re.findall(r'(?:src|href)="(/desk/static/[^"]+)"', answer.text)
    contents = [answer.content, *(client.get(file).content for file in set(files))]
    return sum(len(gzip.compress(content)) for content in contents)


if __name__ == "__main__":
    main()
