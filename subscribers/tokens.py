"""Signed links: confirm, unsubscribe, preferences."""

import base64
import binascii
import hmac
import re
from datetime import datetime
from typing import Literal, get_args

from subscribers.errors import BadToken, ExpiredToken

Purpose = Literal[
    "confirm", "unsubscribe", "preferences", "not_me", "change", "bounce", "desk", "form"
]

_MAC_BYTES = 18  # 144 bits: 24 characters without a spare bit that could be flipped unseen
_SHORT_MAC_BYTES = 16
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MAX_TOKEN = 1_000


class Keys:
    """Everything that the publication's secret is good for, each with a key of its own.

    A token for one purpose is worth nothing for another. Signing takes about 2 µs, so that an
    unsubscribe link for every reader is made while sending.
    """

    __slots__ = ("_keys",)

    def __init__(self, secret: str) -> None:
        root = secret.encode()
        names = (*get_args(Purpose), *(f"short/{p}" for p in get_args(Purpose)), "address", "seal")
        self._keys = {n: hmac.digest(root, b"emag/1/" + n.encode(), "sha256") for n in names}

    def __repr__(self) -> str:
        return "Keys(…)"

    def sign(self, purpose: Purpose, subject: str, *, expires: datetime | None = None) -> str:
        """A url-safe token that says `subject`. Opaque only as far as the subject is."""
        body = subject
        if not _PLAIN.fullmatch(subject):
            body = "~" + base64.urlsafe_b64encode(subject.encode()).decode().rstrip("=")
        if expires is not None:
            body += f".{int(expires.timestamp())}"
        return f"{body}.{self._mac(purpose, body)}"

    def read(self, purpose: Purpose, token: str, *, now: datetime) -> str:
        """The subject. Raises BadToken for any token not made by `sign` for this purpose."""
        body, _, mac = token.rpartition(".")
        if len(token) > _MAX_TOKEN or not token.isascii() or not body:
            raise BadToken
        if not hmac.compare_digest(mac, self._mac(purpose, body)):
            raise BadToken
        subject, _, expires = body.partition(".")
        if expires and now.timestamp() > int(expires):
            raise ExpiredToken
        if subject.startswith("~"):
            return base64.urlsafe_b64decode(subject[1:] + "=" * (-len(subject[1:]) % 4)).decode()
        return subject

    def _mac(self, purpose: Purpose, body: str) -> str:
        mac = hmac.digest(self._keys[purpose], body.encode(), "sha256")[:_MAC_BYTES]
        return binascii.b2a_base64(mac, newline=False).decode().translate(_URL_SAFE)

    def short(self, purpose: Purpose, number: int) -> str:
        """`number`, signed, for the local part of an address; upper or lower case is the same."""
        digits = str(number)
        mac = hmac.digest(self._keys[f"short/{purpose}"], digits.encode(), "sha256")
        text = base64.b32encode(mac[:_SHORT_MAC_BYTES]).decode().rstrip("=").lower()
        return f"{digits}-{text}"

    def read_short(self, purpose: Purpose, text: str) -> int | None:
        """The number, or None where `text` is not ours."""
        text = text.lower()
        digits = text.partition("-")[0]
        if not (digits.isascii() and digits.isdigit() and len(digits) < _MAC_BYTES):
            return None
        right = self.short(purpose, int(digits))
        return int(digits) if hmac.compare_digest(text.encode(), right.encode()) else None

    def fingerprint(self, address: str) -> str:
        """All that stays of an erased address: a keyed hash of its key (`Address.key`).

        Keyed, because a plain hash of an address is undone by guessing addresses.
        """
        return hmac.digest(self._keys["address"], address.encode(), "sha256").hex()

    def seal(self, text: str) -> str:
        """Closes the consent ledger: whoever rewrites it needs the secret too."""
        return hmac.digest(self._keys["seal"], text.encode(), "sha256").hex()


_URL_SAFE = str.maketrans("+/", "-_")
