"""Serves an ASGI app on this machine's loopback from a thread, for as long as a block lasts."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from emag.errors import EmagError
from emag.web import server

USUAL_PORT = 8400
_STARTS_IN = 15.0  # seconds


def listen(port: int | None) -> socket.socket:
    """A listening socket on `port`. Without one it is the usual port, or a free one if it is taken.

    Raises EmagError where another port is in use.
    """
    try:
        return _listen(USUAL_PORT if port is None else port)
    except OSError:
        if port in {None, USUAL_PORT}:
            return _listen(0)
        raise EmagError(f"Port {port} is in use: choose another one with --port") from None


def _listen(port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port))
    # Without this an answer in two parts waits 40 ms for the other side's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def named_address(listener: socket.socket) -> str:
    """The same with a host name, which passkeys need."""
    return f"http://localhost:{listener.getsockname()[1]}"


@contextmanager
def serving(app: Any, listener: socket.socket) -> Iterator[str]:
    """Answers on `listener` until the block ends; gives the address."""
    web = server.create(app, patience=1)
    thread = threading.Thread(
        target=web.run, kwargs={"sockets": [listener]}, name="web", daemon=True
    )
    thread.start()
    try:
        _wait(web, thread)
        yield address(listener)
    finally:
        web.should_exit = True
        thread.join()
        listener.close()


def _wait(web: uvicorn.Server, thread: threading.Thread) -> None:
    until = time.monotonic() + _STARTS_IN
    while not web.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise EmagError("The demo's web server does not start on 127.0.0.1")
        time.sleep(0.01)
