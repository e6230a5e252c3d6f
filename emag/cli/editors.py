"""The commands about the people who make the magazine: invite, list, role, remove and more."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, editor_name, now

if TYPE_CHECKING:
    from emag.editors.editor import Editor

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
    call.output(_data(changed), f"{changed.mailbox} is {' and '.join(changed.roles)} now")


def remove(call: Call, address: PersonArgument, editor: EditorOption = None) -> None:
    """End what an editor may do. What they did stays on record."""
    from emag.editors import people

    with call.database() as (_, database):
        removed = people.remove(database, address, now=now(), by=editor_name(editor))
    call.output(_data(removed) | {"removed": True}, f"{removed.mailbox} is no editor any more")


def reset(call: Call, address: PersonArgument, editor: EditorOption = None) -> None:
    """Take an editor's passkeys away and sign them out, for somebody who has lost their device."""
    from emag.editors import people

    with call.database() as (_, database):
        before = people.reset(database, address, now=now(), by=editor_name(editor))
    call.output(
        _data(before.editor) | {"sessions": list(before.sessions)},
        f"{before.editor.mailbox} has no passkey and has not signed in yet: nothing was reset",
    )


def sessions(
    call: Call,
    address: PersonArgument,
    *,
    end: Annotated[bool, typer.Option("--end", help="Sign them out everywhere.")] = False,
) -> None:
    """Show where an editor is signed in."""
    from emag.editors import people

    with call.database() as (_, database):
        signed_in = people.sign_ins(database, address)
    call.output(
        {
            "address": signed_in.editor.address,
            "sessions": list(signed_in.sessions),
            "ended": 0 if end else None,
        },
        f"{signed_in.editor.mailbox} has not signed in yet"
        + (": there is no session to end" if end else ""),
    )


def _data(editor: "Editor") -> dict[str, Any]:
    return {
        "address": editor.address,
        "name": editor.name,
        "roles": [str(role) for role in editor.roles],
        "passkeys": editor.passkeys,
        "last_seen": editor.last_seen.isoformat() if editor.last_seen else None,
    }
