"""A publication with a website, readers, a mail server and a timetable, for a whole week."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from emag import bootstrap, instance
from emag.condition import Condition
from emag.content.gather import gather
from emag.demo import hosting, publication, site
from emag.demo.catcher import Catcher
from emag.desk import records
from emag.editors import people
from emag.errors import NotFound
from emag.issues.issue import Issue, Status
from emag.newsroom import Newsroom
from emag.settings import load, themes
from emag.web import app as web
from tests.conftest import Clock

READERS = 40
CODE = re.compile(r"\b[A-Z0-9]{8}\b")
SECONDS = 30
# Fails a test where the page's policy stops something.
WATCH = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"""


@dataclass
class Town:
    """The publication, the clock that everything goes by, and the mails that were caught."""

    newsroom: Newsroom
    catcher: Catcher
    clock: Clock
    base: str

    def issue(self, which: int | str = "next") -> Issue:
        return records.issue(self.newsroom.database, which)

    def code(self, address: str, *, after: int) -> str:
        """The code in a mail to somebody that came after the first `after` mails."""
        until(lambda: self._codes(address, after))
        return self._codes(address, after)[-1]

    def _codes(self, address: str, after: int) -> list[str]:
        mails = [mail for mail in self.catcher.caught()[after:] if mail.recipient == address]
        return [code for mail in mails for code in CODE.findall(mail.part("plain"))]


@contextmanager
def town(folder: Path, clock: Clock, *, approve_with: str = "passkey") -> Iterator[Town]:
    """Serves the publication at a host name, with its timetable, until the block ends."""
    collections = site.content(clock())
    with (
        hosting.listen(0) as listener,
        hosting.listen(0) as site_listener,
        Catcher(now=clock) as catcher,
    ):
        base = hosting.named_address(listener)
        website = hosting.address(site_listener)
        publication.write(
            folder,
            now=clock(),
            base_url=base,
            site=website,
            smtp_port=catcher.port,
            theme=themes.DEFAULT,
        )
        _adapt(folder / "emag.toml", approve_with)
        database = bootstrap.connect(load(folder, {}))
        bootstrap.upgrade(database)
        database.close()
        condition = Condition(lambda: clock().timestamp())  # no time that passes here is a jump
        newsroom = replace(
            bootstrap.open_newsroom(folder, now=clock, environ={}), condition=condition
        )
        instance.release(newsroom.database)
        for number in range(READERS):
            basis = "They signed the list at the autumn meeting."
            newsroom.readers.add(f"reader{number}@council{number % 5}.example", by="O", basis=basis)
        people.invite(
            newsroom.database,
            newsroom.settings,
            "Rosalind Ames <rosalind@noticeboard.example>",
            ["editor", "approver", "operator"],
            now=clock(),
            by="the operator",
        )
        engine = bootstrap.engine(lambda: newsroom)
        with (
            hosting.serving(site.app(website, collections, now=clock()), site_listener),
            hosting.serving(web.create(newsroom, nudge=engine.nudge), listener),
        ):
            gather(newsroom.database, newsroom.sources, now=clock())
            engine.start()
            try:
                yield Town(newsroom, catcher, clock, base)
            finally:
                engine.stop()
                newsroom.transport.close()
                newsroom.database.close()


def _adapt(settings: Path, approve_with: str) -> None:
    """The demo's settings, with drafts by the timetable."""
    text = settings.read_text("utf-8")
    text = text.replace('draft = "off"', 'draft = "thu 16:00"')
    settings.write_text(text.replace('"code"', f'"{approve_with}"'), "utf-8")


def is_waiting(here: Town) -> bool:
    """True once the timetable has drafted the issue and asked for an approval."""
    with suppress(NotFound):
        return here.issue().status is Status.IN_REVIEW
    return False


def until(condition: Callable[[], object], *, seconds: float = SECONDS) -> None:
    """Waits until something is true. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
