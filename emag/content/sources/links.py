"""Asks the addresses of links over HTTP: many at once, in a limited time, permitted ones only."""

import errno
import itertools
import ssl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urldefrag

import httpcore
import httpx

from emag.content.links.link import LinkAnswer, LinkState, is_local, place_of
from emag.content.sources.fetch import REDIRECTS, declared_length
from emag.content.sources.guarded_client import guarded_client, root_cause
from emag.errors import NoSuchHost, PrivateAddress, SourceError
from emag.network import Deadline, NetworkAccess, TooSlow, addresses_of

THREADS = 128  # an issue has about as many links
_AT_ONE_HOST = 16  # at the same time
_PATIENCE = 0.2  # seconds until as many more are asked at one host, whatever hangs there
_SETTLING = 0.2  # seconds of the time that are left for reading the answers
_CONTROL = ("example.com", 443)  # a name that everybody can look up
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; emag; checks links before a newsletter is sent)",
    "Accept": "text/html, application/xhtml+xml, */*;q=0.5",
    "Accept-Encoding": "identity",
}
_NOT_THERE = frozenset({404, 410})
_UNAVAILABLE = 503  # what programs get from a site that is kept for people, or is at work
_ERROR, _SERVER_ERROR = 400, 500
_UNKNOWN_HOST = "there is no site of that name"


class WebLinks:
    """LinkAsker over HTTP. Those below `base_url`, emag's own, are never asked."""

    def __init__(self, *, base_url: str, network: NetworkAccess) -> None:
        self._emag = place_of(base_url)
        self._network = network

    def ask(self, addresses: Sequence[str], *, within: timedelta) -> list[LinkAnswer]:
        """The answers that came within this time, in the order of the addresses. Never raises."""
        wanted = [a for a in dict.fromkeys(addresses) if place_of(a) not in {"", self._emag}]
        if not wanted:
            return []
        end = Deadline.after(within.total_seconds())
        threads = ThreadPoolExecutor(min(THREADS, len(wanted)), thread_name_prefix="links")
        hosts = {place_of(address): _Host() for address in wanted}
        futures = [threads.submit(self._one, a, hosts[place_of(a)], end) for a in wanted]
        finished, _ = wait(futures, timeout=within.total_seconds())
        threads.shutdown(wait=False, cancel_futures=True)
        answers = [f.result() for f in futures if f in finished and not f.exception()]
        return self._confirmed(answers, end)

    def _one(self, address: str, host: "_Host", end: Deadline) -> LinkAnswer:
        deadline = Deadline(end.at - _SETTLING)
        try:
            with host.turn(deadline):
                return self._follow(address, deadline)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as e:
            return _unanswered(address, e)
        except (TooSlow, SourceError, httpx.HTTPError, httpx.InvalidURL, ValueError) as e:
            return _unanswered(address, e)

    def _follow(self, address: str, deadline: Deadline) -> LinkAnswer:
        url, moved_to = httpx.URL(urldefrag(address).url), ""
        with guarded_client(self._network, deadline, _HEADERS) as client:
            for _ in range(REDIRECTS + 1):
                status, location, size = _status(client, url)
                if not location:
                    return replace(_judged(address, status, moved_to), size=size)
                url = url.join(location)
                moved_to = str(url)
                if place_of(moved_to) in {"", self._emag}:
                    return LinkAnswer(address, LinkState.ALIVE, moved_to=moved_to)
        return LinkAnswer(address, LinkState.DEAD, "it redirects in a circle")

    def _confirmed(self, answers: list[LinkAnswer], end: Deadline) -> list[LinkAnswer]:
        """Where no name at all is found, the network is away, and no site is to blame."""
        unknown = [a for a in answers if a.reason == _UNKNOWN_HOST and a.state is LinkState.DEAD]
        if not unknown or any(_was_found(answer) for answer in answers) or self._names_work(end):
            return answers
        return [
            replace(a, state=LinkState.UNCLEAR) if a in unknown and not _is_invalid(a.url) else a
            for a in answers
        ]

    def _names_work(self, end: Deadline) -> bool:
        try:
            return bool(addresses_of(*_CONTROL, self._network, end))
        except (NoSuchHost, TooSlow):
            return False


class _Host:
    """Gives the links of one host their turns, so that no small site is overrun.

    A link waits for one before it to end, but not for long: pages that hang hide no dead one.
    """

    def __init__(self) -> None:
        self._places = threading.Semaphore(_AT_ONE_HOST)
        self._links = itertools.count()

    @contextmanager
    def turn(self, deadline: Deadline) -> Iterator[None]:
        patience = next(self._links) // _AT_ONE_HOST * _PATIENCE
        has_place = self._places.acquire(timeout=min(patience, deadline.remaining()))
        try:
            yield
        finally:
            if has_place:
                self._places.release()


def _status(client: httpx.Client, url: httpx.URL) -> tuple[int, str, int]:
    """The status of an address, where it redirects to, and its size. HEAD costs a site least."""
    for method in ("HEAD", "GET"):
        try:
            with client.stream(method, url) as response:
                if response.has_redirect_location:
                    return response.status_code, response.headers["location"], 0
                if response.status_code < _ERROR or method == "GET":
                    return response.status_code, "", declared_length(response)
        except (httpcore.ReadError, httpcore.RemoteProtocolError):
            if method == "GET":
                raise
    raise AssertionError  # the second try returns or raises


def _judged(address: str, status: int, moved_to: str) -> LinkAnswer:
    """What a status says. A site that refuses programs is no dead link."""
    if status < _ERROR:
        return LinkAnswer(address, LinkState.ALIVE, moved_to=moved_to)
    if status in _NOT_THERE:
        return LinkAnswer(address, LinkState.DEAD, f"the page is not there (HTTP {status})")
    if status >= _SERVER_ERROR and status != _UNAVAILABLE:
        return LinkAnswer(address, LinkState.DEAD, f"the site has a fault (HTTP {status})")
    return LinkAnswer(address, LinkState.UNCLEAR, f"it refuses programs (HTTP {status})")


def _unanswered(address: str, error: Exception) -> LinkAnswer:
    """What a failure says: only a clear one makes a link dead."""
    state, reason = LinkState.UNCLEAR, "it broke off its answer"
    if isinstance(error, (TooSlow, httpcore.TimeoutException)):
        state, reason = LinkState.SILENT, "it did not answer in time"
    elif isinstance(error, PrivateAddress):
        state, reason = LinkState.PRIVATE, "it is in a private network"
    elif isinstance(error, NoSuchHost):
        state = LinkState.DEAD if error.is_certain else LinkState.UNCLEAR
        reason = _UNKNOWN_HOST
    elif isinstance(error, httpcore.ConnectError):
        return _unconnected(address, root_cause(error))
    return LinkAnswer(address, state, reason)


def _unconnected(address: str, cause: BaseException) -> LinkAnswer:
    if isinstance(cause, ssl.SSLError):
        return LinkAnswer(address, LinkState.DEAD, "it has no valid certificate")
    if isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED:
        return LinkAnswer(address, LinkState.DEAD, "it refuses the connection")
    return LinkAnswer(address, LinkState.UNCLEAR, "it cannot be connected to")


def _was_found(answer: LinkAnswer) -> bool:
    """True if the name of an address was looked up and found."""
    is_answer = answer.reason != _UNKNOWN_HOST and answer.state is not LinkState.SILENT
    return is_answer and not is_local(answer.url)


def _is_invalid(address: str) -> bool:
    """True for the one ending that no site will ever have (RFC 6761)."""
    return (httpx.URL(address).host or "").endswith(".invalid")
