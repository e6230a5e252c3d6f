"""Tells editors and operators what stands still: once when it begins, and once when it is over."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import Row, insert, select, update

from emag.issues import store
from emag.issues.issue import Status
from emag.issues.period import in_words
from emag.mailing.letters import notice, post
from emag.mailing.sending import ledger
from emag.newsroom import Newsroom
from emag.schedule import notify, runs
from emag.schedule.line import TickLine
from emag.schedule.standstill import IS_EXPECTED, LATE, Obstacle, Standstill, standstills
from emag.schedule.tables import STANDSTILLS

EVERY = timedelta(seconds=20)
SOON = timedelta(hours=1)  # what comes back within this is told again only if it lasts as long
# Of these the editors are told by the part of the program that notices them.
_ELSEWHERE = frozenset({Obstacle.SOURCE, Obstacle.SERVER, Obstacle.COMPLAINTS})
# What keeps the schedule from running cannot be noticed by it.
_UNSEEN = frozenset({Obstacle.DATABASE, Obstacle.SCHEDULE})
# A clock that has jumped holds these up.
_HELD_UP = frozenset({Obstacle.OVERDUE, Obstacle.STUCK})
_OF_SENDING = frozenset({Obstacle.STUCK, Obstacle.OVERDUE})
RECENT = timedelta(days=1)  # deferred copies of an issue are tried for so long
_WATCH = ("watch", "")
_S = STANDSTILLS.c
_Open = Row[Any, Any, Any, Any]  # key, sentence, is_quiet, begun_at


def watch(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[TickLine]:
    """Notices what has come to a standstill, and what moves again."""
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        beat = runs.last_beat(conn)
    if beat is None or now - beat > LATE:
        return  # the schedule has only just begun again: what is due will move by itself
    if not runs.claim_every(newsroom.database, _WATCH, EVERY, now=now):
        return
    current, open_rows = _current(newsroom, now=now), _open(newsroom)
    for key, cause in current.items():
        yield from _look_at(newsroom, cause, open_rows.get(key), now=now)
    for key, row in open_rows.items():
        if key not in current:
            yield from _look_at_end(newsroom, key, row, now=now)


def _look_at(
    newsroom: Newsroom, cause: Standstill, row: _Open | None, *, now: datetime
) -> Iterator[TickLine]:
    """What is new, and what came back and lasts."""
    sentence = cause.sentence(newsroom.settings.publication.zone)
    if row is None:
        if not _begin(newsroom, cause, sentence, now=now):
            _tell(newsroom, cause, sentence, now=now)
        yield TickLine(sentence, is_fault=True)
    elif row.is_quiet and now - row.begun_at >= SOON:
        _make_loud(newsroom, cause.key)
        _tell(newsroom, cause, sentence, now=now)


def _look_at_end(newsroom: Newsroom, key: str, row: _Open, *, now: datetime) -> Iterator[TickLine]:
    if _obstacle(key) is Obstacle.RELAY and not _has_sent(newsroom, row.begun_at, now=now):
        return  # an issue was paused or ended: nobody knows yet whether the relay is back
    is_known = _end(newsroom, key, now=now)
    if _is_given_up(newsroom, key):
        return
    if not is_known:
        _tell_over(newsroom, key, row.sentence, now=now)
    yield TickLine(f"It is over: {row.sentence}")


def _current(newsroom: Newsroom, *, now: datetime) -> Mapping[str, Standstill]:
    condition = newsroom.condition
    causes = standstills(newsroom.database, newsroom.settings, now=now, condition=condition)
    apart = IS_EXPECTED | _UNSEEN | (frozenset() if condition.has_settled else _HELD_UP)
    return {cause.key: cause for cause in causes if cause.obstacle not in apart}


def _open(newsroom: Newsroom) -> Mapping[str, _Open]:
    """Everything that stood still at the last look, by its key."""
    query = select(_S.key, _S.sentence, _S.is_quiet, _S.begun_at).where(_S.ended_at.is_(None))
    with newsroom.database.reading() as conn:
        return {row.key: row for row in conn.execute(query)}


def _begin(newsroom: Newsroom, cause: Standstill, sentence: str, *, now: datetime) -> bool:
    """Records the beginning. True if people know, because it was over for a short time only."""
    again = (_S.key == cause.key, _S.ended_at > now - SOON, _S.ended_at <= now)
    with newsroom.database.transaction() as conn:
        row = conn.execute(select(_S.id).where(*again).order_by(_S.id.desc()).limit(1)).first()
        if row:
            again_open = {"ended_at": None, "is_quiet": True, "begun_at": now, "sentence": sentence}
            conn.execute(update(STANDSTILLS).where(_S.id == row.id).values(again_open))
            return True
        values = {"key": cause.key, "sentence": sentence, "begun_at": now, "is_quiet": False}
        conn.execute(insert(STANDSTILLS).values(**values))
        return False


def _make_loud(newsroom: Newsroom, key: str) -> None:
    with newsroom.database.transaction() as conn:
        still = (_S.key == key, _S.ended_at.is_(None))
        conn.execute(update(STANDSTILLS).where(*still).values(is_quiet=False))


def _end(newsroom: Newsroom, key: str, *, now: datetime) -> bool:
    """Records the end, and withdraws what was not sent yet. True if nobody need be told."""
    still = (_S.key == key, _S.ended_at.is_(None))
    with newsroom.database.transaction() as conn:
        is_quiet = bool(conn.execute(select(_S.is_quiet).where(*still)).scalar())
        conn.execute(update(STANDSTILLS).where(*still).values(ended_at=now))
        notice.withdraw(conn, f"standstill {key} ", now=now)
        if _obstacle(key) is Obstacle.SERVER:
            notice.withdraw(conn, f"issue-{key.partition(' ')[2]}-refused-", now=now)
    return is_quiet or _obstacle(key) is Obstacle.SOURCE


def _has_sent(newsroom: Newsroom, since: datetime, *, now: datetime) -> bool:
    """True if a mail has left since then."""
    with newsroom.database.reading() as conn:
        issues = store.leaving_since(conn, now - RECENT)
        moments = [ledger.last_outcome_at(conn, issue.number) for issue in issues]
        moments.append(post.last_sent_at(conn))
    return any(moment is not None and moment >= since for moment in moments)


def _is_given_up(newsroom: Newsroom, key: str) -> bool:
    """True for an issue that does not leave now because somebody has paused or ended it."""
    if _obstacle(key) not in _OF_SENDING:
        return False
    with newsroom.database.reading() as conn:
        status = store.get(conn, int(key.partition(" ")[2])).status
    return status not in {Status.SENDING, Status.SENT}


def _obstacle(key: str) -> Obstacle:
    return Obstacle(key.partition(" ")[0])


def _tell(newsroom: Newsroom, cause: Standstill, sentence: str, *, now: datetime) -> None:
    if cause.obstacle not in _ELSEWHERE:
        lines = [sentence, "", f"See how it is:  {newsroom.settings.base_url}/desk"]
        key = f"standstill {cause.key} {now:%Y%m%dT%H%M}"
        notify.trouble(newsroom, key, _SUBJECTS[cause.obstacle], lines)


def _tell_over(newsroom: Newsroom, key: str, sentence: str, *, now: datetime) -> None:
    at = in_words(now, newsroom.settings.publication.zone)
    lines = [f"It ended on {at}, and emag goes on. What was wrong:", "", sentence]
    subject = f"It is over: {_SUBJECTS[_obstacle(key)]}"
    notify.trouble(newsroom, f"moves {key} {now:%Y%m%dT%H%M}", subject, lines)


_SUBJECTS = {
    Obstacle.HELD_COPY: "Nothing is sent: this database is held",
    Obstacle.DISK: "The disk is nearly full",
    Obstacle.CLOCK: "The clock has jumped",
    Obstacle.SERVER: "The mail server refuses us",
    Obstacle.COMPLAINTS: "Readers complain",
    Obstacle.RELAY: "Mail cannot leave",
    Obstacle.STUCK: "A sending is stuck",
    Obstacle.OVERDUE: "An issue has not begun to leave",
    Obstacle.MAILBOX: "The mailbox of bounces is not read",
}
