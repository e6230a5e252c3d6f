"""The verb: read the mailbox, record what it reports, and only then let go of it."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from emag.database import Database
from emag.mailing.event import Event
from emag.mailing.returns import settle
from emag.mailing.returns.mailbox import Letter, Mailbox
from emag.mailing.returns.webhooks import Feedback

_AT_ONCE = 50  # mails in one transaction


@dataclass(frozen=True, slots=True)
class Collected:
    """How many mails were `read`, and how many of them reported on messages of ours."""

    read: int
    reports: int


def collect(
    database: Database,
    mailbox: Mailbox,
    reader: Feedback,
    *,
    stop: threading.Event | None = None,
) -> Collected:
    """Reads what is new. A breakdown loses nothing: what was not let go is read again.

    Raises Unreachable or ReportError where the mailbox cannot be read.
    """
    read = reports = 0
    with mailbox.visit() as visit:
        for letters in _groups(visit.letters()):
            if stop and stop.is_set():
                break
            told = [(letter, list(reader.read({}, letter.body))) for letter in letters]
            _record(database, (event for _, events in told for event in events))
            done_with = [letter for letter, events in told if events]
            visit.let_go(letters, done_with=done_with)
            read, reports = read + len(letters), reports + len(done_with)
    return Collected(read, reports)


def _record(database: Database, events: Iterable[Event]) -> None:
    with database.transaction() as conn:
        settle.record(conn, events)


def _groups(letters: Iterator[Letter]) -> Iterator[list[Letter]]:
    while group := list(islice(letters, _AT_ONCE)):
        yield group
