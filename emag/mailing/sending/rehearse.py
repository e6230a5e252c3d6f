"""The verbs that mail no reader: a rehearsal for everybody, and a test copy."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from emag import instance
from emag.database import Database
from emag.issues import approval, store
from emag.mailing.copy import mail_merge
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Receipt
from emag.mailing.transports import Transport
from emag.press.compose import compose
from emag.press.document import Document
from emag.press.topics import TopicSet
from emag.settings import Settings
from subscribers import roll
from subscribers.roll import Reader
from subscribers.tokens import Keys

_AT_ONCE = 1_000
LONGEST_LINE = 998  # octets, RFC 5322 section 2.1.1
CLIPPED = 102_000  # bytes of HTML after which mail programs cut a message


def rehearse(
    database: Database,
    number: int,
    *,
    settings: Settings,
    keys: Keys,
    now: Callable[[], datetime],
    stop: threading.Event | None = None,
    progress: Callable[[Mapping[str, int]], None] | None = None,
) -> dict[str, Any]:
    """Renders for everybody who would get the issue now, and sends nothing.

    Gives how many were `planned` and `rendered`, all `bytes`, the `largest` message and the
    `longest_line` in octets, and `faults`, one sentence each. `variants` tells how many `readers`
    get which `topics` of the issue, and `nothing` how many it has no story for.
    """
    copies_ = _copies(database, number, settings, keys, now=now())
    with database.reading() as conn:
        ids = [number or 0 for number in conn.execute(roll.audience(now())).scalars()]
    found = _Findings(planned=len(ids))
    for start in range(0, len(ids), _AT_ONCE):
        if stop and stop.is_set():
            break
        with database.reading() as conn:
            readers = roll.writable(conn, ids[start : start + _AT_ONCE], now=now())
        for reader in readers.values():
            if copies_.encoded_for(reader.topics) is None:
                found.nothing += 1
            else:
                shown = copies_.shown(reader.topics)
                found.add(copies_.message(reader.id, reader, now=now()), shown)
        if progress:
            progress({"queued": len(ids) - found.seen, "accepted": found.rendered})
    return found.told(copies_.encoded.document.html_bytes, copies_.shown(""))


@dataclass(slots=True)
class _Variant:
    html_bytes: int
    readers: int = 0


class _Findings:
    def __init__(self, planned: int) -> None:
        self.planned = planned
        self.rendered = self.bytes = self.largest = self.longest = self.unfit = 0
        self.nothing = 0
        self._variants: dict[TopicSet, _Variant] = {}

    @property
    def seen(self) -> int:
        return self.rendered + self.nothing

    def add(self, message: Message, shown: TopicSet) -> None:
        self.rendered += 1
        if shown not in self._variants:
            self._variants[shown] = _Variant(message.encoded.document.html_bytes)
        self._variants[shown].readers += 1
        if not message.sendable:
            self.unfit += 1
            return
        wire = message.wire()
        self.bytes += len(wire)
        self.largest = max(self.largest, len(wire))
        self.longest = max(self.longest, *map(len, wire.split(b"\r\n")))

    def told(self, html_bytes: int, whole: TopicSet) -> dict[str, Any]:
        most_first = sorted(
            self._variants.items(), key=lambda each: (-len(each[0]), sorted(each[0]))
        )
        return {
            "planned": self.planned,
            "rendered": self.rendered,
            "bytes": self.bytes,
            "largest": self.largest,
            "longest_line": self.longest,
            "variants": [
                {"topics": sorted(shown), "all": shown == whole} | asdict(each)
                for shown, each in most_first
            ],
            "nothing": self.nothing,
            "faults": list(self._faults(html_bytes)),
        }

    def _faults(self, html_bytes: int) -> Iterator[str]:
        if self.unfit:
            yield f"{self.unfit} addresses cannot stand in an envelope and would be refused"
        if self.longest > LONGEST_LINE:
            yield f"a line has {self.longest} octets, and mail allows {LONGEST_LINE}"
        if html_bytes > CLIPPED:
            yield f"the HTML has {html_bytes} bytes, and mail programs cut it at {CLIPPED}"
        if self.seen < self.planned:
            yield f"{self.planned - self.seen} readers were not rendered"


def test_copy(
    database: Database,
    number: int,
    *,
    to: str,
    transport: Transport,
    settings: Settings,
    keys: Keys,
    now: datetime,
) -> Receipt:
    """Sends one copy, marked in its subject; its links lead nowhere.

    Raises TransportError, and DatabaseError if the database is a copy: nothing leaves from one.
    """
    instance.check(database)
    found = _copies(database, number, settings, keys, now=now)
    document = found.encoded.document
    marked = replace(document, subject=f"[Test] {document.subject}")
    test = mail_merge.of_document(number, marked, settings, keys)
    reader = Reader(0, "test", to, "")
    values = {"greeting": "Hello,", **test.links("test")}
    mark = f"test-{number}-{int(now.timestamp() * 1000)}"
    return transport.send([test.sealed(number, reader, values, mark, now=now)])[0]


def _copies(
    database: Database, number: int, settings: Settings, keys: Keys, *, now: datetime
) -> mail_merge.MailMerge:
    """Of what was approved; before the approval, of the issue as it would be printed now."""
    with database.reading() as conn:
        issue = store.get(conn, number)
        frozen = approval.frozen(conn, number)
    if frozen is not None:
        return mail_merge.of_issue(number, frozen, settings, keys)
    document: Document = compose(issue, settings, now=now)
    return mail_merge.of_document(number, document, settings, keys)
