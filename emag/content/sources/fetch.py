"""Fetches one page over HTTP, only if it has changed, within limits of time, size and redirects."""

import hashlib
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpcore
import httpx

from emag.content.sources import Memory
from emag.content.sources.guarded_client import guarded_client, root_cause
from emag.errors import SourceError
from emag.network import Deadline, NetworkAccess, TooSlow

T = TypeVar("T")

REDIRECTS = 5
LONGEST_LENGTH = 18  # digits of a Content-Length
_PIECE = 65_536  # bytes unpacked at a time
_HEADERS = {
    "User-Agent": "emag (feed reader)",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip",
}
_FOR_GOOD = {httpx.codes.MOVED_PERMANENTLY, httpx.codes.PERMANENT_REDIRECT}
_WEB_PAGES = "text/html, application/xhtml+xml, */*;q=0.5"
_REFUSALS = {
    401: "asks for a password; give an address that is open to all",
    403: "refuses to be read by a program; ask the site's owner to allow it",
    404: "is not there; check the address",
    410: "is gone for good; remove the source or give its new address",
    429: "is asked too often; it will be tried again later",
}


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as it was served. `url` is its address after redirects."""

    url: str
    body: bytes
    content_type: str
    memory: Memory


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """`timeout` is in seconds for the whole read; `max_bytes` is for the page as unpacked."""

    timeout: float = 20.0
    max_bytes: int = 5_000_000


def fetch(
    url: str, memory: Memory, *, limits: FetchLimits, network: NetworkAccess, accept: str = ""
) -> FetchedPage | None:
    """Fetches the page, or returns None if it has not changed. Raises SourceError in one sentence.

    `accept` names the kinds to ask for, other than feeds.
    """
    with _sentences(url, limits), _client(limits, network, accept=accept) as client:
        return _follow(
            client,
            url,
            memory,
            lambda address, moved_to, response: _page(address, moved_to, response, memory, limits),
        )


@dataclass(frozen=True, slots=True)
class PageVisit:
    """What a page answers after redirects, and the start of its body where it is there."""

    url: str
    status: int
    body: bytes
    content_type: str


def visit(url: str, *, limits: FetchLimits, network: NetworkAccess) -> PageVisit:
    """Asks for a web page. Raises SourceError if it gives no answer."""
    with _sentences(url, limits), _client(limits, network, accept=_WEB_PAGES) as client:
        return _follow(
            client, url, Memory(), lambda address, _, response: _visited(address, response, limits)
        )


def _client(limits: FetchLimits, network: NetworkAccess, *, accept: str = "") -> httpx.Client:
    headers = _HEADERS | ({"Accept": accept} if accept else {})
    return guarded_client(network, Deadline.after(limits.timeout), headers)


def _follow(
    client: httpx.Client,
    url: str,
    memory: Memory,
    read: Callable[[httpx.URL, str, httpx.Response], T],
) -> T:
    """Calls `read` with the last address, and with that to which `url` has moved for good."""
    address, moved_to, is_for_good = httpx.URL(url), "", True
    for _ in range(REDIRECTS + 1):
        if address.scheme not in {"http", "https"} or not address.host:
            raise SourceError(f"{safe_text(address)} is no web address; give one with https://")
        # One who has moved since the last read is read anew, so that the move is noticed.
        conditions = _conditions(memory) if memory.moved_to == moved_to else {}
        with client.stream("GET", address, headers=conditions) as response:
            if response.has_redirect_location:
                address = address.join(response.headers["location"])
                is_for_good = is_for_good and response.status_code in _FOR_GOOD
                moved_to = str(address) if is_for_good else moved_to
                continue
            return read(address, moved_to, response)
    raise SourceError(
        f"{safe_text(url)} redirects more than {REDIRECTS} times; give its final address"
    )


def _visited(address: httpx.URL, response: httpx.Response, limits: FetchLimits) -> PageVisit:
    body = bytearray()
    if response.status_code == httpx.codes.OK:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        for chunk in _unpacked(response.iter_raw(), encoding):
            body += chunk
            if len(body) >= limits.max_bytes:
                break
    content_type = response.headers.get("content-type", "")
    return PageVisit(
        str(address), response.status_code, bytes(body[: limits.max_bytes]), content_type
    )


def _conditions(memory: Memory) -> dict[str, str]:
    headers = {"If-None-Match": memory.etag, "If-Modified-Since": memory.modified}
    return {name: value for name, value in headers.items() if value}


def _page(
    address: httpx.URL,
    moved_to: str,
    response: httpx.Response,
    memory: Memory,
    limits: FetchLimits,
) -> FetchedPage | None:
    status = response.status_code
    if status == httpx.codes.NOT_MODIFIED and _conditions(memory):
        return None
    if status != httpx.codes.OK:
        away = "has trouble of its own; it will be tried again later"
        reason = _REFUSALS.get(status, away if status >= 500 else "cannot be read")  # noqa: PLR2004 - 5xx
        raise SourceError(f"{safe_text(address)} {reason} (HTTP {status})")
    if declared_length(response) > limits.max_bytes:
        raise SourceError(_too_big(address, limits))
    encoding = response.headers.get("content-encoding", "").strip().lower()
    chunks = _unpacked(response.iter_raw(), encoding)
    body = _gathered(chunks, address, limits)
    digest = hashlib.sha256(body).hexdigest()
    if digest == memory.digest and moved_to == memory.moved_to:
        return None
    return FetchedPage(
        url=str(address),
        body=body,
        content_type=response.headers.get("content-type", ""),
        memory=Memory(
            etag=response.headers.get("etag", ""),
            modified=response.headers.get("last-modified", ""),
            digest=digest,
            of=memory.of,
            moved_to=moved_to,
        ),
    )


def declared_length(response: httpx.Response) -> int:
    """The length that the server announces; 0 where it announces none that can be read."""
    text = response.headers.get("content-length", "")
    is_readable = text.isascii() and text.isdigit() and len(text) <= LONGEST_LENGTH
    return int(text) if is_readable else 0


def _gathered(chunks: Iterable[bytes], address: httpx.URL, limits: FetchLimits) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limits.max_bytes:
            raise SourceError(_too_big(address, limits))
    return bytes(body)


def _unpacked(raw: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Unpacks a bounded piece at a time: httpx would unpack the whole chunk of a zip bomb first."""
    if encoding in {"", "identity"}:
        yield from raw
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise SourceError(f"the page is packed in a way that was not asked for ({encoding[:20]})")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by its first bytes
    for chunk in raw:
        rest = chunk
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, _PIECE)
            rest = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise SourceError("the page ended in its middle; it will be tried again later")


