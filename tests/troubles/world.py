"""A publication that lives by a clock of its own, with everything around it that can fail."""

import json
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
from sqlalchemy import event
from typer.testing import CliRunner

from emag import bootstrap, database
from emag.cli import send as send_commands
from emag.cli.commands import application
from emag.condition import Condition
from emag.demo import hosting
from emag.editors import people, sessions
from emag.editors.session import OpenedBy
from emag.issues import store
from emag.logbook import Scrubber
from emag.mailing.sending import ledger, run
from emag.newsroom import Newsroom
from emag.publication import create_publication
from emag.schedule.lanes import LANES, LaneRunner
from emag.web import app as web
from emag.web.desk import this_week
from subscribers import membership
from subscribers.consent import Evidence
from tests.troubles.servers import MARK, PASSWORD, Hook, Mailbox, MailServer, website

# The server ends idle connections by its own clock.
_ONE_BY_ONE = httpx.Limits(max_keepalive_connections=0)
SMALL_DISK = 500_000_000  # bytes
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOML = """
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
editors = ["Ann <ann@example.org>"]
postal_address = "1 Market Square, Exampleton, EX1 2MP"
url = "https://crier.example.org"
[schedule]
draft = {drafts}
send = {sends}
approval = "automatic"
[[sources]]
name = "posts"
kind = "feed"
url = "{site}/feed.xml"
section = "posts"
[[sections]]
name = "posts"
title = "New on the blog"
[transport]
kind = "smtp"
host = "127.0.0.1"
port = {relay}
security = "none"
connections = 2
mark_header = "{mark}"
[mailbox]
kind = "imap"
host = "127.0.0.1"
port = {mailbox}
security = "none"
[alerts]
webhook = "{hook}"
smtp_host = "127.0.0.1"
smtp_port = {second}
smtp_security = "none"
[network]
allow_private = true
[checks]
off = ["domain"]
"""
ITEM = """<item><title>{title}</title><link>{link}</link><guid>{link}</guid>
<pubDate>{date}</pubDate>
<description><![CDATA[<p>{title}: what a small team learned, in five minutes.</p>]]></description>
</item>"""
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>{site}</link>
<description>d</description>{items}</channel></rss>"""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the program sentences: when, where and in which words."""

    at: datetime
    place: str
    text: str


@dataclass
class Clock:
    at: datetime
    off_by: timedelta = timedelta(0)  # how wrong the machine's clock is

    def __call__(self) -> datetime:
        return self.at + self.off_by

    def steady(self) -> float:
        return self.at.timestamp()


class _Log(logging.Handler):
    def __init__(self, world: "World") -> None:
        super().__init__(logging.INFO)
        self._world, self._scrub = world, Scrubber(world.newsroom.settings)

    def emit(self, record: logging.LogRecord) -> None:
        text = self._scrub(record.getMessage())
        self._world.listen("log", f"{record.levelname}: {text}")


