"""Verifies what a passkey has signed. It needs no database, so a bundle can be checked anywhere."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cryptography.exceptions import InvalidSignature
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.utils import sha256
from fido2.webauthn import AttestationObject, AuthenticatorData, CollectedClientData

from emag.errors import PasskeyRefused

ALGORITHMS: tuple[type[CoseKey], ...] = (ES256, EdDSA, RS256)
_LONGEST = 60_000  # characters of what a browser sends


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey has signed, with all that is needed to verify it later."""

    credential_id: bytes
    public_key: bytes  # a COSE key, in CBOR
    authenticator_data: bytes
    client_data: bytes  # JSON
    signature: bytes

    def written(self) -> dict[str, str]:
        """Gives it in base64url, for a row or a file."""
        return {field.name: encoded(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "Assertion":
        """Reads what `written` gave. Raises PasskeyRefused."""
        try:
            return cls(**{field.name: decoded(values[field.name]) for field in fields(cls)})
        except (KeyError, ValueError, TypeError):
            raise PasskeyRefused("What the passkey has signed cannot be read.") from None


@dataclass(frozen=True, slots=True)
class Registration:
    """A new passkey as its device describes it."""

    credential_id: bytes
    public_key: bytes
    counter: int
    transports: tuple[str, ...]


def verify_assertion(
    assertion: Assertion, challenge: bytes, *, rp_id: str, origin: str
) -> AuthenticatorData:
    """Raises PasskeyRefused unless this passkey signed this challenge here, with a check of who.

    The person was there and proved it to the device (face, finger or PIN).
    """
    try:
        client = CollectedClientData(assertion.client_data)
        data = AuthenticatorData(assertion.authenticator_data)
        key = CoseKey.parse(_mapping(cbor.decode(assertion.public_key)))
        _check_client(client, CollectedClientData.TYPE.GET, challenge, origin)
        _check_device(data, rp_id)
        _check_key(key)
        key.verify(
            assertion.authenticator_data + sha256(assertion.client_data), assertion.signature
        )
    except PasskeyRefused:
        raise
    except InvalidSignature:
        raise PasskeyRefused("The signature of the passkey is wrong.") from None
    except Exception as error:  # the bytes come from outside, and each library has its own errors
        raise PasskeyRefused("What the passkey has signed cannot be read.") from error
    return data


def read_registration(text: str, challenge: bytes, *, rp_id: str, origin: str) -> Registration:
    """Reads a new passkey as the browser describes it. Raises PasskeyRefused."""
    try:
        response = _mapping(answer(text)["response"])
        client = CollectedClientData(decoded(response["clientDataJSON"]))
        data = AttestationObject(decoded(response["attestationObject"])).auth_data
        _check_client(client, CollectedClientData.TYPE.CREATE, challenge, origin)
        _check_device(data, rp_id)
        named = response.get("transports") or []
        return _registration(data, tuple(str(name)[:20] for name in named[:8]))
    except PasskeyRefused:
        raise
    except Exception as error:  # as above
        raise PasskeyRefused("What the device answered cannot be read.") from error


def _registration(data: AuthenticatorData, transports: tuple[str, ...]) -> Registration:
    if data.credential_data is None:
        raise PasskeyRefused("The device gave no passkey.")
    key = data.credential_data.public_key
    _check_key(key)
    identifier = data.credential_data.credential_id
    return Registration(identifier, cbor.encode(dict(key)), data.counter, transports)


def answer(text: str) -> Mapping[str, Any]:
    """What a browser gave as JSON (PublicKeyCredential.toJSON). Raises PasskeyRefused."""
    try:
        parsed = json.loads(text) if len(text) <= _LONGEST else None
        return _mapping(parsed)
    except (ValueError, TypeError, RecursionError):
        raise PasskeyRefused("What the device answered cannot be read.") from None


def challenge_of(client_data: bytes) -> bytes:
    """The challenge that somebody claims to have signed. Raises PasskeyRefused."""
    try:
        return CollectedClientData(client_data).challenge
    except Exception as error:  # as above
        raise PasskeyRefused("What the passkey has signed cannot be read.") from error


def encoded(data: bytes) -> str:
    """Base64url without padding, as WebAuthn writes bytes."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: object) -> bytes:
    """Raises ValueError and TypeError."""
    if not isinstance(text, str):
        raise TypeError("no text")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _mapping(value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise TypeError("no mapping")
    return value


def _check_client(client: CollectedClientData, kind: str, challenge: bytes, origin: str) -> None:
    if client.type != kind or client.cross_origin or client.origin != origin:
        raise PasskeyRefused("The passkey was used on another page.")
    if not hmac.compare_digest(client.challenge, challenge):
        raise PasskeyRefused("The passkey has signed something else.")


def _check_device(data: AuthenticatorData, rp_id: str) -> None:
    if not hmac.compare_digest(data.rp_id_hash, sha256(rp_id.encode())):
        raise PasskeyRefused("The passkey belongs to another site.")
    if not (data.is_user_present() and data.is_user_verified()):
        raise PasskeyRefused("The device did not check who you are.")


def _check_key(key: CoseKey) -> None:
    if not isinstance(key, ALGORITHMS):
        raise PasskeyRefused("Passkeys of this kind are not supported.")
