"""The command “emag worker”: schedule and sending on one more machine."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from emag.cli.call import Call
from emag.cli.signals import stop_requested
from emag.errors import SettingsError

NEEDS = (
    "“emag worker” needs PostgreSQL and EMAG_ENGINE=procrastinate on every machine. "
    "On one machine run “emag serve” instead"
)


def worker(
    call: Call,
    health_port: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, max=65535, help="Answer /healthz at this port."),
    ] = None,
    health_host: Annotated[
        str, typer.Option(metavar="H", help="The address for --health-port.")
    ] = "127.0.0.1",
    health_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write the same answer into this file every 15 seconds.",
        ),
    ] = None,
) -> None:
    """Run schedule and sending on one more machine, until you stop it. Needs PostgreSQL."""
    from emag import bootstrap, logbook
    from emag.web import worker_health

    with call.live() as live, live.watching(), ExitStack() as stack:
        newsroom = live()
        logbook.start(newsroom.settings)
        if newsroom.settings.environment.engine != "procrastinate":
            raise SettingsError([NEEDS])
        engine = bootstrap.engine(live)
        port = None
        if health_port is not None:
            port = stack.enter_context(worker_health.answering(live, health_host, health_port))
        if health_file:
            stack.enter_context(worker_health.writing(live, health_file.resolve()))
        with stop_requested() as stop:
            engine.start()
            try:
                title = newsroom.settings.publication.title
                data = {"worker": True} | ({} if port is None else {"health_port": port})
                call.output(data, f"{title}: a worker runs – press Ctrl-C to end it")
                stop.wait()
            finally:
                engine.stop()
