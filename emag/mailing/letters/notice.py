"""The verb: notifies the editors, once of each matter."""

from datetime import datetime

from sqlalchemy import Connection

from emag.mailing.copy import mime
from emag.settings import Settings
from subscribers import membership


def notify_editors(
    conn: Connection, *, settings: Settings, key: str, subject: str, text: str, now: datetime
) -> int:
    """Queues a letter to each editor. Returns how many letters were queued.

    An editor who was notified of `key` before is not notified again.
    """
    recipients = [mime.split(editor) for editor in settings.publication.editors]
    return membership.queue_notice(
        conn, key=key, recipients=recipients, subject=subject, text=text, now=now
    )
