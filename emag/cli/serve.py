"""Web, schedule and sending in one process."""

import logging
import socket
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import Call
from emag.cli.signals import stop_requested
from emag.errors import EmagError

if TYPE_CHECKING:
    from fastapi import FastAPI

PATIENCE = 10  # seconds that a request under way may take when the web is stopped


def serve(
    call: Call,
    host: Annotated[
        str, typer.Option(metavar="H", help="Whom to answer; a proxy in front needs no other.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535)] = 8400,
    engine: Annotated[
        bool, typer.Option("--engine/--no-engine", help="With the schedule and sending, or not.")
    ] = True,
) -> None:
    """Web, schedule and sending in one process, until it is stopped."""
    from emag import bootstrap
    from emag.web.app import create

    log()
    with call.newsroom() as newsroom, _listen(host, port) as listener:
        hands = bootstrap.engine(newsroom)
        web = create(newsroom, nudge=hands.nudge)
        address = f"http://{host}:{listener.getsockname()[1]}"
        beside = "with schedule and sending" if engine else "without schedule and sending"
        with stop_requested() as stop:
            if engine:
                hands.start()
            try:
                call.output(
                    {"url": address, "engine": engine},
                    f"{newsroom.settings.publication.title}: {address}, {beside} – Ctrl-C ends it",
                )
                _run(web, listener, stop)
            finally:
                hands.stop()


def _run(web: "FastAPI", listener: socket.socket, stop: threading.Event) -> None:
    import uvicorn

    # uvicorn catches both signals while it runs and raises them again afterwards. `stop_requested`
    # then catches them, so that the clean-up still runs. There is no access log because its lines
    # would hold the tokens of readers' links.
    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=PATIENCE,
        lifespan="off",
        proxy_headers=False,
    )
    if not stop.is_set():
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise EmagError(f"{host}:{port} cannot be listened on ({reason}): try --port") from None
    # Or every answer in two parts waits 40 ms: asyncio sees to it only where a socket names TCP.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def log() -> None:
    """What the schedule does is told on standard error, for whoever keeps the service's log."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("emag").setLevel(logging.INFO)
