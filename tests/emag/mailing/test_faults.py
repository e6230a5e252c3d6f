"""What becomes of an issue when the mail server misbehaves: every way we know, and its outcome."""

import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from emag.issues import store
from emag.issues.issue import Status
from emag.mailing import deliver, ledger
from emag.mailing.address import address
from emag.mailing.run import LEASE
from emag.mailing.transports.smtp import SmtpTransport

READERS, CONNECTIONS = 12, 2
SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")
MINUTE = 60.0  # a minute of the sending's clock takes a second, so that second attempts are seen


def once(fault: str) -> Callable[..., str | None]:
    """The fault, for whoever comes first."""
    left = [fault]
    return lambda *_: left.pop() if left else None


def until(seconds: float, fault: str) -> Callable[..., str | None]:
    """The fault, for so long from the first time on."""
    began: list[float] = []

    def answer(*_: object) -> str | None:
        began.append(time.monotonic())
        return fault if began[-1] - began[0] < seconds else None

    return answer


def no_certificate() -> dict[str, Any]:
    return {"tls": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)}


@dataclass(frozen=True)
class Case:
    """How the server misbehaves, what that comes to, and how many messages it has in the end.

    A count is a number, or the least and the most. `mail` is the transport's own options.
    """

    faults: Callable[[], dict[str, Any]]
    counts: dict[str, int | tuple[int, int]]
    taken: int
    ends: Status = Status.SENT
    relay: Callable[[], dict[str, Any]] = dict
    mail: dict[str, Any] = field(default_factory=dict)
    longer_than: float = 0.0


def well(faults: Callable[[], dict[str, Any]], **more: Any) -> Case:
    """Everybody has it in the end."""
    return Case(faults, {"accepted": READERS}, READERS, **more)


def without(status: str, faults: Callable[[], dict[str, Any]], taken: int, **more: Any) -> Case:
    """All but one have it, and that one's status is known."""
    return Case(faults, {"accepted": READERS - 1, status: 1}, taken, **more)


def stopped(faults: Callable[[], dict[str, Any]], **more: Any) -> Case:
    """It is about us: the issue waits for the editors, and nobody is refused."""
    counts: dict[str, int | tuple[int, int]] = {"queued": READERS}
    return Case(faults, more.pop("counts", counts), 0, Status.PAUSED, **more)


TWELVE, ELEVEN = READERS, READERS - 1
# Three in a row stop it; another connection may have begun its own three by then.
SOME_TRIED = {"deferred": (3, 4 * CONNECTIONS), "queued": (TWELVE - 4 * CONNECTIONS, TWELVE - 3)}
QUICK = {"timeout": 0.1}

