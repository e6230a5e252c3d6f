"""Sends messages by SendGrid: a thousand readers in one request, each with its own headers."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from time import time
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from emag import connection_faults
from emag.errors import SenderRefused, TransportError, Unreachable
from emag.mailing.copy.message import EncodedDocument, Message
from emag.mailing.delivery import Outcome, Receipt, without_addresses
from emag.mailing.transports.sendgrid_request import (
    LIMIT,
    PLAIN_ACCOUNT,
    SendGridAccount,
    request,
)

_ACCEPTED, _SANDBOX = 202, 200
_BAD, _UNAUTHORISED, _FORBIDDEN, _TOO_LARGE, _TOO_MANY = 400, 401, 403, 413, 429
_SERVER, _GATEWAY_TIMEOUT = 500, 504
_TO_WAIT = "SendGrid asks to wait: too many requests"
_NTH = re.compile(r"personalizations[.\[](\d+)")


class SendGridTransport:
    """One client for all threads. `timeout` is in seconds; `host` may be a stand-in."""

    batch = LIMIT

    def __init__(
        self,
        api_key: str,
        host: str = "https://api.sendgrid.com",
        timeout: float = 60.0,
        account: SendGridAccount = PLAIN_ACCOUNT,
    ) -> None:
        self.name = "sendgrid (in its sandbox: nothing is sent)" if account.sandbox else "sendgrid"
        self._account = account
        self._host = host.rstrip("/")
        subuser = account.subuser or None
        self._client = SendGridAPIClient(
            api_key, host=self._host, impersonate_subuser=subuser
        ).client
        self._client.timeout = timeout  # the package sets none
        self._free_at = 0.0  # Unix time before which SendGrid wants no request
        # At DEBUG the package logs every request with its addresses.
        logging.getLogger("python_http_client").setLevel(logging.INFO)

    def send(self, messages: Sequence[Message]) -> list[Receipt]:
        """Sends one request for each document. SendGrid allows an address once in a request."""
        receipts: dict[int, Receipt] = {}
        for encoded, places in _requests(messages, receipts):
            try:
                got = self._settle(encoded, [messages[n] for n in places])
            except TransportError as error:
                if not receipts:
                    raise
                unsent = Receipt(Outcome.UNSENT, str(error), retry_after=_retry_after(error))
                return [receipts.get(n, unsent) for n in range(len(messages))]
            receipts |= zip(places, got, strict=True)
        return [receipts[n] for n in range(len(messages))]

    def close(self) -> None:
        """Does nothing: the package opens a connection for each request."""

    def _settle(self, encoded: EncodedDocument, messages: Sequence[Message]) -> list[Receipt]:
        """Sends a request. If SendGrid refuses it as a whole, finds the messages at fault."""
        try:
            return self._post(encoded, messages)
        except HTTPError as error:
            status, faults = error.status_code, _faults(error)
            reason = without_addresses(f"{status} {'; '.join(message for message, _ in faults)}")
            if status == _BAD:
                bad = _named(faults, len(messages))
                if bad:
                    return self._without(encoded, messages, bad)
                about_us = any(field and not _NTH.search(field) for _, field in faults)
                return self._halves(encoded, messages, reason, sender_fault=about_us)
            if status == _TOO_LARGE:
                return self._halves(encoded, messages, reason, sender_fault=len(messages) == 1)
            return self._answered(error, reason, len(messages))

    def _answered(self, error: HTTPError, reason: str, count: int) -> list[Receipt]:
        status = error.status_code
        if status in {_UNAUTHORISED, _FORBIDDEN}:
            raise SenderRefused(f"SendGrid refuses this account or key ({reason})") from error
        if status == _TOO_MANY:
            wait = _until_reset(error.headers or {})
            self._free_at = max(self._free_at, time() + wait)
            raise Unreachable(_TO_WAIT, retry_after=wait) from error
        if status == _GATEWAY_TIMEOUT:  # the server behind the gateway may have it
            return [Receipt(Outcome.DOUBTFUL, reason)] * count
        if status >= _SERVER:
            raise Unreachable(f"SendGrid is not ready ({reason})") from error
        raise SenderRefused(f"SendGrid does not take our requests ({reason})") from error

    def _post(self, encoded: EncodedDocument, messages: Sequence[Message]) -> list[Receipt]:
        if (wait := self._free_at - time()) > 0:  # another thread has got this answer
            raise Unreachable(_TO_WAIT, retry_after=wait)
        body = request(encoded, messages, self._account)
        try:
            response = self._client.mail.send.post(request_body=body)
        except HTTPError:
            raise
        except URLError as error:  # before the request was complete
            raise Unreachable(
                f"SendGrid cannot be reached: {connection_faults.reason(error)}"
            ) from error
        except (OSError, HTTPException):  # after it
            return [Receipt(Outcome.DOUBTFUL, "the answer was lost")] * len(messages)
        if str(response.headers.get("X-RateLimit-Remaining") or "").strip() == "0":
            self._free_at = time() + _until_reset(response.headers)
        reference = str(response.headers.get("X-Message-Id") or "")
        if response.status_code == _ACCEPTED:
            return [Receipt(Outcome.ACCEPTED, reference=reference)] * len(messages)
        if response.status_code == _SANDBOX and self._account.sandbox:
            return [Receipt(Outcome.ACCEPTED, "sandbox: checked, not sent")] * len(messages)
        reason = f"an unexpected answer ({response.status_code})"
        return [Receipt(Outcome.DOUBTFUL, reason)] * len(messages)

    def _without(
        self, encoded: EncodedDocument, messages: Sequence[Message], bad: Mapping[int, str]
    ) -> list[Receipt]:
        """Refuses the messages that SendGrid named, and sends the others in another request."""
        good = [message for n, message in enumerate(messages) if n not in bad]
        rest = iter(self._part(encoded, good) if good else [])
        return [
            Receipt(Outcome.REFUSED, without_addresses(f"400 {bad[n]}")) if n in bad else next(rest)
            for n in range(len(messages))
        ]

    def _halves(
        self,
        encoded: EncodedDocument,
        messages: Sequence[Message],
        reason: str,
        *,
        sender_fault: bool,
    ) -> list[Receipt]:
        if sender_fault or len(messages) == 1:
            return [Receipt(Outcome.REFUSED, reason, sender_fault=sender_fault)] * len(messages)
        middle = len(messages) // 2
        first = self._settle(encoded, messages[:middle])
        return first + self._part(encoded, messages[middle:])

    def _part(self, encoded: EncodedDocument, messages: Sequence[Message]) -> list[Receipt]:
        """Sends the rest of a batch. It does not raise, because part of the batch was sent."""
        try:
            return self._settle(encoded, messages)
        except TransportError as error:
            unsent = Receipt(Outcome.UNSENT, str(error), retry_after=_retry_after(error))
            return [unsent] * len(messages)


def _requests(
    messages: Sequence[Message], receipts: dict[int, Receipt]
) -> list[tuple[EncodedDocument, list[int]]]:
    """Groups the places of messages that may share a request. Refuses what SendGrid cannot take."""
    requests: dict[tuple[int, int], tuple[EncodedDocument, list[int]]] = {}
    copies: dict[tuple[int, str], int] = {}
    for place, message in enumerate(messages):
        if not (message.sendable and message.recipient.isascii()):
            reason = "SendGrid does not accept an address with these characters"
            receipts[place] = Receipt(Outcome.REFUSED, reason)
            continue
        encoded = id(message.encoded)
        nth = copies[encoded, message.recipient.lower()] = (
            copies.get((encoded, message.recipient.lower()), -1) + 1
        )
        requests.setdefault((encoded, nth), (message.encoded, []))[1].append(place)
    return [
        (encoded, places[start : start + LIMIT])
        for encoded, places in requests.values()
        for start in range(0, len(places), LIMIT)
    ]


def _faults(error: HTTPError) -> list[tuple[str, str]]:
    """SendGrid's messages, each with its field; none if the answer is not JSON."""
    try:
        errors = json.loads(error.body)["errors"]
        return [(str(e.get("message") or ""), str(e.get("field") or "")) for e in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _named(faults: Sequence[tuple[str, str]], count: int) -> dict[int, str]:
    """The personalizations at fault, with the message, if the field names them."""
    matches = ((_NTH.search(field), message) for message, field in faults)
    return {int(match[1]): message for match, message in matches if match and int(match[1]) < count}


def _until_reset(headers: Mapping[str, str]) -> float:
    """Seconds until the limit ends. The header holds a Unix time."""
    try:
        reset = float(headers.get("X-RateLimit-Reset") or 0)
    except ValueError:
        return 0.0
    return max(1.0, reset - time()) if reset else 0.0


def _retry_after(error: TransportError) -> float:
    return error.retry_after if isinstance(error, Unreachable) else 0.0
