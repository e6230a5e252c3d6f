"""Accepts connections while there is room for them; the others wait in the system's queue."""

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable

from emag.web.server.connections import Connections

AT_ONCE = 16  # new connections, before the open ones get their turn again
QUEUE = 4_096  # connections that the system keeps until then; with fewer, clients wait a second
PAUSE = 0.01  # seconds, while there is no room
RETRY = 1.0  # seconds, while the system has no file descriptor
LOG_EVERY = 60.0  # seconds

_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_log = logging.getLogger(__name__)


class Acceptor:
    """Accepts on one listening socket until its task is cancelled."""

    def __init__(
        self,
        listener: socket.socket,
        make_protocol: Callable[[], asyncio.Protocol],
        connections: Connections,
    ) -> None:
        self._listener, self._make, self._connections = listener, make_protocol, connections
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[object]] = set()
        self._logged_at = -LOG_EVERY

    async def run(self) -> None:
        self._listener.setblocking(False)
        self._listener.listen(QUEUE)
        while True:
            pause = 0.0
            for _ in range(AT_ONCE):
                if not self._has_room():
                    pause = PAUSE
                    break
                await self._accept()
            await asyncio.sleep(pause)

    def _has_room(self) -> bool:
        return self._connections.has_room(self._loop.time(), coming=len(self._coming))

    async def _accept(self) -> None:
        try:
            client, _ = await self._loop.sock_accept(self._listener)
        except ConnectionAbortedError:
            return
        except OSError as error:
            if error.errno not in _SCARCE:
                raise
            self._log(error)
            await asyncio.sleep(RETRY)
            return
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._make, client))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    def _log(self, error: OSError) -> None:
        """One line a minute: a stranger could fill the disk with them."""
        if time.monotonic() - self._logged_at >= LOG_EVERY:
            self._logged_at = time.monotonic()
            _log.error("No connection can be accepted now: %s", (error.strerror or "").lower())
