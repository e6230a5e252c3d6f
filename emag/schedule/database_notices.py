"""Tells people of a database that refuses to work, by the ways that need no database."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

from emag.alerts import Alert
from emag.condition import DatabaseTrouble
from emag.errors import TransportError
from emag.issues.period import in_words
from emag.newsroom import Newsroom
from emag.schedule import notify
from emag.schedule.line import TickLine

AFTER = timedelta(minutes=5)
SUBJECT = "The database refuses to work"

log = logging.getLogger("emag.alerts")


def database_notices(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[TickLine]:
    """Tells once that the database has refused for five minutes, and once that it works again.

    While it refuses, no letter can be queued: then the editors are told afterwards.
    """
    condition, now = newsroom.condition, newsroom.now()
    trouble, ended = condition.database, condition.ended
    if trouble and now - trouble.since >= AFTER:
        yield from _tell(newsroom, trouble, now=now)
    elif ended and trouble is None:
        if now - ended.since >= AFTER:
            _tell_over(newsroom, ended, now=now)
        condition.forget_ended()


def _tell(newsroom: Newsroom, trouble: DatabaseTrouble, *, now: datetime) -> Iterator[TickLine]:
    for channel in newsroom.alerts:
        if not newsroom.condition.may_tell(channel.name):
            continue
        key, title = _key(trouble), newsroom.settings.publication.title
        alert = Alert(0, now, key, title, SUBJECT, "\n".join(_lines(newsroom, trouble)))
        try:
            channel.send(alert)
        except TransportError as error:
            log.warning("An alert could not be handed over by %s: %s", channel.name, error)
        else:
            newsroom.condition.has_told(channel.name)
            yield TickLine("Handed over 1 alert")


def _tell_over(newsroom: Newsroom, trouble: DatabaseTrouble, *, now: datetime) -> None:
    since = in_words(trouble.since, newsroom.settings.publication.zone)
    until = in_words(now, newsroom.settings.publication.zone)
    lines = [f"The database works again. From {since} to {until} it did not:", "", trouble.words]
    notify.trouble(newsroom, f"{_key(trouble)} over", f"It is over: {SUBJECT}", lines)


def _lines(newsroom: Newsroom, trouble: DatabaseTrouble) -> Iterator[str]:
    yield f"Since {in_words(trouble.since, newsroom.settings.publication.zone)}:"
    yield ""
    yield f"{trouble.words}."
    yield ""
    yield "Nothing is sent meanwhile, and nothing is lost."


def _key(trouble: DatabaseTrouble) -> str:
    return f"database {trouble.since:%Y%m%dT%H%M}"
