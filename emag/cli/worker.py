"""One more machine: schedule and sending, without the web."""

from emag.cli.call import Call
from emag.cli.serve import log
from emag.cli.signals import stop_requested
from emag.errors import SettingsError

NEEDS = (
    "“emag worker” is for several machines on one PostgreSQL: set EMAG_ENGINE=procrastinate on "
    "each, or let “emag serve” do it all"
)


def worker(call: Call) -> None:
    """Schedule and sending on one more machine, until it is stopped; needs PostgreSQL."""
    from emag import bootstrap

    log()
    with call.newsroom() as newsroom:
        if newsroom.settings.environment.engine != "procrastinate":
            raise SettingsError([NEEDS])
        hands = bootstrap.engine(newsroom)
        with stop_requested() as stop:
            hands.start()
            try:
                title = newsroom.settings.publication.title
                call.output({"worker": True}, f"{title}: a worker is up – Ctrl-C ends it")
                stop.wait()
            finally:
                hands.stop()
