"""What goes wrong in a week, how it begins, how it ends, and what an operator does about it."""

import itertools
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emag.desk import dispatch
from emag.issues import store
from emag.issues.issue import Status
from tests.troubles.world import World

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
Act = Callable[[World], None]
_NUMBERS = itertools.count(1)  # of the reports


@dataclass(frozen=True)
class Trouble:
    """One fault, from `begins` to `ends`. `advice` is what an operator does about it.

    `later` is something else that happens meanwhile, and when. `after` is how long it takes at most
    until emag says that it is over.
    """

    name: str
    begins: datetime
    ends: datetime
    begin: Act
    end: Act
    advice: str = ""
    later: tuple[datetime, Act] | None = None
    after: timedelta = timedelta(minutes=16)
    every: timedelta | None = None  # between two rounds

    @property
    def step(self) -> timedelta:
        is_short = self.ends - self.begins < timedelta(hours=2)
        return self.every or timedelta(minutes=1 if is_short else 10)


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
    """Fills a small disk; on a large one, the database may not grow any more."""
    if world.has_small_disk:
        world.fill_disk(leave=0)
        return
    with closing(sqlite3.connect(world.folder / "emag.db", timeout=60)) as connection:
        connection.execute("VACUUM")  # or rows would find room in pages that are not full
        (world.pages,) = connection.execute("PRAGMA page_count").fetchone()


def nearly_fill_disk(world: World) -> None:
    world.fill_disk(leave=90_000_000)


def free_disk(world: World) -> None:
    world.pages = 0
    (world.folder / "filler").unlink(missing_ok=True)


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


def postgresql_goes(world: World) -> None:
    """The server refuses connections, and ends those there are."""
    world.outage = ExitStack()
    world.outage.enter_context(world.server.away(world.newsroom.database))


def postgresql_comes(world: World) -> None:
    world.outage.close()


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
            "ID": next(_NUMBERS),
            "Email": reader,
            "BouncedAt": world.clock().isoformat(),
            "Metadata": {"emag_delivery": world.relay.marks[reader]},
        }
        answer = world.client.post("/hooks/feedback/postmark", json=report, auth=("emag", "secret"))
        assert answer.is_success, answer.text


def one_complains(world: World) -> None:
    complain(world, 1)


def nothing(_world: World) -> None:
    """It stays as it is."""


def take_part_of_the_issue(world: World) -> None:
    """The mail server takes seven tenths of what is left of the readers, and is busy then."""
    world.relay.most = world.relay.copies.total() + 7 * world.readers // 10


def some_complain(world: World) -> None:
    complain(world, max(1, round(world.readers * 0.003)))


def take_the_rest(world: World) -> None:
    world.relay.most = 0
    resume(world)


MINUTE = timedelta(minutes=1)
WEEK = (
    Trouble(
        "The mail server is away for ten minutes",
        at(0, "07:28"),
        at(0, "07:38"),
        relay_goes,
        relay_comes,
        "Nothing: emag tries again by itself. An issue waits in its queue, and so do letters.",
    ),
    Trouble(
        "The mailbox of bounces cannot be read",
        at(0, "12:00"),
        at(0, "14:00"),
        mailbox_goes,
        mailbox_comes,
        "Look whether the mailbox's server runs, and whether its password was changed. No report "
        "is lost: the mailbox keeps them.",
    ),
    Trouble(
        "The mail server is away for ten hours",
        at(1, "07:28"),
        at(1, "17:30"),
        relay_goes,
        relay_comes,
        "Look whether it runs, and whether the firewall lets this machine reach it. When it is "
        "back, the issue leaves, late. If it must not leave so late, pause or cancel it.",
    ),
    Trouble(
        "The mail server refuses us",
        at(2, "07:29"),
        at(2, "08:00"),
        refuse_us,
        take_us_again,
        "Read its words, correct the user name, the password or what it blocks you for, then run "
        "`emag issue resume N`. Nobody is lost.",
    ),
    Trouble(
        "A source sends something endless",
        at(2, "12:00"),
        at(2, "15:30"),
        source_turns_hostile,
        source_is_well,
        "Look at its address in a browser, and tell whoever runs it. The other sources are read.",
        after=75 * MINUTE,
    ),
    Trouble(
        "A receiver refuses a copy for policy",
        at(3, "07:29"),
        at(3, "08:00"),
        refuse_a_domain,
        refuse_nobody,
        "Follow the link in the words, run `emag doctor`, and look whether your address is on a "
        "block list. Readers stay on the list.",
    ),
    Trouble(
        "The disk is full while an issue leaves",
        at(4, "07:29"),
        at(4, "08:00"),
        fill_disk,
        free_disk,
        "Make room. emag goes on by itself: it sends nothing whose outcome it cannot record.",
    ),
    Trouble(
        "Another program locks the database (SQLite)",
        at(4, "12:00"),
        at(4, "12:20"),
        lock,
        unlock,
        "End the program that holds it: often a copy that somebody makes with another tool.",
    ),
    Trouble(
        "Another file is put in the place of the database (SQLite)",
        at(4, "15:00"),
        at(4, "15:20"),
        replace_database,
        put_database_back,
        "Stop emag first, then use `emag db restore`. Here somebody put the right file back.",
    ),
    Trouble(
        "The clock is a day ahead when an issue is to leave",
        at(5, "07:25"),
        at(5, "07:45"),
        clock_ahead,
        clock_right,
        "Switch on time synchronisation: `timedatectl set-ntp true`. If the new time is the right "
        "one, restart emag; else it believes the clock after half an hour.",
    ),
    Trouble(
        "The clock is a day behind",
        at(5, "12:00"),
        at(5, "12:20"),
        clock_behind,
        clock_right,
        "The same.",
    ),
    Trouble(
        "One reader in a thousand complains",
        at(5, "15:00"),
        at(5, "15:10"),
        one_complains,
        nothing,
        "Look at whom you added last. Nothing is paused yet.",
    ),
    Trouble(
        "Three readers in a thousand complain while the mail server is busy",
        at(6, "07:29"),
        at(6, "08:10"),
        take_part_of_the_issue,
        take_the_rest,
        "Find out why before `emag issue resume N`, or end it with `emag issue cancel N`.",
        later=(at(6, "07:40"), some_complain),
    ),
)
NEARLY_FULL = Trouble(
    "The disk is nearly full",
    at(3, "12:00"),
    at(3, "12:30"),
    nearly_fill_disk,
    free_disk,
    "Make room, or give the machine a larger disk. Everything goes on until it is full.",
)
POSTGRESQL = Trouble(
    "PostgreSQL is away while an issue is to leave",
    at(0, "07:29"),
    at(0, "07:40"),
    postgresql_goes,
    postgresql_comes,
    "Start it again. emag connects again by itself.",
)
