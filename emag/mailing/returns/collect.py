"""The verb: read the mailbox, record what the mails report, then mark or remove them there."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from emag.database import Database
from emag.mailing.returns import reports
from emag.mailing.returns.bounces import BounceReader
from emag.mailing.returns.mailbox import Mailbox, MailboxMail

_BATCH = 50  # mails in one transaction


@dataclass(frozen=True, slots=True)
class Collected:
    """How many mails were `read`, and how many of them reported on messages of ours."""

    read: int
    reports: int


def collect(
    database: Database,
    mailbox: Mailbox,
    reader: BounceReader,
    *,
    stop: threading.Event | None = None,
) -> Collected:
    """Reads the new mails. A failure loses nothing: mails that were not released are read again.

    Raises Unreachable or ReportError where the mailbox cannot be read.
    """
    read = reported = 0
    with mailbox.visit() as visit:
        for mails in _batches(visit.mails()):
            if stop and stop.is_set():
                break
            events = {mail.number: reader.events(reader.examine(mail.body)) for mail in mails}
            reports.receive(database, (event for batch in events.values() for event in batch))
            removable = [mail for mail in mails if events[mail.number]]
            visit.release(mails, removable=removable)
            read, reported = read + len(mails), reported + len(removable)
    return Collected(read, reported)


def _batches(mails: Iterator[MailboxMail]) -> Iterator[list[MailboxMail]]:
    while batch := list(islice(mails, _BATCH)):
        yield batch
