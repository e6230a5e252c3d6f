"""Runs an ASGI app on a listening socket until it is stopped."""

import asyncio
import resource
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from emag.web.server.accept import Acceptor
from emag.web.server.connections import Connections
from emag.web.server.protocol import LimitedProtocol

MOST_CONNECTIONS = 1_000
DESCRIPTORS = 4_096  # asked of the system, where it gives fewer by default
PATIENCE = 4  # seconds that a running request may take after the stop
# Threads for pages, and how long one runs before another gets its turn: the event loop must not
# wait long behind many pages.
THREADS, TURN = 16, 0.002  # seconds


def run(app: ASGIApp, listener: socket.socket, *, on_stop: Callable[[], None]) -> None:
    """Serves until SIGINT or SIGTERM; uvicorn raises the signal again afterwards.

    `on_stop` is called when the signal comes, while requests are still answered.
    """
    create(app, on_stop=on_stop).run(sockets=[listener])


def create(
    app: ASGIApp, *, patience: int = PATIENCE, on_stop: Callable[[], None] = lambda: None
) -> uvicorn.Server:
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
        timeout_graceful_shutdown=patience,
    )
    return _Server(config, connections, on_stop)


def connection_limit() -> int:
    """Five eighths of the file descriptors; the rest is for sending, the database and the log."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    share = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft * 5 // 8
    return min(MOST_CONNECTIONS, share)


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, connections: Connections, on_stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_stop = on_stop
        self._connections = connections
        self._accepting: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        sys.setswitchinterval(TURN)
        await super().startup([])  # asyncio's own server accepts without limit
        make = partial(
            cast("Any", self.config.http_protocol_class),
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        self._accepting = [
            asyncio.create_task(Acceptor(listener, make, self._connections).run())
            for listener in sockets or []
        ]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_stop()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once a second
            self._connections.time_out(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        await super().shutdown(sockets)