TABLE = {
    "no fault": well(dict),
    "away for 3 s": well(lambda: {"greeting": until(3, "drop")}, longer_than=3),
    "away for longer than the lease": well(
        lambda: {"greeting": until(LEASE.total_seconds() / MINUTE + 0.5, "421 4.3.2 not now")},
        longer_than=LEASE.total_seconds() / MINUTE,
    ),
    "lost at the greeting": well(lambda: {"greeting": once("drop")}),
    "lost at EHLO": well(lambda: {"ehlo": once("drop")}),
    "lost at MAIL": well(lambda: {"mail": once("drop")}),
    "lost at RCPT": well(lambda: {"rcpt": once("drop")}),
    "lost at DATA": well(lambda: {"data": once("drop")}),
    "lost with the text, not taken": without("doubtful", lambda: {"text": once("drop")}, ELEVEN),
    "lost with the answer, taken": without("doubtful", lambda: {"answer": once("drop")}, TWELVE),
    "4xx at the greeting": well(lambda: {"greeting": once("421 4.3.2 too busy")}),
    "4xx at EHLO": well(lambda: {"ehlo": once("421 4.3.2 too busy")}),
    "4xx at MAIL": well(lambda: {"mail": once("451 4.3.0 later")}),
    "4xx at RCPT": well(lambda: {"rcpt": once("450 4.2.0 greylisted")}),
    "4xx at DATA": well(lambda: {"data": once("451 4.3.0 later")}),
    "4xx for the text": well(lambda: {"text": once("451 4.3.0 later")}),
    "421 at MAIL": well(lambda: {"mail": once("421 4.3.2 bye")}),
    "421 at RCPT": well(lambda: {"rcpt": once("421 4.7.0 slow down")}),
    "421 for the text": well(lambda: {"text": once("421 4.3.2 bye")}),
    "5xx at the greeting": stopped(lambda: {"greeting": "554 5.7.1 you are on a list"}),
    "5xx at EHLO": well(lambda: {"ehlo": "502 5.5.1 HELO only"}),
    "5xx at MAIL, once": well(lambda: {"mail": once("550 5.7.1 who are you")}),
    "5xx at MAIL": stopped(lambda: {"mail": "550 5.7.1 who are you"}, counts=SOME_TRIED),
    "5xx at RCPT": without("refused", lambda: {"rcpt": once("550 5.1.1 unknown")}, ELEVEN),
    "5xx at RCPT, about us": stopped(lambda: {"rcpt": "554 5.7.1 no relaying"}, counts=SOME_TRIED),
    "5xx at DATA": without("refused", lambda: {"data": once("554 5.5.0 no")}, ELEVEN),
    "5xx for the text": without("refused", lambda: {"text": once("552 5.3.4 too big")}, ELEVEN),
    "5xx for the text, about us": stopped(lambda: {"text": "554 5.7.1 spam"}, counts=SOME_TRIED),
    "slow in everything": well(dict, relay=lambda: {"delay": 0.05}),
    "silent at the greeting": well(lambda: {"greeting": once("hang")}, mail=QUICK),
    "silent at MAIL": well(lambda: {"mail": once("hang")}, mail=QUICK),
    "silent at RCPT": well(lambda: {"rcpt": once("hang")}, mail=QUICK),
    "silent at DATA": well(lambda: {"data": once("hang")}, mail=QUICK),
    "silent for the text": without(
        "doubtful", lambda: {"answer": once("hang")}, TWELVE, mail=QUICK
    ),
    "354 where 250 is due": well(lambda: {"mail": once("354 go ahead")}),
    "250 where 354 is due": well(lambda: {"data": once("250 fine")}),
    "503 where 354 is due": well(lambda: {"data": once("503 5.5.1 MAIL first")}),
    "no SMTP at all": well(lambda: {"mail": once("HTTP/1.1 400 Bad Request")}),
    "closes after one": well(dict, relay=lambda: {"closes_after": 1}),
    "closes after five": well(dict, relay=lambda: {"closes_after": 5}),
    "no pipelining": well(dict, relay=lambda: {"pipelining": False}),
    "offers no STARTTLS": stopped(dict, mail={"security": "starttls"}),
    "refuses STARTTLS": stopped(
        lambda: {"starttls": "554 5.7.3 not for you"},
        relay=no_certificate,
        mail={"security": "starttls"},
    ),
    "refuses AUTH": stopped(
        dict,
        relay=lambda: {"login": ("crier", "sesame")},
        mail={"username": "crier", "password": "guess"},
    ),
    "knows no AUTH": stopped(dict, mail={"username": "crier", "password": "sesame"}),
}


@pytest.mark.parametrize("what", TABLE)
def test_what_it_comes_to(what, relay, database, approved, readers, quick, keys, clock):
    case = TABLE[what]
    server = relay(faults=case.faults(), **case.relay())
    readers(READERS)
    number = approved()
    address(database, number, now=clock())
    began = time.monotonic()

    def now() -> datetime:
        passed = MINUTE * (time.monotonic() - began)
        return datetime.fromtimestamp(clock().timestamp() + passed, UTC)

    told = {"security": "none", "timeout": 5.0} | case.mail
    transport = SmtpTransport("127.0.0.1", server.port, **told)
    try:
        counts = deliver.deliver(
            database,
            number,
            transport=transport,
            settings=quick(connections=CONNECTIONS),
            keys=keys,
            now=now,
        )
    finally:
        transport.close()

    assert counts["planned"] == sum(counts[name] for name in SUMMED) == READERS
    for name in SUMMED:
        wanted = case.counts.get(name, 0)
        least, most = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        assert least <= counts[name] <= most, f"{name}: {counts}"
    assert len(server.taken) == case.taken
    assert max(Counter(server.recipients).values(), default=0) <= 1, "somebody has two copies"
    assert time.monotonic() - began >= case.longer_than
    with database.reading() as conn:
        assert store.get(conn, number).status is case.ends
        accepted = {e.address for e in ledger.listing(conn, number, status="accepted")}
        doubtful = {e.address for e in ledger.listing(conn, number, status="doubtful")}
    assert accepted <= set(server.recipients) <= accepted | doubtful
