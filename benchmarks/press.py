"""Measures the time from draft to document and the size of an issue, beside limits and npm's mjml.

.venv/bin/python benchmarks/press.py
"""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section, Status
from emag.press.compose import compose
from emag.press.inline import inline
from emag.press.mjml import compile_mjml
from emag.settings import Publication, Settings

POSTS, JOBS = 15, 8
LIMIT_MS, LIMIT_BYTES = 50, 100_000
RUNS, COMMANDS = 40, 5
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
SUMMARY = (
    "A summary of the length that editors write when nobody stops them: it says what happened, "
    "to whom, and why the reader should care, and then it goes on a little longer than it needs to."
)


def post(number: int) -> Story:
    return Story(
        source="posts",
        kind=Kind.POST,
        link=f"https://example.org/blog/{number}/a-rather-long-address-as-blogs-make-them",
        title=f"Post {number}: a headline of the usual length, which takes two lines",
        summary=SUMMARY,
        published=NOW,
        picture=Picture(f"https://example.org/{number}.jpg", f"Picture {number}", 1200, 675),
        author="An Author",
        categories=("Campaigns",),
        kicker="Campaigns",
    )


def job(number: int) -> Story:
    role, employer = f"Communications Officer {number}", "A Council of Some Length"
    vacancy = Vacancy(role, employer, "Somewhere", 1, date(2026, 3, 20), "£35,000", number == 0)
    link = f"https://example.org/jobs/{number}"
    return Story("jobs", Kind.JOB, link, role, summary=SUMMARY, vacancy=vacancy)


def issue() -> Issue:
    posts = tuple(Pick(n, post(n)) for n in range(POSTS))
    jobs = tuple(Pick(POSTS + n, job(n)) for n in range(JOBS))
    sections = (Section("posts", "New on the blog", posts), Section("jobs", "Featured jobs", jobs))
    note = "A short note, with [a link](https://example.org/) and **a word in bold**."
    facts = (1, Status.DRAFT, "A subject", None, NOW, NOW, "2026-03-05")
    return Issue(*facts, sections=sections, note=note)


def milliseconds(run: Callable[[], object], times: int) -> float:
    """Returns the median time of the runs. A first run is not counted."""
    run()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def line(label: str, own_ms: float, other: float, unit: str, against: str) -> None:
    ratio = f"ratio {own_ms / other:.2f}"
    print(f"{label:<34} {own_ms:>9,.1f} {unit:<5} {against} {other:>9,.1f} {unit:<5} {ratio}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        publication = Publication(
            title="The Benchmark", sender="Bench <b@example.org>", postal_address="1 Example Street"
        )
        settings = Settings(folder=Path(folder), publication=publication)
        start = time.perf_counter()
        document = compose(issue(), settings, now=NOW)
        first = (time.perf_counter() - start) * 1000
        whole = milliseconds(lambda: compose(issue(), settings, now=NOW), RUNS)
        print(f"An issue of {POSTS} posts and {JOBS} jobs, the median of {RUNS} runs:")
        line("draft to document, warm", whole, LIMIT_MS, "ms", "limit")
        line("HTML, decoded", document.html_bytes, LIMIT_BYTES, "bytes", "limit")
        print(f"{'the first time':<34} {first:>9,.1f} ms")
        own_ms = milliseconds(lambda: inline(compile_mjml(document.mjml)), RUNS)
        beside_npm(document.mjml, own_ms, Path(folder))


def beside_npm(mjml: str, own_ms: float, folder: Path) -> None:
    command = shutil.which("mjml")
    if command is None:
        print("npm's mjml: no `mjml` command is on the path, so there is nothing to compare with.")
        return
    source, target = folder / "issue.mjml", folder / "issue.html"
    source.write_text(mjml, "utf-8")
    peer_ms = milliseconds(
        lambda: subprocess.run([command, source, "-o", target], check=True, capture_output=True),
        COMMANDS,
    )
    line("MJML to inlined HTML", own_ms, peer_ms, "ms", "npm's")
    print(f"{'':<34} npm's HTML has {target.stat().st_size:,} bytes and no inlined styles")


if __name__ == "__main__":
    main()
