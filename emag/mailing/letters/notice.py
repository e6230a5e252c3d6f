"""The verb: notifies the editors, once of each matter."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from emag.alerts import store as alerts
from emag.mailing.copy import mime
from emag.settings import Settings


def notify_editors(
    conn: Connection,
    *,
    settings: Settings,
    key: str,
    subject: str,
    text: str,
    now: datetime,
    also: Sequence[tuple[str, str]] = (),
    is_trouble: bool = False,
) -> int:
    """Queues a letter to each editor and to those in `also` (name and address).

    Returns how many were queued.

    An editor who was notified of `key` before is not notified again. Trouble leaves by the other
    ways of [alerts] too.
    """
    if is_trouble:
        ways = settings.alerts.channels
        alerts.queue(conn, ways, key=key, subject=subject, text=text, now=now)
    from subscribers import membership  # noqa: PLC0415 - large, and an issue needs it when it fails

    editors = [mime.split(mailbox) for mailbox in settings.publication.editors]
    recipients = {address.lower(): (name, address) for name, address in (*also, *editors)}.values()
    return membership.queue_notice(
        conn, key=key, recipients=recipients, subject=subject, text=text, now=now
    )


def notify(
    conn: Connection,
    *,
    key: str,
    recipients: Sequence[tuple[str, str]],
    subject: str,
    text: str,
    now: datetime,
) -> int:
    """Queues a letter to each recipient (name and address), once of each `key`.

    Returns how many were queued.
    """
    from subscribers import membership  # noqa: PLC0415 - as above

    return membership.queue_notice(
        conn, key=key, recipients=recipients, subject=subject, text=text, now=now
    )


def withdraw(conn: Connection, prefix: str, *, now: datetime) -> None:
    """Ends what was never sent of the matters whose keys begin so: they are over."""
    from subscribers import membership  # noqa: PLC0415 - as above

    alerts.withdraw(conn, prefix, now=now)
    membership.withdraw_notices(conn, prefix, now=now)
