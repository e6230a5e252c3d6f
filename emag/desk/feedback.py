"""Act on bounce and complaint mail that a person hands in."""

from collections.abc import Iterable

from emag.mailing.returns import reports
from emag.mailing.returns.bounces import BounceReader
from emag.mailing.returns.finding import Finding
from emag.newsroom import Newsroom


def act(newsroom: Newsroom, reader: BounceReader, findings: Iterable[Finding]) -> tuple[int, int]:
    """Records what mails report about our messages, and applies it to deliveries and readers.

    Returns how many mails reported on messages of ours, and how many of the reports were new.
    """
    events = [event for finding in findings for event in reader.events(finding)]
    new = reports.receive(newsroom.database, events)
    reports.apply(newsroom.database, keys=newsroom.keys, now=newsroom.now())
    return len(events), new
