"""What becomes of an issue when the mail server misbehaves: the table is in faults.py."""

import shutil
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from emag import instance
from emag.database import Database
from emag.issues import approval, store
from emag.issues.issue import Frozen, Status
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.smtp import SmtpTransport
from emag.press.document import Document
from subscribers.tables import LETTERS, SUBSCRIBERS
from tests.conftest import START
from tests.emag.mailing.faults import DIALECTS, PATIENCE, READERS, SMALL, Case, cases
from tests.emag.mailing.hostile import Hostile

SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


@dataclass(frozen=True)
class Observation:
    counts: dict[str, int]
    status: Status
    received: list[str]
    accepted: set[str]
    doubtful: set[str]
    notices: int
    took: float


def look(database: Database, number: int, server: Hostile, took: float) -> Observation:
    with database.reading() as conn:
        return Observation(
            ledger.counts(conn, number),
            store.get(conn, number).status,
            list(server.received),
            {e.address for e in ledger.listing(conn, number, status="accepted")},
            {e.address for e in ledger.listing(conn, number, status="doubtful")},
            conn.execute(select(func.count()).select_from(LETTERS)).scalar_one(),
            took,
        )


def check(case: Case, observed: Observation) -> None:
    assert observed.counts["planned"] == sum(observed.counts[name] for name in SUMMED) == READERS
    for name in SUMMED:
        wanted = case.counts.get(name, 0)
        least, most = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        assert least <= observed.counts[name] <= most, f"{name}: {observed.counts}"
    assert len(observed.received) == case.received
    assert max(Counter(observed.received).values(), default=0) <= 1, "somebody has two copies"
    assert observed.accepted <= set(observed.received) <= observed.accepted | observed.doubtful
    assert observed.status is case.ends
    assert observed.notices == (case.ends is Status.PAUSED), (
        "the editor is told, and of nothing else"
    )
    assert observed.took >= case.longer_than


def without_waiting(connection, _record) -> None:
    """What a power loss would cost is no matter here."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def addressed(database, approved, readers, clock, tmp_path):
    """Makes databases of an issue on its way, each with its number."""
    readers(READERS)
    with database.transaction() as conn:
        busy = {"address": SUBSCRIBERS.c.ref + "@busy.example", "key": SUBSCRIBERS.c.ref}
        conn.execute(update(SUBSCRIBERS).where(SUBSCRIBERS.c.id % 3 == 0).values(busy))
    number = approved(SMALL)
    address(database, number, now=clock(), by="ann")
    database.close()  # so that all of it is in the file

    def make(name: str, printed: Document) -> tuple[Database, int]:
        copy = Database(f"sqlite:///{shutil.copy(database.url.database, tmp_path / name)}")
        event.listen(copy.engine, "connect", without_waiting)
        instance.release(copy)  # a copy would not send
        if printed is not SMALL:
            frozen = Frozen(
                printed.subject, printed.preheader, printed.html, printed.text, printed.hash
            )
            with copy.transaction() as conn:
                approval.freeze(conn, number, frozen, record="")
        return copy, number

    return make


@pytest.fixture
def send(addressed, quick, keys, server_tls, trust):
    """One case from beginning to end."""
    real = {"tls": server_tls, "context": trust}

    def send(name: str, case: Case, offers: tuple[str, ...]) -> Observation:
        database, number = addressed(name, case.document)
        options = {key: real.get(key, value) for key, value in case.server.items()}
        mail = {key: real.get(key, value) for key, value in case.mail.items()}
        mail = {"security": "none", "timeout": PATIENCE} | mail
        server = Hostile([replace(fault) for fault in case.faults], **{"offers": offers} | options)
        began = time.monotonic()
        with (
            server.serving(),
            closing(database),
            closing(SmtpTransport("127.0.0.1", server.port, **mail)) as transport,
        ):
            settings = quick(connections=case.connections)
            deliver.deliver(
                Sender(
                    database,
                    transport,
                    Terms.of(settings),
                    lambda: START + timedelta(minutes=(time.monotonic() - began) / case.minute),
                ),
                number,
                settings=settings,
                keys=keys,
                wait=case.patient,
                retry=case.patient,
            )
            transport.close()
            return look(database, number, server, time.monotonic() - began)

    return send


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_it_comes_to(dialect, send, subtests):
    """All at once, for most of the time they wait."""
    wanted = cases(dialect)
    with ThreadPoolExecutor(40) as pool:
        futures = {
            name: pool.submit(send, f"case-{nth}.db", case, DIALECTS[dialect])
            for nth, (name, case) in enumerate(wanted.items())
        }
    for name, future in futures.items():
        with subtests.test(name):
            check(wanted[name], future.result())
