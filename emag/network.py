"""Connections that reach only permitted addresses and end in time."""

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from emag.errors import NoSuchHost, PrivateAddress, SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_V4_BITS = 0xFFFFFFFF
_UNKNOWN_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses that the machine's resolver gives. Raises OSError for an unknown name."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


@dataclass(frozen=True, slots=True)
class NetworkAccess:
    """Which addresses may be reached. `addresses` resolves a name, once for each connection.

    Without `allow_private` only the public internet may be reached; with it also this machine and
    its private networks. Link-local addresses, where clouds serve their secrets, are never reached.
    """

    allow_private: bool = False
    addresses: Callable[[str, int], list[str]] = system_addresses

    def permits(self, address: str) -> bool:
        try:
            ip = _plain(ipaddress.ip_address(address))
        except ValueError:
            return False
        if ip.is_loopback:
            return self.allow_private
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
            return False
        return self.allow_private or ip.is_global


def _plain(ip: Address) -> Address:
    """The IPv4 address inside an IPv6 one that is mapped, 6to4, Teredo or NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & _V4_BITS)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip


class TooSlow(Exception):
    """The time for the whole read is over."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on the monotonic clock, at which a whole read must be over."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left; raises TooSlow when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left


class Guard(httpcore.NetworkBackend):
    """Resolves, checks, and connects to the very address that was checked.

    A name is never resolved again after the check, so an answer that changes in between (DNS
    rebinding) reaches nothing. TLS still proves the name, because only the socket is pinned.
    """

    def __init__(self, network: NetworkAccess, deadline: Deadline) -> None:
        self._network = network
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours is shorter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = OSError("no address")
        for address in self._permitted(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.remaining(), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self._deadline)
        raise failure

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise SourceError("a source is never read from a socket file; give a web address")

    def _permitted(self, host: str, port: int) -> list[str]:
        resolved = addresses_of(host, port, self._network, self._deadline)
        permitted = [address for address in resolved if self._network.permits(address)]
        if not permitted:
            raise PrivateAddress(
                f"{host} is an address of a private network, which sources may not reach; "
                "set allow_private in [network] if that is meant"
            )
        return permitted


def addresses_of(host: str, port: int, network: NetworkAccess, deadline: Deadline) -> list[str]:
    """The addresses of a host. Raises NoSuchHost and TooSlow.

    It asks in a thread of its own, because a resolver cannot be given a time limit.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(network.addresses(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name=f"resolve {host}").start()
    try:
        answer = answers.get(timeout=deadline.remaining())
    except queue.Empty:
        raise TooSlow from None
    if isinstance(answer, Exception) or not answer:
        is_certain = isinstance(answer, socket.gaierror) and answer.errno in _UNKNOWN_NAME
        message = f"there is no host named {host}; check the address"
        raise NoSuchHost(message, is_certain=is_certain)
    return answer


class _Timed(httpcore.NetworkStream):
    """A connection of which every step ends by the deadline, however slowly the data comes."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours is shorter
        return self._stream.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - ours is shorter
        self._stream.write(buffer, self._deadline.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - ours is shorter
    ) -> httpcore.NetworkStream:
        left = self._deadline.remaining()
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
