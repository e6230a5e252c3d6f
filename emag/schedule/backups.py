"""Makes the day's backup at its time, on one machine only."""

from collections.abc import Iterator

from emag.desk.backup import back_up
from emag.newsroom import Newsroom
from emag.schedule import runs

BACKUP = "backup"


def backups(newsroom: Newsroom) -> Iterator[str]:
    """Makes a backup if today's is due, and yields what came of it."""
    options, now = newsroom.settings.backup, newsroom.now()
    local = now.astimezone(newsroom.settings.publication.zone)
    if options.at is None or local.time() < options.at:
        return
    key = (BACKUP, local.date().isoformat())
    if not runs.claim(newsroom.database, key, now=now):
        return
    folder = newsroom.settings.folder / options.folder
    result = back_up(
        newsroom.settings,
        newsroom.database,
        folder,
        keys=newsroom.keys,
        now=now,
        keep=options.keep,
    )
    runs.finish(newsroom.database, key, result.folder.name, now=newsroom.now())
    yield f"Made the backup {result.folder.name}: {result.holdings}"
