"""Queues the mails to editors: invitation, code, notice of a new passkey. None holds a way in."""

from datetime import datetime

from sqlalchemy import Connection

from emag.editors.editor import Editor
from emag.editors.invitation import invitation
from emag.press.words import words
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
    """Mails a code in the desk's language. For nobody it does the same, and no mail is sent."""
    say = words(settings, desk=True)
    parts = (say("code_mail.code", code=code), say("code_mail.how"), say("code_mail.not_you"))
    text = "\n\n".join(parts) + "\n"
    recipient = (editor.name, editor.address) if editor else None
    subject = say("code_mail.subject", title=settings.publication.title)
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
