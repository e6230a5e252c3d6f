"""Signs editors in with a passkey, and lets one who is signed in sign again."""

from datetime import datetime

from emag.database import Database
from emag.editors import challenges, passkey_options, passkey_store, sessions, tallies
from emag.editors.assertion import Assertion
from emag.editors.challenges import ChallengePurpose
from emag.editors.limit import LimitScope
from emag.editors.session import OpenedBy
from emag.editors.sessions import SignedIn
from emag.editors.sign_in import Caller, record_failure
from emag.editors.signatures import asserted, holder_of, party, stored, verified
from emag.errors import NotFound, PasskeyRefused
from emag.settings import Settings


def begin_sign_in(
    database: Database, settings: Settings, *, caller: Caller, now: datetime
) -> str | None:
    """Gives the JSON with which any passkey of this site can sign in.

    None where too many were requested from this network. Raises PasskeyRefused.
    """
    site = party(settings)
    with database.transaction() as conn:
        if tallies.is_full(conn, LimitScope.CHALLENGE, caller.network, now=now):
            return None
        tallies.count(conn, LimitScope.CHALLENGE, caller.network, now=now)
        purpose, holder = ChallengePurpose.SIGN_IN, caller.cookie
        challenge = challenges.give(conn, purpose, holder=holder, now=now)
    return passkey_options.request(site, passkeys=(), challenge=challenge)


def sign_in(
    database: Database, settings: Settings, text: str, *, caller: Caller, now: datetime
) -> str:
    """Signs in the person whose passkey has signed. Returns the token. Raises PasskeyRefused."""
    site = party(settings)
    refusal: PasskeyRefused | None = None
    with database.transaction() as conn:
        passkey = stored(conn, text)
        try:
            purpose = ChallengePurpose.SIGN_IN
            verified(conn, site, text, passkey, purpose, holder=caller.cookie, now=now)
            if passkey is not None:
                opened_by, address = OpenedBy.PASSKEY, passkey.editor
                browser, ip = caller.browser, caller.ip
                return sessions.open_on(conn, address, opened_by, now=now, browser=browser, ip=ip)
        except (PasskeyRefused, NotFound) as error:
            refusal = PasskeyRefused(str(error))
            address = passkey.editor if passkey else ""
            record_failure(conn, f"passkey: {error}", address, caller=caller, now=now)
    raise refusal or PasskeyRefused


def begin_assertion(
    database: Database,
    settings: Settings,
    signed_in: SignedIn,
    purpose: ChallengePurpose = ChallengePurpose.CONFIRM,
    *,
    challenge: bytes | None = None,
    now: datetime,
) -> str:
    """Gives the JSON with which somebody who is signed in signs a challenge, random or given.

    Raises PasskeyRefused for a person without a passkey.
    """
    site = party(settings)
    with database.transaction() as conn:
        own_passkeys = passkey_store.listing(conn, signed_in.editor.address)
        if not own_passkeys:
            raise PasskeyRefused("You have no passkey yet: add one under “You”.")
        holder = holder_of(signed_in)
        challenge = challenges.give(conn, purpose, holder=holder, now=now, challenge=challenge)
    return passkey_options.request(site, passkeys=own_passkeys, challenge=challenge)


def finish_assertion(
    database: Database,
    settings: Settings,
    signed_in: SignedIn,
    text: str,
    *,
    purpose: ChallengePurpose,
    challenge: bytes | None = None,
    now: datetime,
) -> Assertion:
    """What a passkey of the person has signed, verified. The challenge is used up.

    With `challenge`, it must be that one. Raises PasskeyRefused.
    """
    with database.transaction() as conn:
        return asserted(
            conn, party(settings), signed_in, text, purpose, challenge=challenge, now=now
        )


def confirm(
    database: Database,
    settings: Settings,
    signed_in: SignedIn,
    text: str,
    *,
    caller: Caller,
    now: datetime,
) -> str:
    """Records that the person proved again who they are. Returns a new token for their session."""
    with database.transaction() as conn:
        asserted(conn, party(settings), signed_in, text, ChallengePurpose.CONFIRM, now=now)
        return sessions.confirm_on(conn, signed_in, OpenedBy.PASSKEY, now=now, ip=caller.ip)
