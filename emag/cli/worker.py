"""The command “emag worker”: schedule and sending on one more machine."""

from emag.cli.call import Call
from emag.cli.serve import log
from emag.cli.signals import stop_requested
from emag.errors import SettingsError

NEEDS = (
    "“emag worker” needs PostgreSQL and EMAG_ENGINE=procrastinate on every machine. "
    "On one machine run “emag serve” instead"
)


def worker(call: Call) -> None:
    """Run schedule and sending on one more machine, until you stop it. Needs PostgreSQL."""
    from emag import bootstrap

    log()
    with call.live() as live, live.watching():
        newsroom = live()
        if newsroom.settings.environment.engine != "procrastinate":
            raise SettingsError([NEEDS])
        engine = bootstrap.engine(live)
        with stop_requested() as stop:
            engine.start()
            try:
                title = newsroom.settings.publication.title
                call.output({"worker": True}, f"{title}: a worker runs – press Ctrl-C to end it")
                stop.wait()
            finally:
                engine.stop()
