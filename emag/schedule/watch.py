"""Tells editors and operators what stands still: once when it begins, and once when it is over."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import insert, select, update

from emag.newsroom import Newsroom
from emag.schedule import notify, runs
from emag.schedule.standstill import IS_EXPECTED, LATE, Obstacle, Standstill, standstills
from emag.schedule.tables import STANDSTILLS

EVERY = timedelta(seconds=20)
SOON = timedelta(hours=1)  # what comes back within this is not told again
# Of these the editors are told by the part of the program that notices them.
_ELSEWHERE = frozenset({Obstacle.SOURCE, Obstacle.SERVER, Obstacle.COMPLAINTS})
# What keeps the schedule from running cannot be noticed by it.
_UNSEEN = frozenset({Obstacle.DATABASE, Obstacle.SCHEDULE})
_WATCH = ("watch", "")
_S = STANDSTILLS.c


def watch(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[str]:
    """Notices what has come to a standstill, and what moves again."""
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        beat = runs.last_beat(conn)
    if beat is None or now - beat > LATE:
        return  # the schedule has only just begun again: what is due will move by itself
    if not runs.claim_every(newsroom.database, _WATCH, EVERY, now=now):
        return
    zone = newsroom.settings.publication.zone
    current = {
        cause.key: cause
        for cause in standstills(newsroom.database, newsroom.settings, now=now)
        if cause.obstacle not in IS_EXPECTED | _UNSEEN
    }
    open_rows = _open(newsroom)
    for key, cause in current.items():
        if key not in open_rows:
            sentence = cause.sentence(zone)
            if not _begin(newsroom, cause, sentence, now=now):
                _tell(newsroom, cause, sentence, now=now)
            yield sentence
    for key, sentence in open_rows.items():
        if key not in current:
            if not _end(newsroom, key, now=now):
                _tell_over(newsroom, key, sentence, now=now)
            yield f"It is over: {sentence}"


def _open(newsroom: Newsroom) -> Mapping[str, str]:
    """The sentence of everything that stood still at the last look, by its key."""
    query = select(_S.key, _S.sentence).where(_S.ended_at.is_(None))
    with newsroom.database.reading() as conn:
        return {row.key: row.sentence for row in conn.execute(query)}


def _begin(newsroom: Newsroom, cause: Standstill, sentence: str, *, now: datetime) -> bool:
    """Records the beginning. True if people know, because it was over for a short time only."""
    again = (_S.key == cause.key, _S.ended_at > now - SOON)
    with newsroom.database.transaction() as conn:
        row = conn.execute(select(_S.id).where(*again).order_by(_S.id.desc()).limit(1)).first()
        if row:
            again_open = {"ended_at": None, "is_quiet": True, "sentence": sentence}
            conn.execute(update(STANDSTILLS).where(_S.id == row.id).values(again_open))
            return True
        values = {"key": cause.key, "sentence": sentence, "begun_at": now, "is_quiet": False}
        conn.execute(insert(STANDSTILLS).values(**values))
        return False


def _end(newsroom: Newsroom, key: str, *, now: datetime) -> bool:
    """Records the end. True if nobody need be told."""
    still = (_S.key == key, _S.ended_at.is_(None))
    with newsroom.database.transaction() as conn:
        is_quiet = bool(conn.execute(select(_S.is_quiet).where(*still)).scalar())
        conn.execute(update(STANDSTILLS).where(*still).values(ended_at=now))
    return is_quiet or key.partition(" ")[0] in _ELSEWHERE


def _tell(newsroom: Newsroom, cause: Standstill, sentence: str, *, now: datetime) -> None:
    if cause.obstacle not in _ELSEWHERE:
        subject = _subject(cause)
        lines = [sentence, "", f"See how it is:  {newsroom.settings.base_url}/desk"]
        notify.trouble(newsroom, f"standstill {cause.key} {now:%Y%m%dT%H%M}", subject, lines)


def _tell_over(newsroom: Newsroom, key: str, sentence: str, *, now: datetime) -> None:
    lines = ["It is over, and emag goes on by itself. What was wrong:", "", sentence]
    notify.trouble(newsroom, f"moves {key} {now:%Y%m%dT%H%M}", "emag goes on", lines)


_SUBJECTS = {
    Obstacle.HELD_COPY: "Nothing is sent: this database is held",
    Obstacle.DISK: "The disk is nearly full",
    Obstacle.RELAY: "Mail cannot leave",
    Obstacle.STUCK: "A sending is stuck",
    Obstacle.OVERDUE: "An issue has not begun to leave",
    Obstacle.MAILBOX: "The mailbox of bounces is not read",
}


def _subject(cause: Standstill) -> str:
    return _SUBJECTS[cause.obstacle]
