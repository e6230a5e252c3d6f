"""Web, schedule and sending in one process."""

import socket
from functools import partial
from typing import Annotated

import typer

from emag.cli.call import Call
from emag.cli.signals import StopDeadline, stop_requested
from emag.errors import EmagError


def serve(
    call: Call,
    host: Annotated[
        str,
        typer.Option(
            metavar="H", help="The address to listen on; behind a proxy on this machine, loopback."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535)] = 8400,
    engine: Annotated[
        bool, typer.Option("--engine/--no-engine", help="With schedule and sending, or without.")
    ] = True,
) -> None:
    """Web, schedule and sending in one process, until it is stopped."""
    from emag import bootstrap, logbook
    from emag.web import server
    from emag.web.app import create
    from emag.web.live import LiveApp

    with call.live() as live, _listen(host, port) as listener:
        logbook.start(live().settings)
        worker = bootstrap.engine(live)
        web = LiveApp(live(), partial(create, nudge=worker.nudge))
        live.follow(web.prepare)
        address = f"http://{host}:{listener.getsockname()[1]}"
        extent = "with schedule and sending" if engine else "without schedule and sending"
        # The server raises the signal that ended it again. `stop_requested` then catches it, so
        # that the clean-up still runs.
        deadline = StopDeadline()

        def on_stop() -> None:
            deadline.begin()
            worker.wind_down()

        with stop_requested(deadline) as stop, live.watching():
            if engine:
                worker.start()
            try:
                call.output(
                    {"url": address, "engine": engine},
                    f"{live().settings.publication.title}: {address}, {extent} – Ctrl-C ends it\n"
                    f"The desk is at {live().settings.base_url}/desk",
                )
                if not stop.is_set():
                    server.run(web, listener, on_stop=on_stop)
            finally:
                worker.stop()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        # Python adds “(while attempting to bind on address …)”.
        reason = (error.strerror or "the system gives no reason").partition(" (while")[0].lower()
        raise EmagError(f"{host}:{port} cannot be listened on ({reason}): try --port") from None
    # Without this every answer in two parts waits 40 ms: asyncio sets it only on sockets that were
    # made with the protocol TCP by name.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
