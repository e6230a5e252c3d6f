"""Queues the mails to editors: invitation, code, notice of a new passkey. None holds a way in."""

from datetime import datetime

from sqlalchemy import Connection

from emag.editors.editor import Editor
from emag.editors.invitation import invitation
from emag.settings import Settings
from subscribers import membership


def queue_invitation(
    conn: Connection, settings: Settings, editor: Editor, *, number: int, now: datetime
) -> None:
    """Tells a person that they are an editor. `number` names the invitation."""
    subject, text = invitation(editor, settings)
    _queue(conn, editor, f"invitation-{number}", subject, text, now=now)


def queue_code(
    conn: Connection, settings: Settings, editor: Editor | None, code: str, *, now: datetime
) -> None:
    """Mails a code. For nobody it does the same work, and no mail is sent."""
    title = settings.publication.title
    text = (
        f"Your code: {code}\n\n"
        "Type it into the page where you requested it. It works once, for ten minutes, and only in "
        "that browser.\n\n"
        "If you did not request it, ignore this mail: without it nobody can sign in. Nobody at the "
        "magazine will ever ask you for a code.\n"
    )
    recipient = (editor.name, editor.address) if editor else None
    subject = f"Your code for {title}"
    membership.queue_code(conn, recipient, subject=subject, text=text, now=now)


def queue_passkey_notice(
    conn: Connection, settings: Settings, editor: Editor, name: str, *, number: int, now: datetime
) -> None:
    """Tells a person that a passkey was added, in case it was somebody else."""
    title = settings.publication.title
    text = (
        f"A passkey was added to your account at {title}: {name}.\n\n"
        "If that was not you, ask somebody who manages the editors to run:\n"
        f"emag editor reset {editor.address}\n"
    )
    _queue(conn, editor, f"passkey-{number}", f"A passkey was added at {title}", text, now=now)


def _queue(
    conn: Connection, editor: Editor, key: str, subject: str, text: str, *, now: datetime
) -> None:
    recipients = [(editor.name, editor.address)]
    membership.queue_notice(
        conn, key=key, recipients=recipients, subject=subject, text=text, now=now
    )
