"""Writes to the other people who make an issue, when one of them has decided something."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from emag.editors import store
from emag.editors.editor import is_same_person, parse
from emag.editors.role import Permission, permissions
from emag.issues import acts
from emag.issues.issue import Issue, Status, spoken
from emag.mailing.letters import notice
from emag.settings import Settings

_NEEDED = frozenset({Permission.ARRANGE, Permission.APPROVE})


def tell_colleagues(
    conn: Connection,
    settings: Settings,
    *,
    key: str,
    subject: str,
    lines: Sequence[str],
    by: str,
    now: datetime,
) -> int:
    """Queues a letter to everybody else who edits or approves. Returns how many.

    Nobody gets a second one of the same `key`.
    """
    recipients = [
        (name, address)
        for name, address in _everybody(conn, settings)
        if not is_same_person(by, f"{name} <{address}>" if name else address)
    ]
    text = "\n".join(lines) + "\n"
    return notice.notify(conn, key=key, recipients=recipients, subject=subject, text=text, now=now)


def tell_of_stop(
    conn: Connection, settings: Settings, before: Issue, issue: Issue, *, by: str, now: datetime
) -> int:
    """Says that an issue does not leave as it was to: it is held, or a draft again."""
    number = issue.number
    status = "a draft" if issue.status is Status.DRAFT else spoken(issue.status)
    lines = [
        f"{by} has stopped issue {number}, “{issue.subject}”. It was {spoken(before.status)}.",
        f"It is {status} now. It does not leave until somebody approves it.",
        "",
        f"The issue:  {review_link(settings, number)}",
    ]
    key, subject = f"stopped-{number}-{acts.revision(conn, number)}", f"Issue {number} is stopped"
    return tell_colleagues(conn, settings, key=key, subject=subject, lines=lines, by=by, now=now)


def review_link(settings: Settings, number: int) -> str:
    """The address of the page where an issue is reviewed. Nobody is signed in by it."""
    return f"{settings.base_url}/desk/issues/{number}/review"


def _everybody(conn: Connection, settings: Settings) -> list[tuple[str, str]]:
    """Name and address of the editors of the settings and of the desk, each once."""
    in_settings = [parse(mailbox) for mailbox in settings.publication.editors]
    at_desk = [
        (editor.name, editor.address)
        for editor in store.listing(conn)
        if permissions(editor.roles) & _NEEDED
    ]
    people = [*(parsed for parsed in in_settings if parsed), *at_desk]
    return list({address: (name, address) for name, address in people}.values())
