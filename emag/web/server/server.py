"""Runs an ASGI app on a listening socket until it is stopped."""

import asyncio
import errno
import logging
import resource
import socket
import sys
import time
from functools import partial
from typing import Any, cast

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from emag.web.server.connections import Connections
from emag.web.server.protocol import LimitedProtocol

MOST_CONNECTIONS = 1_000
DESCRIPTORS = 4_096  # asked of the system, where it gives fewer by default
PATIENCE = 10  # seconds that a running request may take after the stop
ACCEPT_AT_ONCE = 16  # new connections, before the open ones get their turn again
QUEUE = 4_096  # connections that the system keeps until then; with fewer, clients wait a second
# Threads for pages, and how long one runs before another gets its turn: the event loop must not
# wait long behind many pages.
THREADS, TURN = 16, 0.002  # seconds
LOG_EVERY = 60.0  # seconds

_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_log = logging.getLogger(__name__)


def run(app: ASGIApp, listener: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM; uvicorn raises the signal again afterwards."""
    create(app).run(sockets=[listener])


def create(app: ASGIApp, *, patience: int = PATIENCE) -> uvicorn.Server:
    """A server that is not started yet.

    There is no access log because its lines would hold the tokens of readers' links. Bad requests
    are not logged either: a stranger could fill the disk with them.
    """
    connections = Connections(connection_limit())
    protocol = partial(LimitedProtocol, open_connections=connections)
    config = uvicorn.Config(
        cast("Any", app),
        http=cast("Any", protocol),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        backlog=ACCEPT_AT_ONCE,
        timeout_graceful_shutdown=patience,
    )
    return _Server(config, connections)


def connection_limit() -> int:
    """Half of the file descriptors; the other half is for sending, the database and the log."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // 2)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections
        self._logged_at = -LOG_EVERY

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._handle)
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        sys.setswitchinterval(TURN)
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(QUEUE)  # asyncio knows one number for both

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once a second
            self._connections.time_out(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """One line a minute for a lack of file descriptors: asyncio logs each failed accept."""
        error = context.get("exception")
        if not (isinstance(error, OSError) and error.errno in _SCARCE):
            loop.default_exception_handler(context)
        elif time.monotonic() - self._logged_at >= LOG_EVERY:
            self._logged_at = time.monotonic()
            _log.error("No connection can be accepted now: %s", (error.strerror or "").lower())
