"""Reads the pages of stories whose feed gives too little: each once, few at a time."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from emag.content import completed
from emag.content.completed import Wanting
from emag.content.pages import StoryPages
from emag.content.story import Story
from emag.database import Database
from emag.errors import SourceError

A_MINUTE = 10  # pages of one host
MOST = 500  # stories looked at in one run
THREADS = 8  # hosts asked at the same time; each has one connection
WITHIN = timedelta(seconds=20)

Outcome = tuple[Wanting, Story | None]


def complete(
    database: Database, pages: StoryPages, *, now: datetime, within: timedelta = WITHIN
) -> int:
    """Reads the pages that are wanted, and fills in their stories. Returns how many were read.

    What is over the limit, or takes longer than `within`, waits for the next run.
    """
    with database.reading() as conn:
        wanting = completed.wanting(conn, limit=MOST)
        recent = completed.read_since(conn, now - timedelta(minutes=1)) if wanting else {}
    queues: dict[str, list[Wanting]] = defaultdict(list)
    for wanted in wanting:
        host = _host(wanted)
        if len(queues[host]) + recent.get(host, 0) < A_MINUTE:
            queues[host].append(wanted)
    outcomes = _read_all([queue for queue in queues.values() if queue], pages, within)
    for wanted, page in outcomes:
        with database.transaction() as conn:
            completed.write(conn, wanted, page, host=_host(wanted), now=now)
    return len(outcomes)


def _read_all(
    queues: Sequence[Sequence[Wanting]], pages: StoryPages, within: timedelta
) -> list[Outcome]:
    """The outcomes of all hosts that are there in time."""
    if not queues:
        return []
    until = monotonic() + within.total_seconds()
    outcomes: list[Outcome] = []
    threads = ThreadPoolExecutor(min(THREADS, len(queues)), thread_name_prefix="complete")
    futures = [threads.submit(_read, queue, pages, until, outcomes.append) for queue in queues]
    wait(futures, timeout=within.total_seconds())
    threads.shutdown(wait=False, cancel_futures=True)
    return list(outcomes)


def _read(
    queue: Sequence[Wanting], pages: StoryPages, until: float, report: Callable[[Outcome], None]
) -> None:
    """Reads pages of one host. After one that cannot be read, the others wait."""
    for wanted in queue:
        if monotonic() >= until:
            return
        story = wanted.story
        try:
            page = pages.read(story.link, source=story.source, section=wanted.section)
        except SourceError:
            report((wanted, None))
            return
        except Exception:  # noqa: BLE001 - one page's fault must not cost the others
            report((wanted, None))
        else:
            report((wanted, None if _is_elsewhere(story, page) else page))


def _is_elsewhere(story: Story, page: Story) -> bool:
    """True where the address of a story leads to the front page of a site."""
    paths = [urlsplit(address).path.strip("/") for address in (story.link, page.link)]
    return bool(paths[0]) and not paths[1] and not urlsplit(page.link).query


def _host(wanted: Wanting) -> str:
    return urlsplit(wanted.story.link).hostname or ""
