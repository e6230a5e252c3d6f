"""Adds and removes the passkeys of editors."""

from datetime import datetime

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.editors import challenges, letters, passkey_options, passkey_store, sessions
from emag.editors.assertion import challenge_of, encoded, read_registration
from emag.editors.challenges import ChallengePurpose
from emag.editors.passkey import Passkey
from emag.editors.session import OpenedBy
from emag.editors.sessions import SignedIn
from emag.editors.sign_in import Caller
from emag.editors.signatures import holder_of, party, response_bytes, use
from emag.errors import NotFound, PasskeyRefused
from emag.settings import Settings

LONGEST_NAME = 60


def listing(database: Database, address: str) -> list[Passkey]:
    """The passkeys of an editor, oldest first."""
    with database.reading() as conn:
        return passkey_store.listing(conn, address)


def begin_registration(
    database: Database, settings: Settings, signed_in: SignedIn, *, now: datetime
) -> str:
    """Gives the JSON with which a browser makes a passkey. Raises PasskeyRefused."""
    site, editor = party(settings), signed_in.editor
    purpose, holder = ChallengePurpose.REGISTER, holder_of(signed_in)
    with database.transaction() as conn:
        existing = passkey_store.listing(conn, editor.address)
        handle = passkey_store.handle(conn, editor.address)
        challenge = challenges.give(conn, purpose, holder=holder, now=now, note=handle)
    return passkey_options.creation(
        site, editor, handle=handle, passkeys=existing, challenge=challenge
    )


def register(
    database: Database,
    settings: Settings,
    signed_in: SignedIn,
    text: str,
    *,
    name: str,
    caller: Caller,
    now: datetime,
) -> str:
    """Stores the passkey that a browser has made. Returns a new token for the session.

    The person has just proved to the device who they are, so the session counts as opened by a
    passkey from now on. They get a mail about it. Raises PasskeyRefused.
    """
    site, address = party(settings), signed_in.editor.address
    challenge = challenge_of(response_bytes(text, "clientDataJSON"))
    new = read_registration(text, challenge, rp_id=site.id, origin=site.origin)
    name = " ".join(name.split())[:LONGEST_NAME] or caller.browser or "Passkey"
    with database.transaction() as conn:
        holder = holder_of(signed_in)
        handle = use(conn, challenge, ChallengePurpose.REGISTER, holder, now=now)
        if passkey_store.by_credential(conn, encoded(new.credential_id)):
            raise PasskeyRefused("This passkey is there already.")
        passkey_store.add(conn, address, new, handle=handle, name=name, now=now)
        by, ip = signed_in.name, caller.ip
        number = record.append(
            conn, AuditKind.PASSKEY_ADDED, by=by, now=now, subject=address, detail=name, ip=ip
        )
        letters.queue_passkey_notice(conn, settings, signed_in.editor, name, number=number, now=now)
        return sessions.confirm_on(conn, signed_in, OpenedBy.PASSKEY, now=now, ip=caller.ip)


def remove(database: Database, address: str, number: int, *, now: datetime, by: str) -> Passkey:
    """Takes a passkey away from an editor. Raises NotFound."""
    with database.transaction() as conn:
        existing = {passkey.id: passkey for passkey in passkey_store.listing(conn, address)}
        if number not in existing:
            raise NotFound("There is no such passkey.")
        passkey_store.remove(conn, address, number)
        name = existing[number].name
        record.append(conn, AuditKind.PASSKEY_REMOVED, by=by, now=now, subject=address, detail=name)
    return existing[number]
