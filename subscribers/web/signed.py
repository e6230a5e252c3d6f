"""Checks that a post to a hook comes from who shares its secret or token."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from subscribers.errors import ForgedRequest

WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class HookKeys:
    """What a hook accepts. An empty one accepts nothing."""

    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def check(self, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> str:
        """An identifier of this post against replay; empty with a bearer token.

        Raises ForgedRequest.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if self.token and scheme.lower() == "bearer":
            if hmac.compare_digest(token.strip().encode(), self.token.encode()):
                return ""
            raise ForgedRequest("The bearer token is wrong.")
        stamp = headers.get("x-emag-timestamp", "")
        signatures = headers.get("x-emag-signature", "")
        if not (self.secret and stamp and signatures):
            raise ForgedRequest("The request has no signature and no bearer token.")
        return self._signed(stamp, signatures, raw, now)

    def _signed(self, stamp: str, signatures: str, raw: bytes, now: datetime) -> str:
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):  # noqa: PLR2004 - seconds
            raise ForgedRequest("X-Emag-Timestamp must be the time in seconds.")
        signed = stamp.encode() + b"." + raw
        expected = "v1=" + hmac.digest(self.secret.encode(), signed, "sha256").hex()
        if not any(
            hmac.compare_digest(s.strip().encode(), expected.encode())
            for s in signatures.split(",")
        ):
            raise ForgedRequest("The signature does not match the body and the time.")
        if abs(now.timestamp() - int(stamp)) > WINDOW.total_seconds():
            raise ForgedRequest("The signature is too old, or a clock is wrong.")
        return expected + stamp
