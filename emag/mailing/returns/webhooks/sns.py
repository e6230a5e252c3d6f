"""Verifies posts of Amazon's notification service (SNS) from the topics in the settings.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import binascii
import logging
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from emag import connection_faults
from emag.errors import ForgedReport, Unreachable
from emag.mailing.returns.payload import text

_log = logging.getLogger(__name__)

_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}):.+")
_CERTIFICATE_PATH = re.compile(r"/[\w.-]{1,200}\.pem")
_QUERY_PATH = re.compile(r"/\?[!-~]{1,2000}")
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
_MAX_KEYS = 16
_MAX_BYTES = 100_000
_TIMEOUT = 10.0  # seconds

Fetch = Callable[[str], bytes]


def fetch(url: str) -> bytes:
    """A small body over https, without redirects.

    Raises Unreachable, or ForgedReport where the host has no such page.
    """
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=False) as response:
            if response.is_client_error:
                raise ForgedReport
            response.raise_for_status()
            body = b""
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _MAX_BYTES:
                    raise Unreachable("Amazon's answer is longer than any certificate")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(f"Amazon cannot be reached: {connection_faults.reason(error)}") from error
    return body


class Topics:
    """The topics whose posts are read, by their ARNs."""

    def __init__(self, arns: Collection[str], *, fetch: Fetch = fetch) -> None:
        self._hosts = {arn: _host(arn) for arn in arns}
        self._fetch = fetch
        self._keys: dict[str, rsa.RSAPublicKey] = {}

    def verify(self, envelope: Mapping[str, Any]) -> str:
        """The type of a post, after its topic and its signature are verified.

        Raises ForgedReport, or Unreachable where Amazon's certificate cannot be fetched now.
        """
        kind = text(envelope.get("Type"))
        names = _SIGNED.get(kind)
        version = _HASHES.get(text(envelope.get("SignatureVersion")))
        if names is None or version is None:
            raise ForgedReport
        key = self._key(self._url(envelope, "SigningCertURL", _CERTIFICATE_PATH))
        values = ((name, envelope.get(name)) for name in names)
        signed = "".join(f"{name}\n{value}\n" for name, value in values if isinstance(value, str))
        try:
            signature = base64.b64decode(text(envelope.get("Signature")), validate=True)
            key.verify(signature, signed.encode(), padding.PKCS1v15(), version())
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise ForgedReport from error
        return kind

    def confirm(self, envelope: Mapping[str, Any]) -> None:
        """Confirms the subscription that a verified post offers. Raises Unreachable."""
        self._fetch(self._url(envelope, "SubscribeURL", _QUERY_PATH))
        _log.info("confirmed the subscription to %s", text(envelope.get("TopicArn")))

    def _url(self, envelope: Mapping[str, Any], field: str, path: re.Pattern[str]) -> str:
        """The URL in a field, if it leads to the service in the topic's own region.

        Raises ForgedReport. Other hosts of amazonaws.com, for instance of storage buckets, belong
        to any customer of Amazon.
        """
        host = self._hosts.get(text(envelope.get("TopicArn")))
        url, start = text(envelope.get(field)), f"https://{host}"
        if not (host and url.startswith(start) and path.fullmatch(url[len(start) :])):
            raise ForgedReport
        return url

    def _key(self, url: str) -> rsa.RSAPublicKey:
        if key := self._keys.get(url):
            return key
        try:
            public_key = x509.load_pem_x509_certificate(self._fetch(url)).public_key()
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ForgedReport from error
        if not isinstance(public_key, rsa.RSAPublicKey):
            raise ForgedReport
        if len(self._keys) >= _MAX_KEYS:
            self._keys.clear()
        self._keys[url] = public_key
        return public_key


def _host(arn: str) -> str:
    """The service's host in the region of a topic, or “” for a text that is no ARN of a topic."""
    match = _ARN.fullmatch(arn)
    if not match:
        return ""
    suffix = ".cn" if match[1] == "aws-cn" else ""
    return f"sns.{match[2]}.amazonaws.com{suffix}"
