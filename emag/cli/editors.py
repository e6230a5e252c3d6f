"""The commands about the people who make the magazine: invite, list, role, remove and more."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, editor_name, now

if TYPE_CHECKING:
    from emag.database import Database
    from emag.editors.editor import Editor
    from emag.editors.session import Session

PersonArgument = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="The editor's address, or their name.")
]
MailboxArgument = Annotated[
    str, typer.Argument(metavar="ADDRESS", help='Such as "Ann <ann@example.org>".')
]
_ROLES = "viewer, editor, approver or operator"


def invite(
    call: Call,
    address: MailboxArgument,
    *,
    role: Annotated[list[str], typer.Option(metavar="ROLE", help=f"{_ROLES}. Repeat for several.")],
    editor: EditorOption = None,
) -> None:
    """Make somebody an editor, and mail them."""
    from emag.editors import people

    with call.database() as (settings, database):
        invited = people.invite(
            database, settings, address, role, now=now(), by=editor_name(editor)
        )
    roles = " and ".join(invited.roles)
    call.output(_data(invited), f"{invited.mailbox} is invited as {roles}. “emag serve” mails them")


def listing(call: Call) -> None:
    """List the editors and their roles."""
    from emag.editors import people

    with call.database() as (settings, database):
        editors = people.listing(database)
    zone = settings.publication.zone
    rows = [
        [e.address, e.name, ", ".join(e.roles), output.time_text(e.last_seen, zone) or "never"]
        for e in editors
    ]
    call.output(
        {"editors": [_data(editor) for editor in editors]},
        output.table(["Address", "Name", "Roles", "Last seen"], rows)
        if rows
        else "There are no editors yet: “emag editor invite” invites the first",
    )


def role(
    call: Call,
    address: PersonArgument,
    roles: Annotated[list[str], typer.Argument(metavar="ROLE", help=f"{_ROLES}; all of them.")],
    editor: EditorOption = None,
) -> None:
    """Give an editor exactly these roles."""
    from emag.editors import people

    with call.database() as (_, database):
        changed = people.change_roles(database, address, roles, now=now(), by=editor_name(editor))
        _note_one_operator(call, database)
    call.output(_data(changed), f"{changed.mailbox} is {' and '.join(changed.roles)} now")


def remove(call: Call, address: PersonArgument, editor: EditorOption = None) -> None:
    """End what an editor may do. What they did stays on record."""
    from emag.editors import people

    with call.database() as (_, database):
        removed = people.remove(database, address, now=now(), by=editor_name(editor))
        _note_one_operator(call, database)
    call.output(_data(removed) | {"removed": True}, f"{removed.mailbox} is no editor any more")


def reset(call: Call, address: PersonArgument, editor: EditorOption = None) -> None:
    """Take an editor's passkeys away and sign them out, for somebody who has lost their device."""
    from emag.editors import people

    with call.database() as (settings, database):
        before = people.reset(database, address, now=now(), by=editor_name(editor))
    count, ended = before.editor.passkeys, len(before.sessions)
    call.output(
        _data(before.editor) | {"sessions": [_session(session) for session in before.sessions]},
        f"Passkeys of {before.editor.mailbox} taken away: {count}; sessions ended: {ended}. "
        f"They can sign in again with a code by mail: {settings.base_url}/desk",
    )


def sessions(
    call: Call,
    address: PersonArgument,
    *,
    end: Annotated[bool, typer.Option("--end", help="Sign them out everywhere.")] = False,
    editor: EditorOption = None,
) -> None:
    """Show where an editor is signed in."""
    from emag.editors import people

    with call.database() as (settings, database):
        signed_in = people.sign_ins(database, address, now=now())
        ended = 0
        if end:
            by = editor_name(editor)
            ended = people.end_sessions(database, signed_in.editor.address, now=now(), by=by)
    zone = settings.publication.zone
    names = ["Signed in", "With", "Last used", "Browser", "Network"]
    rows = [
        [
            output.time_text(session.opened_at, zone),
            session.opened_by,
            output.time_text(session.seen_at, zone),
            session.browser,
            session.network,
        ]
        for session in signed_in.sessions
    ]
    call.output(
        {
            "address": signed_in.editor.address,
            "sessions": [_session(session) for session in signed_in.sessions],
            "ended": ended if end else None,
        },
        *([output.table(names, rows)] if rows else []),
        *([] if rows else [f"{signed_in.editor.mailbox} is not signed in anywhere"]),
        *([f"Sessions ended: {ended}"] if end else []),
    )


def _note_one_operator(call: Call, database: "Database") -> None:
    """Warns where one lost device would leave nobody who can manage the editors."""
    from emag.editors import people

    if only := people.only_operator(database):
        call.note(f"{only.mailbox} is the only operator: there should be two at least")


def _session(session: "Session") -> dict[str, Any]:
    return {
        "opened_at": session.opened_at.isoformat(),
        "opened_by": str(session.opened_by),
        "seen_at": session.seen_at.isoformat(),
        "browser": session.browser,
        "network": session.network,
    }


def _data(editor: "Editor") -> dict[str, Any]:
    return {
        "address": editor.address,
        "name": editor.name,
        "roles": [str(role) for role in editor.roles],
        "passkeys": editor.passkeys,
        "last_seen": editor.last_seen.isoformat() if editor.last_seen else None,
    }
