"""Renders an issue for every reader without sending it, and sends a test copy to one address."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from emag import instance
from emag.database import Database
from emag.mailing.copy import mail_merge
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Receipt
from emag.mailing.sending import recipients
from emag.mailing.transports import Transport
from emag.press.document import Document
from emag.press.topics import TopicSet
from emag.press.words import words
from emag.settings import Settings
from subscribers.roll import Reader
from subscribers.tokens import TEST_COPY, Keys

_BATCH = 1_000  # readers in one query
LONGEST_LINE = 998  # octets, RFC 5322 section 2.1.1


@dataclass(frozen=True, slots=True)
class RehearsedVariant:
    """What readers of some topics would get. `is_whole` marks the one with every story."""

    topics: tuple[str, ...]
    is_whole: bool
    html_bytes: int
    readers: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a sending would come to. `faults` are sentences; sizes are in bytes.

    `without_story` counts the readers who chose topics that the issue has no story of.
    """

    planned: int
    rendered: int
    bytes: int
    largest: int
    longest_line: int
    without_story: int
    variants: tuple[RehearsedVariant, ...]
    faults: tuple[str, ...]


def rehearse(
    database: Database,
    number: int,
    document: Document,
    *,
    edition: int,
    settings: Settings,
    keys: Keys,
    now: Callable[[], datetime],
    stop: threading.Event | None = None,
    progress: Callable[[Mapping[str, int]], None] | None = None,
) -> Rehearsal:
    """Renders the document for everybody who would get the issue now, and sends nothing.

    `stop` ends it early; a fault then says how many readers were left out.
    """
    merge = mail_merge.of_document(number, document, settings, keys, edition=edition)
    with database.reading() as conn:
        tally = _Tally(planned=recipients.count(conn, number, now=now()))
    fitting = lru_cache(maxsize=4_096)(merge.fitting)  # many readers choose the same
    last = 0
    while not (stop and stop.is_set()):
        moment = now()
        with database.reading() as conn:
            readers = recipients.batch(conn, number, after=last, limit=_BATCH, now=moment)
        if not readers:
            break
        last = readers[-1].id
        for reader in readers:
            if merge.encoded_for(reader.topics) is None:
                tally.without_story += 1
            else:
                tally.add(merge.message(reader.id, reader, now=moment), fitting(reader.topics))
        if progress:
            progress({"queued": tally.planned - tally.readers, "accepted": tally.rendered})
    return tally.result(merge.fitting(""))


@dataclass(slots=True)
class _Count:
    html_bytes: int
    readers: int = 0


class _Tally:
    """Adds up messages while they are rendered."""

    def __init__(self, planned: int) -> None:
        self.planned = planned
        self.rendered = self.bytes = self.largest = self.longest_line = 0
        self.without_story = self.unsendable = 0
        self._variants: dict[TopicSet, _Count] = {}

    @property
    def readers(self) -> int:
        return self.rendered + self.without_story

    def add(self, message: Message, chosen: TopicSet) -> None:
        self.rendered += 1
        if chosen not in self._variants:
            self._variants[chosen] = _Count(message.encoded.document.html_bytes)
        self._variants[chosen].readers += 1
        if not message.sendable:
            self.unsendable += 1
            return
        octets, longest_line = message.size()
        self.bytes += octets
        self.largest = max(self.largest, octets)
        self.longest_line = max(self.longest_line, longest_line)

    def result(self, whole: TopicSet) -> Rehearsal:
        most_topics_first = sorted(
            self._variants.items(), key=lambda item: (-len(item[0]), sorted(item[0]))
        )
        variants = tuple(
            RehearsedVariant(
                tuple(sorted(chosen)), chosen == whole, count.html_bytes, count.readers
            )
            for chosen, count in most_topics_first
        )
        return Rehearsal(
            self.planned,
            self.rendered,
            self.bytes,
            self.largest,
            self.longest_line,
            self.without_story,
            variants,
            tuple(self._faults()),
        )

    def _faults(self) -> Iterator[str]:
        if self.unsendable:
            yield f"{self.unsendable} addresses are not allowed in mail and would be refused"
        if self.longest_line > LONGEST_LINE:
            yield f"a line has {self.longest_line} octets, and mail allows {LONGEST_LINE}"
        if self.readers < self.planned:
            yield f"{self.planned - self.readers} readers were not rendered"


def send_test(
    database: Database,
    number: int,
    document: Document,
    *,
    edition: int,
    to: str,
    transport: Transport,
    settings: Settings,
    keys: Keys,
    now: datetime,
) -> Receipt:
    """Sends one copy, marked in its subject. Its links change nothing.

    Raises TransportError, and DatabaseError if the database is a copy: nothing leaves from one.
    """
    instance.check(database)
    whole = document.whole
    marked = replace(whole, subject=words(settings)("letter.test", subject=whole.subject))
    merge = mail_merge.of_document(number, marked, settings, keys, edition=edition)
    reader = Reader(0, TEST_COPY, to, "")
    values = {"greeting": merge.greeting, **merge.links(TEST_COPY)}
    mark = f"test-{number}-{int(now.timestamp() * 1000)}"
    return transport.send([merge.sealed(number, reader, values, mark, now=now)])[0]
