"""Invites editors, changes what they may do, removes them, and says who acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.editors import editor as person
from emag.editors import letters, passkey_store, role, sessions, store
from emag.editors.editor import Editor, matching, signature
from emag.editors.role import Role
from emag.editors.session import Session
from emag.errors import EmagError, NotFound, WrongMove
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class SignIns:
    """Where an editor is signed in."""

    editor: Editor
    sessions: tuple[Session, ...] = ()


def listing(database: Database) -> list[Editor]:
    """Every editor, by address."""
    with database.reading() as conn:
        return store.listing(conn)


def acting(database: Database, text: str) -> str:
    """The name that acts of the editor `text` carry: an address or a name of one of the editors.

    Until somebody is invited any name goes. Raises NotFound with the names there are.
    """
    with database.reading() as conn:
        editors = store.listing(conn)
    if not editors:
        return text
    return signature(_only(editors, text), editors)


def invite(
    database: Database,
    settings: Settings,
    mailbox: str,
    roles: Sequence[str],
    *,
    now: datetime,
    by: str,
) -> Editor:
    """Makes somebody an editor and queues a mail that tells them.

    Without a name in `mailbox`, the one in `[publication] editors` counts.
    Raises EmagError for an address that is none, NotFound for a role that is none, WrongMove for
    somebody who is an editor already.
    """
    name, address = _parsed(mailbox)
    name = name or _name_in_settings(settings, address)
    invited = Editor(address, name, _some(role.parse(roles)), now, by)
    with database.transaction() as conn:
        if matching(store.listing(conn), address):
            raise WrongMove(f"{address} is an editor already: change their roles instead.")
        store.put(conn, invited)
        number = record.append(
            conn, AuditKind.INVITED, by=by, now=now, subject=address, detail=_names(invited.roles)
        )
        letters.queue_invitation(conn, settings, invited, number=number, now=now)
    return invited


def change_roles(
    database: Database, name: str, roles: Sequence[str], *, now: datetime, by: str
) -> Editor:
    """Gives an editor exactly these roles. Raises NotFound."""
    wanted = _some(role.parse(roles))
    with database.transaction() as conn:
        editor = _one(conn, name)
        if wanted != editor.roles:
            if Role.OPERATOR not in wanted:
                _refuse_without_operator(conn, editor)
            store.write_roles(conn, editor.address, wanted)
            detail = f"{_names(editor.roles)} → {_names(wanted)}"
            _record(conn, AuditKind.ROLES_CHANGED, editor, detail, now=now, by=by)
            sessions.end_all_on(conn, editor.address, now=now)
        return _one(conn, editor.address)


def remove(database: Database, name: str, *, now: datetime, by: str) -> Editor:
    """Ends what an editor may do; their acts stay on record. Raises NotFound."""
    with database.transaction() as conn:
        editor = _one(conn, name)
        _refuse_without_operator(conn, editor)
        store.remove(conn, editor.address, now=now)
        passkey_store.remove(conn, editor.address)
        store.unlink(conn, editor.address)
        sessions.end_all_on(conn, editor.address, now=now)
        _record(conn, AuditKind.REMOVED, editor, _names(editor.roles), now=now, by=by)
    return editor


def reset(database: Database, name: str, *, now: datetime, by: str) -> SignIns:
    """Takes an editor's passkeys and work account away, and signs them out: they begin anew.

    Returns what there was. Raises NotFound.
    """
    with database.transaction() as conn:
        editor = _one(conn, name)
        before = SignIns(editor, tuple(sessions.listing(conn, editor.address, now=now)))
        passkeys = passkey_store.remove(conn, editor.address)
        store.unlink(conn, editor.address)
        ended = sessions.end_all_on(conn, editor.address, now=now)
        detail = f"{passkeys} passkeys, {ended} sessions"
        _record(conn, AuditKind.RESET, editor, detail, now=now, by=by)
    return before


def sign_ins(database: Database, name: str, *, now: datetime) -> SignIns:
    """Where an editor is signed in. Raises NotFound."""
    with database.reading() as conn:
        editor = _one(conn, name)
        return SignIns(editor, tuple(sessions.listing(conn, editor.address, now=now)))


def end_sessions(database: Database, name: str, *, now: datetime, by: str) -> int:
    """Signs an editor out everywhere. Returns how many sessions ended. Raises NotFound."""
    with database.reading() as conn:
        address = _one(conn, name).address
    return sessions.end_all(database, address, now=now, by=by)


def only_operator(database: Database) -> Editor | None:
    """The only person who manages the editors, if it is one: there should be two at least."""
    operators = [editor for editor in listing(database) if Role.OPERATOR in editor.roles]
    return operators[0] if len(operators) == 1 else None


def _refuse_without_operator(conn: Connection, editor: Editor) -> None:
    """Raises WrongMove if nobody could manage the editors any more."""
    if Role.OPERATOR not in editor.roles:
        return
    others = [e for e in store.listing(conn) if e.address != editor.address]
    if not any(Role.OPERATOR in other.roles for other in others):
        raise WrongMove(
            f"{editor.mailbox} is the only operator: make somebody else one first. "
            "Without one, nobody could manage the editors at the desk."
        )


def _parsed(mailbox: str) -> tuple[str, str]:
    parsed = person.parse(mailbox)
    if parsed is None:
        raise EmagError(f"“{mailbox}” is not a mailbox: write it like Ann <ann@example.org>")
    return parsed


def _name_in_settings(settings: Settings, address: str) -> str:
    mailboxes = [person.parse(mailbox) for mailbox in settings.publication.editors]
    return next((parsed[0] for parsed in mailboxes if parsed and parsed[1] == address), "")


def _some(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles:
        raise EmagError(f"An editor needs a role: {', '.join(Role)}.")
    return roles


def _one(conn: Connection, name: str) -> Editor:
    return _only(store.listing(conn), name)


def _only(editors: Sequence[Editor], text: str) -> Editor:
    """The one editor whom `text` names."""
    named = matching(editors, text)
    if len(named) == 1:
        return named[0]
    if named:
        addresses = ", ".join(editor.address for editor in named)
        raise NotFound(f"More than one editor is named “{text}”: give the address, {addresses}.")
    everybody = ", ".join(editor.mailbox for editor in editors)
    hint = f"there are {everybody}" if editors else "“emag editor invite” invites the first"
    raise NotFound(f"There is no editor “{text}”; {hint}.")


def _names(roles: Sequence[Role]) -> str:
    return ", ".join(roles)


def _record(
    conn: Connection, kind: AuditKind, editor: Editor, detail: str, *, now: datetime, by: str
) -> None:
    record.append(conn, kind, by=by, now=now, subject=editor.address, detail=detail)
