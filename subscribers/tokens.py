"""Signs the links of readers, and hashes addresses with a key."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime
from typing import Literal, get_args

from subscribers.errors import BadToken, ExpiredToken

Purpose = Literal[
    "confirm", "unsubscribe", "preferences", "not_me", "change", "bounce", "desk", "form", "undo"
]

TEST_COPY = "test"  # the subject of the links of a test copy, which belong to nobody
_MAC_BYTES = 18  # 144 bits: 24 characters without a spare bit that could be flipped unseen
_SHORT_MAC_BYTES = 14  # 112 bits
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MAX_TOKEN = 1_000


class Keys:
    """Signs and hashes with keys that are derived from the publication's secret.

    Each purpose has its own key, so a token for one purpose is not valid for another. Signing takes
    about 2 µs, so the unsubscribe link of every reader is made while sending.

    The secret may be several, with commas between them. The first one signs, and what any of them
    signed is valid. So a secret can be replaced and the links in old issues still work.
    """

    __slots__ = ("_all", "_keys")

    def __init__(self, secret: str) -> None:
        secrets = [text for text in map(str.strip, secret.split(",")) if text] or [""]
        self._all = tuple(_derived(text) for text in secrets)
        self._keys = self._all[0]

    def __repr__(self) -> str:
        return "Keys(…)"

    def sign(self, purpose: Purpose, subject: str, *, expires: datetime | None = None) -> str:
        """Makes a url-safe token that contains `subject` in readable form, and a signature."""
        body = subject
        if not _PLAIN.fullmatch(subject):
            body = "~" + base64.urlsafe_b64encode(subject.encode()).decode().rstrip("=")
        if expires is not None:
            body += f".{int(expires.timestamp())}"
        return f"{body}.{_mac(self._keys[purpose], body)}"

    def read(self, purpose: Purpose, token: str, *, now: datetime) -> str:
        """Gives the subject. Raises BadToken for one that `sign` did not make for this purpose."""
        body, _, mac = token.rpartition(".")
        if len(token) > _MAX_TOKEN or not token.isascii() or not body:
            raise BadToken
        if not any(hmac.compare_digest(mac, _mac(keys[purpose], body)) for keys in self._all):
            raise BadToken
        subject, _, expires = body.partition(".")
        if expires and now.timestamp() > int(expires):
            raise ExpiredToken
        if subject.startswith("~"):
            return base64.urlsafe_b64decode(subject[1:] + "=" * (-len(subject[1:]) % 4)).decode()
        return subject

    def short(self, purpose: Purpose, number: int) -> str:
        """Signs a number for the local part of an address, where case does not count."""
        return _short(self._keys[f"short/{purpose}"], str(number))

    def read_short(self, purpose: Purpose, text: str) -> int | None:
        """Gives the number, or None if we did not sign `text`."""
        text = text.lower()
        digits = text.partition("-")[0]
        if not (digits.isascii() and digits.isdigit() and len(digits) < _MAC_BYTES):
            return None
        digits = str(int(digits))
        rights = (_short(keys[f"short/{purpose}"], digits) for keys in self._all)
        is_ours = any(hmac.compare_digest(text.encode(), right.encode()) for right in rights)
        return int(digits) if is_ours else None

    def fingerprint(self, address: str) -> str:
        """Gives a keyed hash of an address (`Address.key`): all that is kept of an erased one.

        Without a key, a hash of an address can be undone by guessing addresses.
        """
        return _hex(self._keys["address"], address)

    def fingerprints(self, address: str) -> list[str]:
        """Gives the hashes of an address under every secret, the newest first."""
        return [_hex(keys["address"], address) for keys in self._all]

    def seal(self, text: str) -> str:
        """Seals the end of the consent record: nobody can rewrite it without the secret."""
        return _hex(self._keys["seal"], text)

    def seals(self, text: str) -> list[str]:
        """Gives the seals under every secret: any of them may have sealed it last."""
        return [_hex(keys["seal"], text) for keys in self._all]

    def hash_code(self, text: str) -> str:
        """Hashes a short code, which could be guessed from a hash without a key."""
        return _hex(self._keys["code"], text)

    def sign_challenge(self, text: str) -> str:
        """Signs a proof-of-work challenge, as hex."""
        return _hex(self._keys["challenge"], text)

    def is_own_challenge(self, text: str, signature: str) -> bool:
        """Says whether we signed this challenge."""
        encoded = signature.encode()
        return any(
            hmac.compare_digest(encoded, _hex(k["challenge"], text).encode()) for k in self._all
        )


class _Key:
    """HMAC-SHA-256 (RFC 2104) that hashes both halves of the key only once: half the cost."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, text: str) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.digest()


def _derived(secret: str) -> dict[str, _Key]:
    purposes = get_args(Purpose)
    names = (*purposes, *(f"short/{p}" for p in purposes), "address", "seal", "challenge", "code")
    root = secret.encode()
    return {n: _Key(hmac.digest(root, b"emag/1/" + n.encode(), "sha256")) for n in names}


def _mac(key: _Key, body: str) -> str:
    mac = binascii.b2a_base64(key.digest(body)[:_MAC_BYTES], newline=False)
    return mac.translate(_URL_SAFE).decode()


def _short(key: _Key, digits: str) -> str:
    return f"{digits}-{key.digest(digits)[:_SHORT_MAC_BYTES].hex()}"


def _hex(key: _Key, text: str) -> str:
    return key.digest(text).hex()


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_BLOCK = 64  # of SHA-256, in bytes; our keys are shorter
