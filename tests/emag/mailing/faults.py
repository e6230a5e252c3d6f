"""What a mail server may do wrong, every way we know, and what becomes of an issue then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from emag.issues.issue import Status
from emag.mailing.sending.delivery_queue import LEASE
from emag.press.document import Document
from tests.emag.mailing.hostile import CUT, MUTE, OMIT, STAGES, TWICE, Fault

# --- One fault, once -----------------------------------------------------------------------------

# What the server does at a stage (see hostile.py), and what that comes to:
#   well      everybody has it in the end
#   refused   all but one have it, who is refused
#   doubtful  all but one have it, who is in doubt, and does not have it
#   had       all but one are accepted, and that one is in doubt, but has it
#   perhaps   well, or had: the missing reply may have been the answer to the message before
#   stops     it is about us: nobody has it, and the issue waits for the editor
ONCE = """
           cut       mute      omit      twice     451       550       421       hello     250       354
connect    well      well      -         -         -         -         -         -         -         -
greeting   well      well      well      well      well      stops     well      well      well      well
ehlo       well      well      well      well      well      well      well      well      -         well
mail       well      well      perhaps   well      well      well      well      well      -         well
rcpt       well      well      perhaps   well      well      refused   well      well      -         well
data       well      well      well      well      well      refused   well      well      well      -
text       doubtful  doubtful  -         -         -         -         well      -         -         -
dot        doubtful  doubtful  doubtful  -         well      refused   well      doubtful  -         doubtful
answer     had       had       had       well      -         -         -         had       -         had
after      well      well      -         -         -         -         well      -         -         -
"""  # noqa: E501 - a table
REPLIES = {
    "451": "451 4.3.0 later",
    "550": "550 5.1.1 no",
    "421": "421 4.3.2 bye",
    "hello": "HTTP/1.1 400 Bad Request",
    "250": "250 fine",
    "354": "354 go ahead",
}

# --- Everything else -----------------------------------------------------------------------------

READERS, BUSY = 24, 8  # every third is at a domain of its own, which has its storms
LEASE_SECONDS = LEASE.total_seconds() / 60  # a minute of a sending's clock takes one second
ALWAYS = float("inf")
LARGE = Document("No. 1", "", "<p>" + "x" * 6_000_000 + "[[unsubscribe_url]]</p>", "t")
SMALL = Document("No. 1", "", "<p>[[greeting]] [[unsubscribe_url]]</p>", "[[unsubscribe_url]]")

PIPELINING = ("SIZE 50000000", "PIPELINING")
DIALECTS = {
    "one by one": ("SIZE 50000000",),
    "pipelining": PIPELINING,
    "chunking": (*PIPELINING, "CHUNKING"),
}


@dataclass(frozen=True)
class Case:
    """Faults, what they come to, and how many messages the server has in the end.

    A count is a number, or the least and the most. `server` and `mail` are options of the server
    and of the transport.
    """

    faults: tuple[Fault, ...]
    counts: dict[str, int | tuple[int, int]]
    received: int
    ends: Status = Status.SENT
    server: dict[str, Any] = field(default_factory=dict)
    mail: dict[str, Any] = field(default_factory=dict)
    connections: int = 2
    minute: float = 1.0  # seconds of the clock on the wall, so that second attempts are seen
    patient: bool = True
    longer_than: float = 0.0
    document: Document = SMALL


def well(*faults: Fault, **more: Any) -> Case:
    return Case(faults, {"accepted": READERS}, READERS, **more)


def but_one(status: str, *faults: Fault, received: int = READERS - 1, **more: Any) -> Case:
    return Case(faults, {"accepted": READERS - 1, status: 1}, received, **more)


def stops(*faults: Fault, tried: int = 0, **more: Any) -> Case:
    """It is about us: the issue waits for the editor, who is told, and nobody is refused."""
    most = tried and tried + 2  # where two of them were tried before the last group
    counts = {"deferred": (tried, most), "queued": (READERS - most, READERS - tried)}
    return Case(faults, counts, 0, Status.PAUSED, connections=1, minute=60, **more)


def always(at: str, does: str, **more: Any) -> Fault:
    return Fault(at, does, times=ALWAYS, **more)


SECURE, LOGIN = {"security": "starttls"}, {"username": "crier", "password": "sesame"}
CREDENTIALS = {"login": ("crier", "sesame")}
TLS = {"tls": "a certificate"}  # put in by the test
TRUSTED = SECURE | {"context": "its authority"}

IN_EACH_DIALECT = {
    "no fault": well(),
    "slow in everything, and in time": well(server={"delay": 0.02}),
    # Closing
    "closes after one": well(server={"closes_after": 1}),
    "closes after five": well(server={"closes_after": 5}),
    "closes after one with 421": well(server={"closes_after": 1, "goodbye": "421 4.7.0 enough"}),
    "closes after five with 421": well(server={"closes_after": 5, "goodbye": "421 4.7.0 enough"}),
    # Some readers
    "one reader is unknown": but_one(
        "refused", always("rcpt", "550 5.1.1 unknown", to="reader7@example.net")
    ),
    "one reader's mailbox is full": but_one(
        "deferred",
        always("rcpt", "452 4.2.2 full", to="reader7@example.net"),
        minute=60,
        patient=False,
    ),
    "a storm of 4xx at one domain slows that one alone": Case(
        (always("rcpt", "451 4.7.0 slow down", to="busy.example"),),
        {"accepted": READERS - BUSY, "deferred": (5, BUSY), "queued": (0, BUSY - 5)},
        READERS - BUSY,
        Status.SENDING,
        minute=60,
        patient=False,
    ),
    # Out of step
    "503 where 354 is due": well(Fault("data", "503 5.5.1 MAIL first")),
    "a reply too many must not take the place of a refusal": but_one(
        "refused", Fault("rcpt", TWICE), Fault("dot", "552 5.3.4 too big")
    ),
    # About us: three times 5.7.x stop the issue
    "is on a list": stops(always("greeting", "554 5.7.1 you are on a list")),
    "knows only HELO": well(always("ehlo", "502 5.5.1 what")),
    "twice a refusal of us": well(Fault("mail", "550 5.7.1 who are you", times=2), connections=1),
    "refuses our sender": stops(always("mail", "550 5.7.1 who are you"), tried=3),
    "wants a log-in": stops(always("mail", "530 5.7.0 log in first"), tried=3),
    "does not relay": stops(always("rcpt", "554 5.7.1 no relaying"), tried=3),
    "does not like our DATA": stops(always("data", "554 5.7.1 not from you"), tried=3),
    "takes it for spam": stops(always("dot", "554 5.7.1 spam"), tried=3),
}

# For these it is no matter which dialect it would be.
BEFOREHAND = {
    # Away
    "away for 3 s": well(Fault("connect", CUT, seconds=3), longer_than=3),
    "not ready for longer than the lease": well(
        Fault("greeting", "421 4.3.2 not now", seconds=LEASE_SECONDS + 0.5),
        longer_than=LEASE_SECONDS,
    ),
    "lost in a large text, before its end had left": well(Fault("text", CUT), document=LARGE),
    # Secure, and logged in
    "STARTTLS and AUTH": well(server=TLS | CREDENTIALS, mail=TRUSTED | LOGIN),
    "offers no STARTTLS": stops(mail=SECURE),
    "refuses STARTTLS": stops(
        always("starttls", "554 5.7.3 not for you"), server=TLS, mail=TRUSTED
    ),
    "STARTTLS not now": well(Fault("starttls", "454 4.7.0 later"), server=TLS, mail=TRUSTED),
    "lost at STARTTLS": well(Fault("starttls", CUT), server=TLS, mail=TRUSTED),
    "a certificate that nobody vouches for": stops(server=TLS, mail=SECURE),
    "refuses AUTH": stops(server=CREDENTIALS, mail=LOGIN | {"password": "guess"}),
    "AUTH not now": well(Fault("auth", "454 4.7.0 later"), server=CREDENTIALS, mail=LOGIN),
    "lost at AUTH": well(Fault("auth", CUT), server=CREDENTIALS, mail=LOGIN),
    "knows no AUTH": stops(mail=LOGIN),
    "lost in a text over TLS": but_one("doubtful", Fault("text", CUT), server=TLS, mail=TRUSTED),
}

OUTCOMES: dict[str, Callable[..., Case]] = {
    "well": well,
    "refused": lambda *faults, **more: but_one("refused", *faults, **more),
    "doubtful": lambda *faults, **more: but_one("doubtful", *faults, **more),
    "had": lambda *faults, **more: but_one("doubtful", *faults, received=READERS, **more),
    "perhaps": lambda *faults, **more: Case(
        faults, {"accepted": (READERS - 1, READERS), "doubtful": (0, 1)}, READERS, **more
    ),
    "stops": stops,
}
PATIENCE, LITTLE = (
    20.0,
    0.4,
)  # the unit of its time-outs, and that where the server is silent
UNANSWERED = {MUTE, OMIT}
OF_A_MESSAGE = STAGES[STAGES.index("mail") :]


def cases(dialect: str) -> dict[str, Case]:
    """By what the server does; a dialect with chunks has no DATA at which to do it."""
    offers = DIALECTS[dialect]
    named = dict(_once(offers)) | IN_EACH_DIALECT
    named |= BEFOREHAND if offers == PIPELINING else {}
    if "CHUNKING" not in offers:
        return named
    return {name: c for name, c in named.items() if all(f.at != "data" for f in c.faults)}


def _once(offers: tuple[str, ...]) -> Iterator[tuple[str, Case]]:
    """The first table: the fault comes with the first message, or in the middle of a group."""
    head, *rows = (line.split() for line in ONCE.strip().splitlines())
    for stage, *outcomes in rows:
        for does, outcome in zip(head, outcomes, strict=True):
            if outcome == "-":
                continue
            # A chunk's missing answer cannot be told from the next reply, except in a group of one.
            in_group = "PIPELINING" in offers and stage in OF_A_MESSAGE
            in_group &= not ("CHUNKING" in offers and does == OMIT)
            fault = Fault(stage, REPLIES.get(does, does), passes=5 if in_group else 0)
            options = {"timeout": LITTLE} if does in UNANSWERED else {}
            yield f"{does} at {stage}", OUTCOMES[outcome](fault, mail=options)