def _too_big(address: httpx.URL, limits: FetchLimits) -> str:
    size = f"{limits.max_bytes:,} bytes"
    return f"{safe_text(address)} is larger than {size}: if that is meant, raise max_bytes"


def safe_text(url: httpx.URL | str) -> str:
    """The address for a message, without credentials and query, which may hold a secret."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return "the address"
    port = f":{address.port}" if address.port else ""
    return f"{address.scheme}://{address.host}{port}{address.path}"[:200]


@contextmanager
def _sentences(url: str, limits: FetchLimits) -> Iterator[None]:
    """Turns every failure of the network into one sentence."""
    try:
        yield
    except (TooSlow, httpcore.TimeoutException):
        raise SourceError(
            f"{safe_text(url)} did not answer in full within {limits.timeout:g} seconds"
        ) from None
    except httpcore.ConnectError as error:
        if isinstance(root_cause(error), ssl.SSLError):
            raise SourceError(f"{safe_text(url)} has no valid certificate ({error})") from None
        raise SourceError(f"{safe_text(url)} cannot be connected to; is the site up?") from None
    except zlib.error:
        raise SourceError(f"{safe_text(url)} is packed wrongly; its owner must mend it") from None
    except (httpx.InvalidURL, httpx.HTTPError, ValueError):  # the network's are httpcore's
        raise SourceError(f"{safe_text(url)} leads to an address that is none; check it") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise SourceError(f"{safe_text(url)} broke off in the middle of its answer") from None
