"""The mail to a new editor. It holds no link that signs anybody in or changes anything."""

from emag.editors.editor import Editor
from emag.editors.role import MAY
from emag.settings import Settings


def invitation(editor: Editor, settings: Settings) -> tuple[str, str]:
    """Subject and text of the mail."""
    title = settings.publication.title
    lines = [
        f"{editor.invited_by} has invited you to work on {title}. You may:",
        "",
        *(f"  - {MAY[role]} ({role})" for role in editor.roles),
        "",
        f"Your address there is {editor.address}.",
        f"The editors' desk: {settings.base_url}/desk",
        "",
        "This mail holds no key: nobody can sign in with it. If you did not expect it, ignore it.",
    ]
    return f"You are invited to work on {title}", "\n".join(lines) + "\n"
