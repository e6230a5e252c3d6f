"""Believes forwarding headers of trusted proxies, and nobody else's."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from subscribers.web import FORWARDED

IpNetwork = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address

_PREFIX = b"x-forwarded-"
_OTHERS = frozenset({b"forwarded", b"x-real-ip"})  # never believed, but they reveal a proxy


class TrustedProxies:
    """ASGI middleware: sets `client` and `scheme` from X-Forwarded-For and X-Forwarded-Proto.

    For a request with any forwarding header it sets FORWARDED in the scope: True if the visitor's
    address is known from a trusted proxy. False if the sender is not trusted or names no address:
    then `client` is the peer itself, and what depends on the address must be refused or counted.
    `report` gets the address of each sender who is not trusted.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        networks: Sequence[IpNetwork],
        report: Callable[[IpAddress | None], None],
    ) -> None:
        self._app, self._networks, self._report = app, networks, report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(_is_forwarding(name) for name, _ in scope["headers"]):
            scope = self._resolved(scope)
        await self._app(scope, receive, send)

    def _resolved(self, scope: Scope) -> Scope:
        peer = parse_address(scope["client"][0]) if scope.get("client") else None
        if not self._trusts(peer):
            self._report(peer)
            return {**scope, FORWARDED: False}
        visitor = self._visitor(_values(scope, b"x-forwarded-for"))
        scheme = (_values(scope, b"x-forwarded-proto") or [scope["scheme"]])[-1].lower()
        return {
            **scope,
            FORWARDED: visitor is not None,
            "client": (str(visitor), 0) if visitor else scope["client"],
            "scheme": scheme if scheme in {"http", "https"} else scope["scheme"],
        }

    def _visitor(self, hops: Sequence[str]) -> IpAddress | None:
        """The last hop that is no proxy of ours: each proxy adds its peer at the end.

        None if it is no address, because what stands before it may be invented.
        """
        visitor = None
        for hop in reversed(hops):
            visitor = parse_address(hop)
            if visitor is None or not self._trusts(visitor):
                break
        return visitor

    def _trusts(self, address: IpAddress | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def parse_address(text: str) -> IpAddress | None:
    """An address as proxies write it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[…]:80`."""
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_forwarding(name: bytes) -> bool:
    return name.startswith(_PREFIX) or name in _OTHERS


def _values(scope: Scope, wanted: bytes) -> list[str]:
    """The entries of a header that may come several times, each with several entries."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
