"""What goes wrong in a week, how it begins, how it ends, and what an operator does about it."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emag.desk import dispatch
from emag.issues import store
from emag.issues.issue import Status
from tests.troubles.world import World

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
Act = Callable[[World], None]


@dataclass(frozen=True)
class Trouble:
    """One fault, from `begins` to `ends`. `advice` is what an operator does about it."""

    name: str
    begins: datetime
    ends: datetime
    begin: Act
    end: Act
    advice: str

    @property
    def step(self) -> timedelta:
        return timedelta(minutes=1 if self.ends - self.begins < timedelta(hours=2) else 10)


def at(day: int, time_of_day: str) -> datetime:
    """Monday is day 0."""
    hours, minutes = map(int, time_of_day.split(":"))
    return MONDAY + timedelta(days=day, hours=hours, minutes=minutes)


# --- The mail server -------------------------------------------------------------------------


def relay_goes(world: World) -> None:
    world.relay.go()


def relay_comes(world: World) -> None:
    world.relay.come()


def refuse_us(world: World) -> None:
    world.relay.on_mail = "530 5.7.0 Must issue an AUTH command first"


def take_us_again(world: World) -> None:
    world.relay.on_mail = ""
    resume(world)


def resume(world: World) -> None:
    room = world.newsroom
    with room.database.reading() as conn:
        paused = [issue.number for issue in store.listing(conn, Status.PAUSED)]
    for number in paused:
        dispatch.resume(room.database, number, now=room.now(), by="Ann")


def refuse_a_domain(world: World) -> None:
    world.relay.on_reader = "550 5.7.1 Blocked for reputation, see https://strict.example/why"
    world.relay.refused = "@strict.example"


def refuse_nobody(world: World) -> None:
    world.relay.on_reader = world.relay.refused = ""


# --- The database ----------------------------------------------------------------------------


def fill_disk(world: World) -> None:
    with sqlite3.connect(world.folder / "emag.db") as connection:
        (world.pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.close()


def free_disk(world: World) -> None:
    world.pages = 0


def lock(world: World) -> None:
    world.other = sqlite3.connect(world.folder / "emag.db", isolation_level=None)
    world.other.execute("BEGIN IMMEDIATE")


def unlock(world: World) -> None:
    world.other.rollback()
    world.other.close()


def replace_database(world: World) -> None:
    file = world.folder / "emag.db"
    file.rename(world.folder / "aside.db")
    shutil.copy(world.folder / "aside.db", file)


def put_database_back(world: World) -> None:
    (world.folder / "aside.db").rename(world.folder / "emag.db")


# --- Everything else -------------------------------------------------------------------------


def clock_ahead(world: World) -> None:
    world.clock.off_by = timedelta(days=1)


def clock_behind(world: World) -> None:
    world.clock.off_by = timedelta(days=-1)


def clock_right(world: World) -> None:
    world.clock.off_by = timedelta(0)


def mailbox_goes(world: World) -> None:
    world.mailbox.store.fail = "LOGIN"


def mailbox_comes(world: World) -> None:
    world.mailbox.store.fail = ""


def source_turns_hostile(world: World) -> None:
    """The feed is an endless text that refers to itself, a little at a time."""
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )

    def answer(request) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(f"<?xml version='1.0'?>{bomb}]><rss><channel>&i;".encode())
        for _ in range(40):
            request.wfile.write(b"<item>" * 200_000)
            time.sleep(0.001)

    world.site.answer("/feed.xml", answer)


def source_is_well(world: World) -> None:
    world.publish()


def complain(world: World, count: int) -> None:
    """So many readers of the issue that leaves now call it spam, and the provider reports it."""
    readers = [reader for _, reader in world.relay.copies]
    for reader in list(dict.fromkeys(reversed(readers)))[:count]:
        report = {
            "RecordType": "SpamComplaint",
            "ID": len(world.sentences),
            "Email": reader,
            "BouncedAt": world.clock().isoformat(),
            "Metadata": {"emag_delivery": world.relay.marks[reader]},
        }
        answer = world.client.post("/hooks/feedback/postmark", json=report, auth=("emag", "secret"))
        assert answer.is_success, answer.text


def nothing(_world: World) -> None:
    """It ends by itself."""