@dataclass
class World:
    """One publication. `sentences` holds every sentence, each change of a place once."""

    clock: Clock
    folder: Path
    newsroom: Newsroom = field(init=False)
    sentences: list[Sentence] = field(default_factory=list)
    pages: int = 0  # 0, or how large the database may grow
    stories: int = 0
    days: int = 7  # on which an issue leaves
    _last: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def opened(self, readers: int, *, database_url: str = "") -> Iterator["World"]:
        """Starts the servers and opens the publication, with its readers."""
        with ExitStack() as stack:
            self.site = stack.enter_context(website())
            self.relay = stack.enter_context(closing(MailServer("mail", self._alert)))
            self.second = stack.enter_context(closing(MailServer("second mail", self._alert)))
            self.hook = stack.enter_context(closing(Hook(self._alert)))
            self.mailbox = stack.enter_context(closing(Mailbox()))
            stack.enter_context(_hurried())
            environ = {
                "EMAG_SECRET_KEY": "a-secret-for-tests-only-0123456789abcdef",
                "EMAG_MAILBOX_USERNAME": "ann",
                "EMAG_MAILBOX_PASSWORD": PASSWORD,
                "EMAG_POSTMARK_WEBHOOK_USERNAME": "emag",
                "EMAG_POSTMARK_WEBHOOK_PASSWORD": "secret",
                "EMAG_DATABASE_URL": database_url,
            }
            self.environ = environ | {"EMAG_BASE_URL": "http://127.0.0.1:8400"}
            create_publication(self.folder, environ=self.environ)
            self.publish()
            (self.folder / "emag.toml").write_text(self._toml())
            self.newsroom = bootstrap.open_newsroom(
                self.folder, now=self.clock, environ=self.environ
            )
            condition = Condition(self.clock.steady)
            self.newsroom = replace(self.newsroom, condition=condition)
            stack.callback(self.newsroom.database.close)
            stack.callback(self.newsroom.transport.close)
            event.listen(self.newsroom.database.engine, "checkout", self._limit)
            stack.enter_context(self._logged())
            self.readers = readers
            self._join(readers)
            people.invite(
                self.newsroom.database,
                self.newsroom.settings,
                "Ann <ann@example.org>",
                ["editor", "approver", "operator"],
                now=self.clock(),
                by="Olga",
            )
            app = web.create(self.newsroom)
            base = stack.enter_context(hosting.serving(app, hosting.listen(0)))
            self.client = stack.enter_context(
                httpx.Client(base_url=base, timeout=60, limits=_ONE_BY_ONE)
            )
            self.runner = LaneRunner(lambda: self.newsroom)
            yield self

    def _toml(self) -> str:
        return TOML.format(
            drafts=json.dumps([f"{day} 06:00" for day in DAYS[: self.days]]),
            sends=json.dumps([f"{day} 07:30" for day in DAYS[: self.days]]),
            site=self.site.url,
            relay=self.relay.port,
            mark=MARK,
            mailbox=self.mailbox.port,
            hook=self.hook.url,
            second=self.second.port,
        )

    def _limit(self, connection, _record, _proxy) -> None:
        if self.newsroom.database.is_sqlite:
            connection.execute(f"PRAGMA max_page_count={self.pages or 2**31}")

    @contextmanager
    def _logged(self) -> Iterator[None]:
        handler, loggers = _Log(self), [logging.getLogger(n) for n in ("emag", "subscribers")]
        levels = [logger.level for logger in loggers]
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.removeHandler(handler)
                logger.setLevel(level)

    def _join(self, readers: int) -> None:
        room, evidence = self.newsroom, Evidence("import", wording="agreed on the old form")
        with room.database.transaction() as conn:
            for number in range(readers):
                address = f"reader{number}@{('example.org', 'strict.example')[number == 7]}"
                membership.add_on_basis(
                    conn, room.keys, address=address, name="", evidence=evidence, now=room.now()
                )

    def publish(self) -> None:
        """Another story is on the website, and its feed has the newest ten."""
        self.stories += 1
        items = ""
        for number in range(max(1, self.stories - 9), self.stories + 1):
            path = f"/story-{number}"
            self.site.serve(path, "<html><title>A story</title><p>A story.</p></html>")
            link, title = self.site.url + path, f"What {number} councils did"
            items = ITEM.format(title=title, link=link, date=self._published(number)) + items
        self.site.serve("/feed.xml", FEED.format(site=self.site.url, items=items))

    def _published(self, number: int) -> str:
        at = self.clock.at - timedelta(days=self.stories - number, hours=1)
        return f"{at:%a, %d %b %Y %H:%M:%S} +0000"

    # --- The disk ----------------------------------------------------------------------------

    @property
    def has_small_disk(self) -> bool:
        """True for a disk that can be filled without harm to anybody else."""
        return shutil.disk_usage(self.folder).total < SMALL_DISK

    def fill_disk(self, *, leave: int) -> None:
        """Fills the small disk but for so many bytes."""
        with (self.folder / "filler").open("wb") as file:
            size = shutil.disk_usage(self.folder).free - leave
            if leave:
                os.posix_fallocate(file.fileno(), 0, size)
                return
            with suppress(OSError):
                while True:
                    file.write(bytes(65_536))
                    file.flush()

    # --- Living ------------------------------------------------------------------------------

    def live(self, until: datetime, *, every: timedelta) -> None:
        """The clock goes on to `until`; every lane of the engine has a round at each step."""
        while self.clock.at < until:
            self.clock.at = min(until, self.clock.at + every)
            self.round()

    def round(self) -> None:
        for lane in sorted(LANES, key=lambda lane: lane == "post"):  # it looks at the others' work
            self.runner.run(lane)
        self.watch()

    # --- Listening ----------------------------------------------------------------------------

    def listen(self, place: str, text: str) -> None:
        self.sentences.append(Sentence(self.clock.at, place, text))

    def _alert(self, place: str, subject: str, words: str) -> None:
        self.listen(place, f"{subject} | {' '.join(words.split())}")

    def _changed(self, place: str, text: str) -> None:
        if self._last.get(place) != text:
            self._last[place] = text
            self.listen(place, text)

    def watch(self) -> None:
        """What a monitor sees: /healthz and /metrics."""
        answer = self.client.get("/healthz")
        document = answer.json()
        waits = " ".join(cause["said"] for cause in document["waits"])
        self._changed("healthz", f"{answer.status_code} {_steady(waits)}".strip())
        metrics = self.client.get("/metrics")
        lasting = re.findall(
            r'^emag_standstill\{obstacle="([^"]+)"\} 1$', metrics.text, re.MULTILINE
        )
        answer_text = (
            " ".join(lasting) if metrics.is_success else f"{metrics.status_code} {metrics.text}"
        )
        self._changed("metrics", answer_text)

    def look(self) -> None:
        """What a person sees who looks now: the command line and the desk."""
        self._changed("issue status", self._status())
        for place, path in (("desk", "/desk"), ("send page", "/desk/issues/latest/send")):
            self._changed(place, self._page(path))

    def _status(self) -> str:
        usual = send_commands.now
        send_commands.now = self.clock
        try:
            words = ["--dir", str(self.folder), "issue", "status", "latest"]
            result = CliRunner().invoke(application(), words, env=self.environ)
        finally:
            send_commands.now = usual
        return " ".join((result.stdout + result.stderr).split())

    def _page(self, path: str) -> str:
        if "latest" in path:
            path = path.replace("latest", self._latest())
        try:
            room = self.newsroom
            token = sessions.open_session(
                room.database, "ann@example.org", OpenedBy.PASSKEY, now=room.now()
            )
        except Exception:  # noqa: BLE001 - nobody can sign in now, but who did can look
            token = self._token
        self._token = token
        page = self.client.get(path, headers={"Cookie": f"emag={token}"}, follow_redirects=True)
        main = re.search(r"<main.*?</main>", page.text, re.DOTALL)
        return f"{page.status_code} {_notices(main[0] if main else page.text)}".strip()

    def _latest(self) -> str:
        with suppress(Exception), self.newsroom.database.reading() as conn:
            query = "SELECT max(number) FROM issues WHERE began_at IS NOT NULL"
            self._number = str(conn.exec_driver_sql(query).scalar() or 1)
        return self._number

    # --- What must hold -----------------------------------------------------------------------

    def sums(self) -> list[dict[str, int]]:
        """The counts of each issue that has begun to leave."""
        with self.newsroom.database.reading() as conn:
            begun = [issue.number for issue in store.listing(conn) if issue.began_at]
            return [ledger.counts(conn, number) for number in sorted(begun)]


