"""Amazon's notification service: whether a post to us is really from a topic of ours."""

import base64
import binascii
import logging
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from emag.errors import ForgedReport, Unreachable
from emag.mailing.returns.bounces.payload import text

_log = logging.getLogger(__name__)

_HOST = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?")
_HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = (
    *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
)
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
_MOST_KEYS = 16
_MAX_BYTES = 100_000
_TIMEOUT = 10.0  # seconds

Fetch = Callable[[str], bytes]


def fetch(url: str) -> bytes:
    """A small body over https, without redirects. Raises Unreachable."""
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=False) as answer:
            answer.raise_for_status()
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MAX_BYTES:
                    raise Unreachable("Amazon's answer is longer than any certificate")
    except httpx.HTTPError as error:
        raise Unreachable(f"Amazon cannot be reached ({type(error).__name__})") from error
    return body


class Topics:
    """The topics that may tell us something, by their ARNs."""

    def __init__(self, arns: Collection[str], *, fetch: Fetch = fetch) -> None:
        self._arns = frozenset(arns)
        self._fetch = fetch
        self._keys: dict[str, rsa.RSAPublicKey] = {}

    def verify(self, envelope: Mapping[str, Any]) -> str:
        """The post's type, once its signature and its topic are proved.

        Raises ForgedReport, or Unreachable where Amazon's certificate cannot be had just now.
        """
        kind = text(envelope.get("Type"))
        names = _SIGNED.get(kind)
        version = _HASHES.get(text(envelope.get("SignatureVersion")))
        if names is None or version is None or text(envelope.get("TopicArn")) not in self._arns:
            raise ForgedReport
        pairs = ((name, envelope.get(name)) for name in names)
        signed = "".join(f"{name}\n{value}\n" for name, value in pairs if isinstance(value, str))
        key = self._key(text(envelope.get("SigningCertURL")))
        try:
            signature = base64.b64decode(text(envelope.get("Signature")), validate=True)
            key.verify(signature, signed.encode(), padding.PKCS1v15(), version())
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise ForgedReport from error
        return kind

    def confirm(self, envelope: Mapping[str, Any]) -> None:
        """Accepts a verified invitation to a topic of ours. Raises Unreachable."""
        self._fetch(_amazons(text(envelope.get("SubscribeURL"))))
        _log.info("confirmed the subscription to %s", text(envelope.get("TopicArn")))

    def _key(self, url: str) -> rsa.RSAPublicKey:
        known = self._keys.get(_amazons(url))
        if known:
            return known
        if not urlsplit(url).path.endswith(".pem"):
            raise ForgedReport
        try:
            key = x509.load_pem_x509_certificate(self._fetch(url)).public_key()
        except ValueError as error:
            raise ForgedReport from error
        if not isinstance(key, rsa.RSAPublicKey):
            raise ForgedReport
        if len(self._keys) >= _MOST_KEYS:
            self._keys.clear()
        self._keys[url] = key
        return key


def _amazons(url: str) -> str:
    """The url, if it leads to the service itself and to nobody else. Raises ForgedReport."""
    try:
        parts = urlsplit(url)
        is_plain = parts.port is None and "@" not in parts.netloc and "\\" not in url
    except ValueError as error:
        raise ForgedReport from error
    if not (parts.scheme == "https" and is_plain and _HOST.fullmatch(parts.hostname or "")):
        raise ForgedReport
    return url
