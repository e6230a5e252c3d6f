"""Settings that change while an issue is sent: the sending goes on, the next round is new."""

import threading
from dataclasses import replace
from functools import partial

from emag import bootstrap
from emag.issues.issue import Status
from emag.live import LiveNewsroom, take_stamp
from emag.schedule.embedded import EmbeddedEngine
from emag.settings import load
from tests.emag.schedule.test_embedded import status, wait_for


class Gate:
    """A transport that stops within the first batch of an issue until it is opened."""

    name, batch = "gate", 1

    def __init__(self, inner):
        self._inner, self.reached, self.opened = inner, threading.Event(), threading.Event()

    def send(self, messages):
        if messages[0].encoded.label.startswith("issue"):
            self.reached.set()
            assert self.opened.wait(20)
        return self._inner.send(messages)

    def close(self):
        self._inner.close()


def test_a_sending_outlives_a_change(automatic, clock, shelf, mail):
    shelf.put("One")
    gate = Gate(automatic.transport)
    folder = automatic.settings.folder
    environ = {"EMAG_SECRET_KEY": automatic.settings.environment.secret_key}

    def renew(newsroom, settings):
        return replace(bootstrap.renewed(newsroom, settings), sources=newsroom.sources)

    live = LiveNewsroom(
        replace(automatic, sender=automatic.sender.using(gate)),
        take_stamp(folder),
        reread=partial(load, folder, environ),
        renew=renew,
    )
    engine = EmbeddedEngine(live, every=0.05)
    engine.start()
    try:
        clock.forward(hours=7)
        assert wait_for(lambda: status(automatic) is Status.APPROVED)
        clock.forward(hours=15, minutes=30)
        assert gate.reached.wait(20)
        toml = folder / "emag.toml"
        toml.write_text(toml.read_text().replace("The Town Crier", "The Village Voice"))
        assert wait_for(live.refresh)
        assert live().settings.publication.title == "The Village Voice"
        assert live().transport is gate
        assert live().sender.rate_limit is automatic.sender.rate_limit
        gate.opened.set()
        assert wait_for(lambda: status(automatic) is Status.SENT)
    finally:
        gate.opened.set()
        engine.stop()
    assert len(mail("reader")) == 3
