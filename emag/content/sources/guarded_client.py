"""Opens HTTP clients that connect through the guard, and so reach permitted addresses only."""

import functools
import ssl
from collections.abc import Iterable, Iterator, Mapping

import httpcore
import httpx

from emag.network import Deadline, Guard, NetworkAccess


def guarded_client(
    network: NetworkAccess, deadline: Deadline, headers: Mapping[str, str]
) -> httpx.Client:
    """A client that reaches only permitted addresses, and ends everything by the deadline."""
    return httpx.Client(
        transport=_Transport(Guard(network, deadline)),
        headers=headers,
        trust_env=False,  # a proxy would resolve names for itself, unchecked
    )


def root_cause(error: BaseException) -> BaseException:
    """The first of the errors that led to this one."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class _Transport(httpx.BaseTransport):
    """httpx over a pool that connects through the guard. httpx's own transport takes no guard."""

    def __init__(self, guard: Guard) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(), network_backend=guard, max_keepalive_connections=0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Stream(response.stream)
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: object) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, Iterable)
        yield from self._stream

    def close(self) -> None:
        getattr(self._stream, "close", lambda: None)()