def _notices(page: str) -> str:
    """The text of what a page warns of."""
    pattern = (
        r'(?s)<section class="card standstills".*?</section>|<div class="aside warn".*?</div>'
        r'|<section class="card" aria-labelledby="sources">.*?</ul>|<p class="lead"[^>]*>.*?</p>'
    )
    notices = re.findall(pattern, page)
    if not notices and "<h1" in page:
        notices = re.findall(r"(?s)<h1.*?</h1>", page)
    text = unescape(re.sub(r"<[^>]+>", " ", " ".join(notices)))
    return " ".join(text.split())


def _steady(text: str) -> str:
    """Without what changes every minute."""
    return re.sub(r"for [\d,]+ minutes", "for … minutes", text)


@contextmanager
def _hurried() -> Iterator[None]:
    """No pauses on the wall's clock: neither between attempts nor for SQLite's lock."""
    usual = run.backoff_seconds, database.BUSY_TIMEOUT_MS, this_week.WATCHED_SECONDS
    run.backoff_seconds = lambda *_, **__: 0.001
    database.BUSY_TIMEOUT_MS, this_week.WATCHED_SECONDS = 20, 0
    try:
        yield
    finally:
        run.backoff_seconds, database.BUSY_TIMEOUT_MS, this_week.WATCHED_SECONDS = usual
