"""Signs editors in with a work account. Somebody must have invited them first."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.editors import sessions, store
from emag.editors.editor import Editor, signature
from emag.editors.session import OpenedBy
from emag.editors.sessions import SignedIn
from emag.editors.sign_in import Caller, record_failure
from emag.editors.tables import ACCOUNTS
from emag.editors.work_account import WorkIdentity
from emag.errors import WorkAccountRefused


def sign_in(database: Database, identity: WorkIdentity, *, caller: Caller, now: datetime) -> str:
    """Signs in the editor with this account. Returns the token. Raises WorkAccountRefused.

    The first time, the account is linked to the editor whom somebody has invited by exactly the
    address that the organisation vouches for. Later the address does not count.
    """
    with database.transaction() as conn:
        editor = _editor(conn, identity, caller=caller, now=now)
        if editor is not None:
            opened_by, ip = OpenedBy.WORK_ACCOUNT, caller.ip
            return sessions.open_on(
                conn, editor.address, opened_by, now=now, browser=caller.browser, ip=ip
            )
        record_failure(conn, "work account: not invited", "", caller=caller, now=now)
    raise WorkAccountRefused(
        "Nobody has invited you with the address of your work account. "
        "Ask somebody who manages the editors."
    )


def confirm(
    database: Database,
    signed_in: SignedIn,
    identity: WorkIdentity,
    *,
    caller: Caller,
    now: datetime,
) -> str:
    """Records that somebody who is signed in proved again who they are. Returns a new token."""
    with database.transaction() as conn:
        if _linked(conn, identity) == signed_in.editor.address:
            opened_by = OpenedBy.WORK_ACCOUNT
            return sessions.confirm_on(conn, signed_in, opened_by, now=now, ip=caller.ip)
    raise WorkAccountRefused("This is not your work account.")


def _editor(
    conn: Connection, identity: WorkIdentity, *, caller: Caller, now: datetime
) -> Editor | None:
    editors = store.listing(conn)
    linked = _linked(conn, identity)
    if linked:
        return next((editor for editor in editors if editor.address == linked), None)
    editor = next((e for e in editors if e.address == identity.address), None)
    if editor is None or _has_account(conn, editor.address):
        return None
    row = {"account": identity.account, "editor": editor.address, "linked_at": now}
    conn.execute(insert(ACCOUNTS).values(row))
    record.append(
        conn,
        AuditKind.ACCOUNT_LINKED,
        by=signature(editor, editors),
        now=now,
        subject=editor.address,
        ip=caller.ip,
    )
    return editor


def _linked(conn: Connection, identity: WorkIdentity) -> str:
    query = select(ACCOUNTS.c.editor).where(ACCOUNTS.c.account == identity.account)
    row = conn.execute(query).first()
    return str(row.editor) if row else ""


def _has_account(conn: Connection, address: str) -> bool:
    query = select(ACCOUNTS.c.account).where(ACCOUNTS.c.editor == address)
    return conn.execute(query).first() is not None
