"""Verifies signatures of stored passkeys over challenges that were given out."""

from datetime import datetime

from sqlalchemy import Connection

from emag.editors import challenges, passkey_store
from emag.editors.assertion import Assertion, answer, challenge_of, decoded, verify_assertion
from emag.editors.challenges import ChallengePurpose
from emag.editors.passkey import Passkey, RelyingParty, host_fault, is_cloned, relying_party
from emag.editors.sessions import SignedIn
from emag.errors import PasskeyRefused
from emag.settings import Settings

_LATE = "The page was open for too long, or was used before: try it again."


def party(settings: Settings) -> RelyingParty:
    """The publication as passkeys know it. Raises PasskeyRefused where they cannot work."""
    site = relying_party(settings.base_url, settings.publication.title)
    if site is None:
        raise PasskeyRefused(host_fault(settings.base_url))
    return site


def asserted(
    conn: Connection,
    site: RelyingParty,
    signed_in: SignedIn,
    text: str,
    purpose: ChallengePurpose,
    *,
    challenge: bytes | None = None,
    now: datetime,
) -> Assertion:
    """A signature of the person who is signed in, verified. Raises PasskeyRefused."""
    passkey = stored(conn, text)
    if passkey is None or passkey.editor != signed_in.editor.address:
        raise PasskeyRefused("This is not your passkey.")
    assertion = verified(conn, site, text, passkey, purpose, holder=holder_of(signed_in), now=now)
    if challenge is not None and challenge_of(assertion.client_data) != challenge:
        raise PasskeyRefused("The passkey has signed something else.")
    return assertion


def verified(
    conn: Connection,
    site: RelyingParty,
    text: str,
    passkey: Passkey | None,
    purpose: ChallengePurpose,
    *,
    holder: str,
    now: datetime,
) -> Assertion:
    """Verifies a signature over a challenge of ours, and uses the challenge up."""
    if passkey is None:
        raise PasskeyRefused("This passkey is not known here, or was removed.")
    client_data = response_bytes(text, "clientDataJSON")
    challenge = challenge_of(client_data)
    use(conn, challenge, purpose, holder, now=now)
    assertion = Assertion(
        decoded(passkey.credential),
        passkey.public_key,
        response_bytes(text, "authenticatorData"),
        client_data,
        response_bytes(text, "signature"),
    )
    data = verify_assertion(assertion, challenge, rp_id=site.id, origin=site.origin)
    if is_cloned(passkey.counter, data.counter):
        raise PasskeyRefused("A copy of this passkey was used: remove it and add a new one.")
    passkey_store.record_use(conn, passkey.id, counter=data.counter, now=now)
    return assertion


def use(
    conn: Connection, challenge: bytes, purpose: ChallengePurpose, holder: str, *, now: datetime
) -> str:
    """Uses a challenge up, and returns what was noted with it. Raises PasskeyRefused."""
    note = challenges.take(conn, challenge, purpose, holder=holder, now=now)
    if note is None:
        raise PasskeyRefused(_LATE)
    return note


def stored(conn: Connection, text: str) -> Passkey | None:
    """The stored passkey that a browser's answer names."""
    identifier = answer(text).get("id")
    if not isinstance(identifier, str):
        return None
    return passkey_store.by_credential(conn, identifier)


def response_bytes(text: str, field: str) -> bytes:
    """A field of the response that a browser gave. Raises PasskeyRefused."""
    try:
        return decoded(answer(text)["response"][field])
    except (KeyError, ValueError, TypeError):
        raise PasskeyRefused("What the device answered cannot be read.") from None


def holder_of(signed_in: SignedIn) -> str:
    """Whom a challenge of this session is given to."""
    return f"session {signed_in.session.id}"
