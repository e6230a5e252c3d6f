"""The verb: hands over the alerts that are due, by every channel."""

import logging
from collections.abc import Sequence
from datetime import datetime

from emag.alerts import Alert, AlertChannel, store
from emag.database import Database
from emag.errors import TransportError

log = logging.getLogger("emag.alerts")


def hand_over(
    database: Database, channels: Sequence[AlertChannel], *, publication: str, now: datetime
) -> int:
    """Returns how many were handed over. One that fails is tried again, and delays no other."""
    count = 0
    for channel in channels:
        with database.transaction() as conn:
            rows = store.claim(conn, channel.name, now=now)
        for row in rows:
            alert = Alert(row.id, row.at, row.key, publication, row.subject, row.text)
            reason = _send(channel, alert)
            with database.transaction() as conn:
                store.record(conn, row.id, reason, attempts=row.attempts, now=now)
            count += not reason
    return count


def _send(channel: AlertChannel, alert: Alert) -> str:
    try:
        channel.send(alert)
    except TransportError as error:
        log.warning("An alert could not be handed over by %s: %s", channel.name, error)
        return str(error)
    return ""
