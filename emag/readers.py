"""Connects the list's face for editors with the database, the settings and the deliveries."""

from collections.abc import Callable
from datetime import datetime

from emag.database import Database
from emag.mailing.returns import reports
from emag.settings import Settings
from subscribers.anchor import Anchor
from subscribers.desk import ReaderDesk
from subscribers.tokens import Keys


def reader_desk(
    settings: Settings, database: Database, anchor: Anchor, keys: Keys, now: Callable[[], datetime]
) -> ReaderDesk:
    """Makes the face of the list for one publication."""
    return ReaderDesk(
        transaction=database.transaction,
        reading=database.reading,
        scrub=database.scrub,
        keys=keys,
        anchor=anchor,
        now=now,
        topics=settings.signup.topics,
        latest_reason=reports.latest_reason,
    )
