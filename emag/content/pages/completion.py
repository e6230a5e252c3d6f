"""Reads the pages of stories whose feed gives too little: each once, few at a time.

One that does not answer is tried again after an hour, six hours and a day.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from sqlalchemy import Connection

from emag.content.pages import completed, gaps
from emag.content.pages.completed import PageRecord, Wanting
from emag.content.pages.page import StoryPages
from emag.content.story import Story
from emag.database import Database
from emag.errors import SourceError

A_MINUTE = 10  # pages of one host
MOST = 500  # stories looked at in one run
THREADS = 8  # hosts asked at the same time; each has one connection
FAILURES = 3  # in a row; then the other pages of the host wait
WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of a page that was wanted; one without a story `may_come` later."""

    wanted: Wanting
    page: Story | None
    may_come: bool = False


def complete(
    database: Database, pages: StoryPages, *, now: datetime, within: timedelta = WITHIN
) -> int:
    """Reads the pages that the pool wants, and fills in their stories. Returns how many were read.

    What is over the limit, or takes longer than `within`, waits for the next run.
    """
    with database.reading() as conn:
        wanting = completed.wanting(conn, limit=MOST, now=now)
    outcomes = _read_within_limits(database, pages, wanting, now=now, within=within)
    for outcome in outcomes:
        with database.transaction() as conn:
            completed.fill(conn, outcome.wanted, _remember(conn, outcome, now=now))
    return len(outcomes)


def _remember(conn: Connection, outcome: PageOutcome, *, now: datetime) -> PageRecord:
    wanted, host = outcome.wanted, _host(outcome.wanted)
    return completed.remember(
        conn, wanted, outcome.page, host=host, now=now, may_come=outcome.may_come
    )


def filled(
    database: Database,
    pages: StoryPages,
    stories: Sequence[Story],
    *,
    section: str,
    now: datetime,
    within: timedelta = WITHIN,
) -> tuple[Story, ...]:
    """Stories with what their pages say. What is read is remembered, so that it is read once."""
    lacking = {story.identity: story for story in stories if gaps.has_gaps(story)}
    with database.reading() as conn:
        of_pages = completed.records(conn, lacking)
    wanting = [
        Wanting(0, story, section)
        for key, story in lacking.items()
        if key not in of_pages or of_pages[key].is_due(now)
    ]
    of_pages |= read_now(database, pages, wanting, now=now, within=within)
    facts = {key: record.story for key, record in of_pages.items()}
    return tuple(
        gaps.filled(story, page) if (page := facts.get(story.identity)) else story
        for story in stories
    )


def read_now(
    database: Database,
    pages: StoryPages,
    wanting: Sequence[Wanting],
    *,
    now: datetime,
    within: timedelta,
) -> dict[str, PageRecord]:
    """Reads those of these pages that the limits allow, and remembers what each says."""
    records = {}
    for outcome in _read_within_limits(database, pages, wanting, now=now, within=within):
        with database.transaction() as conn:
            records[outcome.wanted.story.identity] = _remember(conn, outcome, now=now)
    return records


def _read_within_limits(
    database: Database,
    pages: StoryPages,
    wanting: Sequence[Wanting],
    *,
    now: datetime,
    within: timedelta,
) -> list[PageOutcome]:
    if not wanting:
        return []
    with database.reading() as conn:
        recent = completed.read_since(conn, now - timedelta(minutes=1))
    queues: dict[str, list[Wanting]] = defaultdict(list)
    for wanted in wanting:
        host = _host(wanted)
        if len(queues[host]) + recent[host] < A_MINUTE:
            queues[host].append(wanted)
    return _read_all([queue for queue in queues.values() if queue], pages, within)


def _read_all(
    queues: Sequence[Sequence[Wanting]], pages: StoryPages, within: timedelta
) -> list[PageOutcome]:
    """The outcomes of all hosts that are there in time."""
    if not queues:
        return []
    until = monotonic() + within.total_seconds()
    outcomes: list[PageOutcome] = []
    threads = ThreadPoolExecutor(min(THREADS, len(queues)), thread_name_prefix="complete")
    futures = [threads.submit(_read, queue, pages, until, outcomes.append) for queue in queues]
    wait(futures, timeout=within.total_seconds())
    threads.shutdown(wait=False, cancel_futures=True)
    return list(outcomes)


def _read(
    queue: Sequence[Wanting], pages: StoryPages, until: float, report: Callable[[PageOutcome], None]
) -> None:
    """Reads pages of one host. After a few that cannot be read, the others wait."""
    failures = 0
    for wanted in queue:
        if monotonic() >= until or failures >= FAILURES:
            return
        outcome = _outcome(wanted, pages)
        failures = 0 if outcome.page else failures + 1
        report(outcome)


def _outcome(wanted: Wanting, pages: StoryPages) -> PageOutcome:
    story = wanted.story
    try:
        if wanted.links:
            page = pages.linked(
                story.link, source=story.source, section=wanted.section, links=wanted.links
            )
        else:
            page = pages.read(story.link, source=story.source, section=wanted.section)
    except SourceError as error:
        return PageOutcome(wanted, None, may_come=not error.permanent)
    except Exception:  # noqa: BLE001 - one page's fault must not cost the others
        return PageOutcome(wanted, None)
    return PageOutcome(wanted, None if _is_elsewhere(story, page) else page)


def _is_elsewhere(story: Story, page: Story) -> bool:
    """True where the address of a story leads to the front page of a site."""
    paths = [urlsplit(address).path.strip("/") for address in (story.link, page.link)]
    return bool(paths[0]) and not paths[1] and not urlsplit(page.link).query


def _host(wanted: Wanting) -> str:
    return urlsplit(wanted.story.link).hostname or ""
