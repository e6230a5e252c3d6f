"""One more machine: schedule and sending, without the web."""

from emag.cli.door import Door
from emag.cli.serve import log
from emag.cli.signals import asked
from emag.errors import SettingsError

NEEDS = (
    "“emag worker” is for several machines on one PostgreSQL: set EMAG_ENGINE=procrastinate on "
    "each, or let “emag serve” do it all"
)


def worker(door: Door) -> None:
    """Schedule and sending on one more machine, until it is stopped; needs PostgreSQL."""
    from emag import bootstrap

    log()
    with door.newsroom() as newsroom:
        if newsroom.settings.environment.engine != "procrastinate":
            raise SettingsError([NEEDS])
        hands = bootstrap.engine(newsroom)
        with asked() as stop:
            hands.start()
            try:
                title = newsroom.settings.publication.title
                door.say({"worker": True}, f"{title}: a worker is up – Ctrl-C ends it")
                stop.wait()
            finally:
                hands.stop()
