"""Fetches the pictures that are asked for and not there yet, and keeps them in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emag.content.pictures import picture_store
from emag.content.pictures.picture import PictureFetcher, PictureFile, WantedPicture, files_in
from emag.content.pictures.picture_store import PictureState
from emag.database import Database

MOST = 60  # pictures in one go; the next round fetches the others
BATCH = 12  # that are in memory at the same time
WITHIN = timedelta(seconds=60)  # for all of them
RETENTION = timedelta(days=60)  # after the last story that asked for it
AGAIN = timedelta(days=1)  # a picture that is there, to see whether it has changed
AGAIN_SOON = timedelta(minutes=10)  # the same, where an editor asks for everything to be read
_DAY = timedelta(days=1)
_FIRST_PAUSE = timedelta(minutes=10)
_LONGEST_PAUSE = timedelta(days=2)
_AT_ONCE = timedelta(seconds=30)  # between two attempts that a person asks for
_STEEPEST_PAUSE = 10  # failures after which the pause grows no more


@dataclass(frozen=True, slots=True)
class PictureCount:
    """How many pictures were fetched, and how many could not be."""

    fetched: int = 0
    failed: int = 0


def provide(
    database: Database,
    fetcher: PictureFetcher,
    wanted: Sequence[WantedPicture],
    *,
    now: datetime,
    within: timedelta = WITHIN,
    is_urgent: bool = False,
    again: timedelta = AGAIN,
) -> PictureCount:
    """Fetches those of `wanted` that are not there, and were not tried a short while ago.

    With `is_urgent` one that failed is tried again at once. After those, the servers of pictures
    that were asked for longer than `again` ago are asked whether they have changed. No transaction
    is open meanwhile.
    """
    wanted = list(dict.fromkeys(wanted))
    with database.reading() as conn:
        states = picture_store.states(conn, wanted)
    old = [picture for picture, state in states.items() if now - state.wanted_at >= _DAY]
    if old:
        with database.transaction() as conn:
            picture_store.want(conn, old, now=now)
    due = [p for p in wanted if is_due(states.get(p), now=now, is_urgent=is_urgent)]
    due = [*due, *(p for p in wanted if is_old(states.get(p), now=now, again=again))][:MOST]
    memories = {picture: states[picture].memory for picture in due if picture in states}
    fetched = failed = 0
    for start in range(0, len(due), BATCH):
        batch = due[start : start + BATCH]
        share = within * len(batch) / len(due)
        outcomes = fetcher.fetch(batch, within=share, memories=memories)
        with database.transaction() as conn:
            for outcome in outcomes:
                picture_store.remember(conn, outcome, now=now)
        fetched += sum(bool(outcome.files) for outcome in outcomes)
        failed += sum(bool(outcome.picture.reason) for outcome in outcomes)
    return PictureCount(fetched, failed)


def find(database: Database, hash_: str, name: str) -> PictureFile | None:
    """A file of a picture, by the two parts of its address, whatever they hold."""
    if not files_in(f"/pictures/{hash_}/{name}") >= {(hash_, name)}:
        return None
    with database.reading() as conn:
        return picture_store.file(conn, hash_, name)


def is_due(state: PictureState | None, *, now: datetime, is_urgent: bool = False) -> bool:
    """True for a picture that was never tried, or failed so long ago that it is tried again."""
    if state is None:
        return True
    if state.picture.hash:
        return False
    pause = _FIRST_PAUSE * 2 ** min(state.failures - 1, _STEEPEST_PAUSE)
    return now - state.tried_at >= (_AT_ONCE if is_urgent else min(pause, _LONGEST_PAUSE))


def is_old(state: PictureState | None, *, now: datetime, again: timedelta = AGAIN) -> bool:
    """True for a picture that is there, and may have changed at its source since."""
    return state is not None and bool(state.picture.hash) and now - state.tried_at >= again


def forget(database: Database, *, now: datetime) -> int:
    """Erases the files of pictures that nothing has asked for lately and no issue shows."""
    with database.transaction() as conn:
        return picture_store.forget(conn, before=now - RETENTION)
