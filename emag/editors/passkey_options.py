"""The JSON that a browser needs to make a passkey, or to sign with one (WebAuthn level 3)."""

import json
from collections.abc import Sequence

from emag.editors.assertion import ALGORITHMS, encoded
from emag.editors.editor import Editor
from emag.editors.passkey import Passkey, RelyingParty

_PATIENCE = 300_000  # milliseconds: as long as a challenge lives


def creation(
    party: RelyingParty,
    editor: Editor,
    *,
    handle: str,
    passkeys: Sequence[Passkey],
    challenge: bytes,
) -> str:
    """For a new passkey that signs in without a name, and checks who holds the device."""
    return json.dumps(
        {
            "rp": {"id": party.id, "name": party.name},
            "user": {
                "id": handle,
                "name": editor.address,
                "displayName": editor.name or editor.address,
            },
            "challenge": encoded(challenge),
            "pubKeyCredParams": [
                {"type": "public-key", "alg": algorithm.ALGORITHM} for algorithm in ALGORITHMS
            ],
            "timeout": _PATIENCE,
            "excludeCredentials": _descriptors(passkeys),
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "attestation": "none",
        }
    )


def request(party: RelyingParty, *, passkeys: Sequence[Passkey], challenge: bytes) -> str:
    """For a signature by one of these passkeys; without any, by whichever the person chooses."""
    return json.dumps(
        {
            "rpId": party.id,
            "challenge": encoded(challenge),
            "timeout": _PATIENCE,
            "allowCredentials": _descriptors(passkeys),
            "userVerification": "required",
        }
    )


def _descriptors(passkeys: Sequence[Passkey]) -> list[dict[str, object]]:
    return [
        {"type": "public-key", "id": passkey.credential, "transports": list(passkey.transports)}
        for passkey in passkeys
    ]
