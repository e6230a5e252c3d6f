"""Tells the editors of skipped dates, and skips an open issue whose date the settings skip."""

from collections.abc import Iterator

from emag.dates.store import between
from emag.issues import life, store
from emag.issues.issue import UNSENT, Move
from emag.newsroom import Newsroom
from emag.schedule import date_notices, runs
from emag.schedule.drafting import TIMETABLE
from emag.schedule.timetable import LOOK_AHEAD, ON_RECORD, skips_due


def skips(newsroom: Newsroom) -> Iterator[str]:
    """Does what skipped dates need. Yields a line for each issue and each notice."""
    settings, now = newsroom.settings, newsroom.now()
    with newsroom.database.reading() as conn:
        entries = between(conn, settings, after=now, until=now + LOOK_AHEAD)
        skipped = [entry for entry in entries if not entry.leaves]
        if not skipped:
            return
        ran = runs.finished(conn, since=now - ON_RECORD)
        opened = [store.live(conn, entry.usual.isoformat()) for entry in skipped]
    for entry, issue in zip(skipped, opened, strict=True):
        if issue and issue.status in UNSENT:
            with newsroom.database.transaction() as conn:
                life.move(conn, issue.number, Move.SKIP, now=now, by=TIMETABLE)
                date_notices.skipped(conn, settings, entry, issue, now=now)
            yield f"Issue {issue.number} is skipped: its date is {entry.reason}"
    for run in skips_due(skipped, now=now, ran=ran):
        if run.on and runs.claim(newsroom.database, run.key, now=now):
            with newsroom.database.transaction() as conn:
                date_notices.skipped(conn, settings, run.on, None, now=now)
            runs.finish(newsroom.database, run.key, run.on.reason, now=newsroom.now())
            yield f"No issue on {run.local_date}: {run.on.reason}"
